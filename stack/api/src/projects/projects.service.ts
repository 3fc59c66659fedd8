import { randomUUID } from 'node:crypto';
import { Injectable, NotFoundException } from '@nestjs/common';
import { assertEndsAfterStart } from '../common/dates';
import { toPage } from '../common/pagination';
import { Database } from '../database/database.service';
import { countLinks } from '../database/link-counts';
import { Filter, givenColumns, insertSql, updateSql } from '../database/sql';
import { UsersService } from '../users/users.service';
import { CreateProjectDto } from './dto/create-project.dto';
import { UpdateProjectDto } from './dto/update-project.dto';

const WRITABLE = ['name', 'description', 'status', 'priority', 'startDate', 'endDate', 'budgetHours'] as const;
const LISTED_MEMBERS = 5;

interface Project {
  id: string;
  name: string;
  status: string;
  startDate: Date | null;
  endDate: Date | null;
  budgetHours: number | null;
}

interface Member {
  projectId: string;
}

@Injectable()
export class ProjectsService {
  constructor(
    private readonly database: Database,
    private readonly users: UsersService,
  ) {}

  async findAll(page: number, limit: number, status: string | undefined) {
    const filter = new Filter().where('status = ?', status);
    const { limitSql, values } = filter.paged(page, limit);
    const [projects, counted] = await Promise.all([
      this.database.rows<Project>(
        `SELECT * FROM projects ${filter.sql} ORDER BY "createdAt" DESC ${limitSql}`,
        values,
      ),
      this.database.first<{ total: number }>(`SELECT count(*)::int AS total FROM projects ${filter.sql}`, filter.values),
    ]);
    const ids = projects.map((project) => project.id);
    const [members, counts] = await Promise.all([
      this.membersOf(ids),
      countLinks(this.database, ids, {
        members: ['project_members', 'projectId'],
        tasks: ['tasks', 'projectId'],
        epics: ['epics', 'projectId'],
        milestones: ['milestones', 'projectId'],
      }),
    ]);
    const data = projects.map((project) => ({
      ...project,
      members: firstMembers(members, project.id),
      _count: counts.get(project.id),
    }));
    return toPage(data, counted!.total, page, limit);
  }

  async findByUser(userId: string) {
    if (!(await this.users.exists(userId))) {
      throw new NotFoundException('Utilisateur introuvable');
    }
    const projects = await this.database.rows<Project>(
      `SELECT p.* FROM projects p JOIN project_members m ON m."projectId" = p.id
      WHERE m."userId" = $1 ORDER BY p."createdAt" DESC`,
      [userId],
    );
    const ids = projects.map((project) => project.id);
    const [members, counts] = await Promise.all([
      this.membersOf(ids),
      countLinks(this.database, ids, { members: ['project_members', 'projectId'], tasks: ['tasks', 'projectId'] }),
    ]);
    return projects.map((project) => ({
      ...project,
      members: firstMembers(members, project.id),
      _count: counts.get(project.id),
    }));
  }

  async findOne(id: string) {
    const project = await this.get(id);
    const [members, epics, milestones, tasks] = await Promise.all([
      this.membersOf([id]),
      this.database.rows('SELECT id, name, description, progress FROM epics WHERE "projectId" = $1', [id]),
      this.database.rows(
        'SELECT id, name, description, status, "dueDate" FROM milestones WHERE "projectId" = $1 ORDER BY "dueDate"',
        [id],
      ),
      this.database.rows(
        'SELECT id, title, status, priority, "estimatedHours" FROM tasks WHERE "projectId" = $1 ORDER BY "createdAt" DESC',
        [id],
      ),
    ]);
    const _count = { members: members.length, tasks: tasks.length, epics: epics.length, milestones: milestones.length };
    return { ...project, members, epics, milestones, tasks, _count };
  }

  async create(body: CreateProjectDto) {
    assertEndsAfterStart(body.startDate, body.endDate);
    const { names, values } = givenColumns(body, WRITABLE);
    const project = await this.database.first<Project>(
      `${insertSql('projects', ['id', ...names, 'updatedAt'])} RETURNING *`,
      [randomUUID(), ...values, new Date()],
    );
    return { ...project, members: [], epics: [], milestones: [], tasks: [] };
  }

  async update(id: string, changes: UpdateProjectDto) {
    const current = await this.get(id);
    assertEndsAfterStart(changes.startDate ?? current.startDate, changes.endDate ?? current.endDate);
    const { names, values } = givenColumns(changes, WRITABLE);
    const [project, members] = await Promise.all([
      this.database.first<Project>(`${updateSql('projects', names)} RETURNING *`, [id, ...values]),
      this.membersOf([id]),
    ]);
    return { ...project, members };
  }

  async cancel(id: string) {
    const cancelled = await this.database.first(
      `UPDATE projects SET status = 'CANCELLED', "updatedAt" = now() WHERE id = $1 RETURNING id`,
      [id],
    );
    if (!cancelled) {
      throw new NotFoundException('Projet introuvable');
    }
    return { message: 'Projet annulé' };
  }

  private async get(id: string): Promise<Project> {
    const project = await this.database.first<Project>('SELECT * FROM projects WHERE id = $1', [id]);
    if (!project) {
      throw new NotFoundException('Projet introuvable');
    }
    return project;
  }

  private async membersOf(projectIds: string[]): Promise<Member[]> {
    if (projectIds.length === 0) {
      return [];
    }
    return this.database.rows<Member>(
      `SELECT m.*, json_build_object('id', u.id, 'firstName', u."firstName", 'lastName', u."lastName",
          'email', u.email, 'role', u.role, 'avatarUrl', u."avatarUrl") AS user
      FROM project_members m JOIN users u ON u.id = m."userId"
      WHERE m."projectId" = ANY($1) ORDER BY m."createdAt"`,
      [projectIds],
    );
  }
}

function firstMembers(members: Member[], projectId: string): Member[] {
  return members.filter((member) => member.projectId === projectId).slice(0, LISTED_MEMBERS);
}
