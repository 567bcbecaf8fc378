/** When to draw: what is seen first, and what is asked for often once. */

const SOON = 100;
const ROWS_AT_ONCE = 4;
const HANDS = ["keydown", "pointerdown", "click", "wheel", "touchstart", "focusin", "beforeprint"] as const;

/** Work that is asked for many times before the next frame is done once, in it; a hidden tab, which draws none, does it soon. */
export function oncePerFrame(work: () => void): () => void {
  let isAsked = false;
  const run = (): void => {
    if (!isAsked) return;
    isAsked = false;
    work();
  };
  return () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(run);
    setTimeout(run, SOON);
  };
}

/** Asked before anything is placed: later the answer would cost a layout of its own. */
export function rowsInView(board: HTMLElement): number {
  return Math.ceil(board.clientHeight / (board.querySelector<HTMLElement>(".row")?.offsetHeight || 1));
}

/** Rows out of view are drawn behind the first frame, a few whenever the browser has time, and then stay drawn:
    to draw them as they are scrolled to would cost frames. The first hand or key brings them all within reach. */
export function drawRowsInTime(board: HTMLElement, seen: number): void {
  const waiting = [...board.querySelectorAll<HTMLElement>(".row:not([hidden])")];
  const draw = (count: number): void => {
    for (const row of waiting.splice(0, count)) row.classList.add("drawn");
  };
  const drawMore = (): void => {
    draw(ROWS_AT_ONCE);
    if (waiting.length) {
      inTime(drawMore);
      return;
    }
    board.classList.add("drawn");
    reach();
  };
  const reach = (): void => {
    board.classList.remove("opening");
    for (const kind of HANDS) removeEventListener(kind, reach, true);
  };
  draw(seen);
  board.classList.add("opening");
  for (const kind of HANDS) addEventListener(kind, reach, true);
  requestAnimationFrame(() => inTime(drawMore));
}

function inTime(work: () => void): void {
  if ("requestIdleCallback" in window) requestIdleCallback(work, { timeout: SOON });
  else setTimeout(work, SOON / 2);
}
