import { Injectable, NotFoundException } from '@nestjs/common';
import { Database } from '../database/database.service';
import { ASSIGNEE, EPIC, MILESTONE, PROJECT, RELATED, TASK } from './task-columns';

const USER = `json_build_object('id', u.id, 'firstName', u."firstName", 'lastName', u."lastName", 'avatarUrl', u."avatarUrl")`;
const LINKED_TASK = `json_build_object('id', t.id, 'title', t.title, 'status', t.status)`;

@Injectable()
export class TaskDetailService {
  constructor(private readonly database: Database) {}

  /** The task with all that hangs on it. */
  async of(id: string) {
    const task = await this.database.first(
      `SELECT ${TASK}, ${PROJECT}, ${EPIC}, ${MILESTONE}, ${ASSIGNEE} FROM tasks t ${RELATED} WHERE t.id = $1`,
      [id],
    );
    if (!task) {
      throw new NotFoundException('Tâche introuvable');
    }
    const [links, timeEntries, comments] = await Promise.all([
      this.links(id),
      this.database.rows(
        `SELECT e.*, ${USER} AS user FROM time_entries e JOIN users u ON u.id = e."userId"
        WHERE e."taskId" = $1 ORDER BY e.date DESC`,
        [id],
      ),
      this.database.rows(
        `SELECT c.*, ${USER} AS author FROM comments c JOIN users u ON u.id = c."authorId"
        WHERE c."taskId" = $1 ORDER BY c."createdAt" DESC`,
        [id],
      ),
    ]);
    return { ...task, ...links, timeEntries, comments };
  }

  private links(id: string) {
    return this.database.first(
      `SELECT
        coalesce((SELECT json_agg(json_build_object('id', d.id, 'dependsOnTask', ${LINKED_TASK}))
          FROM task_dependencies d JOIN tasks t ON t.id = d."dependsOnTaskId" WHERE d."taskId" = $1), '[]') AS dependencies,
        coalesce((SELECT json_agg(json_build_object('id', d.id, 'task', ${LINKED_TASK}))
          FROM task_dependencies d JOIN tasks t ON t.id = d."taskId" WHERE d."dependsOnTaskId" = $1), '[]') AS dependents,
        coalesce((SELECT json_agg(json_build_object('id', r.id, 'role', r.role, 'user', ${USER}))
          FROM task_raci r JOIN users u ON u.id = r."userId" WHERE r."taskId" = $1), '[]') AS raci`,
      [id],
    );
  }
}
