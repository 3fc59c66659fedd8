import { Injectable, NotFoundException } from '@nestjs/common';
import { Database } from '../database/database.service';

interface Figures {
  name: string;
  status: string;
  budgetHours: number | null;
  actual: number;
  totalMembers: number;
  epics: number;
  epicsCompleted: number;
  milestones: number;
  milestonesCompleted: number;
  milestonesUpcoming: number;
}

interface TaskFigures {
  ids: string[];
  total: number;
  completed: number;
  inProgress: number;
  todo: number;
  estimated: number;
}

@Injectable()
export class ProjectStatsService {
  constructor(private readonly database: Database) {}

  async of(id: string) {
    const { ids, estimated, ...counts } = (await this.taskFigures(id))!;
    const project = await this.projectFigures(id, ids);
    if (!project) {
      throw new NotFoundException('Projet introuvable');
    }
    const { budgetHours, actual } = project;
    return {
      projectId: id,
      projectName: project.name,
      status: project.status,
      progress: counts.total === 0 ? 0 : Math.round((counts.completed / counts.total) * 100),
      tasks: counts,
      hours: { estimated, actual, remaining: Math.max(0, estimated - actual) },
      team: { totalMembers: project.totalMembers },
      epics: { total: project.epics, completed: project.epicsCompleted },
      milestones: {
        total: project.milestones,
        completed: project.milestonesCompleted,
        upcoming: project.milestonesUpcoming,
      },
      budget:
        budgetHours === null
          ? null
          : { allocatedHours: budgetHours, actualHours: actual, remainingHours: budgetHours - actual },
    };
  }

  private projectFigures(id: string, taskIds: string[]) {
    return this.database.first<Figures>(
      `SELECT p.name, p.status, p."budgetHours", m.*, e.*, h.actual,
        (SELECT count(*)::int FROM project_members WHERE "projectId" = p.id) AS "totalMembers"
      FROM projects p
      CROSS JOIN (
        SELECT count(*)::int AS milestones,
          count(*) FILTER (WHERE status = 'COMPLETED')::int AS "milestonesCompleted",
          count(*) FILTER (WHERE status <> 'COMPLETED' AND "dueDate" >= now())::int AS "milestonesUpcoming"
        FROM milestones WHERE "projectId" = $1) m
      CROSS JOIN (
        SELECT count(*)::int AS epics, count(*) FILTER (WHERE progress = 100)::int AS "epicsCompleted"
        FROM epics WHERE "projectId" = $1) e
      CROSS JOIN (
        SELECT coalesce(sum(hours), 0) AS actual
        FROM time_entries WHERE "projectId" = $1 OR "taskId" = ANY($2)) h
      WHERE p.id = $1`,
      [id, taskIds],
    );
  }

  private taskFigures(id: string) {
    return this.database.first<TaskFigures>(
      `SELECT coalesce(array_agg(id), '{}') AS ids,
        count(*)::int AS total,
        count(*) FILTER (WHERE status = 'DONE')::int AS completed,
        count(*) FILTER (WHERE status IN ('IN_PROGRESS', 'IN_REVIEW'))::int AS "inProgress",
        count(*) FILTER (WHERE status = 'TODO')::int AS todo,
        coalesce(sum("estimatedHours"), 0) AS estimated
      FROM tasks WHERE "projectId" = $1`,
      [id],
    );
  }
}
