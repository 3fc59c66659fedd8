"use client";

import { useParams } from "next/navigation";
import { Badge } from "@/components/badge";
import { PageMain } from "@/components/page-main";
import { Panel } from "@/components/panel";
import { TaskTable } from "@/components/task-table";
import { getMilestones, getProject, getProjectStats, getProjectTasks } from "@/lib/api";
import { useResource } from "@/lib/resource";

/** The four calls one after the other, as the production page makes them. */
async function loadProject(id: string) {
  const project = await getProject(id);
  const stats = await getProjectStats(id);
  const tasks = await getProjectTasks(id);
  const milestones = (await getMilestones()).filter((milestone) => milestone.projectId === id);
  return { project, stats, tasks, milestones };
}

export default function ProjectPage() {
  const { id } = useParams<{ id: string }>();
  const detail = useResource(id, () => loadProject(id));
  return (
    <PageMain title={detail.data?.project.name ?? "Projet"} resources={[detail]}>
      <Panel title="Avancement" resource={detail}>
        {({ project, stats }) => (
          <>
            <p>
              <Badge value={project.status} /> <Badge value={project.priority} />
            </p>
            {project.description && <p>{project.description}</p>}
            <progress max={100} value={stats.progress} />
            <p>
              {stats.tasks.completed} tâches terminées sur {stats.tasks.total}, {stats.hours.actual} h passées sur{" "}
              {stats.hours.estimated} h estimées
            </p>
          </>
        )}
      </Panel>
      <div className="columns">
        <Panel title="Équipe" resource={detail}>
          {({ project }) => (
            <ul>
              {project.members.map((member) => (
                <li key={member.id}>
                  {member.user.firstName} {member.user.lastName}
                  {member.role && <span className="muted"> · {member.role}</span>}
                </li>
              ))}
            </ul>
          )}
        </Panel>
        <Panel title="Jalons" resource={detail}>
          {({ milestones }) =>
            milestones.length === 0 ? (
              <p className="muted">Aucun jalon</p>
            ) : (
              <ul>
                {milestones.map((milestone) => (
                  <li key={milestone.id}>
                    {milestone.name} <Badge value={milestone.status} />
                  </li>
                ))}
              </ul>
            )
          }
        </Panel>
      </div>
      <Panel title="Tâches" resource={detail}>
        {({ tasks }) => <TaskTable tasks={tasks} />}
      </Panel>
    </PageMain>
  );
}
