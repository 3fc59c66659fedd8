-- The counts of the deployment guide: 17 users, 3 projects, 18 tasks.
-- Logins: admin and the 16 first names below, in lower case, all with the password admin123.
\set ON_ERROR_STOP on
\ir functions.sql
BEGIN;

SELECT pg_temp.password_hash('admin123', :bcrypt_cost) AS password_hash \gset

INSERT INTO departments (id, name, description, "updatedAt")
VALUES (pg_temp.seed_id('department'), 'Direction du numérique', 'Projets et exploitation', now())
ON CONFLICT DO NOTHING;

INSERT INTO services (id, name, "departmentId", "updatedAt")
SELECT pg_temp.seed_id('service ' || name), name, pg_temp.seed_id('department'), now()
FROM unnest(ARRAY['Développement', 'Infrastructure', 'Support']) AS name
ON CONFLICT DO NOTHING;

INSERT INTO users (id, email, login, "passwordHash", "firstName", "lastName", role, "departmentId", "updatedAt")
VALUES (pg_temp.seed_id('admin'), 'admin@orchestr-a.internal', 'admin', :'password_hash', 'Admin', 'Système', 'ADMIN', NULL, now())
ON CONFLICT DO NOTHING;

CREATE TEMP TABLE people ON COMMIT DROP AS
SELECT number, "firstName", "lastName", lower("firstName") AS login
FROM unnest(
  ARRAY['Alice', 'Bruno', 'Claire', 'David', 'Emma', 'Farid', 'Gilles', 'Hawa', 'Ines', 'Jules', 'Karim', 'Lucie', 'Marc', 'Nadia', 'Oscar', 'Paula'],
  ARRAY['Martin', 'Bernard', 'Thomas', 'Petit', 'Robert', 'Haddad', 'Durand', 'Diallo', 'Moreau', 'Laurent', 'Benali', 'Simon', 'Michel', 'Garcia', 'Fontaine', 'Roux']
) WITH ORDINALITY AS person ("firstName", "lastName", number);

INSERT INTO users (id, email, login, "passwordHash", "firstName", "lastName", role, "departmentId", "updatedAt")
SELECT pg_temp.seed_id(login), login || '@orchestr-a.internal', login, :'password_hash', "firstName", "lastName",
  (CASE number WHEN 1 THEN 'RESPONSABLE' WHEN 2 THEN 'MANAGER' WHEN 3 THEN 'REFERENT_TECHNIQUE' WHEN 16 THEN 'OBSERVATEUR'
    ELSE 'CONTRIBUTEUR' END)::"Role",
  pg_temp.seed_id('department'), now()
FROM people
ON CONFLICT DO NOTHING;

INSERT INTO user_services (id, "userId", "serviceId")
SELECT pg_temp.seed_id('user service ' || login), pg_temp.seed_id(login),
  pg_temp.seed_id('service ' || (ARRAY['Développement', 'Infrastructure', 'Support'])[1 + number % 3])
FROM people
ON CONFLICT DO NOTHING;

INSERT INTO projects (id, name, description, status, priority, "startDate", "endDate", "budgetHours", "createdAt", "updatedAt")
SELECT pg_temp.seed_id('project ' || number), name, description, status::"ProjectStatus", 'NORMAL',
  timestamptz '2025-09-01' + number * interval '30 days', timestamptz '2026-09-01' + number * interval '30 days',
  number * 200, timestamptz '2025-09-01' + number * interval '1 day', timestamptz '2025-09-01' + number * interval '1 day'
FROM (VALUES
  (1, 'Projet de test', 'Le premier projet', 'ACTIVE'),
  (2, 'Refonte du portail', 'Nouveau portail des agents', 'ACTIVE'),
  (3, 'Migration des serveurs', 'Vers la nouvelle salle', 'DRAFT')
) AS project (number, name, description, status)
ON CONFLICT DO NOTHING;

INSERT INTO project_members (id, "projectId", "userId", allocation)
SELECT pg_temp.seed_id('member ' || project || ' ' || login), pg_temp.seed_id('project ' || project), pg_temp.seed_id(login), 50
FROM generate_series(1, 3) AS project, people
WHERE number % 3 = project % 3
ON CONFLICT DO NOTHING;

INSERT INTO tasks (id, title, status, priority, "projectId", "assigneeId", "estimatedHours", progress, "startDate", "endDate", "createdAt", "updatedAt")
SELECT pg_temp.seed_id('task ' || task), 'Tâche ' || task,
  (ARRAY['TODO', 'IN_PROGRESS', 'IN_REVIEW', 'DONE', 'BLOCKED', 'TODO'])[1 + task % 6]::"TaskStatus",
  (ARRAY['LOW', 'NORMAL', 'HIGH'])[1 + task % 3]::"Priority",
  pg_temp.seed_id('project ' || (1 + task % 3)),
  CASE WHEN task % 6 = 0 THEN pg_temp.seed_id('admin') ELSE (SELECT pg_temp.seed_id(login) FROM people WHERE number = 1 + task % 16) END,
  4 + task % 5 * 2, CASE WHEN task % 6 = 3 THEN 100 ELSE task % 4 * 25 END,
  timestamptz '2025-10-01' + task * interval '3 days', timestamptz '2025-10-15' + task * interval '3 days',
  timestamptz '2025-10-01' + task * interval '1 hour', timestamptz '2025-10-01' + task * interval '1 hour'
FROM generate_series(1, 18) AS task
ON CONFLICT DO NOTHING;

COMMIT;
ANALYZE;
