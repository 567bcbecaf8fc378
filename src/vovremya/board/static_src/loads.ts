/** The load of a bay in per cent: what of its bars lies in the business day, over the minutes it is open. */
import { headOf, placeOf } from "./bars.ts";

export function showLoad(row: HTMLElement): void {
  const open = Number(row.dataset["open"]);
  const place = headOf(row)?.querySelector("[data-load]");
  if (!open || !place) return;
  const [begins = 0, ends = 0] = (row.dataset["day"] ?? "").split(" ").map(Number);
  let busy = 0;
  for (const bar of row.querySelectorAll<HTMLElement>(".bar")) {
    const start = placeOf(bar);
    busy += Math.max(0, Math.min(start + placeOf(bar, "--d"), ends) - Math.max(start, begins));
  }
  const text = `${Math.round((100 * busy) / open)}%`;
  if (place.textContent !== text) place.textContent = text;
}
