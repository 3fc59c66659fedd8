import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable, UnauthorizedException } from '@nestjs/common';
import { AuthService } from '../auth/auth.service';
import { SessionService } from '../session/session.service';
import type { Upload } from './pages';

const LIFETIME_S = 3600;

/** What Redis holds of a browser: the token of its forms and, once logged in, who it is. */
export interface ClassicSession {
  id: string;
  token: string;
  userId?: string;
  login?: string;
}

/** Sessions by cookie, as frameworks that render pages keep them. */
@Injectable()
export class ClassicService {
  constructor(
    private readonly auth: AuthService,
    private readonly sessions: SessionService,
  ) {}

  /** The session of a `cookie` header, or none. */
  async find(cookies: string | undefined): Promise<ClassicSession | undefined> {
    const pairs = (cookies ?? '').split(';').map((pair) => pair.trim());
    const id = pairs.find((pair) => pair.startsWith('sid='))?.slice('sid='.length);
    const kept = id && /^[\w-]+$/.test(id) ? await this.sessions.readClassic(id) : null;
    return id && kept ? { id, ...(JSON.parse(kept) as Omit<ClassicSession, 'id'>) } : undefined;
  }

  async begin(user?: { id: string; login: string }): Promise<ClassicSession> {
    const session = { token: random(), userId: user?.id, login: user?.login };
    const id = random();
    await this.sessions.keepClassic(id, JSON.stringify(session), LIFETIME_S);
    return { id, ...session };
  }

  end(session: ClassicSession): Promise<void> {
    return this.sessions.dropClassic(session.id);
  }

  /** True if the form was made for that session. */
  isOf(session: ClassicSession | undefined, token: unknown): session is ClassicSession {
    if (!session || typeof token !== 'string') {
      return false;
    }
    const [given, kept] = [digest(token), digest(session.token)];
    return timingSafeEqual(given, kept);
  }

  /** A new session of the user, so that an id from before the log-in is worth nothing; none for a wrong password. */
  async logIn(before: ClassicSession, login: unknown, password: unknown): Promise<ClassicSession | undefined> {
    if (typeof login !== 'string' || typeof password !== 'string') {
      return undefined;
    }
    try {
      const { user } = await this.auth.login({ login, password });
      await this.end(before);
      return await this.begin(user);
    } catch (error) {
      if (error instanceof UnauthorizedException) {
        return undefined;
      }
      throw error;
    }
  }

  async describe(file: File): Promise<Upload> {
    const content = Buffer.from(await file.arrayBuffer());
    return {
      name: file.name,
      type: file.type,
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
    };
  }
}

function random(): string {
  return randomBytes(24).toString('base64url');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
