"use client";

import { PageMain } from "@/components/page-main";
import { Panel } from "@/components/panel";
import { ProjectList } from "@/components/project-list";
import { getVisibleProjects } from "@/lib/api";
import { useResource } from "@/lib/resource";
import { useUser } from "@/lib/session";

export default function ProjectsPage() {
  const user = useUser();
  const projects = useResource(user.id, () => getVisibleProjects(user));
  return (
    <PageMain title="Projets" resources={[projects]}>
      <Panel title="Liste des projets" resource={projects}>
        {(rows) => <ProjectList projects={rows} />}
      </Panel>
    </PageMain>
  );
}
