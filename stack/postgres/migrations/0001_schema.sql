CREATE TYPE "Role" AS ENUM ('ADMIN', 'RESPONSABLE', 'MANAGER', 'REFERENT_TECHNIQUE', 'CONTRIBUTEUR', 'OBSERVATEUR');
CREATE TYPE "ProjectStatus" AS ENUM ('DRAFT', 'ACTIVE', 'SUSPENDED', 'COMPLETED', 'CANCELLED');
CREATE TYPE "TaskStatus" AS ENUM ('TODO', 'IN_PROGRESS', 'IN_REVIEW', 'DONE', 'BLOCKED');
CREATE TYPE "Priority" AS ENUM ('LOW', 'NORMAL', 'HIGH', 'CRITICAL');
CREATE TYPE "MilestoneStatus" AS ENUM ('PENDING', 'IN_PROGRESS', 'COMPLETED', 'DELAYED');
CREATE TYPE "RACIRole" AS ENUM ('RESPONSIBLE', 'ACCOUNTABLE', 'CONSULTED', 'INFORMED');
CREATE TYPE "ActivityType" AS ENUM ('DEVELOPMENT', 'MEETING', 'SUPPORT', 'TRAINING', 'OTHER');
CREATE TYPE "LeaveStatus" AS ENUM ('PENDING', 'APPROVED', 'REJECTED');
CREATE TYPE "LeaveType" AS ENUM ('CP', 'RTT', 'SICK_LEAVE', 'UNPAID', 'OTHER');
CREATE TYPE "HalfDay" AS ENUM ('MORNING', 'AFTERNOON');

-- As in production, no foreign key, status or date carries an index: lists are
-- sequential scans, so latency grows with the volume of data.

CREATE TABLE departments (
  id text PRIMARY KEY,
  name text NOT NULL UNIQUE,
  description text,
  "managerId" text,
  "createdAt" timestamptz(3) NOT NULL DEFAULT now(),
  "updatedAt" timestamptz(3) NOT NULL
);

CREATE TABLE users (
  id text PRIMARY KEY,
  email text NOT NULL UNIQUE,
  login text NOT NULL UNIQUE,
  "passwordHash" text NOT NULL,
  "firstName" text NOT NULL,
  "lastName" text NOT NULL,
  role "Role" NOT NULL DEFAULT 'CONTRIBUTEUR',
  "departmentId" text REFERENCES departments (id) ON DELETE SET NULL,
  "isActive" boolean NOT NULL DEFAULT true,
  "avatarUrl" text,
  "createdAt" timestamptz(3) NOT NULL DEFAULT now(),
  "updatedAt" timestamptz(3) NOT NULL
);

ALTER TABLE departments ADD FOREIGN KEY ("managerId") REFERENCES users (id) ON DELETE SET NULL;

CREATE TABLE services (
  id text PRIMARY KEY,
  name text NOT NULL,
  description text,
  "departmentId" text NOT NULL REFERENCES departments (id),
  "managerId" text REFERENCES users (id) ON DELETE SET NULL,
  "createdAt" timestamptz(3) NOT NULL DEFAULT now(),
  "updatedAt" timestamptz(3) NOT NULL
);

CREATE TABLE user_services (
  id text PRIMARY KEY,
  "userId" text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  "serviceId" text NOT NULL REFERENCES services (id) ON DELETE CASCADE,
  "createdAt" timestamptz(3) NOT NULL DEFAULT now(),
  UNIQUE ("userId", "serviceId")
);

CREATE TABLE role_permissions (
  role "Role" NOT NULL,
  permission text NOT NULL,
  PRIMARY KEY (role, permission)
);

CREATE TABLE projects (
  id text PRIMARY KEY,
  name text NOT NULL,
  description text,
  status "ProjectStatus" NOT NULL DEFAULT 'DRAFT',
  priority "Priority" NOT NULL DEFAULT 'NORMAL',
  "startDate" timestamptz(3),
  "endDate" timestamptz(3),
  "budgetHours" integer,
  "createdAt" timestamptz(3) NOT NULL DEFAULT now(),
  "updatedAt" timestamptz(3) NOT NULL
);

CREATE TABLE project_members (
  id text PRIMARY KEY,
  "projectId" text NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  "userId" text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  role text NOT NULL DEFAULT 'Membre',
  allocation integer,
  "startDate" timestamptz(3),
  "endDate" timestamptz(3),
  "createdAt" timestamptz(3) NOT NULL DEFAULT now(),
  UNIQUE ("projectId", "userId")
);

