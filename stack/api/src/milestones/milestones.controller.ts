import { Controller, Get, Query } from '@nestjs/common';
import { LimitQuery, PageQuery } from '../common/pagination';
import { MilestonesService } from './milestones.service';

@Controller('milestones')
export class MilestonesController {
  constructor(private readonly milestones: MilestonesService) {}

  @Get()
  findAll(
    @PageQuery() page = 1,
    @LimitQuery() limit = 10,
    @Query('projectId') projectId?: string,
    @Query('status') status?: string,
  ) {
    return this.milestones.findAll(page, limit, projectId, status);
  }
}
