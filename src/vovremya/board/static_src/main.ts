/** Starts what the page has: windows, forms and search everywhere, the live board where there is one. */
import { texts } from "../../ui/static_src/texts.ts";
import { toast } from "../../ui/static_src/toasts.ts";
import { startAnswers } from "./answers.ts";
import { startBoard } from "./board.ts";
import { startCards } from "./card.ts";
import { Clock, Ticker } from "./clock.ts";
import { tickCountdowns } from "./countdowns.ts";
import { startDayPicker } from "./day-picker.ts";
import { startForms } from "./forms.ts";
import { startFound } from "./found.ts";
import { startKeysWindow } from "./keys-window.ts";
import { startList } from "./list.ts";
import { startSearch } from "./search.ts";
import { startTabs } from "./tabs.ts";
import { Windows } from "./windows.ts";

function start(): void {
  const board = document.getElementById("board");
  const { now, speed = "1", zone = "UTC" } = (board ?? document.querySelector<HTMLElement>("[data-now]"))?.dataset ?? {};
  // The server read its clock when it began to answer, so that is where ours is anchored.
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  const clock = new Clock({ now: Number(now) || 0, speed: Number(speed) }, navigation?.responseStart ?? 0);
  const ticker = new Ticker();
  const windows = new Windows();
  startForms(windows);
  startFound();
  startAnswers();
  startTabs();
  startDayPicker();
  startList(windows, clock);
  startCards(clock, zone);
  ticker.onTick(() => tickCountdowns(clock));
  document.addEventListener("htmx:after:swap", () => tickCountdowns(clock));
  startKeysWindow(windows);
  const shown = board ? startBoard(board, clock, ticker, windows) : null;
  document.addEventListener("click", ({ target }) => {
    const visit = Number((target as Element).closest<HTMLElement>("[data-carry]")?.dataset["visit"]);
    if (!visit) return;
    windows.close(["repairs"], visit);
    if (!shown?.carry(visit)) toast({ text: texts.carriedOnItsDay });
  });
  document.querySelector("[data-print]")?.addEventListener("click", () => print());
  startSearch((visit, url) => {
    shown?.goTo(visit);
    void windows.open("repairs", url, visit);
  });
  ticker.start(clock);
}

// Rules and words are tested without a page.
if (typeof document !== "undefined") start();
