import { delayDocuments, readWebLatency } from "./faults.mjs";

try {
  const delay = readWebLatency(process.env);
  if (delay > 0) {
    console.warn(`fault: every page document is delayed by ${delay} ms`);
    delayDocuments(delay);
  }
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}

const server = new URL("../server.js", import.meta.url);
await import(server.href);
