/** The figures above the board and in the tab's title, counted from the bars as they are played. */
import { texts } from "../../ui/static_src/texts.ts";
import type { Player } from "./player.ts";
import { ARRIVED_STATES, LATE_STATES } from "./timeline.ts";

export type Counts = Readonly<Record<"total" | "arrived" | "late" | "overdue", number>>;

export function count(bars: Iterable<HTMLElement>, player: Player): Counts {
  const counts = { total: 0, arrived: 0, late: 0, overdue: 0 };
  for (const bar of bars) {
    const state = player.entryOf(bar)?.[1];
    counts.total += 1;
    if (!state) continue;
    if (ARRIVED_STATES.has(state)) counts.arrived += 1;
    if (LATE_STATES.has(state)) counts.late += 1;
    if (state === "overdue") counts.overdue += 1;
  }
  return counts;
}

/** Looked up once: a search through thousands of bars at each change would cost more than the change. */
let places: HTMLElement[] | null = null;

export function showCounts(counts: Readonly<Record<string, number>>): void {
  places ??= [...document.querySelectorAll<HTMLElement>("[data-count]")];
  for (const place of places) {
    const value = counts[place.dataset["count"] ?? ""];
    if (value === undefined) continue;
    if (place.textContent !== String(value)) place.textContent = String(value);
    place.closest<HTMLElement>("[data-hide-zero]")?.toggleAttribute("hidden", value === 0);
    const word = place.parentElement?.querySelector<HTMLElement>("[data-words]");
    if (word) word.textContent = texts.counted[word.dataset["words"] ?? ""]?.(value) ?? "";
  }
}

const plainTitle = document.title;

export function showInTitle(pressing: number): void {
  const title = pressing ? `(${pressing}) ${plainTitle}` : plainTitle;
  if (document.title !== title) document.title = title;
}
