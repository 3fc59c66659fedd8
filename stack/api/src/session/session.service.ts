import { Injectable, Logger, OnModuleDestroy } from '@nestjs/common';
import Redis from 'ioredis';
import { Configuration } from '../configuration/configuration';
import { Database } from '../database/database.service';
import type { Role } from '../common/enums';

const PERMISSIONS_LIFETIME_S = 300;

/** What Redis holds for the API: revoked tokens, the permissions of each role, and the sessions of the classic pages. */
@Injectable()
export class SessionService implements OnModuleDestroy {
  private readonly logger = new Logger(SessionService.name);
  private readonly redis: Redis;

  constructor(
    configuration: Configuration,
    private readonly database: Database,
  ) {
    this.redis = new Redis({
      host: configuration.redisHost,
      port: configuration.redisPort,
      password: configuration.redisPassword,
      maxRetriesPerRequest: 1,
    });
    this.redis.on('error', (error: Error) => this.logger.error(error.message));
  }

  onModuleDestroy(): void {
    this.redis.disconnect();
  }

  /** Refuses the token from now on; the entry lives no longer than the token would. */
  async revoke(tokenId: string, expiresAt: number): Promise<void> {
    const seconds = Math.max(1, expiresAt - Math.floor(Date.now() / 1000));
    await this.redis.set(`revoked:${tokenId}`, '1', 'EX', seconds);
  }

  async isRevoked(tokenId: string): Promise<boolean> {
    return (await this.redis.exists(`revoked:${tokenId}`)) === 1;
  }

  async keepClassic(id: string, session: string, seconds: number): Promise<void> {
    await this.redis.set(`classic:${id}`, session, 'EX', seconds);
  }

  readClassic(id: string): Promise<string | null> {
    return this.redis.get(`classic:${id}`);
  }

  async dropClassic(id: string): Promise<void> {
    await this.redis.del(`classic:${id}`);
  }

  async permissionsOf(role: Role): Promise<string[]> {
    const key = `permissions:${role}`;
    const cached = await this.redis.get(key);
    if (cached !== null) {
      return JSON.parse(cached) as string[];
    }
    const rows = await this.database.rows<{ permission: string }>(
      'SELECT permission FROM role_permissions WHERE role = $1',
      [role],
    );
    const permissions = rows.map((row) => row.permission);
    await this.redis.set(key, JSON.stringify(permissions), 'EX', PERMISSIONS_LIFETIME_S);
    return permissions;
  }
}
