/** When to draw: what is seen first, and what is asked for often once. */

const SOON = 100;
const ROWS_AT_ONCE = 4;

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

/** Rows out of view are drawn behind the first frame, a few whenever the browser has time, and then stay drawn:
    to draw them as they are scrolled to would cost frames. */
export function drawRowsInTime(board: HTMLElement): void {
  const waiting = [...board.querySelectorAll(".row")];
  const draw = (): void => {
    for (const row of waiting.splice(0, ROWS_AT_ONCE)) row.classList.add("drawn");
    if (waiting.length) inTime(draw);
    else board.classList.add("drawn");
  };
  requestAnimationFrame(() => inTime(draw));
}

function inTime(work: () => void): void {
  if ("requestIdleCallback" in window) requestIdleCallback(work, { timeout: SOON });
  else setTimeout(work, SOON / 2);
}