CREATE TABLE epics (
  id text PRIMARY KEY,
  name text NOT NULL,
  description text,
  progress integer NOT NULL DEFAULT 0,
  "projectId" text NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  "startDate" timestamptz(3),
  "endDate" timestamptz(3),
  "createdAt" timestamptz(3) NOT NULL DEFAULT now(),
  "updatedAt" timestamptz(3) NOT NULL
);

CREATE TABLE milestones (
  id text PRIMARY KEY,
  name text NOT NULL,
  description text,
  "dueDate" timestamptz(3) NOT NULL,
  status "MilestoneStatus" NOT NULL DEFAULT 'PENDING',
  "projectId" text NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  "createdAt" timestamptz(3) NOT NULL DEFAULT now(),
  "updatedAt" timestamptz(3) NOT NULL
);

-- Columns of fixed width first, then those that lists filter by: a scan of every row
-- reads only as far as the last column it needs.
CREATE TABLE tasks (
  "createdAt" timestamptz(3) NOT NULL DEFAULT now(),
  "updatedAt" timestamptz(3) NOT NULL,
  status "TaskStatus" NOT NULL DEFAULT 'TODO',
  priority "Priority" NOT NULL DEFAULT 'NORMAL',
  progress integer NOT NULL DEFAULT 0,
  id text PRIMARY KEY,
  "projectId" text NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  "assigneeId" text REFERENCES users (id) ON DELETE SET NULL,
  "milestoneId" text REFERENCES milestones (id) ON DELETE SET NULL,
  "epicId" text REFERENCES epics (id) ON DELETE SET NULL,
  title text NOT NULL,
  description text,
  "estimatedHours" double precision,
  "startDate" timestamptz(3),
  "endDate" timestamptz(3)
);

CREATE TABLE task_dependencies (
  id text PRIMARY KEY,
  "taskId" text NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  "dependsOnTaskId" text NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  UNIQUE ("taskId", "dependsOnTaskId")
);

CREATE TABLE task_raci (
  id text PRIMARY KEY,
  "taskId" text NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  "userId" text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  role "RACIRole" NOT NULL,
  UNIQUE ("taskId", "userId", role)
);

CREATE TABLE comments (
  id text PRIMARY KEY,
  content text NOT NULL,
  "taskId" text NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  "authorId" text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  "createdAt" timestamptz(3) NOT NULL DEFAULT now(),
  "updatedAt" timestamptz(3) NOT NULL
);

CREATE TABLE time_entries (
  id text PRIMARY KEY,
  "userId" text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  "taskId" text REFERENCES tasks (id) ON DELETE SET NULL,
  "projectId" text REFERENCES projects (id) ON DELETE SET NULL,
  date date NOT NULL,
  hours double precision NOT NULL,
  "activityType" "ActivityType" NOT NULL,
  description text,
  "createdAt" timestamptz(3) NOT NULL DEFAULT now(),
  "updatedAt" timestamptz(3) NOT NULL
);

CREATE TABLE leave_type_configs (
  id text PRIMARY KEY,
  code text NOT NULL UNIQUE,
  name text NOT NULL,
  color text NOT NULL,
  "createdAt" timestamptz(3) NOT NULL DEFAULT now(),
  "updatedAt" timestamptz(3) NOT NULL
);

CREATE TABLE leaves (
  id text PRIMARY KEY,
  "userId" text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  "leaveTypeId" text NOT NULL REFERENCES leave_type_configs (id),
  type "LeaveType" NOT NULL,
  "startDate" date NOT NULL,
  "endDate" date NOT NULL,
  "startHalfDay" "HalfDay",
  "endHalfDay" "HalfDay",
  days double precision NOT NULL,
  reason text,
  status "LeaveStatus" NOT NULL DEFAULT 'APPROVED',
  "createdAt" timestamptz(3) NOT NULL DEFAULT now(),
  "updatedAt" timestamptz(3) NOT NULL
);

CREATE TABLE telework_schedules (
  id text PRIMARY KEY,
  "userId" text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  date date NOT NULL,
  "isTelework" boolean NOT NULL DEFAULT true,
  "isException" boolean NOT NULL DEFAULT false,
  "createdAt" timestamptz(3) NOT NULL DEFAULT now(),
  "updatedAt" timestamptz(3) NOT NULL,
  UNIQUE ("userId", date)
);

CREATE TABLE personal_todos (
  id text PRIMARY KEY,
  "userId" text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  text text NOT NULL,
  completed boolean NOT NULL DEFAULT false,
  "completedAt" timestamptz(3),
  "createdAt" timestamptz(3) NOT NULL DEFAULT now(),
  "updatedAt" timestamptz(3) NOT NULL
);
CREATE INDEX ON personal_todos ("userId", completed, "createdAt");
