import { Module } from '@nestjs/common';
import { TaskDetailService } from './task-detail.service';
import { TasksController } from './tasks.controller';
import { TasksService } from './tasks.service';

@Module({
  controllers: [TasksController],
  providers: [TasksService, TaskDetailService],
  exports: [TasksService],
})
export class TasksModule {}
