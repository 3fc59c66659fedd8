"use client";

import { PageMain } from "@/components/page-main";
import { Panel } from "@/components/panel";
import { PlanningGrid } from "@/components/planning-grid";
import { ProjectList } from "@/components/project-list";
import { TaskTable } from "@/components/task-table";
import { getPersonalTodos, getUserProjects, getUserTasks } from "@/lib/api";
import { usePlanning, useResource, type Planning } from "@/lib/resource";
import { useUser } from "@/lib/session";
import { covers, weekOf } from "@/lib/week";

export default function DashboardPage() {
  const user = useUser();
  const now = new Date();
  const week = weekOf(now);
  const mine = useResource(user.id, async () => {
    const projects = await getUserProjects(user.id);
    return { projects, tasks: await getUserTasks(user.id) };
  });
  const todos = useResource(user.id, getPersonalTodos);
  // Two views, two loads: the production dashboard asks for the planning twice as well.
  const planning = usePlanning(week);
  const presence = usePlanning(week);

  return (
    <PageMain
      title={`Bonjour ${user.firstName}`}
      resources={[mine, todos, ...Object.values(planning), ...Object.values(presence)]}
    >
      <PresenceCounts presence={presence} day={now.toISOString().slice(0, 10)} />
      <div className="columns">
        <Panel title="Mes projets" resource={mine}>
          {({ projects }) => <ProjectList projects={projects} />}
        </Panel>
        <Panel title="Ma liste" resource={todos}>
          {(rows) =>
            rows.length === 0 ? (
              <p className="muted">Rien à faire</p>
            ) : (
              <ul>
                {rows.map((todo) => (
                  <li key={todo.id} className={todo.completed ? "done" : undefined}>
                    {todo.text}
                  </li>
                ))}
              </ul>
            )
          }
        </Panel>
      </div>
      <Panel title="Mes tâches" resource={mine}>
        {({ tasks }) => <TaskTable tasks={tasks} />}
      </Panel>
      <Panel title="Planning de la semaine" resource={planning.users}>
        {() => <PlanningGrid planning={planning} week={week} />}
      </Panel>
    </PageMain>
  );
}

function PresenceCounts({ presence, day }: { presence: Planning; day: string }) {
  const away = presence.leaves.data?.filter((leave) => covers(leave.startDate, leave.endDate, day)).length;
  const remote = presence.telework.data?.filter((entry) => entry.isTelework && entry.date.startsWith(day)).length;
  const counts = [
    { label: "Personnes", value: presence.users.data?.length },
    { label: "Services", value: presence.services.data?.length },
    { label: "Tâches de la semaine", value: presence.tasks.data?.length },
    { label: "En congé", value: away },
    { label: "En télétravail", value: remote },
  ];
  return (
    <dl className="counts">
      {counts.map(({ label, value }) => (
        <div key={label} className="panel">
          <dt>{label}</dt>
          <dd>{value ?? "–"}</dd>
        </div>
      ))}
    </dl>
  );
}
