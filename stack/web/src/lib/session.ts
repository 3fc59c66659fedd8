import { createContext, useContext, useSyncExternalStore } from "react";
import type { LoginAnswer, User } from "./types";

/** The signed-in user as stored text; null when signed out, undefined before the page is live. */
export function useStoredUser(): string | null | undefined {
  return useSyncExternalStore(subscribe, storedUser, () => undefined);
}

export function storeSession({ access_token, user }: LoginAnswer): void {
  localStorage.setItem("access_token", access_token);
  localStorage.setItem("user", JSON.stringify(user));
}

export function clearSession(): void {
  localStorage.removeItem("access_token");
  localStorage.removeItem("user");
}

/** Reads the stored user; null where the text is not one. */
export function parseUser(text: string): User | null {
  try {
    const user = JSON.parse(text) as Partial<User> | null;
    return user && typeof user.id === "string" ? (user as User) : null;
  } catch {
    return null;
  }
}

export const UserContext = createContext<User | null>(null);

/** The signed-in user; only for pages below the (app) layout, which waits for one. */
export function useUser(): User {
  const user = useContext(UserContext);
  if (!user) throw new Error("useUser outside the (app) layout");
  return user;
}

function storedUser(): string | null {
  return localStorage.getItem("access_token") && localStorage.getItem("user");
}

function subscribe(changed: () => void): () => void {
  window.addEventListener("storage", changed);
  return () => window.removeEventListener("storage", changed);
}
