import type { ReactNode } from "react";
import type { Resource } from "@/lib/resource";

interface Props {
  title: string;
  resources: Resource<unknown>[];
  children: ReactNode;
}

/**
 * A page's <main>. `data-loaded` turns true in the very commit that shows the last answer, and
 * `data-failed` with it where a call failed: what a browser-driven journey waits for.
 */
export function PageMain({ title, resources, children }: Props) {
  const loaded = resources.every((resource) => resource.state !== "loading");
  const failed = resources.some((resource) => resource.state === "failed");
  return (
    <main data-loaded={loaded} data-failed={loaded && failed ? true : undefined}>
      <h1>{title}</h1>
      {children}
    </main>
  );
}
