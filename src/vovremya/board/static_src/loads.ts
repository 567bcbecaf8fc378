/** The load of a bay in per cent: the minutes of its bars over the minutes it is open. */
import { headOf, placeOf } from "./bars.ts";

export function showLoad(row: HTMLElement): void {
  const open = Number(row.dataset["open"]);
  const place = headOf(row)?.querySelector("[data-load]");
  if (!open || !place) return;
  let busy = 0;
  for (const bar of row.querySelectorAll<HTMLElement>(".bar")) busy += placeOf(bar, "--d");
  const text = `${Math.round((100 * busy) / open)}%`;
  if (place.textContent !== text) place.textContent = text;
}
