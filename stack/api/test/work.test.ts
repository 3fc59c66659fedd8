import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TestApplication } from './harness';

let api: TestApplication;
let manager: string;
let managerId: string;

before(async () => {
  api = await TestApplication.start();
  const registered = await api.register('manager', 'MANAGER');
  manager = registered.access_token;
  managerId = registered.user.id;
});
after(() => api.stop());

async function createProject(name = 'Un projet'): Promise<string> {
  const dates = { startDate: '2026-01-01', endDate: '2026-06-30' };
  const { status, body } = await api.call('POST', '/projects', manager, { name, budgetHours: 100, ...dates });
  assert.equal(status, 201);
  return body.id;
}

async function createTask(projectId: string, more: object = {}): Promise<string> {
  const { status, body } = await api.call('POST', '/tasks', manager, { title: 'Une tâche', projectId, ...more });
  assert.equal(status, 201);
  return body.id;
}

test('a project is created, listed, changed and cancelled', async () => {
  const id = await createProject('Vie du projet');
  const list = await api.call('GET', '/projects?limit=1', manager);
  assert.equal(list.body.data[0].id, id);
  assert.deepEqual(list.body.data[0]._count, { members: 0, tasks: 0, epics: 0, milestones: 0 });
  const patched = await api.call('PATCH', `/projects/${id}`, manager, { status: 'ACTIVE' });
  assert.equal(patched.body.status, 'ACTIVE');
  assert.equal((await api.call('DELETE', `/projects/${id}`, manager)).status, 403);
  const { access_token: admin } = await api.register('admin', 'ADMIN');
  assert.equal((await api.call('DELETE', `/projects/${id}`, admin)).status, 200);
  assert.equal((await api.call('GET', `/projects/${id}`, manager)).body.status, 'CANCELLED');
});

test('tasks carry their relations and feed the figures of the project', async () => {
  const projectId = await createProject();
  const done = await createTask(projectId, { assigneeId: managerId, estimatedHours: 8 });
  await createTask(projectId, { estimatedHours: 2 });
  const patched = await api.call('PATCH', `/tasks/${done}`, manager, { status: 'DONE', progress: 100 });
  assert.equal(patched.body.assignee.id, managerId);
  await api.call('POST', '/comments', manager, { content: 'Terminé', taskId: done });

  const stats = (await api.call('GET', `/projects/${projectId}/stats`, manager)).body;
  assert.equal(stats.progress, 50);
  assert.deepEqual(stats.tasks, { total: 2, completed: 1, inProgress: 0, todo: 1 });
  assert.deepEqual(stats.hours, { estimated: 10, actual: 0, remaining: 10 });

  const filtered = (await api.call('GET', `/tasks?projectId=${projectId}&status=DONE`, manager)).body;
  assert.deepEqual(filtered.meta, { total: 1, page: 1, limit: 10, totalPages: 1 });
  assert.deepEqual(filtered.data[0]._count, { dependencies: 0, dependents: 0, raci: 0, comments: 1 });
  assert.equal((await api.call('GET', `/tasks/project/${projectId}`, manager)).body.length, 2);
  assert.equal((await api.call('GET', `/tasks/assignee/${managerId}`, manager)).body.length, 1);
  assert.equal((await api.call('GET', `/tasks/${done}`, manager)).body.comments[0].content, 'Terminé');
});

test('time is entered for a task or a project, listed and removed', async () => {
  const projectId = await createProject();
  const taskId = await createTask(projectId);
  const entry = { date: '2026-03-02', hours: 2.5, activityType: 'DEVELOPMENT', taskId };
  const { status, body } = await api.call('POST', '/time-tracking', manager, entry);
  assert.equal(status, 201);
  assert.deepEqual([body.hours, body.date, body.task.id, body.project], [2.5, '2026-03-02T00:00:00.000Z', taskId, null]);
  assert.equal(body.user.id, managerId);
  await api.call('POST', '/time-tracking', manager, { ...entry, taskId: undefined, projectId, date: '2026-04-01' });

  const mine = (await api.call('GET', '/time-tracking/me?startDate=2026-03-01&endDate=2026-03-31', manager)).body;
  assert.deepEqual(mine.map((row: { id: string }) => row.id), [body.id]);
  const page = (await api.call('GET', `/time-tracking?taskId=${taskId}`, manager)).body;
  assert.deepEqual(page.meta, { total: 1, page: 1, limit: 10, totalPages: 1 });
  assert.equal((await api.call('GET', `/tasks/${taskId}`, manager)).body.timeEntries.length, 1);

  for (const wrong of [{ hours: 0.1 }, { hours: 25 }, { activityType: 'NOPE' }, { taskId: undefined }]) {
    assert.equal((await api.call('POST', '/time-tracking', manager, { ...entry, ...wrong })).status, 400);
  }
  assert.equal((await api.call('POST', '/time-tracking', manager, { ...entry, taskId: managerId })).status, 404);
  assert.equal((await api.call('DELETE', `/time-tracking/${body.id}`, manager)).status, 200);
  assert.equal((await api.call('GET', `/time-tracking/${body.id}`, manager)).status, 404);
});

