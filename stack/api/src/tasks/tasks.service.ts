import { randomUUID } from 'node:crypto';
import { BadRequestException, Injectable, NotFoundException } from '@nestjs/common';
import { assertEndsAfterStart } from '../common/dates';
import { toPage } from '../common/pagination';
import { Database } from '../database/database.service';
import { countLinks } from '../database/link-counts';
import { Filter, givenColumns, insertSql, updateSql } from '../database/sql';
import { CreateTaskDto } from './dto/create-task.dto';
import { UpdateTaskDto } from './dto/update-task.dto';
import { ASSIGNEE, EPIC, MILESTONE, PROJECT, RELATED, TASK } from './task-columns';

const WRITABLE = [
  'title', 'description', 'status', 'priority', 'projectId', 'epicId', 'milestoneId', 'assigneeId',
  'estimatedHours', 'startDate', 'endDate',
] as const;

const LINKS: Record<'dependencies' | 'dependents' | 'raci' | 'comments', [string, string]> = {
  dependencies: ['task_dependencies', 'taskId'],
  dependents: ['task_dependencies', 'dependsOnTaskId'],
  raci: ['task_raci', 'taskId'],
  comments: ['comments', 'taskId'],
};

interface Task {
  id: string;
  projectId: string;
  startDate: Date | null;
  endDate: Date | null;
}

interface TaskFilter {
  status?: string;
  projectId?: string;
  assigneeId?: string;
}

interface References {
  project: boolean;
  epicProjectId: string | null;
  milestoneProjectId: string | null;
  assignee: boolean;
}

@Injectable()
export class TasksService {
  constructor(private readonly database: Database) {}

  async findAll(page: number, limit: number, { status, projectId, assigneeId }: TaskFilter) {
    const filter = new Filter()
      .where('status = ?', status)
      .where('"projectId" = ?', projectId)
      .where('"assigneeId" = ?', assigneeId);
    const { limitSql, values } = filter.paged(page, limit);
    const [tasks, counted] = await Promise.all([
      this.database.rows<Task>(
        `SELECT ${TASK}, ${PROJECT}, ${ASSIGNEE}
        FROM (SELECT * FROM tasks ${filter.sql} ORDER BY "createdAt" DESC ${limitSql}) t
        JOIN projects p ON p.id = t."projectId"
        LEFT JOIN users a ON a.id = t."assigneeId"
        ORDER BY t."createdAt" DESC`,
        values,
      ),
      this.database.first<{ total: number }>(`SELECT count(*)::int AS total FROM tasks ${filter.sql}`, filter.values),
    ]);
    return toPage(await this.withCounts(tasks), counted!.total, page, limit);
  }

  async findByAssignee(assigneeId: string) {
    const tasks = await this.database.rows<Task>(
      `SELECT ${TASK}, ${PROJECT}, ${ASSIGNEE}
      FROM tasks t JOIN projects p ON p.id = t."projectId" JOIN users a ON a.id = t."assigneeId"
      WHERE t."assigneeId" = $1 ORDER BY t."createdAt" DESC`,
      [assigneeId],
    );
    return this.withCounts(tasks);
  }

  async findByProject(projectId: string) {
    if (!(await this.database.first('SELECT id FROM projects WHERE id = $1', [projectId]))) {
      throw new NotFoundException('Projet introuvable');
    }
    const tasks = await this.database.rows<Task>(
      `SELECT ${TASK}, ${EPIC}, ${ASSIGNEE}
      FROM tasks t LEFT JOIN epics e ON e.id = t."epicId" LEFT JOIN users a ON a.id = t."assigneeId"
      WHERE t."projectId" = $1 ORDER BY t."createdAt" DESC`,
      [projectId],
    );
    const { dependencies, comments } = LINKS;
    const counts = await countLinks(this.database, tasks.map((task) => task.id), { dependencies, comments });
    return tasks.map((task) => ({ ...task, _count: counts.get(task.id) }));
  }

  async create(body: CreateTaskDto) {
    assertEndsAfterStart(body.startDate, body.endDate);
    await this.assertReferences(body, body.projectId);
    const { names, values } = givenColumns(body, WRITABLE);
    return this.database.first(
      `WITH t AS (${insertSql('tasks', ['id', ...names, 'updatedAt'])} RETURNING *)
      SELECT ${TASK}, ${PROJECT}, ${EPIC}, ${MILESTONE}, ${ASSIGNEE} FROM t ${RELATED}`,
      [randomUUID(), ...values, new Date()],
    );
  }

  async update(id: string, changes: UpdateTaskDto) {
    const current = await this.get(id);
    assertEndsAfterStart(changes.startDate ?? current.startDate, changes.endDate ?? current.endDate);
    await this.assertReferences(changes, changes.projectId ?? current.projectId);
    const { names, values } = givenColumns(changes, [...WRITABLE, 'progress']);
    return this.database.first(
      `WITH t AS (${updateSql('tasks', names)} RETURNING *)
      SELECT ${TASK}, ${PROJECT}, ${ASSIGNEE} FROM t
      JOIN projects p ON p.id = t."projectId" LEFT JOIN users a ON a.id = t."assigneeId"`,
      [id, ...values],
    );
  }

  async remove(id: string) {
    await this.get(id);
    const dependent = await this.database.first('SELECT id FROM task_dependencies WHERE "dependsOnTaskId" = $1', [id]);
    if (dependent) {
      throw new BadRequestException("Une autre tâche dépend de celle-ci");
    }
    await this.database.rows('DELETE FROM tasks WHERE id = $1 RETURNING id', [id]);
    return { message: 'Tâche supprimée' };
  }

  private async get(id: string): Promise<Task> {
    const task = await this.database.first<Task>(
      'SELECT id, "projectId", "startDate", "endDate" FROM tasks WHERE id = $1',
      [id],
    );
    if (!task) {
      throw new NotFoundException('Tâche introuvable');
    }
    return task;
  }

  private async withCounts(tasks: Task[]) {
    const counts = await countLinks(this.database, tasks.map((task) => task.id), LINKS);
    return tasks.map((task) => ({ ...task, _count: counts.get(task.id) }));
  }

  /** Refuses references to rows that do not exist, or that belong to another project. */
  private async assertReferences(body: CreateTaskDto | UpdateTaskDto, projectId: string): Promise<void> {
    const { epicId, milestoneId, assigneeId } = body;
    if (!body.projectId && !epicId && !milestoneId && !assigneeId) {
      return;
    }
    const found = await this.database.first<References>(
      `SELECT EXISTS (SELECT FROM projects WHERE id = $1) AS project,
        (SELECT "projectId" FROM epics WHERE id = $2) AS "epicProjectId",
        (SELECT "projectId" FROM milestones WHERE id = $3) AS "milestoneProjectId",
        EXISTS (SELECT FROM users WHERE id = $4) AS assignee`,
      [projectId, epicId, milestoneId, assigneeId],
    );
    if (!found!.project) {
      throw new NotFoundException('Projet introuvable');
    }
    if (assigneeId && !found!.assignee) {
      throw new NotFoundException('Assigné introuvable');
    }
    if (epicId && found!.epicProjectId !== projectId) {
      throw new BadRequestException("L'epic doit appartenir au même projet");
    }
    if (milestoneId && found!.milestoneProjectId !== projectId) {
      throw new BadRequestException('Le jalon doit appartenir au même projet');
    }
  }
}
