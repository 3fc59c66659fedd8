import { CanActivate, ExecutionContext, Injectable, UnauthorizedException } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { JwtService } from '@nestjs/jwt';
import { SessionService } from '../session/session.service';
import { UsersService } from '../users/users.service';
import type { AuthenticatedRequest, TokenClaims } from './authenticated-request';
import { IS_PUBLIC } from './decorators';

/** Reads the user again on every request: a deactivated account is out at once. */
@Injectable()
export class JwtAuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly jwt: JwtService,
    private readonly session: SessionService,
    private readonly users: UsersService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.reflector.getAllAndOverride<boolean>(IS_PUBLIC, [context.getHandler(), context.getClass()])) {
      return true;
    }
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const token = await this.verify(request.headers.authorization);
    const [revoked, user] = await Promise.all([
      this.session.isRevoked(token.jti),
      this.users.findAuthenticated(token.sub),
    ]);
    if (revoked || !user?.isActive) {
      throw new UnauthorizedException();
    }
    request.token = token;
    request.user = user;
    return true;
  }

  private async verify(authorization: string | undefined): Promise<TokenClaims> {
    const [scheme, token] = authorization?.split(' ') ?? [];
    if (scheme !== 'Bearer' || !token) {
      throw new UnauthorizedException();
    }
    try {
      return await this.jwt.verifyAsync<TokenClaims>(token);
    } catch {
      throw new UnauthorizedException();
    }
  }
}
