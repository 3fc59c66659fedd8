import { Controller, Get } from '@nestjs/common';
import type { AuthenticatedUser } from '../auth/authenticated-request';
import { CurrentUser } from '../auth/decorators';
import { PersonalTodosService } from './personal-todos.service';

@Controller('personal-todos')
export class PersonalTodosController {
  constructor(private readonly personalTodos: PersonalTodosService) {}

  @Get()
  findMine(@CurrentUser() user: AuthenticatedUser) {
    return this.personalTodos.findByUser(user.id);
  }
}
