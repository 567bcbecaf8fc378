/** How a place changes in the hand: by a pointer that has gone so far, or by a key. Pure. */
import type { Press } from "./keys.ts";
import type { Place } from "./obstacles.ts";

/** The whole bar is taken, or its end. */
export type Grip = "move" | "end";

/** Minutes to which times are drawn. */
export const STEP = 5;
const LONG_STEP = 30;
/** A hand that goes up or down to another bay drifts so many pixels; its time is to stay. */
const DRIFT = 6;

const snapped = (minute: number): number => Math.round(minute / STEP) * STEP;

/** Where a pointer has brought it that went `across` pixels from where it took hold. */
export function carriedTo(origin: Place, grip: Grip, across: number, ppm: number, bay: number): Place {
  const minutes = Math.abs(across) < DRIFT ? 0 : across / ppm;
  if (!minutes) return grip === "move" ? { ...origin, bay } : origin;
  if (grip === "move") return { ...origin, bay, start: snapped(origin.start + minutes) };
  return { ...origin, lasts: Math.max(STEP, snapped(origin.start + origin.lasts + minutes) - origin.start) };
}

/** Arrows move by five minutes and, with Ctrl, by half an hour; with Shift the end; up and down to the bay beside it.
    Null: the key means nothing here. */
export function carriedByKey(place: Place, press: Press, bays: readonly number[]): Place | null {
  const sign = { ArrowLeft: -1, ArrowRight: 1 }[press.code];
  if (press.altKey || press.metaKey) return null;
  if (sign) {
    const by = sign * (press.ctrlKey ? LONG_STEP : STEP);
    if (!press.shiftKey) return { ...place, start: snapped(place.start + by) };
    return { ...place, lasts: Math.max(STEP, snapped(place.start + place.lasts + by) - place.start) };
  }
  const row = { ArrowUp: -1, ArrowDown: 1 }[press.code];
  if (!row || press.ctrlKey || press.shiftKey) return null;
  return { ...place, bay: bays[bays.indexOf(place.bay) + row] ?? place.bay };
}

/** Whether a press took the end of the bar: the last pixels, where the bar is wide enough to be taken elsewhere too. */
export function gripAt(x: number, bar: { left: number; right: number }, isTouch: boolean): Grip {
  const zone = isTouch ? 20 : 8;
  return bar.right - x <= zone && bar.right - bar.left >= 3 * zone ? "end" : "move";
}

export function isSame(one: Place, other: Place): boolean {
  return one.bay === other.bay && one.start === other.start && one.lasts === other.lasts;
}
