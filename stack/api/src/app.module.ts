import { DynamicModule, Module } from '@nestjs/common';
import { AuthModule } from './auth/auth.module';
import { ClassicModule } from './classic/classic.module';
import { CommentsModule } from './comments/comments.module';
import { Configuration } from './configuration/configuration';
import { ConfigurationModule } from './configuration/configuration.module';
import { DatabaseModule } from './database/database.module';
import { DepartmentsModule } from './departments/departments.module';
import { HealthModule } from './health/health.module';
import { LeavesModule } from './leaves/leaves.module';
import { MilestonesModule } from './milestones/milestones.module';
import { PersonalTodosModule } from './personal-todos/personal-todos.module';
import { ProjectsModule } from './projects/projects.module';
import { ServicesModule } from './services/services.module';
import { SessionModule } from './session/session.module';
import { TasksModule } from './tasks/tasks.module';
import { TeleworkModule } from './telework/telework.module';
import { TimeTrackingModule } from './time-tracking/time-tracking.module';
import { UsersModule } from './users/users.module';

@Module({
  imports: [
    DatabaseModule,
    SessionModule,
    HealthModule,
    AuthModule,
    ClassicModule,
    UsersModule,
    DepartmentsModule,
    ServicesModule,
    ProjectsModule,
    TasksModule,
    MilestonesModule,
    CommentsModule,
    LeavesModule,
    TeleworkModule,
    PersonalTodosModule,
    TimeTrackingModule,
  ],
})
export class AppModule {
  static register(configuration: Configuration): DynamicModule {
    return { module: AppModule, imports: [ConfigurationModule.register(configuration)] };
  }
}
