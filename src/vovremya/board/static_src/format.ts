/** Times as the screen shows them, always in the branch's zone and never in the PC's. */

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, instant: number, options: Intl.DateTimeFormatOptions): string {
  const key = zone + JSON.stringify(options);
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat("ru-RU", { timeZone: zone, hourCycle: "h23", ...options });
    formats.set(key, found);
  }
  return found.format(instant);
}

export function clockText(instant: number, zone: string): string {
  return format(zone, instant, { hour: "2-digit", minute: "2-digit" });
}

export function clockSeconds(instant: number, zone: string): string {
  return format(zone, instant, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

/** `6:42` to go, `−16:18` missed by, `1:02:10` with hours. */
export function countdownText(to: number, now: number): string {
  const left = to - now;
  const seconds = left >= 0 ? Math.ceil(left / 1000) : Math.floor(-left / 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const text = hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
  return left < 0 ? `−${text}` : text;
}
