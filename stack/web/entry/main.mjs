import { FAULT_CONTROL, createFaultControl, delayDocuments, readWebLatency } from "./faults.mjs";

try {
  const faults = { webLatencyMs: readWebLatency(process.env) };
  if (faults.webLatencyMs > 0) console.warn(`fault: every page document is delayed by ${faults.webLatencyMs} ms`);
  if (process.env.ALLOW_FAULTS === "1") {
    // It keeps no process from ending.
    createFaultControl(faults).listen(FAULT_CONTROL).unref();
    delayDocuments(faults);
  }
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}

const server = new URL("../server.js", import.meta.url);
await import(server.href);
