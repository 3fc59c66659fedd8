export interface User {
  id: string;
  login: string;
  firstName: string;
  lastName: string;
  role: string;
}

export interface LoginAnswer {
  access_token: string;
  user: User;
}

export interface Person {
  id: string;
  firstName: string;
  lastName: string;
}

export interface Project {
  id: string;
  name: string;
  description: string | null;
  status: string;
  priority: string;
  startDate: string | null;
  endDate: string | null;
  _count?: { members?: number; tasks?: number };
}

export interface ProjectDetail extends Project {
  members: { id: string; role: string | null; user: Person }[];
}

export interface ProjectStats {
  progress: number;
  tasks: { total: number; completed: number; inProgress: number; todo: number };
  hours: { estimated: number; actual: number; remaining: number };
}

export interface Task {
  id: string;
  title: string;
  status: string;
  priority: string;
  assigneeId: string | null;
  startDate: string | null;
  endDate: string | null;
  project?: { id: string; name: string };
  assignee?: Person | null;
}

export interface Milestone {
  id: string;
  name: string;
  status: string;
  dueDate: string | null;
  projectId: string;
}

export interface Leave {
  id: string;
  userId: string;
  startDate: string;
  endDate: string;
}

export interface Telework {
  id: string;
  userId: string;
  date: string;
  isTelework: boolean;
}

export interface Service {
  id: string;
  name: string;
  _count?: { userServices?: number };
}

export interface PersonalTodo {
  id: string;
  text: string;
  completed: boolean;
}
