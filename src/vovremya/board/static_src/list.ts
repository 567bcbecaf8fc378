/** The lists beside the board: what was done in a window is seen in the list behind it.

    <div id="list">a table of visits with [data-window][data-visit] links, or the words that there are none</div>
    <div id="list" data-renewed>the week, which nobody changes from here: drawn anew every minute, and when it is come
    back to</div>
    <div id="list" data-live="/live" data-branch data-cursor data-user>the waiting list, drawn anew whenever the feed
    tells of it; [data-post][data-slot] sends an action, [data-next] is where one goes on when the own line is gone</div> */
import htmx from "htmx.org";

import { post } from "../../ui/static_src/requests.ts";
import { language } from "../../ui/static_src/texts.ts";
import type { Clock } from "./clock.ts";
import { Live } from "./live.ts";
import type { Windows } from "./windows.ts";

const RENEWED_EVERY = 60_000;
/** What comes together is drawn together. */
const GATHERED_FOR = 150;

export function startList(windows: Windows, clock: Clock): void {
  const list = document.getElementById("list");
  if (!list) return;
  windows.onClosed((visit) => void drawAnew(list, visit));
  if (list.dataset["live"]) follow(list, windows, clock);
  if (!("renewed" in list.dataset)) return;
  const renew = (): void => {
    if (!document.hidden) void drawAnew(list, null);
  };
  setInterval(renew, RENEWED_EVERY);
  document.addEventListener("visibilitychange", renew);
}

function follow(list: HTMLElement, windows: Windows, clock: Clock): void {
  const { live: url = "", branch = "", cursor = "", user = "" } = list.dataset;
  const { build = "", worker } = document.documentElement.dataset;
  let gathering: ReturnType<typeof setTimeout> | undefined;
  const live = new Live();
  live.onMessage(({ kind }) => {
    if (kind !== "calls" && kind !== "back" && kind !== "resync") return;
    clearTimeout(gathering);
    // Behind a window the list may wait: it is drawn anew when that closes.
    gathering = setTimeout(() => windows.isCovered || void drawAnew(list, null), GATHERED_FOR);
  });
  const start = { url: `${url}?branch=${encodeURIComponent(branch)}&language=${language}`, cursor, drawnAt: clock.now() };
  live.start(start, worker ? { url: worker, name: `${user}:${build}` } : null);
  list.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-post]");
    const { post: address, slot } = button?.dataset ?? {};
    if (address) void post(address, slot ? { slot } : {});
  });
}

async function drawAnew(list: HTMLElement, visit: number | null): Promise<void> {
  const fresh = await fetched();
  if (!fresh) return; // the line is lost, or the login has ended: the list stands as it was
  if (list.querySelector(".is-carried")) return; // a row is under way to another place, and draws it anew when it is put
  const focused = list.contains(document.activeElement) ? document.activeElement?.id : "";
  const isUnfolded = list.querySelector("details[open]") !== null;
  list.replaceChildren(...fresh.childNodes);
  htmx.process(list); // buttons that send by themselves
  if (isUnfolded) for (const details of list.querySelectorAll("details")) details.open = true;
  const next = focused ? document.getElementById(focused) ?? list.querySelector<HTMLElement>("[data-next]") : null;
  if (next) next.focus({ preventScroll: true });
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
