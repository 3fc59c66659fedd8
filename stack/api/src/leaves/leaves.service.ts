import { Injectable } from '@nestjs/common';
import { toPage } from '../common/pagination';
import { Database } from '../database/database.service';
import { Filter } from '../database/sql';

interface LeaveFilter {
  userId?: string;
  status?: string;
  type?: string;
}

const COLUMNS = `l.*,
  json_build_object('id', u.id, 'firstName', u."firstName", 'lastName', u."lastName", 'email', u.email,
    'departmentId', u."departmentId") AS user,
  json_build_object('id', c.id, 'code', c.code, 'name', c.name, 'color', c.color) AS "leaveType"`;

const RELATED = `JOIN users u ON u.id = l."userId" JOIN leave_type_configs c ON c.id = l."leaveTypeId"`;

@Injectable()
export class LeavesService {
  constructor(private readonly database: Database) {}

  async findAll(page: number, limit: number, given: LeaveFilter) {
    const filter = filterOf(given);
    const { limitSql, values } = filter.paged(page, limit);
    const [leaves, counted] = await Promise.all([
      this.database.rows(
        `SELECT ${COLUMNS}
        FROM (SELECT * FROM leaves l ${filter.sql} ORDER BY "startDate" DESC, id ${limitSql}) l ${RELATED}
        ORDER BY l."startDate" DESC, l.id`,
        values,
      ),
      this.database.first<{ total: number }>(`SELECT count(*)::int AS total FROM leaves l ${filter.sql}`, filter.values),
    ]);
    return toPage(leaves, counted!.total, page, limit);
  }

  findBetween(startDate: string, endDate: string, given: LeaveFilter) {
    const filter = filterOf(given).where('l."startDate" <= ?::date', endDate).where('l."endDate" >= ?::date', startDate);
    return this.database.rows(
      `SELECT ${COLUMNS} FROM leaves l ${RELATED} ${filter.sql} ORDER BY l."startDate", l.id`,
      filter.values,
    );
  }
}

function filterOf({ userId, status, type }: LeaveFilter): Filter {
  return new Filter().where('l."userId" = ?', userId).where('l.status = ?', status).where('l.type = ?', type);
}
