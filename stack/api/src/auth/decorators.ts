import { createParamDecorator, ExecutionContext, SetMetadata } from '@nestjs/common';
import type { AuthenticatedRequest } from './authenticated-request';

export const IS_PUBLIC = 'isPublic';
export const PERMISSION = 'permission';

/** Lets a route be called without a token. */
export const Public = () => SetMetadata(IS_PUBLIC, true);

/** Limits a route to the roles that hold the permission. */
export const RequirePermission = (permission: string) => SetMetadata(PERMISSION, permission);

export const CurrentUser = createParamDecorator(
  (_data: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<AuthenticatedRequest>().user,
);

export const CurrentToken = createParamDecorator(
  (_data: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<AuthenticatedRequest>().token,
);
