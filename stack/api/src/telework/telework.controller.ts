import { Controller, Get, Query } from '@nestjs/common';
import { LimitQuery, PageQuery } from '../common/pagination';
import { TeleworkService } from './telework.service';

@Controller('telework')
export class TeleworkController {
  constructor(private readonly telework: TeleworkService) {}

  @Get()
  findAll(
    @PageQuery() page = 1,
    @LimitQuery() limit = 50,
    @Query('userId') userId?: string,
    @Query('startDate') startDate?: string,
    @Query('endDate') endDate?: string,
  ) {
    return this.telework.findAll(page, limit, { userId, startDate, endDate });
  }
}
