/** The lists beside the board: what was done in a window is seen in the list behind it.

    <div id="list">a table of visits with [data-window][data-visit] links, or the words that there are none</div>
    <div id="list" data-renewed>the week, which nobody changes from here: drawn anew every minute, and when it is come
    back to</div> */
import type { Windows } from "./windows.ts";

const RENEWED_EVERY = 60_000;

export function startList(windows: Windows): void {
  const list = document.getElementById("list");
  if (!list) return;
  windows.onClosed((visit) => void drawAnew(list, visit));
  if (!("renewed" in list.dataset)) return;
  const renew = (): void => {
    if (!document.hidden) void drawAnew(list, null);
  };
  setInterval(renew, RENEWED_EVERY);
  document.addEventListener("visibilitychange", renew);
}

async function drawAnew(list: HTMLElement, visit: number | null): Promise<void> {
  const fresh = await fetched();
  if (!fresh) return; // the line is lost, or the login has ended: the list stands as it was
  const focused = list.contains(document.activeElement) ? document.activeElement?.id : "";
  list.replaceChildren(...fresh.childNodes);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  else if (visit) list.querySelector<HTMLElement>(`[data-visit="${visit}"]`)?.focus();
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
