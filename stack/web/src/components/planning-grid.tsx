import type { Leave, Task, Telework, User } from "@/lib/types";
import type { Planning } from "@/lib/resource";
import { covers, type Week } from "@/lib/week";

/** One row a person, one column a day: leave first, then telework, then tasks due to run. */
export function PlanningGrid({ planning, week }: { planning: Planning; week: Week }) {
  const leaves = byUser(planning.leaves.data ?? [], (leave) => leave.userId);
  const telework = byUser(planning.telework.data ?? [], (entry) => entry.userId);
  const tasks = byUser(planning.tasks.data ?? [], (task) => task.assigneeId);
  return (
    <table className="grid">
      <thead>
        <tr>
          <th>Personne</th>
          {week.days.map((day) => (
            <th key={day}>{`${day.slice(8)}/${day.slice(5, 7)}`}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {(planning.users.data ?? []).map((user) => (
          <tr key={user.id}>
            <td>{name(user)}</td>
            {week.days.map((day) => (
              <td key={day}>
                {occupation(day, leaves.get(user.id), telework.get(user.id), tasks.get(user.id))}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function occupation(day: string, leaves: Leave[] = [], telework: Telework[] = [], tasks: Task[] = []): string {
  if (leaves.some((leave) => covers(leave.startDate, leave.endDate, day))) return "Congé";
  const remote = telework.some((entry) => entry.isTelework && entry.date.startsWith(day));
  const running = tasks.filter((task) => covers(task.startDate, task.endDate, day)).length;
  return [remote && "Télétravail", running > 0 && `${running} tâche${running > 1 ? "s" : ""}`].filter(Boolean).join(", ");
}

function byUser<T>(rows: T[], userId: (row: T) => string | null): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const id = userId(row);
    if (!id) continue;
    const group = groups.get(id);
    if (group) group.push(row);
    else groups.set(id, [row]);
  }
  return groups;
}

const name = ({ firstName, lastName }: User) => `${lastName} ${firstName}`;
