import { Injectable } from '@nestjs/common';
import { toPage } from '../common/pagination';
import { Database } from '../database/database.service';
import { countLinks } from '../database/link-counts';
import { Filter } from '../database/sql';

@Injectable()
export class MilestonesService {
  constructor(private readonly database: Database) {}

  async findAll(page: number, limit: number, projectId: string | undefined, status: string | undefined) {
    const filter = new Filter().where('"projectId" = ?', projectId).where('status = ?', status);
    const { limitSql, values } = filter.paged(page, limit);
    const [milestones, counted] = await Promise.all([
      this.database.rows<{ id: string }>(
        `SELECT m.*, json_build_object('id', p.id, 'name', p.name) AS project
        FROM (SELECT * FROM milestones ${filter.sql} ORDER BY "dueDate" ${limitSql}) m
        JOIN projects p ON p.id = m."projectId"
        ORDER BY m."dueDate"`,
        values,
      ),
      this.database.first<{ total: number }>(`SELECT count(*)::int AS total FROM milestones ${filter.sql}`, filter.values),
    ]);
    const counts = await countLinks(this.database, milestones.map((milestone) => milestone.id), {
      tasks: ['tasks', 'milestoneId'],
    });
    const data = milestones.map((milestone) => ({ ...milestone, _count: counts.get(milestone.id) }));
    return toPage(data, counted!.total, page, limit);
  }
}
