import http from "node:http";

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
 * Makes every HTTP server created from now on answer documents `delay` milliseconds late.
 * @param {number} delay
 */
export function delayDocuments(delay) {
  const { createServer } = http;
  const delayed = (/** @type {http.RequestListener} */ listener) => {
    return createServer((request, response) => {
      if (isDocument(request)) setTimeout(listener, delay, request, response);
      else listener(request, response);
    });
  };
  http.createServer = /** @type {typeof createServer} */ (delayed);
}
