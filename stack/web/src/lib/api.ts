import { ApiClient } from "./client";
import type {
  Leave,
  LoginAnswer,
  Milestone,
  PersonalTodo,
  Project,
  ProjectDetail,
  ProjectStats,
  Service,
  Task,
  Telework,
  User,
} from "./types";
import type { Week } from "./week";

const client = new ApiClient({
  fetch: (input, init) => fetch(input, init),
  storage: {
    getItem: (key) => localStorage.getItem(key),
    removeItem: (key) => localStorage.removeItem(key),
  },
  path: () => location.pathname,
  goTo: (path) => location.assign(path),
});

type List<T> = T[] | { data: T[] };

/** The rows of a list call: some routes page their answer, some give the bare array. */
async function rows<T>(answer: Promise<List<T>>): Promise<T[]> {
  const list = await answer;
  return Array.isArray(list) ? list : list.data;
}

const dates = ({ start, end }: Week) => ({ startDate: start, endDate: end });

export const login = (name: string, password: string) =>
  client.post<LoginAnswer>("/auth/login", { login: name, password });

export const getUsers = () => rows<User>(client.get("/users"));
export const getServices = () => rows<Service>(client.get("/services"));
export const getLeaves = (week: Week) => rows<Leave>(client.get("/leaves", dates(week)));
export const getTelework = (week: Week) => rows<Telework>(client.get("/telework", dates(week)));
export const getWeekTasks = (week: Week) => rows<Task>(client.get("/tasks", dates(week)));
export const getPersonalTodos = () => rows<PersonalTodo>(client.get("/personal-todos"));

export const getUserProjects = (userId: string) => rows<Project>(client.get(`/projects/user/${userId}`));
export const getUserTasks = (userId: string) => rows<Task>(client.get(`/tasks/assignee/${userId}`));

const SEES_ALL_PROJECTS = new Set(["ADMIN", "RESPONSABLE"]);

/** Every project for those who steer them, their own for the others. */
export const getVisibleProjects = (user: User) =>
  SEES_ALL_PROJECTS.has(user.role) ? rows<Project>(client.get("/projects")) : getUserProjects(user.id);

export const getProject = (id: string) => client.get<ProjectDetail>(`/projects/${id}`);
export const getProjectStats = (id: string) => client.get<ProjectStats>(`/projects/${id}/stats`);
export const getProjectTasks = (id: string) => rows<Task>(client.get(`/tasks/project/${id}`));
export const getMilestones = () => rows<Milestone>(client.get("/milestones"));
