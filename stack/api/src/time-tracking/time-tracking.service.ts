import { randomUUID } from 'node:crypto';
import { BadRequestException, Injectable, NotFoundException } from '@nestjs/common';
import { toPage } from '../common/pagination';
import { Database } from '../database/database.service';
import { isForeignKeyViolation } from '../database/errors';
import { Filter, givenColumns, insertSql } from '../database/sql';
import { CreateTimeEntryDto } from './dto/create-time-entry.dto';

const WRITABLE = ['date', 'hours', 'activityType', 'taskId', 'projectId', 'description'] as const;

const COLUMNS = `e.*,
  json_build_object('id', u.id, 'firstName', u."firstName", 'lastName', u."lastName") AS user,
  CASE WHEN t.id IS NOT NULL THEN json_build_object('id', t.id, 'title', t.title) END AS task,
  CASE WHEN p.id IS NOT NULL THEN json_build_object('id', p.id, 'name', p.name) END AS project`;

const RELATED = `JOIN users u ON u.id = e."userId" LEFT JOIN tasks t ON t.id = e."taskId"
  LEFT JOIN projects p ON p.id = e."projectId"`;

interface TimeEntryFilter {
  userId?: string;
  projectId?: string;
  taskId?: string;
  startDate?: string;
  endDate?: string;
}

@Injectable()
export class TimeTrackingService {
  constructor(private readonly database: Database) {}

  async findAll(page: number, limit: number, given: TimeEntryFilter) {
    const filter = filterOf(given);
    const { limitSql, values } = filter.paged(page, limit);
    const [entries, counted] = await Promise.all([
      this.database.rows(
        `SELECT ${COLUMNS}
        FROM (SELECT * FROM time_entries e ${filter.sql} ORDER BY date DESC, id ${limitSql}) e ${RELATED}
        ORDER BY e.date DESC, e.id`,
        values,
      ),
      this.database.first<{ total: number }>(`SELECT count(*)::int AS total FROM time_entries e ${filter.sql}`, filter.values),
    ]);
    return toPage(entries, counted!.total, page, limit);
  }

  findMine(given: TimeEntryFilter) {
    const filter = filterOf(given);
    return this.database.rows(
      `SELECT ${COLUMNS} FROM time_entries e ${RELATED} ${filter.sql} ORDER BY e.date DESC, e.id`,
      filter.values,
    );
  }

  async findOne(id: string) {
    const entry = await this.database.first(`SELECT ${COLUMNS} FROM time_entries e ${RELATED} WHERE e.id = $1`, [id]);
    if (!entry) {
      throw new NotFoundException('Saisie de temps introuvable');
    }
    return entry;
  }

  async create(userId: string, entry: CreateTimeEntryDto) {
    if (!entry.taskId && !entry.projectId) {
      throw new BadRequestException('Une tâche ou un projet est requis');
    }
    const { names, values } = givenColumns(entry, WRITABLE);
    try {
      return await this.database.first(
        `WITH e AS (${insertSql('time_entries', ['id', 'userId', ...names, 'updatedAt'])} RETURNING *)
        SELECT ${COLUMNS} FROM e ${RELATED}`,
        [randomUUID(), userId, ...values, new Date()],
      );
    } catch (error) {
      if (isForeignKeyViolation(error)) {
        throw new NotFoundException('Tâche ou projet introuvable');
      }
      throw error;
    }
  }

  async remove(id: string) {
    if (!(await this.database.first('DELETE FROM time_entries WHERE id = $1 RETURNING id', [id]))) {
      throw new NotFoundException('Saisie de temps introuvable');
    }
    return { message: 'Saisie de temps supprimée' };
  }
}

function filterOf({ userId, projectId, taskId, startDate, endDate }: TimeEntryFilter): Filter {
  return new Filter()
    .where('e."userId" = ?', userId)
    .where('e."projectId" = ?', projectId)
    .where('e."taskId" = ?', taskId)
    .where('e.date >= ?::date', startDate)
    .where('e.date <= ?::date', endDate);
}
