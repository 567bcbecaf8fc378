/** The load of each bay in per cent: the minutes of its bars over the minutes it is open. */

export function showLoads(grid: HTMLElement): void {
  for (const row of grid.querySelectorAll<HTMLElement>(".row[data-open]")) {
    const open = Number(row.dataset["open"]);
    const place = row.querySelector("[data-load]");
    if (!open || !place) continue;
    let busy = 0;
    for (const bar of row.querySelectorAll<HTMLElement>(".bar")) busy += Number(bar.style.getPropertyValue("--d"));
    const text = `${Math.round((100 * busy) / open)}%`;
    if (place.textContent !== text) place.textContent = text;
  }
}
