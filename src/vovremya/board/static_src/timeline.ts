/** A visit's timeline, drawn by the server: the states it is in and will turn into. Played here, never computed. */

export type State =
  | "planned" | "expected" | "late" | "overdue" | "late_after_closing" | "waiting" | "retry_due"
  | "retry_after_closing" | "grounds" | "undecided" | "to_tell" | "to_remind" | "confirmed" | "unconfirmed"
  | "arrived" | "in_work" | "done" | "not_arrived" | "no_show";

/** From this instant (ms UTC, inclusive) the visit is in the state; the timer counts to the last number. */
export type Entry = readonly [instant: number, state: State, countsTo: number | null];
export type Timeline = readonly Entry[];

/** The client is late and not spoken for: the yellow family. */
export const LATE_STATES: ReadonlySet<State> = new Set<State>([
  "late", "late_after_closing", "waiting", "retry_due", "retry_after_closing", "grounds", "undecided",
]);
export const ARRIVED_STATES: ReadonlySet<State> = new Set<State>(["arrived", "in_work", "done"]);

export function parseTimeline(text: string | undefined): Timeline {
  return text ? (JSON.parse(text) as Timeline) : [];
}

/** The last entry that has begun; before the first one, the first. */
export function currentEntry(timeline: Timeline, now: number): Entry | null {
  let current: Entry | null = timeline[0] ?? null;
  for (const entry of timeline) {
    if (entry[0] > now) break;
    current = entry;
  }
  return current;
}

export function nextChange(timeline: Timeline, now: number): number | null {
  for (const entry of timeline) if (entry[0] > now) return entry[0];
  return null;
}
