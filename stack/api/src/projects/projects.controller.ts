import { Body, Controller, Delete, Get, Param, ParseUUIDPipe, Patch, Post, Query } from '@nestjs/common';
import { RequirePermission } from '../auth/decorators';
import { LimitQuery, PageQuery } from '../common/pagination';
import { CreateProjectDto } from './dto/create-project.dto';
import { UpdateProjectDto } from './dto/update-project.dto';
import { ProjectStatsService } from './project-stats.service';
import { ProjectsService } from './projects.service';

@Controller('projects')
export class ProjectsController {
  constructor(
    private readonly projects: ProjectsService,
    private readonly projectStats: ProjectStatsService,
  ) {}

  @Get()
  findAll(@PageQuery() page = 1, @LimitQuery() limit = 10, @Query('status') status?: string) {
    return this.projects.findAll(page, limit, status);
  }

  @Get('user/:userId')
  findByUser(@Param('userId', ParseUUIDPipe) userId: string) {
    return this.projects.findByUser(userId);
  }

  @Get(':id')
  findOne(@Param('id', ParseUUIDPipe) id: string) {
    return this.projects.findOne(id);
  }

  @Get(':id/stats')
  stats(@Param('id', ParseUUIDPipe) id: string) {
    return this.projectStats.of(id);
  }

  @Post()
  @RequirePermission('projects:create')
  create(@Body() project: CreateProjectDto) {
    return this.projects.create(project);
  }

  @Patch(':id')
  @RequirePermission('projects:update')
  update(@Param('id', ParseUUIDPipe) id: string, @Body() changes: UpdateProjectDto) {
    return this.projects.update(id, changes);
  }

  @Delete(':id')
  @RequirePermission('projects:delete')
  cancel(@Param('id', ParseUUIDPipe) id: string) {
    return this.projects.cancel(id);
  }
}
