import { Controller, Get } from '@nestjs/common';
import { LimitQuery, PageQuery } from '../common/pagination';
import { DepartmentsService } from './departments.service';

@Controller('departments')
export class DepartmentsController {
  constructor(private readonly departments: DepartmentsService) {}

  @Get()
  findAll(@PageQuery() page = 1, @LimitQuery() limit = 10) {
    return this.departments.findAll(page, limit);
  }
}
