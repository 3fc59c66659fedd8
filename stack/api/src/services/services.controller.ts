import { Controller, Get, Query } from '@nestjs/common';
import { LimitQuery, PageQuery } from '../common/pagination';
import { ServicesService } from './services.service';

@Controller('services')
export class ServicesController {
  constructor(private readonly services: ServicesService) {}

  @Get()
  findAll(@PageQuery() page = 1, @LimitQuery() limit = 10, @Query('departmentId') departmentId?: string) {
    return this.services.findAll(page, limit, departmentId);
  }
}
