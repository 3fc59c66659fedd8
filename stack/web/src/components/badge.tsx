const LABELS: Record<string, string> = {
  DRAFT: "Brouillon",
  ACTIVE: "Actif",
  SUSPENDED: "Suspendu",
  COMPLETED: "Terminé",
  CANCELLED: "Annulé",
  TODO: "À faire",
  IN_PROGRESS: "En cours",
  IN_REVIEW: "En revue",
  DONE: "Terminée",
  BLOCKED: "Bloquée",
  LOW: "Basse",
  NORMAL: "Normale",
  HIGH: "Haute",
  CRITICAL: "Critique",
  PENDING: "En attente",
  DELAYED: "En retard",
};

/** A status or priority of the API, in French. */
export function Badge({ value }: { value: string }) {
  return <span className={`badge badge-${value.toLowerCase()}`}>{LABELS[value] ?? value}</span>;
}
