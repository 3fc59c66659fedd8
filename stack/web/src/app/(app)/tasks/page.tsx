"use client";

import { useState } from "react";
import { PageMain } from "@/components/page-main";
import { Panel } from "@/components/panel";
import { TaskTable } from "@/components/task-table";
import { getUserTasks, getVisibleProjects } from "@/lib/api";
import { useResource } from "@/lib/resource";
import { useUser } from "@/lib/session";

export default function TasksPage() {
  const user = useUser();
  const [projectId, setProjectId] = useState("");
  const loaded = useResource(user.id, async () => {
    const projects = await getVisibleProjects(user);
    return { projects, tasks: await getUserTasks(user.id) };
  });
  return (
    <PageMain title="Tâches" resources={[loaded]}>
      <Panel title="Mes tâches" resource={loaded}>
        {({ projects, tasks }) => (
          <>
            <label className="filter">
              Projet
              <select name="project" value={projectId} onChange={(event) => setProjectId(event.target.value)}>
                <option value="">Tous</option>
                {projects.map((project) => (
                  <option key={project.id} value={project.id}>
                    {project.name}
                  </option>
                ))}
              </select>
            </label>
            <TaskTable tasks={projectId ? tasks.filter((task) => task.project?.id === projectId) : tasks} />
          </>
        )}
      </Panel>
    </PageMain>
  );
}
