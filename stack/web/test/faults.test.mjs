import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { delayDocuments, readWebLatency } from "../entry/faults.mjs";

test("no delay unless asked for", () => {
  assert.equal(readWebLatency({}), 0);
  assert.equal(readWebLatency({ FAULT_WEB_LATENCY_MS: "" }), 0);
  assert.equal(readWebLatency({ FAULT_WEB_LATENCY_MS: "0" }), 0);
});

test("a delay needs ALLOW_FAULTS=1", () => {
  assert.equal(readWebLatency({ FAULT_WEB_LATENCY_MS: "3000", ALLOW_FAULTS: "1" }), 3000);
  for (const allowed of [undefined, "", "0", "true"]) {
    assert.throws(() => readWebLatency({ FAULT_WEB_LATENCY_MS: "3000", ALLOW_FAULTS: allowed }), /set ALLOW_FAULTS=1/);
  }
});

test("malformed values are refused even where faults are allowed", () => {
  for (const value of ["-1", "1.5", "3s", "abc", " ", "1e3", "60001"]) {
    assert.throws(() => readWebLatency({ FAULT_WEB_LATENCY_MS: value, ALLOW_FAULTS: "1" }), /whole number/, value);
  }
});

test("the server refuses to start with a fault that is not allowed", () => {
  const main = fileURLToPath(new URL("../entry/main.mjs", import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [main], {
    env: { FAULT_WEB_LATENCY_MS: "3000" },
    encoding: "utf8",
  });
  assert.equal(status, 1);
  assert.match(stderr, /^error: FAULT_WEB_LATENCY_MS is set but faults are not allowed/);
});

test("only documents are late", async () => {
  const original = http.createServer;
  delayDocuments(300);
  const server = http.createServer((_request, response) => response.end("ok"));
  http.createServer = original;
  after(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());

  /** @param {string} path @param {RequestInit} [init] */
  const timed = async (path, init) => {
    const start = performance.now();
    await (await fetch(`http://127.0.0.1:${port}${path}`, init)).text();
    return performance.now() - start;
  };
  await timed("/warm.up");
  assert.ok((await timed("/projects/1?tab=tasks")) >= 295);
  const quick = [
    await timed("/_next/static/chunk.js"),
    await timed("/icon.svg"),
    await timed("/projects?_rsc=abc", { headers: { rsc: "1" } }),
    await timed("/", { method: "HEAD" }),
  ];
  assert.ok(Math.max(...quick) < 250, `none of ${quick} is late`);
});
