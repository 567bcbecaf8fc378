/** The lists beside the board: what was done in a window is seen in the list behind it.

    <div id="list">a table of visits with [data-window][data-visit] links, or the words that there are none</div> */
import type { Windows } from "./windows.ts";

export function startList(windows: Windows): void {
  const list = document.getElementById("list");
  if (list) windows.onClosed((visit) => void drawAnew(list, visit));
}

async function drawAnew(list: HTMLElement, visit: number | null): Promise<void> {
  const fresh = await fetched();
  if (!fresh) return; // the line is lost, or the login has ended: the list stands as it was
  list.replaceChildren(...fresh.childNodes);
  list.querySelector<HTMLElement>(`[data-visit="${visit}"]`)?.focus();
}

async function fetched(): Promise<HTMLElement | null> {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
    if (!answer.ok) return null;
    return new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("list");
  } catch {
    return null;
  }
}
