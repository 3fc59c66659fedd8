import type { FastifyInstance } from 'fastify';
import type { Faults } from './configuration';

/** Successive multiples of it, without their whole part, are spread evenly over 0 to 1. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

/** Delays or fails requests before they reach a controller, as the faults ask at that moment. */
export function addFaultHooks(server: FastifyInstance, faults: Faults): void {
  server.addHook('onRequest', (_request, _reply, done) => {
    if (faults.apiLatencyMs > 0) {
      setTimeout(done, faults.apiLatencyMs);
    } else {
      done();
    }
  });
  // Not by chance: a short run has the share that was asked for, too.
  let drawn = 0;
  server.addHook('onRequest', (_request, reply, done) => {
    if (faults.apiErrorRatio > 0) {
      drawn = (drawn + GOLDEN_RATIO) % 1;
      if (drawn < faults.apiErrorRatio) {
        reply.code(500).send({ statusCode: 500, message: 'Internal server error' });
        return;
      }
    }
    done();
  });
}
