import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module';
import { TasksModule } from '../tasks/tasks.module';
import { ClassicController } from './classic.controller';
import { ClassicService } from './classic.service';

@Module({
  imports: [AuthModule, TasksModule],
  controllers: [ClassicController],
  providers: [ClassicService],
})
export class ClassicModule {}
