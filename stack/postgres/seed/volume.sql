-- A volume of data at which latency depends on it: 500 users, 2,000 projects, 50,000 tasks and what
-- hangs on them. Stands alone or on top of guide.sql; a second run adds nothing that is there already.
-- Logins: user0001 to user0500, all with the password Password123!. Role by the number modulo 20:
-- 1 ADMIN, 2 RESPONSABLE, 3-5 MANAGER, 6-7 REFERENT_TECHNIQUE, 0 OBSERVATEUR, the rest CONTRIBUTEUR.
\set ON_ERROR_STOP on
\ir functions.sql
BEGIN;

SELECT pg_temp.password_hash('Password123!', :bcrypt_cost) AS password_hash \gset

CREATE FUNCTION pg_temp.user_id(number bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_temp.seed_id('volume user ' || number)
$$;
CREATE FUNCTION pg_temp.project_id(number bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_temp.seed_id('volume project ' || number)
$$;
CREATE FUNCTION pg_temp.task_id(number bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_temp.seed_id('volume task ' || number)
$$;
-- Spreads numbers evenly over 0 .. size - 1 without a visible pattern, the same in every run.
CREATE FUNCTION pg_temp.spread(number bigint, size integer) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT (number * 2654435761 % 4294967296) * size / 4294967296
$$;

INSERT INTO departments (id, name, description, "updatedAt")
SELECT pg_temp.seed_id('volume department ' || number), 'Département ' || lpad(number::text, 2, '0'), 'Direction numéro ' || number, now()
FROM generate_series(1, 8) AS number
ON CONFLICT DO NOTHING;

INSERT INTO users (id, email, login, "passwordHash", "firstName", "lastName", role, "departmentId", "createdAt", "updatedAt")
SELECT pg_temp.user_id(number), login || '@example.org', login, :'password_hash',
  (ARRAY['Alix', 'Basile', 'Camille', 'Denis', 'Elsa', 'Fanny', 'Gaël', 'Hugo', 'Irène', 'Jeanne'])[1 + number % 10],
  (ARRAY['Arnaud', 'Blanc', 'Caron', 'Dumas', 'Faure', 'Girard', 'Henry', 'Joly', 'Klein', 'Leroy', 'Mercier', 'Noël'])[1 + number % 12],
  (CASE WHEN number % 20 = 1 THEN 'ADMIN' WHEN number % 20 = 2 THEN 'RESPONSABLE' WHEN number % 20 IN (3, 4, 5) THEN 'MANAGER'
    WHEN number % 20 IN (6, 7) THEN 'REFERENT_TECHNIQUE' WHEN number % 20 = 0 THEN 'OBSERVATEUR' ELSE 'CONTRIBUTEUR' END)::"Role",
  pg_temp.seed_id('volume department ' || (1 + number % 8)),
  timestamptz '2025-01-01' + number * interval '1 hour', timestamptz '2025-01-01' + number * interval '1 hour'
FROM generate_series(1, 500) AS number, LATERAL (SELECT 'user' || lpad(number::text, 4, '0') AS login) AS named
ON CONFLICT DO NOTHING;

INSERT INTO services (id, name, "departmentId", "managerId", "updatedAt")
SELECT pg_temp.seed_id('volume service ' || number), 'Service ' || lpad(number::text, 2, '0'),
  pg_temp.seed_id('volume department ' || (1 + number % 8)), pg_temp.user_id(number * 20 - 17), now()
FROM generate_series(1, 24) AS number
ON CONFLICT DO NOTHING;

INSERT INTO user_services (id, "userId", "serviceId")
SELECT pg_temp.seed_id('volume user service ' || number), pg_temp.user_id(number), pg_temp.seed_id('volume service ' || (1 + number % 24))
FROM generate_series(1, 500) AS number
ON CONFLICT DO NOTHING;

INSERT INTO projects (id, name, description, status, priority, "startDate", "endDate", "budgetHours", "createdAt", "updatedAt")
SELECT pg_temp.project_id(number), 'Projet ' || lpad(number::text, 4, '0'), 'Objet du projet ' || number,
  (ARRAY['ACTIVE', 'ACTIVE', 'ACTIVE', 'DRAFT', 'SUSPENDED', 'COMPLETED', 'COMPLETED', 'CANCELLED'])[1 + pg_temp.spread(number, 8)]::"ProjectStatus",
  (ARRAY['LOW', 'NORMAL', 'NORMAL', 'HIGH', 'CRITICAL'])[1 + pg_temp.spread(number + 7, 5)]::"Priority",
  created, created + interval '300 days', 100 + number % 40 * 25, created, created
FROM generate_series(1, 2000) AS number, LATERAL (SELECT timestamptz '2024-01-01' + number * interval '8 hours' AS created) AS dated
ON CONFLICT DO NOTHING;

INSERT INTO project_members (id, "projectId", "userId", role, allocation, "createdAt")
SELECT pg_temp.seed_id('volume member ' || number), pg_temp.project_id(1 + number % 2000),
  pg_temp.user_id(1 + (number % 2000 + number / 2000 * 97) % 500), CASE WHEN number < 2000 THEN 'Chef de projet' ELSE 'Membre' END,
  20 + number % 5 * 20, timestamptz '2024-01-01' + number * interval '1 hour'
FROM generate_series(0, 9999) AS number
ON CONFLICT DO NOTHING;

INSERT INTO epics (id, name, description, progress, "projectId", "createdAt", "updatedAt")
SELECT pg_temp.seed_id('volume epic ' || number), 'Epic ' || number, 'Lot ' || number, number % 5 * 25,
  pg_temp.project_id(1 + number % 2000), timestamptz '2024-02-01' + number * interval '4 hours', now()
FROM generate_series(0, 3999) AS number
ON CONFLICT DO NOTHING;

INSERT INTO milestones (id, name, description, "dueDate", status, "projectId", "createdAt", "updatedAt")
SELECT pg_temp.seed_id('volume milestone ' || number), 'Jalon ' || number, 'Étape ' || number,
  timestamptz '2024-06-01' + number * interval '5 hours',
  (ARRAY['PENDING', 'IN_PROGRESS', 'COMPLETED', 'DELAYED'])[1 + pg_temp.spread(number, 4)]::"MilestoneStatus",
  pg_temp.project_id(1 + number % 2000), timestamptz '2024-02-01' + number * interval '4 hours', now()
FROM generate_series(0, 3999) AS number
ON CONFLICT DO NOTHING;

-- 25 tasks a project; two in five are assigned, 40 for each user.
INSERT INTO tasks (id, title, description, status, priority, "projectId", "epicId", "milestoneId", "assigneeId",
  "estimatedHours", progress, "startDate", "endDate", "createdAt", "updatedAt")
SELECT pg_temp.task_id(number), 'Tâche ' || lpad(number::text, 5, '0'), 'Ce qui est à faire pour la tâche ' || number,
  status::"TaskStatus",
  (ARRAY['LOW', 'NORMAL', 'NORMAL', 'HIGH', 'CRITICAL'])[1 + pg_temp.spread(number + 7, 5)]::"Priority",
  pg_temp.project_id(1 + number % 2000),
  CASE WHEN number % 4 = 0 THEN pg_temp.seed_id('volume epic ' || (number % 2000)) END,
  CASE WHEN number % 5 = 0 THEN pg_temp.seed_id('volume milestone ' || (number % 2000)) END,
  CASE WHEN number % 5 < 2 THEN pg_temp.user_id(1 + number / 5 % 500) END,
  2 + number % 20, CASE status WHEN 'DONE' THEN 100 WHEN 'TODO' THEN 0 ELSE number % 10 * 10 END,
  created + interval '1 day', created + interval '15 days', created, created
FROM generate_series(0, 49999) AS number,
  LATERAL (SELECT timestamptz '2024-03-01' + number * interval '20 minutes' AS created,
    (ARRAY['TODO', 'TODO', 'TODO', 'IN_PROGRESS', 'IN_PROGRESS', 'IN_REVIEW', 'DONE', 'DONE', 'DONE', 'BLOCKED'])[1 + pg_temp.spread(number, 10)] AS status) AS drawn
ON CONFLICT DO NOTHING;

-- The next task of the same project waits for this one.
INSERT INTO task_dependencies (id, "taskId", "dependsOnTaskId")
SELECT pg_temp.seed_id('volume dependency ' || number), pg_temp.task_id(number * 10 + 2000), pg_temp.task_id(number * 10)
FROM generate_series(0, 4799) AS number
ON CONFLICT DO NOTHING;

INSERT INTO task_raci (id, "taskId", "userId", role)
SELECT pg_temp.seed_id('volume raci ' || number), pg_temp.task_id(number * 10), pg_temp.user_id(1 + pg_temp.spread(number, 500)),
  (ARRAY['RESPONSIBLE', 'ACCOUNTABLE', 'CONSULTED', 'INFORMED'])[1 + number % 4]::"RACIRole"
FROM generate_series(0, 4999) AS number
ON CONFLICT DO NOTHING;

INSERT INTO comments (id, content, "taskId", "authorId", "createdAt", "updatedAt")
SELECT pg_temp.seed_id('volume comment ' || number), 'Remarque numéro ' || number, pg_temp.task_id(pg_temp.spread(number, 50000)),
  pg_temp.user_id(1 + pg_temp.spread(number + 3, 500)), timestamptz '2025-06-01' + number * interval '30 minutes', now()
FROM generate_series(0, 9999) AS number
ON CONFLICT DO NOTHING;

INSERT INTO time_entries (id, "userId", "taskId", "projectId", date, hours, "activityType", "createdAt", "updatedAt")
SELECT pg_temp.seed_id('volume time entry ' || number), pg_temp.user_id(1 + pg_temp.spread(number, 500)), pg_temp.task_id(number * 5),
  pg_temp.project_id(1 + number * 5 % 2000), date '2025-06-01' + (number / 50)::integer, 0.5 + number % 8,
  (ARRAY['DEVELOPMENT', 'MEETING', 'SUPPORT', 'TRAINING', 'OTHER'])[1 + pg_temp.spread(number, 5)]::"ActivityType", now(), now()
FROM generate_series(0, 9999) AS number
ON CONFLICT DO NOTHING;

-- Around the day of the seed, where the planning page looks.
INSERT INTO leaves (id, "userId", "leaveTypeId", type, "startDate", "endDate", days, status, "updatedAt")
SELECT pg_temp.seed_id('volume leave ' || number), pg_temp.user_id(1 + number % 500), type.id, type.code::"LeaveType",
  current_date - 180 + (pg_temp.spread(number, 360))::integer, current_date - 178 + (pg_temp.spread(number, 360))::integer, 3,
  (ARRAY['APPROVED', 'APPROVED', 'APPROVED', 'PENDING', 'REJECTED'])[1 + pg_temp.spread(number + 5, 5)]::"LeaveStatus", now()
FROM generate_series(0, 999) AS number
JOIN leave_type_configs AS type ON type.code = (ARRAY['CP', 'RTT', 'SICK_LEAVE', 'UNPAID', 'OTHER'])[1 + number % 5]
ON CONFLICT DO NOTHING;

INSERT INTO telework_schedules (id, "userId", date, "updatedAt")
SELECT pg_temp.seed_id('volume telework ' || number || ' ' || week), pg_temp.user_id(number),
  date_trunc('week', current_date)::date + week * 7 + (number % 5)::integer, now()
FROM generate_series(1, 500) AS number, generate_series(-4, 7) AS week
ON CONFLICT DO NOTHING;

INSERT INTO personal_todos (id, "userId", text, completed, "completedAt", "createdAt", "updatedAt")
SELECT pg_temp.seed_id('volume todo ' || number), pg_temp.user_id(1 + number % 500), 'Penser au point ' || number,
  number % 4 = 0, CASE WHEN number % 4 = 0 THEN now() END, timestamptz '2025-11-01' + number * interval '5 minutes', now()
FROM generate_series(0, 1999) AS number
ON CONFLICT DO NOTHING;

COMMIT;
VACUUM ANALYZE;
