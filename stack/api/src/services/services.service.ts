import { Injectable } from '@nestjs/common';
import { toPage } from '../common/pagination';
import { Database } from '../database/database.service';
import { Filter } from '../database/sql';

@Injectable()
export class ServicesService {
  constructor(private readonly database: Database) {}

  async findAll(page: number, limit: number, departmentId: string | undefined) {
    const filter = new Filter().where('"departmentId" = ?', departmentId);
    const { limitSql, values } = filter.paged(page, limit);
    const [services, counted] = await Promise.all([
      this.database.rows(
        `SELECT s.*, json_build_object('id', d.id, 'name', d.name) AS department,
          CASE WHEN m.id IS NOT NULL THEN json_build_object('id', m.id, 'firstName', m."firstName", 'lastName', m."lastName") END AS manager,
          json_build_object('userServices', (SELECT count(*) FROM user_services WHERE "serviceId" = s.id)) AS _count
        FROM (SELECT * FROM services ${filter.sql} ORDER BY name, id ${limitSql}) s
        JOIN departments d ON d.id = s."departmentId"
        LEFT JOIN users m ON m.id = s."managerId"
        ORDER BY s.name, s.id`,
        values,
      ),
      this.database.first<{ total: number }>(`SELECT count(*)::int AS total FROM services ${filter.sql}`, filter.values),
    ]);
    return toPage(services, counted!.total, page, limit);
  }
}
