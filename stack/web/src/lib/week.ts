/** A week from Monday to Sunday, as ISO calendar dates. */
export interface Week {
  start: string;
  end: string;
  days: string[];
}

const DAY_MS = 86_400_000;

/** The week that holds `day` (UTC), shifted by `offset` weeks. */
export function weekOf(day: Date, offset = 0): Week {
  const midnight = Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate());
  const sinceMonday = (day.getUTCDay() + 6) % 7;
  const monday = midnight + (offset * 7 - sinceMonday) * DAY_MS;
  const days = Array.from({ length: 7 }, (_, index) => isoDate(monday + index * DAY_MS));
  return { start: isoDate(monday), end: isoDate(monday + 6 * DAY_MS), days };
}

/** Whether the ISO timestamps `start`..`end` cover the calendar date `day`; an absent side is open. */
export function covers(start: string | null, end: string | null, day: string): boolean {
  if (!start && !end) return false;
  return (!start || start.slice(0, 10) <= day) && (!end || end.slice(0, 10) >= day);
}

const isoDate = (time: number) => new Date(time).toISOString().slice(0, 10);
