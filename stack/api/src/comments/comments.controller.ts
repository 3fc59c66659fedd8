import { Body, Controller, Delete, Get, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import type { AuthenticatedUser } from '../auth/authenticated-request';
import { CurrentUser } from '../auth/decorators';
import { LimitQuery, PageQuery } from '../common/pagination';
import { CommentsService } from './comments.service';
import { CreateCommentDto } from './dto/create-comment.dto';

@Controller('comments')
export class CommentsController {
  constructor(private readonly comments: CommentsService) {}

  @Get()
  findAll(@PageQuery() page = 1, @LimitQuery() limit = 10, @Query('taskId') taskId?: string) {
    return this.comments.findAll(page, limit, taskId);
  }

  @Post()
  create(@CurrentUser() author: AuthenticatedUser, @Body() comment: CreateCommentDto) {
    return this.comments.create(author.id, comment);
  }

  @Delete(':id')
  remove(@CurrentUser() user: AuthenticatedUser, @Param('id', ParseUUIDPipe) id: string) {
    return this.comments.remove(user, id);
  }
}
