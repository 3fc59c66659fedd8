import { randomUUID } from 'node:crypto';
import { BadRequestException, ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import type { AuthenticatedUser } from '../auth/authenticated-request';
import { Role } from '../common/enums';
import { toPage } from '../common/pagination';
import { Database } from '../database/database.service';
import { isForeignKeyViolation, isUniqueViolation } from '../database/errors';
import { Filter } from '../database/sql';

const AUTHENTICATED = `u.id, u.email, u.login, u."firstName", u."lastName", u.role, u."departmentId", u."isActive"`;

const USER_SERVICES = `
  coalesce((SELECT json_agg(json_build_object('service', json_build_object('id', s.id, 'name', s.name)) ORDER BY s.name)
    FROM user_services us JOIN services s ON s.id = us."serviceId" WHERE us."userId" = u.id), '[]') AS "userServices"`;

const MANAGED_SERVICES = `
  coalesce((SELECT json_agg(json_build_object('id', s.id, 'name', s.name) ORDER BY s.name)
    FROM services s WHERE s."managerId" = u.id), '[]') AS "managedServices"`;

const department = (...columns: string[]) => {
  const pairs = columns.map((column) => `'${column}', d."${column}"`);
  return `CASE WHEN d.id IS NOT NULL THEN json_build_object(${pairs.join(', ')}) END AS department`;
};

export interface LoginAccount {
  id: string;
  email: string;
  login: string;
  firstName: string;
  lastName: string;
  role: Role;
  isActive: boolean;
  passwordHash: string;
}

export interface NewUser {
  email: string;
  login: string;
  passwordHash: string;
  firstName: string;
  lastName: string;
  role: Role;
  departmentId?: string;
}

export interface CreatedUser {
  id: string;
  login: string;
  role: Role;
}

@Injectable()
export class UsersService {
  constructor(private readonly database: Database) {}

  findAuthenticated(id: string): Promise<AuthenticatedUser | undefined> {
    return this.database.first<AuthenticatedUser>(
      `SELECT ${AUTHENTICATED} FROM users u WHERE u.id = $1`,
      [id],
    );
  }

  findForLogin(login: string) {
    return this.database.first<LoginAccount>(
      `SELECT ${AUTHENTICATED}, u."avatarUrl", u."passwordHash",
        ${department('id', 'name')}, ${USER_SERVICES}, ${MANAGED_SERVICES}
      FROM users u LEFT JOIN departments d ON d.id = u."departmentId"
      WHERE u.login = $1`,
      [login],
    );
  }

  findProfile(id: string) {
    return this.database.first(
      `SELECT ${AUTHENTICATED}, u."avatarUrl", u."createdAt", u."updatedAt",
        ${department('id', 'name')}, ${USER_SERVICES}
      FROM users u LEFT JOIN departments d ON d.id = u."departmentId"
      WHERE u.id = $1`,
      [id],
    );
  }

  async findAll(page: number, limit: number, role: string | undefined) {
    const filter = new Filter().where('role = ?', role);
    const { limitSql, values } = filter.paged(page, limit);
    const [rows, counted] = await Promise.all([
      this.database.rows(
        `SELECT ${AUTHENTICATED}, u."avatarUrl", u."createdAt",
          ${department('id', 'name', 'managerId')}, ${USER_SERVICES}, ${MANAGED_SERVICES}
        FROM (SELECT * FROM users ${filter.sql} ORDER BY "lastName", id ${limitSql}) u
        LEFT JOIN departments d ON d.id = u."departmentId"
        ORDER BY u."lastName", u.id`,
        values,
      ),
      this.database.first<{ total: number }>(`SELECT count(*)::int AS total FROM users ${filter.sql}`, filter.values),
    ]);
    return toPage(rows, counted!.total, page, limit);
  }

  async findOne(id: string) {
    const [user, projectMembers] = await Promise.all([
      this.database.first(
        `SELECT ${AUTHENTICATED}, u."avatarUrl", u."createdAt", u."updatedAt",
          ${department('id', 'name', 'description')}, ${USER_SERVICES}, ${MANAGED_SERVICES}
        FROM users u LEFT JOIN departments d ON d.id = u."departmentId"
        WHERE u.id = $1`,
        [id],
      ),
      this.database.rows(
        `SELECT m.id, m.role, m.allocation,
          json_build_object('id', p.id, 'name', p.name, 'status', p.status) AS project
        FROM project_members m JOIN projects p ON p.id = m."projectId"
        WHERE m."userId" = $1`,
        [id],
      ),
    ]);
    if (!user) {
      throw new NotFoundException('Utilisateur introuvable');
    }
    return { ...user, projectMembers };
  }

  async exists(id: string): Promise<boolean> {
    return (await this.database.first('SELECT id FROM users WHERE id = $1', [id])) !== undefined;
  }

  async isTaken(email: string, login: string): Promise<boolean> {
    return (await this.database.first('SELECT id FROM users WHERE email = $1 OR login = $2', [email, login])) !== undefined;
  }

  async create(user: NewUser, serviceIds: string[]): Promise<CreatedUser> {
    try {
      return await this.database.transaction(async (transaction) => {
        const [created] = await transaction.rows<CreatedUser>(
          `INSERT INTO users (id, email, login, "passwordHash", "firstName", "lastName", role, "departmentId", "updatedAt")
          VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now())
          RETURNING id, email, login, "firstName", "lastName", role, "departmentId", "createdAt"`,
          [randomUUID(), user.email, user.login, user.passwordHash, user.firstName, user.lastName, user.role, user.departmentId],
        );
        if (serviceIds.length > 0) {
          await transaction.rows(
            `INSERT INTO user_services (id, "userId", "serviceId")
            SELECT gen_random_uuid(), $1, unnest($2::text[]) RETURNING id`,
            [created.id, serviceIds],
          );
        }
        return created;
      });
    } catch (error) {
      if (isUniqueViolation(error)) {
        throw new ConflictException('Email ou login déjà utilisé');
      }
      if (isForeignKeyViolation(error)) {
        throw new BadRequestException('Département ou service introuvable');
      }
      throw error;
    }
  }
}
