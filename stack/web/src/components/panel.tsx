import type { ReactNode } from "react";
import type { Resource } from "@/lib/resource";

interface Props<T> {
  title: string;
  resource: Resource<T>;
  children: (data: T) => ReactNode;
}

/** A titled box that shows a resource: waiting, failed, or rendered by `children`. */
export function Panel<T>({ title, resource, children }: Props<T>) {
  return (
    <section className="panel">
      <h2>{title}</h2>
      {resource.state === "loading" && <p className="muted">Chargement...</p>}
      {resource.state === "failed" && <p className="error">{resource.error}</p>}
      {resource.state === "loaded" && children(resource.data as T)}
    </section>
  );
}
