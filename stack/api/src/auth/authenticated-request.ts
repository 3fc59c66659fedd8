import type { FastifyRequest } from 'fastify';
import type { Role } from '../common/enums';

export interface TokenClaims {
  sub: string;
  login: string;
  role: Role;
  jti: string;
  iat: number;
  exp: number;
}

export interface AuthenticatedUser {
  id: string;
  email: string;
  login: string;
  firstName: string;
  lastName: string;
  role: Role;
  departmentId: string | null;
  isActive: boolean;
}

export interface AuthenticatedRequest extends FastifyRequest {
  user: AuthenticatedUser;
  token: TokenClaims;
}
