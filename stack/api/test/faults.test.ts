import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { Configuration } from '../src/configuration/configuration';
import { createFaultControl } from '../src/configuration/fault-control';
import { Database } from '../src/database/database.service';
import { TestApplication } from './harness';

const REQUIRED = { DATABASE_URL: 'postgresql://localhost/none', JWT_SECRET: 'secret' };

test('a fault without leave is refused, and so is a malformed one', () => {
  const refused = (environment: NodeJS.ProcessEnv) => () => new Configuration({ ...REQUIRED, ...environment });
  assert.throws(refused({ FAULT_API_LATENCY_MS: '200' }), /FAULT_API_LATENCY_MS refused: faults need ALLOW_FAULTS=1/);
  assert.throws(refused({ FAULT_SQL_LATENCY_MS: '0', ALLOW_FAULTS: 'yes' }), /refused/);
  assert.throws(refused({ FAULT_API_LATENCY_MS: '1.5', ALLOW_FAULTS: '1' }), /must be a whole number/);
  assert.throws(refused({ FAULT_API_ERROR_RATIO: '2', ALLOW_FAULTS: '1' }), /must be a number from 0 to 1/);
  assert.throws(refused({ FAULT_SQL_LATENCY_MS: '-1', ALLOW_FAULTS: '1' }), /must be a number/);
  assert.throws(refused({ JWT_SECRET: '' }), /JWT_SECRET is required/);
  assert.doesNotThrow(refused({ FAULT_API_LATENCY_MS: '', ALLOW_FAULTS: '' }));
});

test('the API faults delay and fail requests', async () => {
  const api = await TestApplication.start({ ALLOW_FAULTS: '1', FAULT_API_LATENCY_MS: '80', FAULT_API_ERROR_RATIO: '0.5' });
  try {
    const statuses: number[] = [];
    for (let request = 0; request < 40; request++) {
      const start = performance.now();
      statuses.push((await api.call('GET', '/health')).status);
      assert.ok(performance.now() - start >= 79);
    }
    const failed = statuses.filter((status) => status === 500).length;
    assert.ok(failed >= 19 && failed <= 21 && statuses.every((status) => status === 500 || status === 200), statuses.join());
  } finally {
    await api.stop();
  }
});

test('faults are switched while the API runs, and a form that cannot be is refused whole', async () => {
  const api = await TestApplication.start({ ALLOW_FAULTS: '1', FAULT_API_LATENCY_MS: '80' });
  const control = createFaultControl(api.application.get(Configuration).faults).listen(0, '127.0.0.1');
  try {
    await once(control, 'listening');
    const { port } = control.address() as AddressInfo;
    const post = async (body: string) => {
      const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
      return { status: response.status, text: await response.text() };
    };
    const timed = async () => {
      const start = performance.now();
      const { status } = await api.call('GET', '/health');
      return { status, late: performance.now() - start >= 79 };
    };
    assert.deepEqual(await timed(), { status: 200, late: true });
    assert.equal((await post('FAULT_API_ERROR_RATIO=1')).text, '{"apiLatencyMs":0,"apiErrorRatio":1,"sqlLatencyMs":0}\n');
    assert.equal((await timed()).status, 500);
    for (const [form, told] of [
      ['FAULT_API_ERROR_RATIO=2', /must be a number from 0 to 1/],
      ['FAULT_API_LATENCY=80', /FAULT_API_LATENCY: no such fault/],
      ['FAULT_API_LATENCY_MS=80&ALLOW_FAULTS=1', /ALLOW_FAULTS: no such fault/],
    ] as const) {
      const refused = await post(form);
      assert.equal(refused.status, 400);
      assert.match(refused.text, told);
    }
    assert.equal((await timed()).status, 500, 'what was refused changed nothing');
    assert.equal((await post('')).status, 200);
    assert.equal((await timed()).status, 200);
  } finally {
    control.close();
    await api.stop();
  }
});

test('the SQL fault slows a part of the reads and changes no answer', async () => {
  const api = await TestApplication.start({ ALLOW_FAULTS: '1', FAULT_SQL_LATENCY_MS: '30' });
  try {
    const database = api.application.get(Database);
    let slow = 0;
    for (let read = 0; read < 100; read++) {
      const start = performance.now();
      const rows = await database.rows('SELECT n FROM generate_series(1, 3) AS n ORDER BY n DESC LIMIT $1', [2]);
      slow += performance.now() - start >= 30 ? 1 : 0;
      assert.deepEqual(rows, [{ n: 3 }, { n: 2 }]);
    }
    assert.ok(slow >= 3 && slow <= 50, `${slow} of 100 reads were slow`);
  } finally {
    await api.stop();
  }
});
