import { createServer, Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { Faults, switchFaults } from './configuration';

/** Listens inside the container only: neither Nginx nor another service reaches it. */
export const FAULT_CONTROL = { host: '127.0.0.1', port: 4001 };

/** Answers with the faults; a form posted to it switches them. */
export function createFaultControl(faults: Faults): Server {
  return createServer(async (request, response) => {
    try {
      if (request.method === 'POST') {
        switchFaults(faults, new URLSearchParams(await text(request)));
      }
      response.setHeader('content-type', 'application/json').end(`${JSON.stringify(faults)}\n`);
    } catch (error) {
      response.writeHead(400).end(`error: ${(error as Error).message}\n`);
    }
  });
}
