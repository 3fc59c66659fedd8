"use client";

import { useState } from "react";
import { PageMain } from "@/components/page-main";
import { Panel } from "@/components/panel";
import { PlanningGrid } from "@/components/planning-grid";
import { usePlanning } from "@/lib/resource";
import { weekOf } from "@/lib/week";

export default function PlanningPage() {
  const [offset, setOffset] = useState(0);
  const week = weekOf(new Date(), offset);
  const planning = usePlanning(week);
  // The summary loads for itself: the production page makes the five calls twice as well.
  const summary = usePlanning(week);

  return (
    <PageMain title="Planning" resources={[...Object.values(planning), ...Object.values(summary)]}>
      <p className="weeks">
        <button type="button" onClick={() => setOffset(offset - 1)}>
          Semaine précédente
        </button>
        <span>
          {week.start} – {week.end}
        </span>
        <button type="button" onClick={() => setOffset(offset + 1)}>
          Semaine suivante
        </button>
      </p>
      <Panel title="Services" resource={summary.services}>
        {(services) => (
          <ul className="inline">
            {services.map((service) => (
              <li key={service.id}>
                {service.name} <span className="muted">({service._count?.userServices ?? 0})</span>
              </li>
            ))}
          </ul>
        )}
      </Panel>
      <p className="muted">
        {summary.users.data?.length ?? 0} personnes, {summary.leaves.data?.length ?? 0} congés,{" "}
        {summary.telework.data?.length ?? 0} jours de télétravail, {summary.tasks.data?.length ?? 0} tâches
      </p>
      <Panel title="Semaine" resource={planning.users}>
        {() => <PlanningGrid planning={planning} week={week} />}
      </Panel>
    </PageMain>
  );
}
