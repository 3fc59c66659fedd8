import Link from "next/link";
import type { Project } from "@/lib/types";
import { Badge } from "./badge";

export function ProjectList({ projects }: { projects: Project[] }) {
  if (projects.length === 0) return <p className="muted">Aucun projet</p>;
  return (
    <table>
      <thead>
        <tr>
          <th>Nom</th>
          <th>Statut</th>
          <th>Fin</th>
          <th>Membres</th>
          <th>Tâches</th>
        </tr>
      </thead>
      <tbody>
        {projects.map((project) => (
          <tr key={project.id}>
            <td>
              {/* A list may hold hundreds: only the menu's pages are worth fetching ahead. */}
              <Link href={`/projects/${project.id}`} prefetch={false}>
                {project.name}
              </Link>
            </td>
            <td>
              <Badge value={project.status} />
            </td>
            <td>{project.endDate?.slice(0, 10) ?? "–"}</td>
            <td>{project._count?.members ?? 0}</td>
            <td>{project._count?.tasks ?? 0}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
