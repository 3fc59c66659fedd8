import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createFaultControl, delayDocuments, readWebLatency } from "../entry/faults.mjs";

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

/** @param {http.Server} server */
async function address(server) {
  after(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return `http://127.0.0.1:${port}`;
}

test("only documents are late, and only while the fault is on", async () => {
  const original = http.createServer;
  const faults = { webLatencyMs: 300 };
  const control = await address(createFaultControl(faults));
  delayDocuments(faults);
  const server = http.createServer((_request, response) => response.end("ok"));
  http.createServer = original;
  const site = await address(server);

  /** @param {string} path @param {RequestInit} [init] */
  const timed = async (path, init) => {
    const start = performance.now();
    await (await fetch(site + path, init)).text();
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

  /** @param {string} body */
  const post = async (body) => {
    const response = await fetch(control, { method: "POST", body });
    return `${response.status} ${await response.text()}`;
  };
  assert.match(await post("FAULT_WEB_LATENCY_MS=3s"), /^400 error: .* whole number/);
  assert.match(await post("FAULT_WEB_LATENCY=1&ALLOW_FAULTS=1"), /^400 error: FAULT_WEB_LATENCY, ALLOW_FAULTS: no such fault/);
  assert.ok((await timed("/")) >= 295, "what was refused changed nothing");
  assert.equal(await post(""), '200 {"webLatencyMs":0}\n');
  assert.ok((await timed("/")) < 250);
  assert.equal(await post("FAULT_WEB_LATENCY_MS=300"), '200 {"webLatencyMs":300}\n');
  assert.ok((await timed("/")) >= 295);
});
