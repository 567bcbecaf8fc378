/** What a plan has moved is marked on the board for a while, whether its bars have come over the line already or come yet. */
import type { Day } from "./bars.ts";

const SHOWN_FOR = 12_000;

export function showMoved(day: Day): void {
  const moved = new Set<number>();
  const mark = (bar: HTMLElement | undefined): void => {
    bar?.classList.toggle("moved", moved.has(Number(bar.dataset["visit"])));
  };
  day.onDrawn(mark);
  document.addEventListener("vovremya:moved", (event) => {
    const { visits } = (event as CustomEvent<{ visits: readonly number[] }>).detail;
    for (const visit of visits) moved.add(visit);
    for (const visit of visits) mark(day.find(visit));
    setTimeout(() => {
      for (const visit of visits) moved.delete(visit);
      for (const visit of visits) mark(day.find(visit));
    }, SHOWN_FOR);
  });
}
