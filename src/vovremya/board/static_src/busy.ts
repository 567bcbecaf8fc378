/** «Пост занят»: the bay is still taken by the visit before (hard case 21). A sign beside the state, never a state. */
import { texts } from "../../ui/static_src/texts.ts";
import { placeOf } from "./bars.ts";
import type { Player } from "./player.ts";
import { LATE_STATES, type State } from "./timeline.ts";

export interface Planned {
  start: number;
  lane: number;
  state: State | undefined;
}

const ON_THE_BAY: ReadonlySet<State> = new Set<State>(["arrived", "in_work"]);
const WAITS_FOR_THE_BAY: ReadonlySet<State> = new Set<State>([
  "planned", "to_remind", "confirmed", "unconfirmed", "expected", "to_tell", "arrived", ...LATE_STATES,
]);

/** Which visits of one bay should have begun by `now` while an earlier one is still on it. */
export function waitingForBay(visits: readonly Planned[], now: number): boolean[] {
  if (!visits.some(({ state }) => state && ON_THE_BAY.has(state))) return visits.map(() => false);
  return visits.map((visit) => {
    if (!visit.state || !WAITS_FOR_THE_BAY.has(visit.state) || visit.start > now) return false;
    return visits.some(
      (other) => other.lane === visit.lane && other.start < visit.start && other.state !== undefined && ON_THE_BAY.has(other.state),
    );
  });
}


export function showBusyBays(tracks: Iterable<Element>, player: Player, now: number): void {
  for (const track of tracks) {
    const bars = [...track.querySelectorAll<HTMLElement>(".bar")];
    const visits = bars.map((bar) => ({
      start: placeOf(bar),
      lane: placeOf(bar, "--lane"),
      state: player.entryOf(bar)?.[1],
    }));
    const waiting = waitingForBay(visits, now);
    for (const [place, bar] of bars.entries()) {
      const isBusy = waiting[place] ?? false;
      if (bar.classList.contains("bay-busy") === isBusy) continue;
      bar.classList.toggle("bay-busy", isBusy);
      bar.dataset["note"] = isBusy ? texts.bayIsTaken : "";
      // Beside the name, which is plate, client, time and state and nothing else.
      if (isBusy) bar.setAttribute("aria-description", texts.bayIsTaken);
      else bar.removeAttribute("aria-description");
    }
  }
}
