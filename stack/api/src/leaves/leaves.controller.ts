import { Controller, Get, Query } from '@nestjs/common';
import { LimitQuery, PageQuery } from '../common/pagination';
import { LeavesService } from './leaves.service';

@Controller('leaves')
export class LeavesController {
  constructor(private readonly leaves: LeavesService) {}

  /** Without dates a page; with both dates a plain array of the leaves that touch them. */
  @Get()
  findAll(
    @PageQuery() page = 1,
    @LimitQuery() limit = 10,
    @Query('userId') userId?: string,
    @Query('status') status?: string,
    @Query('type') type?: string,
    @Query('startDate') startDate?: string,
    @Query('endDate') endDate?: string,
  ) {
    const filter = { userId, status, type };
    return startDate && endDate
      ? this.leaves.findBetween(startDate, endDate, filter)
      : this.leaves.findAll(page, limit, filter);
  }
}
