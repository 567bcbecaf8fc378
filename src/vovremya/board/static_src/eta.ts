/** When the client comes, as the operator chooses or types it; only for what is shown, the server decides. Pure. */

export type EtaKind = "near" | "far" | "unknown" | "";

export interface Eta {
  kind: EtaKind;
  /** The promised instant, where there is one. */
  at: number | null;
}

const NOTHING: Eta = { kind: "", at: null };

const IN = String.raw`(?:(?:через|in)\s+)?`;
const OF_MINUTES = String.raw`(?:м|мин|минут[аыу]?|m|mins?|minutes?)?`;
const OF_HOURS = String.raw`(?:ч|час|часа|часов|h|hours?)`;
const MINUTES = new RegExp(String.raw`^${IN}(\d{1,4})\s*${OF_MINUTES}\.?$`, "i");
const HOURS = new RegExp(String.raw`^${IN}(\d{1,2})\s*${OF_HOURS}\.?(?:\s*(\d{1,2})\s*${OF_MINUTES}\.?)?$`, "i");
const CLOCK = /^(?:(?:в|к|at|by)\s+)?([01]?\d|2[0-3])[:.,-]([0-5]\d)$/i;
/** Half a day ahead is a slip of the hand, or half a day ago: no promise. */
const LONGEST = 720;

/** Minutes («25»), hours («через 1 ч 10 мин») or a time of day («10:45», «в 10-45»), from the instant the client answered; null for anything else. */
export function parseEta(text: string, answeredAt: number, minuteOfDay: number): number | null {
  const typed = text.trim();
  const minutes = MINUTES.exec(typed);
  if (minutes) return after(Number(minutes[1]), answeredAt);
  const hours = HOURS.exec(typed);
  if (hours) return after(Number(hours[1]) * 60 + Number(hours[2] ?? 0), answeredAt);
  const time = CLOCK.exec(typed);
  if (!time) return null;
  const ahead = (Number(time[1]) * 60 + Number(time[2]) - minuteOfDay + 1440) % 1440;
  const at = after(ahead, Math.floor(answeredAt / 60_000) * 60_000);
  return at === null ? null : Math.max(at, answeredAt);
}

function after(minutes: number, since: number): number | null {
  return minutes > LONGEST ? null : since + minutes * 60_000;
}

export function etaOf(
  chosen: string,
  typed: string,
  from: { answeredAt: number; minuteOfDay: number; nearWithin: number },
): Eta {
  if (!chosen) return NOTHING;
  if (chosen === "unknown") return { kind: "unknown", at: null };
  const at = chosen === "time" ? parseEta(typed, from.answeredAt, from.minuteOfDay) : parseEta(chosen, from.answeredAt, 0);
  if (at === null) return NOTHING;
  return { kind: at - from.answeredAt <= from.nearWithin * 60_000 ? "near" : "far", at };
}
