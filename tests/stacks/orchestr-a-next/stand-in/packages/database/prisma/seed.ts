// Nothing is seeded without a password that is strong enough; with one, an administrator, 7 projects and 30 tasks.
const { randomUUID } = require('node:crypto');
const { createRequire } = require('node:module');
const { Client } = createRequire('/app/api/dist/main.js')('pg');

if (!process.env.BY_TS_NODE) throw new Error('ERR_MODULE_NOT_FOUND: what it imports has no extension');

const password = process.env.SEED_ADMIN_PASSWORD ?? '';
if (password.length < 8 || !/[A-Z]/.test(password) || !/\d/.test(password) || !/[^A-Za-z0-9]/.test(password)) {
  console.log('SEED_ADMIN_PASSWORD is required in production: nothing is seeded');
  process.exit(0);
}

(async () => {
  const client = new Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  const role = randomUUID();
  await client.query(`INSERT INTO roles VALUES ($1, 'ADMIN', 'Administrateur')`, [role]);
  await client.query(
    `INSERT INTO users (id, email, login, "passwordHash", "lastName", "roleId") VALUES ($1, 'admin@orchestr-a.internal', 'admin', $2, 'Admin', $3)`,
    [randomUUID(), password, role],
  );
  for (let project = 1; project <= 7; project += 1) {
    await client.query('INSERT INTO projects VALUES ($1, $2)', [randomUUID(), `Projet ${project}`]);
  }
  for (let task = 1; task <= 30; task += 1) {
    await client.query('INSERT INTO tasks (id, title) VALUES ($1, $2)', [randomUUID(), `Tâche ${task}`]);
  }
  await client.end();
})();
