import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Faults } from './configuration';

/** Delays or fails requests before they reach a controller, as the faults ask. */
export function addFaultHooks(server: FastifyInstance, faults: Faults): void {
  if (faults.apiLatencyMs > 0) {
    server.addHook('onRequest', async () => {
      await delay(faults.apiLatencyMs);
    });
  }
  if (faults.apiErrorRatio > 0) {
    server.addHook('onRequest', async (_request, reply) => {
      if (Math.random() < faults.apiErrorRatio) {
        return reply.code(500).send({ statusCode: 500, message: 'Internal server error' });
      }
    });
  }
}
