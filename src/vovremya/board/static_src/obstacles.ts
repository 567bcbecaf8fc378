/** What a bar in hand meets on its way: told by the server, met here as the drop will meet it (`obstacles.py`). */

/** Where a visit is or would be, in minutes of the board's day. */
export interface Place {
  bay: number;
  start: number;
  lasts: number;
}

export interface Obstacle {
  /** None: on every bay. */
  bay?: number | null;
  from: number;
  to: number;
  touch?: "any" | "start" | "end";
  /** A work that lasts longer goes on over it. */
  longest?: number | null;
  /** What takes the bay there, and may be overbooked by who has the right. */
  visit?: number | null;
  words: string;
}

/** What a visit has already is asked nothing: its bay alone changed, nothing of the hours; its end alone, only of
    what that adds. */
export function firstMet(obstacles: readonly Obstacle[], old: Place, now: Place): Obstacle | null {
  return obstacles.find((obstacle) => isMet(obstacle, old, now)) ?? null;
}

/** The visits that it would be on top of; empty where it meets nothing, or anything that cannot be overbooked. */
export function overbooked(obstacles: readonly Obstacle[], old: Place, now: Place): Obstacle[] {
  const met = obstacles.filter((obstacle) => isMet(obstacle, old, now));
  return met.every(({ visit }) => visit) ? met : [];
}

function isMet({ bay = null, from, to, touch = "any", longest = null }: Obstacle, old: Place, now: Place): boolean {
  if (bay !== null && bay !== now.bay) return false;
  const end = now.start + now.lasts;
  if (touch === "end") return from < end && end <= to;
  const stays = now.start === old.start && (bay === null || now.bay === old.bay);
  if (touch === "start") return !stays && from <= now.start && now.start < to;
  if (longest !== null && now.lasts > longest) return false;
  const since = stays ? Math.max(now.start, old.start + old.lasts) : now.start;
  return since < to && end > Math.max(since, from);
}
