import { DynamicModule, Module } from '@nestjs/common';
import { AuthModule } from './auth/auth.module';
import { Configuration } from './configuration/configuration';
import { ConfigurationModule } from './configuration/configuration.module';
import { DatabaseModule } from './database/database.module';
import { HealthModule } from './health/health.module';
import { ProjectsModule } from './projects/projects.module';
import { SessionModule } from './session/session.module';
import { UsersModule } from './users/users.module';

@Module({
  imports: [DatabaseModule, SessionModule, HealthModule, AuthModule, UsersModule, ProjectsModule],
})
export class AppModule {
  static register(configuration: Configuration): DynamicModule {
    return { module: AppModule, imports: [ConfigurationModule.register(configuration)] };
  }
}
