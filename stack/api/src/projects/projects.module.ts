import { Module } from '@nestjs/common';
import { UsersModule } from '../users/users.module';
import { ProjectStatsService } from './project-stats.service';
import { ProjectsController } from './projects.controller';
import { ProjectsService } from './projects.service';

@Module({
  imports: [UsersModule],
  controllers: [ProjectsController],
  providers: [ProjectsService, ProjectStatsService],
})
export class ProjectsModule {}
