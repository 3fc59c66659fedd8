-- 50 users, charge001 to charge050: copies of the administrator, whatever columns there are.
insert into users
select copy.*
from users as administrator
cross join generate_series(1, 50) as number
cross join lateral jsonb_populate_record(administrator, jsonb_build_object(
  'id', gen_random_uuid()::text,
  'login', 'charge' || lpad(number::text, 3, '0'),
  'email', 'charge' || lpad(number::text, 3, '0') || '@orchestr-a.internal',
  'lastName', 'Charge ' || number,
  'forcePasswordChange', false
)) as copy
where administrator.login = 'admin'
on conflict do nothing;
