/** What the client needs of the browser, so that it can be tested without one. */
export interface Browser {
  fetch: typeof fetch;
  storage: Pick<Storage, "getItem" | "removeItem">;
  path(): string;
  goTo(path: string): void;
}

/** An answer outside 2xx; `status` is the HTTP status. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

export type Query = Record<string, string>;

const TIMEOUT_MS = 30_000;

/** Calls the API under the relative /api with the stored token; any 401 ends the session. */
export class ApiClient {
  constructor(private readonly browser: Browser) {}

  get<T>(path: string, query: Query = {}): Promise<T> {
    const search = new URLSearchParams(query).toString();
    return this.send<T>("GET", search ? `${path}?${search}` : path);
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return this.send<T>("POST", path, body);
  }

  private async send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const { storage } = this.browser;
    const headers: Record<string, string> = { accept: "application/json" };
    const token = storage.getItem("access_token");
    if (token) headers.authorization = `Bearer ${token}`;
    if (body !== undefined) headers["content-type"] = "application/json";

    const response = await this.browser.fetch(`/api${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status === 401) this.endSession();
    if (!response.ok) throw new ApiError(response.status, await errorMessage(response));
    return (await response.json()) as T;
  }

  private endSession(): void {
    this.browser.storage.removeItem("access_token");
    this.browser.storage.removeItem("user");
    // A wrong password also answers 401: reloading the login page would hide its message.
    if (this.browser.path() !== "/login") this.browser.goTo("/login");
  }
}

/** The API's own message, or the status where the body is not the API's (an Nginx page, say). */
async function errorMessage(response: Response): Promise<string> {
  const fallback = `Erreur ${response.status}`;
  try {
    const { message } = (await response.json()) as { message?: string | string[] };
    return Array.isArray(message) ? message.join(", ") : (message ?? fallback);
  } catch {
    return fallback;
  }
}
