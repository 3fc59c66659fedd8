import { Controller, Get, Param, ParseUUIDPipe, Query } from '@nestjs/common';
import { LimitQuery, PageQuery } from '../common/pagination';
import { UsersService } from './users.service';

@Controller('users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Get()
  findAll(@PageQuery() page = 1, @LimitQuery() limit = 200, @Query('role') role?: string) {
    return this.users.findAll(page, limit, role);
  }

  @Get(':id')
  findOne(@Param('id', ParseUUIDPipe) id: string) {
    return this.users.findOne(id);
  }
}
