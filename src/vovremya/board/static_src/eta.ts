/** When the client comes, as the operator chooses or types it; only for what is shown, the server decides. Pure. */

export type EtaKind = "near" | "far" | "unknown" | "";

export interface Eta {
  kind: EtaKind;
  /** The promised instant, where there is one. */
  at: number | null;
}

const NOTHING: Eta = { kind: "", at: null };

/** Minutes («25»), hours («1 ч 10 мин») or a time of day («10:45», «10.45»), from the instant the client answered; null for anything else. */
export function parseEta(text: string, answeredAt: number, minuteOfDay: number): number | null {
  const typed = text.trim();
  const minutes = /^(\d{1,3})\s*(?:м|мин|минут[аы]?|m|mins?|minutes?)?\.?$/i.exec(typed);
  if (minutes) return answeredAt + Number(minutes[1]) * 60_000;
  const hours = /^(\d{1,2})\s*(?:ч|час|часа|часов|h|hours?)\.?(?:\s*(\d{1,2})\s*(?:м|мин|минут[аы]?|m|mins?|minutes?)?\.?)?$/i.exec(typed);
  if (hours) return answeredAt + (Number(hours[1]) * 60 + Number(hours[2] ?? 0)) * 60_000;
  const time = /^([01]?\d|2[0-3])[:.,-]([0-5]\d)$/.exec(typed);
  if (!time) return null;
  const wanted = Number(time[1]) * 60 + Number(time[2]);
  const ahead = (wanted - minuteOfDay + 1440) % 1440;
  // Half a day ahead is half a day ago: a slip of the hand, not a promise.
  if (ahead > 720) return null;
  return Math.floor(answeredAt / 60_000) * 60_000 + ahead * 60_000;
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
