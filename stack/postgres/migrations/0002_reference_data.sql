INSERT INTO role_permissions (role, permission)
SELECT role::"Role", permission
FROM (VALUES
  ('projects:create', ARRAY['ADMIN', 'RESPONSABLE', 'MANAGER', 'REFERENT_TECHNIQUE']),
  ('projects:update', ARRAY['ADMIN', 'RESPONSABLE', 'MANAGER']),
  ('projects:delete', ARRAY['ADMIN', 'RESPONSABLE']),
  ('tasks:create', ARRAY['ADMIN', 'RESPONSABLE', 'MANAGER', 'CONTRIBUTEUR']),
  ('tasks:update', ARRAY['ADMIN', 'RESPONSABLE', 'MANAGER', 'CONTRIBUTEUR']),
  ('tasks:delete', ARRAY['ADMIN', 'RESPONSABLE', 'MANAGER'])
) AS granted (permission, roles), unnest(roles) AS role;

INSERT INTO leave_type_configs (id, code, name, color, "updatedAt") VALUES
  ('5f0c9f5a-0001-4000-8000-000000000001', 'CP', 'Congés payés', '#10B981', now()),
  ('5f0c9f5a-0001-4000-8000-000000000002', 'RTT', 'RTT', '#3B82F6', now()),
  ('5f0c9f5a-0001-4000-8000-000000000003', 'SICK_LEAVE', 'Arrêt maladie', '#EF4444', now()),
  ('5f0c9f5a-0001-4000-8000-000000000004', 'UNPAID', 'Sans solde', '#6B7280', now()),
  ('5f0c9f5a-0001-4000-8000-000000000005', 'OTHER', 'Autre', '#8B5CF6', now());
