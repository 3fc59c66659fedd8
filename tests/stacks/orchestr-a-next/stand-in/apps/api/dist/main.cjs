// The API of July 2026 as far as the journeys go: migrates as the owner, then works as app_user, whom it does not create.
const { randomUUID } = require('node:crypto');
const { createServer } = require('node:http');
const { connect } = require('node:net');
const { createRequire } = require('node:module');
const { Client, Pool } = createRequire('/app/api/dist/main.js')('pg');

const MIGRATION = `
CREATE TABLE IF NOT EXISTS roles (id text PRIMARY KEY, code text NOT NULL UNIQUE, label text NOT NULL);
CREATE TABLE IF NOT EXISTS users (id text PRIMARY KEY, email text NOT NULL UNIQUE, login text NOT NULL UNIQUE,
  "passwordHash" text NOT NULL, "lastName" text NOT NULL, "roleId" text NOT NULL REFERENCES roles (id),
  "forcePasswordChange" boolean NOT NULL DEFAULT false);
CREATE TABLE IF NOT EXISTS projects (id text PRIMARY KEY, name text NOT NULL);
CREATE TABLE IF NOT EXISTS tasks (id text PRIMARY KEY, title text NOT NULL, status text NOT NULL DEFAULT 'TODO',
  progress integer NOT NULL DEFAULT 0, description text);
CREATE TABLE IF NOT EXISTS refresh_tokens (hash text PRIMARY KEY, "userId" text NOT NULL REFERENCES users (id));`;

const sessions = new Map();
let requests = 0;
const logins = new Map();
let pool;

async function migrate() {
  const owner = new Client({ connectionString: process.env.DATABASE_MIGRATION_URL });
  await owner.connect();
  await owner.query(MIGRATION);
  await owner.end();
}

const rows = async (sql, values) => (await pool.query(sql, values)).rows;

function redisAnswers() {
  return new Promise((resolve) => {
    const socket = connect(6379, 'redis', () => { socket.destroy(); resolve(true); });
    socket.on('error', () => resolve(false));
  });
}

/** Five logins a minute from one address. */
function isThrottled(address) {
  const recent = (logins.get(address) ?? []).filter((time) => Date.now() - time < 60_000);
  logins.set(address, [...recent, Date.now()]);
  return recent.length >= 5;
}

async function logIn({ login, password }, address) {
  if (isThrottled(address)) return [429, { statusCode: 429, message: 'ThrottlerException: Too Many Requests' }];
  const [user] = await rows('SELECT u.*, r.code, r.label FROM users u JOIN roles r ON r.id = "roleId" WHERE login = $1', [login]);
  if (!user || user.passwordHash !== password) return [401, { statusCode: 401, message: 'Login ou mot de passe incorrect' }];
  const [token, refresh] = [randomUUID(), randomUUID()];
  sessions.set(token, user.id);
  await pool.query('INSERT INTO refresh_tokens VALUES ($1, $2)', [refresh, user.id]);
  const role = { id: user.roleId, code: user.code, label: user.label, templateKey: 'ADMIN', isSystem: true };
  const cookie = `__Host-orchestr_a_refresh_token=${refresh}; Path=/; HttpOnly; Secure; SameSite=Strict`;
  return [200, { access_token: token, user: { id: user.id, login, role } }, { 'set-cookie': cookie }];
}

async function answer(method, path, body, user) {
  const [, , kind, id, what] = path.split('/');
  if (path === '/api/auth/me/permissions') return [200, { permissions: ['tasks:create'] }];
  if (kind === 'projects' && !id) {
    const data = await rows('SELECT * FROM projects LIMIT 20');
    return [200, { data, meta: { total: data.length } }];
  }
  if (kind === 'projects' && what === 'stats') return [200, { projectId: id, progress: 40 }];
  if (kind === 'tasks' && !id && method === 'GET') {
    const data = await rows('SELECT * FROM tasks LIMIT 20');
    return [200, { data, meta: { total: data.length } }];
  }
  if (kind === 'tasks' && !id) {
    const [created] = await rows('INSERT INTO tasks (id, title, description) VALUES ($1, $2, $3) RETURNING *', [randomUUID(), body.title, body.description]);
    return [201, created];
  }
  if (kind === 'tasks' && method === 'PATCH') {
    const unknown = Object.keys(body).find((key) => key !== 'status');
    if (unknown) return [400, { statusCode: 400, message: [`property ${unknown} should not exist`] }];
    const [changed] = await rows('UPDATE tasks SET status = $2 WHERE id = $1 RETURNING *', [id, body.status]);
    return changed ? [200, changed] : [404, { statusCode: 404 }];
  }
  if (kind === 'projects' || kind === 'tasks') {
    const [row] = await rows(`SELECT * FROM ${kind} WHERE id = $1`, [id]);
    return row ? [200, row] : [404, { statusCode: 404 }];
  }
  return [404, { statusCode: 404, user }];
}

async function handle(request, body) {
  const { pathname } = new URL(request.url, 'http://api');
  const address = (request.headers['x-forwarded-for'] ?? '').split(',')[0];
  if (pathname === '/api/health') {
    const isWell = (await rows('SELECT 1').catch(() => null)) && (await redisAnswers());
    return isWell ? [200, { status: 'ok' }] : [503, { status: 'degraded' }];
  }
  if (pathname === '/api/auth/login') return logIn(body, address);
  const user = sessions.get((request.headers.authorization ?? '').replace('Bearer ', ''));
  return user ? answer(request.method, pathname, body, user) : [401, { statusCode: 401, message: 'Unauthorized' }];
}

/** Two lines per request, as Fastify's logger writes them. */
function log(request, response) {
  const [begun, reqId] = [performance.now(), `req-${(++requests).toString(36)}`];
  const write = (more) => console.log(JSON.stringify({ level: 30, time: Date.now(), pid: process.pid, reqId, ...more }));
  write({ req: { method: request.method, url: request.url, host: request.headers.host }, msg: 'incoming request' });
  response.on('finish', () => {
    write({ res: { statusCode: response.statusCode }, responseTime: performance.now() - begun, msg: 'request completed' });
  });
}

(async () => {
  await migrate();
  pool = new Pool({ connectionString: process.env.DATABASE_URL });
  await pool.query('SELECT 1');
  createServer(async (request, response) => {
    log(request, response);
    let text = '';
    for await (const part of request) text += part;
    try {
      const [status, body, headers] = await handle(request, text ? JSON.parse(text) : {});
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    } catch (error) {
      console.error(error);
      response.writeHead(500, { 'content-type': 'application/json' }).end('{"statusCode":500}');
    }
  }).listen(4000);
})().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
