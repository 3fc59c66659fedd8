import { randomUUID } from 'node:crypto';
import { ForbiddenException, Injectable, NotFoundException } from '@nestjs/common';
import type { AuthenticatedUser } from '../auth/authenticated-request';
import { Role } from '../common/enums';
import { toPage } from '../common/pagination';
import { Database } from '../database/database.service';
import { isForeignKeyViolation } from '../database/errors';
import { Filter } from '../database/sql';
import { CreateCommentDto } from './dto/create-comment.dto';

const AUTHOR_AND_TASK = `
  json_build_object('id', u.id, 'firstName', u."firstName", 'lastName', u."lastName", 'avatarUrl', u."avatarUrl") AS author,
  json_build_object('id', t.id, 'title', t.title) AS task`;

@Injectable()
export class CommentsService {
  constructor(private readonly database: Database) {}

  async findAll(page: number, limit: number, taskId: string | undefined) {
    const filter = new Filter().where('"taskId" = ?', taskId);
    const { limitSql, values } = filter.paged(page, limit);
    const [comments, counted] = await Promise.all([
      this.database.rows(
        `SELECT c.*, ${AUTHOR_AND_TASK}
        FROM (SELECT * FROM comments ${filter.sql} ORDER BY "createdAt" DESC ${limitSql}) c
        JOIN users u ON u.id = c."authorId" JOIN tasks t ON t.id = c."taskId"
        ORDER BY c."createdAt" DESC`,
        values,
      ),
      this.database.first<{ total: number }>(`SELECT count(*)::int AS total FROM comments ${filter.sql}`, filter.values),
    ]);
    return toPage(comments, counted!.total, page, limit);
  }

  async create(authorId: string, { content, taskId }: CreateCommentDto) {
    try {
      return await this.database.first(
        `WITH c AS (
          INSERT INTO comments (id, content, "taskId", "authorId", "updatedAt") VALUES ($1, $2, $3, $4, now()) RETURNING *)
        SELECT c.*, ${AUTHOR_AND_TASK}
        FROM c JOIN users u ON u.id = c."authorId" JOIN tasks t ON t.id = c."taskId"`,
        [randomUUID(), content, taskId, authorId],
      );
    } catch (error) {
      if (isForeignKeyViolation(error)) {
        throw new NotFoundException('Tâche introuvable');
      }
      throw error;
    }
  }

  /** By the author, and by those who may remove anybody's. */
  async remove(user: AuthenticatedUser, id: string) {
    const comment = await this.database.first<{ authorId: string }>('SELECT "authorId" FROM comments WHERE id = $1', [id]);
    if (!comment) {
      throw new NotFoundException('Commentaire introuvable');
    }
    if (comment.authorId !== user.id && ![Role.ADMIN, Role.RESPONSABLE].includes(user.role)) {
      throw new ForbiddenException('Seul son auteur peut supprimer ce commentaire');
    }
    await this.database.rows('DELETE FROM comments WHERE id = $1 RETURNING id', [id]);
    return { message: 'Commentaire supprimé' };
  }
}