test('a comment is removed by its author and by those who may remove any', async () => {
  const taskId = await createTask(await createProject());
  const comment = async () => (await api.call('POST', '/comments', manager, { content: 'Un mot', taskId })).body.id;
  const [own, others] = [await comment(), await comment()];
  const { access_token: contributor } = await api.register('contributor', 'CONTRIBUTEUR');
  const { access_token: responsible } = await api.register('responsible', 'RESPONSABLE');
  assert.equal((await api.call('DELETE', `/comments/${own}`, contributor)).status, 403);
  assert.equal((await api.call('DELETE', `/comments/${own}`, manager)).status, 200);
  assert.equal((await api.call('DELETE', `/comments/${own}`, manager)).status, 404);
  assert.equal((await api.call('DELETE', `/comments/${others}`, responsible)).status, 200);
});

test('a task that another one waits for stays', async () => {
  const projectId = await createProject();
  const [first, second] = [await createTask(projectId), await createTask(projectId)];
  await api.sql(`INSERT INTO task_dependencies (id, "taskId", "dependsOnTaskId") VALUES ('d', $1, $2)`, [second, first]);
  assert.equal((await api.call('DELETE', `/tasks/${first}`, manager)).status, 400);
  assert.equal((await api.call('DELETE', `/tasks/${second}`, manager)).status, 200);
  assert.equal((await api.call('DELETE', `/tasks/${first}`, manager)).status, 200);
  assert.equal((await api.call('GET', `/tasks/${first}`, manager)).status, 404);
});

test('an observer reads, and is forbidden before the body is looked at', async () => {
  const { access_token: observer } = await api.register('observer', 'OBSERVATEUR');
  assert.equal((await api.call('GET', '/tasks', observer)).status, 200);
  const { status, body } = await api.call('POST', '/tasks', observer, { nonsense: true });
  assert.equal(status, 403);
  assert.deepEqual(body, { message: 'Forbidden resource', error: 'Forbidden', statusCode: 403 });
});

test('wrong input is told as the contract says', async () => {
  const uuid = (await api.call('GET', '/tasks/42', manager)).body;
  assert.deepEqual(uuid, { message: 'Validation failed (uuid is expected)', error: 'Bad Request', statusCode: 400 });
  const page = (await api.call('GET', '/tasks?page=x', manager)).body;
  assert.equal(page.message, 'Validation failed (numeric string is expected)');
  const reversed = { name: 'Abc', startDate: '2026-02-01', endDate: '2026-01-01' };
  assert.equal((await api.call('POST', '/projects', manager, reversed)).status, 400);
  const missing = { title: 'Sans projet', projectId: managerId };
  assert.equal((await api.call('POST', '/tasks', manager, missing)).status, 404);
});

test('the known oddities of production are kept', async () => {
  const none = (await api.call('GET', '/tasks?limit=0', manager)).body;
  assert.deepEqual(none.data, []);
  assert.equal(none.meta.totalPages, null);
  for (const path of ['/tasks?page=0', '/tasks?status=NOPE', '/users?role=NOPE']) {
    const { status, body } = await api.call('GET', path, manager);
    assert.equal(status, 500);
    assert.deepEqual(body, { statusCode: 500, message: 'Internal server error' });
  }
});

test('the planning calls answer in their own shapes', async () => {
  const range = '?startDate=2026-01-01T00:00:00.000Z&endDate=2026-01-31T23:59:59.999Z';
  for (const path of ['/users', `/tasks${range}`, `/telework${range}`, '/services', '/departments', '/milestones', '/leaves']) {
    const { status, body } = await api.call('GET', path, manager);
    assert.equal(status, 200, path);
    assert.deepEqual(Object.keys(body), ['data', 'meta'], path);
  }
  for (const path of [`/leaves${range}`, '/personal-todos', `/projects/user/${managerId}`]) {
    const { status, body } = await api.call('GET', path, manager);
    assert.equal(status, 200, path);
    assert.ok(Array.isArray(body), path);
  }
});
