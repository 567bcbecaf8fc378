/** The timers inside windows: `[data-countdown="ms"]`. */
import type { Clock } from "./clock.ts";
import { countdownText } from "./format.ts";

export function tickCountdowns(clock: Clock): void {
  // A closed window is empty; one that is about to open shows its timers from the first.
  for (const dialog of document.getElementsByTagName("dialog")) tickIn(dialog, clock.now());
}

function tickIn(dialog: HTMLElement, now: number): void {
  for (const timer of dialog.querySelectorAll<HTMLElement>("[data-countdown]")) {
    const to = Number(timer.dataset["countdown"]);
    const text = countdownText(to, now);
    if (timer.textContent !== text) timer.textContent = text;
    const frame = timer.closest<HTMLElement>(".window-timer");
    if (!frame) continue;
    const isPast = now > to;
    // A missed deadline is red; a retry that has come due is a client to call, which is yellow.
    const isDeadline = "deadline" in frame.dataset;
    frame.classList.toggle("is-late", isDeadline !== isPast);
    frame.classList.toggle("is-overdue", isDeadline && isPast);
    const words = frame.querySelector<HTMLElement>("[data-left][data-past]");
    const word = words?.dataset[isPast ? "past" : "left"];
    if (words && word !== undefined && words.textContent !== word) words.textContent = word;
  }
}
