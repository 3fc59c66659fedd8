import { useEffect, useRef, useState } from "react";
import { getLeaves, getServices, getTelework, getUsers, getWeekTasks } from "./api";
import type { Week } from "./week";

export interface Resource<T> {
  state: "loading" | "loaded" | "failed";
  data?: T;
  error?: string;
}

/** Loads once when mounted and again when `key` changes; the answer of an older key is dropped. */
export function useResource<T>(key: string, load: () => Promise<T>): Resource<T> {
  const [settled, setSettled] = useState<{ key: string; resource: Resource<T> }>();
  const latestLoad = useRef(load);
  useEffect(() => {
    latestLoad.current = load;
  });
  useEffect(() => {
    let current = true;
    const settle = (resource: Resource<T>) => {
      if (current) setSettled({ key, resource });
    };
    latestLoad.current().then(
      (data) => settle({ state: "loaded", data }),
      (error: unknown) => settle({ state: "failed", error: error instanceof Error ? error.message : String(error) }),
    );
    return () => {
      current = false;
    };
  }, [key]);
  return settled?.key === key ? settled.resource : { state: "loading" };
}

/** The five calls a planning view is composed of. */
export function usePlanning(week: Week) {
  return {
    users: useResource("users", getUsers),
    tasks: useResource(week.start, () => getWeekTasks(week)),
    leaves: useResource(week.start, () => getLeaves(week)),
    telework: useResource(week.start, () => getTelework(week)),
    services: useResource("services", getServices),
  };
}

export type Planning = ReturnType<typeof usePlanning>;
