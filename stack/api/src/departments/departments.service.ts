import { Injectable } from '@nestjs/common';
import { toPage } from '../common/pagination';
import { Database } from '../database/database.service';

@Injectable()
export class DepartmentsService {
  constructor(private readonly database: Database) {}

  async findAll(page: number, limit: number) {
    const [departments, counted] = await Promise.all([
      this.database.rows(
        `SELECT d.*,
          CASE WHEN m.id IS NOT NULL THEN json_build_object('id', m.id, 'firstName', m."firstName", 'lastName', m."lastName") END AS manager,
          json_build_object('users', (SELECT count(*) FROM users WHERE "departmentId" = d.id),
            'services', (SELECT count(*) FROM services WHERE "departmentId" = d.id)) AS _count
        FROM (SELECT * FROM departments ORDER BY name LIMIT $1 OFFSET $2) d
        LEFT JOIN users m ON m.id = d."managerId"
        ORDER BY d.name`,
        [limit, (page - 1) * limit],
      ),
      this.database.first<{ total: number }>('SELECT count(*)::int AS total FROM departments'),
    ]);
    return toPage(departments, counted!.total, page, limit);
  }
}
