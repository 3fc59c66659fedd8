import { resolve } from 'node:path';

/** Failures injected on purpose, so that a test of the stack can be seen to fail. They may change while the API runs. */
export interface Faults {
  apiLatencyMs: number;
  apiErrorRatio: number;
  sqlLatencyMs: number;
}

const FAULT_NAMES = ['FAULT_API_LATENCY_MS', 'FAULT_API_ERROR_RATIO', 'FAULT_SQL_LATENCY_MS'];

/** Everything the process reads from its environment, read and checked once. */
export class Configuration {
  readonly port: number;
  readonly logLevel: string;
  readonly databaseUrl: string;
  readonly databasePoolSize: number;
  readonly migrationsPath: string;
  readonly redisHost: string;
  readonly redisPort: number;
  readonly redisPassword: string | undefined;
  readonly jwtSecret: string;
  readonly jwtExpiresIn: string;
  readonly bcryptCost: number;
  readonly faultsAllowed: boolean;
  readonly faults: Faults;

  constructor(environment: NodeJS.ProcessEnv) {
    this.port = integer(environment, 'PORT', 4000, 0, 65_535);
    this.logLevel = environment.LOG_LEVEL || 'info';
    this.databaseUrl = required(environment, 'DATABASE_URL');
    this.databasePoolSize = integer(environment, 'DATABASE_POOL_SIZE', 10, 1, 100);
    this.migrationsPath = resolve(environment.MIGRATIONS_PATH || '../postgres/migrations');
    this.redisHost = environment.REDIS_HOST || 'redis';
    this.redisPort = integer(environment, 'REDIS_PORT', 6379, 1, 65_535);
    this.redisPassword = environment.REDIS_PASSWORD || undefined;
    this.jwtSecret = required(environment, 'JWT_SECRET');
    this.jwtExpiresIn = environment.JWT_EXPIRES_IN || '7d';
    this.bcryptCost = integer(environment, 'BCRYPT_COST', 10, 4, 15);
    this.faultsAllowed = environment.ALLOW_FAULTS === '1';
    const set = FAULT_NAMES.filter((name) => environment[name]);
    if (set.length > 0 && !this.faultsAllowed) {
      throw new Error(`${set.join(', ')} refused: faults need ALLOW_FAULTS=1`);
    }
    this.faults = readFaults(environment);
  }
}

/** The faults as they are from now on: those that the form does not name are off. */
export function switchFaults(faults: Faults, form: URLSearchParams): void {
  const unknown = [...form.keys()].filter((name) => !FAULT_NAMES.includes(name));
  if (unknown.length > 0) {
    throw new Error(`${unknown.join(', ')}: no such fault; there are ${FAULT_NAMES.join(', ')}`);
  }
  Object.assign(faults, readFaults(Object.fromEntries(form)));
}

function readFaults(environment: NodeJS.ProcessEnv): Faults {
  return {
    apiLatencyMs: integer(environment, 'FAULT_API_LATENCY_MS', 0, 0, 60_000),
    apiErrorRatio: decimal(environment, 'FAULT_API_ERROR_RATIO', 0, 0, 1),
    sqlLatencyMs: integer(environment, 'FAULT_SQL_LATENCY_MS', 0, 0, 60_000),
  };
}

function required(environment: NodeJS.ProcessEnv, name: string): string {
  const value = environment[name];
  if (!value) {
    throw new Error(`${name} is required`);
  }
  return value;
}

function integer(environment: NodeJS.ProcessEnv, name: string, otherwise: number, low: number, high: number): number {
  const value = decimal(environment, name, otherwise, low, high);
  if (!Number.isInteger(value)) {
    throw new Error(`${name} must be a whole number, not "${environment[name]}"`);
  }
  return value;
}

function decimal(environment: NodeJS.ProcessEnv, name: string, otherwise: number, low: number, high: number): number {
  const text = environment[name];
  if (!text) {
    return otherwise;
  }
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (!(value >= low && value <= high)) {
    throw new Error(`${name} must be a number from ${low} to ${high}, not "${text}"`);
  }
  return value;
}
