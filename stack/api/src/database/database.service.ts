import { createHash } from 'node:crypto';
import { Injectable, Logger, OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import { ClientBase, Pool, types } from 'pg';
import { Configuration } from '../configuration/configuration';
import { migrate } from './migrations';

const ACQUISITION_TIMEOUT_MS = 10_000;
const SLOW_SHARE = 1 / 6;

// A calendar day is answered as midnight UTC, whatever the zone of the process.
types.setTypeParser(types.builtins.DATE, (day) => `${day}T00:00:00.000Z`);

/** Runs parameterised, prepared statements on one bounded pool. */
@Injectable()
export class Database implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(Database.name);
  private readonly pool: Pool;
  private readonly statementNames = new Map<string, string>();

  constructor(private readonly configuration: Configuration) {
    this.pool = new Pool({
      connectionString: configuration.databaseUrl,
      max: configuration.databasePoolSize,
      connectionTimeoutMillis: ACQUISITION_TIMEOUT_MS,
      application_name: 'api',
    });
    // A connection lost while idle must not end the process: the pool replaces it.
    this.pool.on('error', (error) => this.logger.error(error.message));
  }

  async onModuleInit(): Promise<void> {
    const client = await this.pool.connect();
    try {
      const applied = await migrate(client, this.configuration.migrationsPath);
      this.logger.log(`${applied.length} migrations applied`);
    } finally {
      client.release();
    }
  }

  async onModuleDestroy(): Promise<void> {
    await this.pool.end();
  }

  async rows<Row extends object = Record<string, unknown>>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return this.run<Row>(this.pool, sql, values);
  }

  async first<Row extends object = Record<string, unknown>>(sql: string, values: unknown[] = []): Promise<Row | undefined> {
    return (await this.rows<Row>(sql, values))[0];
  }

  /** Commits what `work` did, or nothing of it when it throws. */
  async transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    try {
      await client.query('BEGIN');
      const result = await work({ rows: (sql, values = []) => this.run(client, sql, values) });
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((rollbackError: Error) => (broken = rollbackError));
      throw error;
    } finally {
      client.release(broken);
    }
  }

  private async run<Row extends object = Record<string, unknown>>(on: Pool | ClientBase, sql: string, values: unknown[]): Promise<Row[]> {
    const text = this.slowed(sql);
    const { rows } = await on.query({ name: this.statementName(text), text, values });
    return rows as Row[];
  }

  private statementName(text: string): string {
    let name = this.statementNames.get(text);
    if (name === undefined) {
      name = createHash('sha1').update(text).digest('hex').slice(0, 24);
      this.statementNames.set(text, name);
    }
    return name;
  }

  /** With the SQL fault on, makes one read in six sleep inside PostgreSQL. */
  private slowed(sql: string): string {
    const { sqlLatencyMs } = this.configuration.faults;
    if (sqlLatencyMs === 0 || !sql.startsWith('SELECT') || Math.random() >= SLOW_SHARE) {
      return sql;
    }
    return `WITH answer AS (${sql}), fault AS MATERIALIZED (SELECT pg_sleep(${sqlLatencyMs / 1000}))
      SELECT answer.* FROM fault CROSS JOIN answer`;
  }
}

/** Statements of one transaction, all on the same connection. */
export interface Transaction {
  rows<Row extends object = Record<string, unknown>>(sql: string, values?: unknown[]): Promise<Row[]>;
}
