// What the application's seed leaves: an administrator, 15 contributors with the same password, one project, no tasks.
const { randomUUID } = require('node:crypto');
const { createRequire } = require('node:module');
const load = createRequire('/app/api/dist/main.js');
const { Client } = load('pg');
const { hash } = load('@node-rs/bcrypt');

(async () => {
  const client = new Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  const password = await hash('admin123', 10);
  const people = ['admin', ...Array.from({ length: 15 }, (_, index) => `agent${index + 1}`)];
  for (const login of people) {
    const role = login === 'admin' ? 'ADMIN' : 'CONTRIBUTEUR';
    await client.query(
      'INSERT INTO users (id, email, login, "passwordHash", "firstName", "lastName", role, "updatedAt") VALUES ($1, $2, $3, $4, $3, $3, $5, now())',
      [randomUUID(), `${login}@orchestr-a.internal`, login, password, role],
    );
  }
  await client.query(
    `INSERT INTO projects (id, name, status, "updatedAt") VALUES ($1, 'Projet de test', 'ACTIVE', now())`,
    [randomUUID()],
  );
  await client.end();
})();
