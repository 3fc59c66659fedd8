import http from "node:http";
import { text } from "node:stream/consumers";

/** Listens inside the container only: neither Nginx nor another service reaches it. */
export const FAULT_CONTROL = { host: "127.0.0.1", port: 3001 };

const LONGEST_DELAY_MS = 60_000;

/**
 * The delay that FAULT_WEB_LATENCY_MS asks for, in milliseconds; 0 is off.
 * Throws on a malformed value, and on any delay without ALLOW_FAULTS=1.
 * @param {Record<string, string | undefined>} environment
 * @returns {number}
 */
export function readWebLatency(environment) {
  const raw = environment.FAULT_WEB_LATENCY_MS ?? "";
  if (raw === "") return 0;
  const delay = Number(raw);
  if (!/^\d+$/.test(raw) || delay > LONGEST_DELAY_MS) {
    throw new Error(
      `FAULT_WEB_LATENCY_MS must be a whole number of milliseconds from 0 to ${LONGEST_DELAY_MS}, got "${raw}"`,
    );
  }
  if (delay > 0 && environment.ALLOW_FAULTS !== "1") {
    throw new Error("FAULT_WEB_LATENCY_MS is set but faults are not allowed here: set ALLOW_FAULTS=1 to allow them");
  }
  return delay;
}

/**
 * Whether a request fetches a page's document. Only those are delayed: scripts and styles are
 * cached by the browser, and delayed prefetches would occupy the connections /api needs.
 * @param {http.IncomingMessage} request
 * @returns {boolean}
 */
export function isDocument(request) {
  const path = (request.url ?? "").split("?", 1)[0] ?? "";
  return request.method === "GET" && !path.startsWith("/_next/") && !path.includes(".") && !("rsc" in request.headers);
}

/**
 * Makes every HTTP server created from now on answer documents as late as the fault asks at that moment.
 * @param {{ webLatencyMs: number }} faults
 */
export function delayDocuments(faults) {
  const { createServer } = http;
  const delayed = (/** @type {http.RequestListener} */ listener) => {
    return createServer((request, response) => {
      if (faults.webLatencyMs > 0 && isDocument(request)) setTimeout(listener, faults.webLatencyMs, request, response);
      else listener(request, response);
    });
  };
  http.createServer = /** @type {typeof createServer} */ (delayed);
}

/**
 * Answers with the fault; a form posted to it switches it: off where the form does not name it.
 * @param {{ webLatencyMs: number }} faults
 */
export function createFaultControl(faults) {
  return http.createServer(async (request, response) => {
    try {
      if (request.method === "POST") {
        const form = Object.fromEntries(new URLSearchParams(await text(request)));
        const unknown = Object.keys(form).filter((name) => name !== "FAULT_WEB_LATENCY_MS");
        if (unknown.length > 0) throw new Error(`${unknown.join(", ")}: no such fault; there is FAULT_WEB_LATENCY_MS`);
        faults.webLatencyMs = readWebLatency({ ...form, ALLOW_FAULTS: "1" });
      }
      response.setHeader("content-type", "application/json").end(`${JSON.stringify(faults)}\n`);
    } catch (error) {
      response.writeHead(400).end(`error: ${error instanceof Error ? error.message : error}\n`);
    }
  });
}
