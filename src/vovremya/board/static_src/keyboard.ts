/** The board by keys, mouse and touch: arrows between bars, Enter or double click or a long touch opens. */
import { placeOf } from "./bars.ts";
import { boardCommand, isTyping, type Command } from "./keys.ts";
import type { Selection } from "./selection.ts";

export interface BoardActions {
  openVisit(visit: number): void;
  openContact(visit: number): void;
  carry(visit: number): void;
  run(command: Command): void;
  /** A window is open or opening: keys are its own. */
  isCovered(): boolean;
}

const LONG_TOUCH = 500;
const PAGE = 5;
const SELECTABLE = ".bar:not(.off)";

export function startKeyboard(board: HTMLElement, selection: Selection, actions: BoardActions): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || actions.isCovered() || isTyping(event.target)) return;
    const command = boardCommand(event);
    if (!command) return;
    const bar = (event.target as Element).closest<HTMLElement>(".bar");
    if (act(command, bar)) event.preventDefault();
  });

  function act(command: Command, bar: HTMLElement | null): boolean {
    if (bar && board.contains(bar)) {
      const to = neighbour(board, bar, command);
      if (to !== undefined) {
        to?.focus();
        return true;
      }
      if (command === "open") return opened(bar, actions.openVisit);
      if (command === "contact") return opened(bar, actions.openContact);
      if (command === "carry") return opened(bar, actions.carry);
    }
    if (IN_BOARD.has(command)) return false;
    if (command === "contact") {
      if (selection.visit === null) return false;
      actions.openContact(selection.visit);
      return true;
    }
    actions.run(command);
    return true;
  }

  function opened(bar: HTMLElement, open: (visit: number) => void): boolean {
    const visit = Number(bar.dataset["visit"]);
    selection.select(visit);
    open(visit);
    return true;
  }

  board.addEventListener("click", (event) => {
    const bar = (event.target as Element).closest<HTMLElement>(".bar");
    if (!bar) return;
    // A click without a pointer comes from a screen reader or a voice: it means «activate».
    if (event.detail === 0) opened(bar, actions.openVisit);
    else selection.select(Number(bar.dataset["visit"]));
  });
  // The second release of a double click, and not the click: there is none where the bar was drawn anew since the press.
  board.addEventListener("mouseup", (event) => {
    const bar = (event.target as Element).closest<HTMLElement>(".bar");
    if (bar && event.button === 0 && event.detail === 2) opened(bar, actions.openVisit);
  });
  startLongTouch(board, (bar) => opened(bar, actions.openVisit));
}

const IN_BOARD: ReadonlySet<Command> = new Set<Command>([
  "left", "right", "up", "down", "first", "last", "top", "bottom", "page-up", "page-down", "open", "carry",
]);

/** The bar a movement leads to, null at the edge, undefined where the command is no movement. */
function neighbour(board: HTMLElement, bar: HTMLElement, command: Command): HTMLElement | null | undefined {
  const row = bar.closest<HTMLElement>(".row");
  const inRow = row ? barsOf(row) : [];
  const place = inRow.indexOf(bar);
  switch (command) {
    case "left": return inRow[place - 1] ?? null;
    case "right": return inRow[place + 1] ?? null;
    case "first": return inRow[0] ?? null;
    case "last": return inRow.at(-1) ?? null;
    case "up": return inOtherRow(board, bar, row, -1);
    case "down": return inOtherRow(board, bar, row, 1);
    case "page-up": return inOtherRow(board, bar, row, -PAGE);
    case "page-down": return inOtherRow(board, bar, row, PAGE);
    case "top": return board.querySelector<HTMLElement>(SELECTABLE);
    case "bottom": return [...board.querySelectorAll<HTMLElement>(SELECTABLE)].at(-1) ?? null;
    default: return undefined;
  }
}

function barsOf(row: HTMLElement): HTMLElement[] {
  return [...row.querySelectorAll<HTMLElement>(SELECTABLE)];
}

/** The bar nearest in time, so many rows away; rows without bars are passed over. */
function inOtherRow(board: HTMLElement, bar: HTMLElement, row: HTMLElement | null, steps: number): HTMLElement | null {
  const rows = [...board.querySelectorAll<HTMLElement>(".row:not([hidden])")].filter((other) => other === row || other.querySelector(SELECTABLE));
  const from = row ? rows.indexOf(row) : 0;
  const target = rows[Math.min(Math.max(0, from + steps), rows.length - 1)];
  if (!target || target === row) return null;
  const middle = placeOf(bar) + placeOf(bar, "--d") / 2;
  let best: HTMLElement | null = null;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const other of barsOf(target)) {
    const start = placeOf(other);
    const end = start + placeOf(other, "--d");
    const distance = middle < start ? start - middle : middle > end ? middle - end : 0;
    if (distance < bestDistance) {
      best = other;
      bestDistance = distance;
    }
  }
  return best;
}

function startLongTouch(board: HTMLElement, open: (bar: HTMLElement) => void): void {
  let timer = 0;
  let touched = false;
  const cancel = (): void => clearTimeout(timer);
  board.addEventListener("pointerdown", (event) => {
    const bar = (event.target as Element).closest<HTMLElement>(".bar");
    touched = event.pointerType === "touch";
    if (!bar || !touched) return;
    timer = window.setTimeout(() => open(bar), LONG_TOUCH);
  });
  for (const kind of ["pointerup", "pointercancel", "pointermove", "scroll"]) board.addEventListener(kind, cancel, true);
  // The system's own menu would come up over the window that the long touch opens.
  board.addEventListener("contextmenu", (event) => {
    if (touched) event.preventDefault();
  });
}
