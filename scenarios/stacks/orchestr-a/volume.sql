-- 100 users (charge001 to charge100, with the password of the seed's contributors), 200 projects, 5,000 tasks.
-- A copied row keeps whatever columns it has. Ids and "updatedAt" have no default in this schema.
begin;

insert into users
select copy.*
from users as contributor
cross join generate_series(1, 100) as number
cross join lateral jsonb_populate_record(contributor, jsonb_build_object(
  'id', gen_random_uuid()::text,
  'login', 'charge' || lpad(number::text, 3, '0'),
  'email', 'charge' || lpad(number::text, 3, '0') || '@orchestr-a.internal',
  'lastName', 'Charge ' || number
)) as copy
where contributor.id = (select id from users where login <> 'admin' order by login limit 1)
on conflict do nothing;

insert into projects (id, name, description, status, priority, "startDate", "endDate", "budgetHours", "createdAt", "updatedAt")
select gen_random_uuid()::text, 'Projet de charge ' || number, 'Projet n° ' || number, 'ACTIVE'::"ProjectStatus",
  'NORMAL'::"Priority", now() - interval '30 days', now() + interval '90 days', 100 + number,
  now() - number * interval '1 minute', now()
from generate_series(1, 200) as number;

insert into tasks (id, title, description, status, priority, "projectId", "assigneeId", "estimatedHours", progress, "createdAt", "updatedAt")
select gen_random_uuid()::text, 'Tâche de charge ' || number, 'Tâche n° ' || number,
  (array['TODO', 'IN_PROGRESS', 'IN_REVIEW', 'DONE', 'BLOCKED'])[1 + number % 5]::"TaskStatus",
  (array['LOW', 'NORMAL', 'HIGH', 'CRITICAL'])[1 + number % 4]::"Priority",
  project.ids[1 + number % array_length(project.ids, 1)], assignee.ids[1 + number % array_length(assignee.ids, 1)],
  1 + number % 16, number % 100, now() - number * interval '1 minute', now()
from generate_series(1, 5000) as number
cross join (select array_agg(id order by name) as ids from projects where name like 'Projet de charge %') as project
cross join (select array_agg(id order by login) as ids from users where login like 'charge%') as assignee;

commit;
analyze;
