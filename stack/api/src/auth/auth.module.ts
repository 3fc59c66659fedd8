import { createSecretKey } from 'node:crypto';
import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { JwtModule, JwtModuleOptions } from '@nestjs/jwt';
import { Configuration } from '../configuration/configuration';
import { UsersModule } from '../users/users.module';
import { AuthController } from './auth.controller';
import { AuthService } from './auth.service';
import { JwtAuthGuard } from './jwt-auth.guard';
import { PermissionsGuard } from './permissions.guard';

@Module({
  imports: [
    UsersModule,
    JwtModule.registerAsync({
      inject: [Configuration],
      useFactory: (configuration: Configuration): JwtModuleOptions => ({
        // Given as text, the secret would first be tried as a public key, on every request.
        secret: createSecretKey(Buffer.from(configuration.jwtSecret)),
        signOptions: { algorithm: 'HS256', expiresIn: configuration.jwtExpiresIn as never },
        verifyOptions: { algorithms: ['HS256'] },
      }),
    }),
  ],
  controllers: [AuthController],
  providers: [
    AuthService,
    // In this order: who is it (401), then may they (403).
    { provide: APP_GUARD, useClass: JwtAuthGuard },
    { provide: APP_GUARD, useClass: PermissionsGuard },
  ],
  exports: [AuthService],
})
export class AuthModule {}
