import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Client } from 'pg';
import { createApplication } from '../src/application';
import { Configuration } from '../src/configuration/configuration';

const SERVER = process.env.TEST_DATABASE_URL ?? 'postgresql://postgres:postgres@127.0.0.1:5432/postgres';

/** The application on a database of its own, which goes with it. */
export class TestApplication {
  private constructor(
    readonly application: NestFastifyApplication,
    readonly databaseUrl: string,
    private readonly databaseName: string,
  ) {}

  static async start(environment: NodeJS.ProcessEnv = {}): Promise<TestApplication> {
    const name = `api_test_${process.pid}_${Date.now()}`;
    await onServer(`CREATE DATABASE ${name}`);
    const url = new URL(SERVER);
    url.pathname = name;
    const configuration = new Configuration({
      ...process.env,
      DATABASE_URL: url.href,
      REDIS_HOST: process.env.REDIS_HOST ?? '127.0.0.1',
      JWT_SECRET: 'a secret for the tests alone',
      BCRYPT_COST: '4',
      LOG_LEVEL: 'silent',
      ...environment,
    });
    return new TestApplication(await createApplication(configuration), url.href, name);
  }

  async stop(): Promise<void> {
    await this.application.close();
    await onServer(`DROP DATABASE ${this.databaseName} WITH (FORCE)`);
  }

  async call(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, token?: string, body?: object) {
    const response = await this.application.inject({
      method,
      url: `/api${path}`,
      headers: token ? { authorization: `Bearer ${token}` } : {},
      payload: body,
    });
    return { status: response.statusCode, body: response.body ? response.json() : undefined };
  }

  /** Registers a user of that role; answers the token and the user. */
  async register(login: string, role: string): Promise<{ access_token: string; user: { id: string } }> {
    const { body } = await this.call('POST', '/auth/register', undefined, {
      email: `${login}@example.org`,
      login,
      password: 'Password123!',
      firstName: 'Jeanne',
      lastName: 'Martin',
      role,
    });
    return body;
  }

  async sql(text: string, values: unknown[] = []): Promise<void> {
    const client = new Client(this.databaseUrl);
    await client.connect();
    await client.query(text, values);
    await client.end();
  }
}

async function onServer(sql: string): Promise<void> {
  const client = new Client(SERVER);
  await client.connect();
  await client.query(sql);
  await client.end();
}
