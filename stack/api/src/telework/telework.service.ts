import { Injectable } from '@nestjs/common';
import { toPage } from '../common/pagination';
import { Database } from '../database/database.service';
import { Filter } from '../database/sql';

interface TeleworkFilter {
  userId?: string;
  startDate?: string;
  endDate?: string;
}

@Injectable()
export class TeleworkService {
  constructor(private readonly database: Database) {}

  async findAll(page: number, limit: number, { userId, startDate, endDate }: TeleworkFilter) {
    const filter = new Filter()
      .where('t."userId" = ?', userId)
      .where('t.date >= ?::date', startDate)
      .where('t.date <= ?::date', endDate);
    const { limitSql, values } = filter.paged(page, limit);
    const [days, counted] = await Promise.all([
      this.database.rows(
        `SELECT t.*, json_build_object('id', u.id, 'firstName', u."firstName", 'lastName', u."lastName", 'email', u.email) AS user
        FROM (SELECT * FROM telework_schedules t ${filter.sql} ORDER BY date DESC, id ${limitSql}) t
        JOIN users u ON u.id = t."userId"
        ORDER BY t.date DESC, t.id`,
        values,
      ),
      this.database.first<{ total: number }>(
        `SELECT count(*)::int AS total FROM telework_schedules t ${filter.sql}`,
        filter.values,
      ),
    ]);
    return toPage(days, counted!.total, page, limit);
  }
}
