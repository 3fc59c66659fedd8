import { Body, Controller, Delete, Get, Param, ParseUUIDPipe, Patch, Post, Query } from '@nestjs/common';
import { RequirePermission } from '../auth/decorators';
import { LimitQuery, PageQuery } from '../common/pagination';
import { CreateTaskDto } from './dto/create-task.dto';
import { UpdateTaskDto } from './dto/update-task.dto';
import { TaskDetailService } from './task-detail.service';
import { TasksService } from './tasks.service';

@Controller('tasks')
export class TasksController {
  constructor(
    private readonly tasks: TasksService,
    private readonly taskDetail: TaskDetailService,
  ) {}

  @Get()
  findAll(
    @PageQuery() page = 1,
    @LimitQuery() limit = 10,
    @Query('status') status?: string,
    @Query('projectId') projectId?: string,
    @Query('assigneeId') assigneeId?: string,
  ) {
    return this.tasks.findAll(page, limit, { status, projectId, assigneeId });
  }

  @Get('assignee/:userId')
  findByAssignee(@Param('userId', ParseUUIDPipe) userId: string) {
    return this.tasks.findByAssignee(userId);
  }

  @Get('project/:projectId')
  findByProject(@Param('projectId', ParseUUIDPipe) projectId: string) {
    return this.tasks.findByProject(projectId);
  }

  @Get(':id')
  findOne(@Param('id', ParseUUIDPipe) id: string) {
    return this.taskDetail.of(id);
  }

  @Post()
  @RequirePermission('tasks:create')
  create(@Body() task: CreateTaskDto) {
    return this.tasks.create(task);
  }

  @Patch(':id')
  @RequirePermission('tasks:update')
  update(@Param('id', ParseUUIDPipe) id: string, @Body() changes: UpdateTaskDto) {
    return this.tasks.update(id, changes);
  }

  @Delete(':id')
  @RequirePermission('tasks:delete')
  remove(@Param('id', ParseUUIDPipe) id: string) {
    return this.tasks.remove(id);
  }
}
