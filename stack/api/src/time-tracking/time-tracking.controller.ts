import { Body, Controller, Delete, Get, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import type { AuthenticatedUser } from '../auth/authenticated-request';
import { CurrentUser } from '../auth/decorators';
import { LimitQuery, PageQuery } from '../common/pagination';
import { CreateTimeEntryDto } from './dto/create-time-entry.dto';
import { TimeTrackingService } from './time-tracking.service';

@Controller('time-tracking')
export class TimeTrackingController {
  constructor(private readonly timeTracking: TimeTrackingService) {}

  @Get()
  findAll(
    @PageQuery() page = 1,
    @LimitQuery() limit = 10,
    @Query('userId') userId?: string,
    @Query('projectId') projectId?: string,
    @Query('taskId') taskId?: string,
    @Query('startDate') startDate?: string,
    @Query('endDate') endDate?: string,
  ) {
    return this.timeTracking.findAll(page, limit, { userId, projectId, taskId, startDate, endDate });
  }

  /** The caller's entries, a plain array. */
  @Get('me')
  findMine(
    @CurrentUser() user: AuthenticatedUser,
    @Query('startDate') startDate?: string,
    @Query('endDate') endDate?: string,
  ) {
    return this.timeTracking.findMine({ userId: user.id, startDate, endDate });
  }

  @Get(':id')
  findOne(@Param('id', ParseUUIDPipe) id: string) {
    return this.timeTracking.findOne(id);
  }

  @Post()
  create(@CurrentUser() user: AuthenticatedUser, @Body() entry: CreateTimeEntryDto) {
    return this.timeTracking.create(user.id, entry);
  }

  /** Anybody may: production checks no owner here. */
  @Delete(':id')
  remove(@Param('id', ParseUUIDPipe) id: string) {
    return this.timeTracking.remove(id);
  }
}
