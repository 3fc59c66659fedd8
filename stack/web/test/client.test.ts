import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiClient, ApiError } from "../src/lib/client";

interface Sent {
  url: string;
  init: RequestInit;
}

/** A browser signed in as somebody, standing on `path`, whose API always answers `response`. */
function browserAt(path: string, response: Response) {
  const stored = new Map([
    ["access_token", "token-1"],
    ["user", "{}"],
  ]);
  const visited: string[] = [];
  const sent: Sent[] = [];
  const client = new ApiClient({
    fetch: async (url, init) => {
      sent.push({ url: String(url), init: init ?? {} });
      return response;
    },
    storage: {
      getItem: (key) => stored.get(key) ?? null,
      removeItem: (key) => void stored.delete(key),
    },
    path: () => path,
    goTo: (target) => void visited.push(target),
  });
  return { client, stored, visited, sent };
}

const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });

test("a call carries the token and its query under /api", async () => {
  const { client, sent } = browserAt("/tasks", json(200, [1]));
  assert.deepEqual(await client.get("/tasks", { startDate: "2026-01-05" }), [1]);
  assert.equal(sent[0]?.url, "/api/tasks?startDate=2026-01-05");
  assert.equal((sent[0]?.init.headers as Record<string, string>).authorization, "Bearer token-1");
});

test("a 401 clears the session and goes to the login page", async () => {
  const { client, stored, visited } = browserAt("/tasks", json(401, { message: "Unauthorized" }));
  await assert.rejects(client.get("/tasks"), (error: ApiError) => error.status === 401);
  assert.equal(stored.size, 0);
  assert.deepEqual(visited, ["/login"]);
});

test("a 401 on the login page clears the session but stays, with the API's message", async () => {
  const { client, stored, visited } = browserAt("/login", json(401, { message: "Login ou mot de passe incorrect" }));
  await assert.rejects(client.post("/auth/login", {}), /Login ou mot de passe incorrect/);
  assert.equal(stored.size, 0);
  assert.deepEqual(visited, []);
});

test("other failures keep the session; an HTML answer still gives a message", async () => {
  const { client, stored, visited } = browserAt("/tasks", new Response("<html>", { status: 503 }));
  await assert.rejects(client.get("/tasks"), /Erreur 503/);
  assert.equal(stored.size, 2);
  assert.deepEqual(visited, []);
});

test("validation messages are joined", async () => {
  const { client } = browserAt("/login", json(400, { message: ["login too short", "password too short"] }));
  await assert.rejects(client.post("/auth/login", {}), /login too short, password too short/);
});
