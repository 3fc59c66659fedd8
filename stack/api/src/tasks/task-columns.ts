const COLUMNS = [
  'id', 'title', 'description', 'status', 'priority', 'projectId', 'epicId', 'milestoneId', 'assigneeId',
  'estimatedHours', 'progress', 'startDate', 'endDate', 'createdAt', 'updatedAt',
];

/** The columns of the task itself, `t`, in the order of the contract. */
export const TASK = COLUMNS.map((column) => `t."${column}"`).join(', ');

export const PROJECT = `json_build_object('id', p.id, 'name', p.name) AS project`;

export const EPIC = `CASE WHEN e.id IS NOT NULL THEN json_build_object('id', e.id, 'name', e.name) END AS epic`;

export const MILESTONE = `CASE WHEN m.id IS NOT NULL THEN json_build_object('id', m.id, 'name', m.name) END AS milestone`;

export const ASSIGNEE = `
  CASE WHEN a.id IS NOT NULL THEN json_build_object('id', a.id, 'firstName', a."firstName",
    'lastName', a."lastName", 'avatarUrl', a."avatarUrl") END AS assignee`;

/** A task with all it belongs to, the task itself being `t`. */
export const RELATED = `
  JOIN projects p ON p.id = t."projectId"
  LEFT JOIN epics e ON e.id = t."epicId"
  LEFT JOIN milestones m ON m.id = t."milestoneId"
  LEFT JOIN users a ON a.id = t."assigneeId"`;
