import type { Task } from "@/lib/types";
import { Badge } from "./badge";

/** Tasks as a table; the project column appears where the rows know their project. */
export function TaskTable({ tasks }: { tasks: Task[] }) {
  if (tasks.length === 0) return <p className="muted">Aucune tâche</p>;
  const withProject = tasks.some((task) => task.project);
  return (
    <table>
      <thead>
        <tr>
          <th>Titre</th>
          {withProject && <th>Projet</th>}
          <th>Statut</th>
          <th>Priorité</th>
          <th>Échéance</th>
        </tr>
      </thead>
      <tbody>
        {tasks.map((task) => (
          <tr key={task.id}>
            <td>{task.title}</td>
            {withProject && <td>{task.project?.name}</td>}
            <td>
              <Badge value={task.status} />
            </td>
            <td>
              <Badge value={task.priority} />
            </td>
            <td>{task.endDate?.slice(0, 10) ?? "–"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
