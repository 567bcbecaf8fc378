/** Rows of a list, or lists of a page, put in order by pointer or by keys: [data-order="address"] [data-ordered="id"]
    .order-handle. What is ordered may hold what is ordered in its turn: groups of bays, and the bays of each.

    What is sent is which row was moved and before which it stands now: whatever others moved meanwhile stays moved. */
import { post } from "../../ui/static_src/requests.ts";

export function startOrdering(): void {
  document.addEventListener("keydown", (event) => {
    const row = rowOf(event.target);
    if (!row || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    const others = rowsBeside(row);
    const next = event.key === "ArrowUp" ? before(row, others) : afterNext(row, others);
    if (next !== undefined) void put(row, next);
  });
  document.addEventListener("pointerdown", (event) => {
    const row = rowOf(event.target);
    if (row && event.button === 0) carry(row, event);
  });
}

function rowOf(target: EventTarget | null): HTMLElement | null {
  const handle = target instanceof Element ? target.closest(".order-handle") : null;
  return handle?.closest<HTMLElement>("[data-order] [data-ordered]") ?? null;
}

function listOf(row: HTMLElement): HTMLElement | null {
  return row.parentElement?.closest<HTMLElement>("[data-order]") ?? null;
}

function rowsBeside(row: HTMLElement): HTMLElement[] {
  const list = listOf(row);
  const rows = list?.querySelectorAll<HTMLElement>("[data-ordered]:not([hidden])") ?? [];
  return [...rows].filter((other) => other !== row && listOf(other) === list);
}

function stands(row: HTMLElement, where: number, other: HTMLElement): boolean {
  return (row.compareDocumentPosition(other) & where) !== 0;
}

/** The row that stands just before this one; undefined: it is the first. */
function before(row: HTMLElement, others: readonly HTMLElement[]): HTMLElement | undefined {
  return others.filter((other) => stands(row, Node.DOCUMENT_POSITION_PRECEDING, other)).at(-1);
}

/** The row after the next one; null: the next one is the last; undefined: there is none. */
function afterNext(row: HTMLElement, others: readonly HTMLElement[]): HTMLElement | null | undefined {
  const later = others.filter((other) => stands(row, Node.DOCUMENT_POSITION_FOLLOWING, other));
  return later.length ? (later[1] ?? null) : undefined;
}

function carry(row: HTMLElement, pressed: PointerEvent): void {
  const others = rowsBeside(row);
  const stood = row.nextSibling;
  const home = row.parentElement;
  let next: HTMLElement | null | undefined;
  pressed.preventDefault();
  row.classList.add("is-carried");
  const move = ({ clientY }: PointerEvent): void => {
    const middles = others.map((other) => {
      const { top, height } = other.getBoundingClientRect();
      return top + height / 2;
    });
    next = others[middles.findIndex((middle) => clientY < middle)] ?? null;
    if (next) next.before(row);
    else others.at(-1)?.after(row);
  };
  const end = (isKept: boolean): void => {
    stopped.abort();
    row.classList.remove("is-carried");
    if (isKept && next !== undefined && row.nextSibling !== stood) void put(row, next);
    else if (!isKept) home?.insertBefore(row, stood);
    row.querySelector<HTMLElement>(".order-handle")?.focus();
  };
  const stopped = new AbortController();
  const { signal } = stopped;
  addEventListener("pointermove", move, { signal });
  addEventListener("pointerup", () => end(true), { signal });
  addEventListener("pointercancel", () => end(false), { signal });
  addEventListener(
    "keydown",
    (event) => {
      if (event.key === "Escape") end(false);
    },
    { signal },
  );
}

async function put(row: HTMLElement, next: HTMLElement | null): Promise<void> {
  const address = listOf(row)?.dataset["order"] ?? "";
  const handle = row.querySelector<HTMLElement>(".order-handle");
  if (next) next.before(row);
  else rowsBeside(row).at(-1)?.after(row);
  handle?.focus();
  await post(address, { moved: row.dataset["ordered"] ?? "", before: next?.dataset["ordered"] ?? "" });
}
