import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.service';

@Injectable()
export class PersonalTodosService {
  constructor(private readonly database: Database) {}

  /** As in production, this read also writes: it deletes what was done more than a day ago. */
  async findByUser(userId: string) {
    await this.database.rows(
      `DELETE FROM personal_todos WHERE "userId" = $1 AND completed AND "completedAt" < now() - interval '1 day'`,
      [userId],
    );
    return this.database.rows(
      'SELECT * FROM personal_todos WHERE "userId" = $1 ORDER BY completed, "createdAt" DESC',
      [userId],
    );
  }
}
