/** Draws the queue into `<ol id="queue">`, item by item, so that the focus stays where it is. */
import { texts } from "../../ui/static_src/texts.ts";
import type { Clock } from "./clock.ts";
import { clockText, countdownText } from "./format.ts";
import type { Player } from "./player.ts";
import { groupQueue, isQueued, pressingCount, type QueueGroup, type QueueItem } from "./queue.ts";
import { LATE_STATES, type State } from "./timeline.ts";
import type { Words } from "./words.ts";

export interface QueueActions {
  openVisit(visit: number): void;
  openContact(visit: number): void;
}

interface Drawn {
  element: HTMLLIElement;
  timer: HTMLElement;
  item: QueueItem;
  /** What it says, so that only what has changed is written. */
  said: string;
}

/** These show what is left or missed; the others the time of day they wait for or began at. */
const COUNTING: ReadonlySet<State> = new Set<State>(["late", "overdue", "retry_due", "undecided"]);

export class QueuePanel {
  readonly #list: HTMLElement;
  readonly #player: Player;
  readonly #clock: Clock;
  readonly #words: Words;
  readonly #actions: QueueActions;
  readonly #barOf: (visit: number) => HTMLElement | undefined;
  readonly #bars: () => Iterable<HTMLElement>;
  readonly #items = new Map<number, Drawn>();
  readonly #groups = new Map<string, { element: HTMLLIElement; title: HTMLElement; list: HTMLOListElement }>();
  groups: readonly QueueGroup[] = [];

  constructor(
    list: HTMLElement,
    bars: { all: () => Iterable<HTMLElement>; of: (visit: number) => HTMLElement | undefined },
    parts: { player: Player; clock: Clock; words: Words },
    actions: QueueActions,
  ) {
    this.#list = list;
    this.#bars = bars.all;
    this.#barOf = bars.of;
    this.#player = parts.player;
    this.#clock = parts.clock;
    this.#words = parts.words;
    this.#actions = actions;
    list.addEventListener("click", (event) => this.#clicked(event));
    list.addEventListener("keydown", (event) => this.#moved(event));
  }

  get pressing(): number {
    return pressingCount(this.groups);
  }

  /** Visits in the order of the queue, for the key of the next contact. */
  order(): number[] {
    return this.groups.flatMap((group) => group.items.map((item) => item.visit));
  }

  update(): void {
    this.groups = groupQueue(this.#collect());
    const seen = new Set<number>();
    for (const group of this.groups) for (const item of group.items) seen.add(item.visit);
    for (const [visit, drawn] of this.#items) {
      if (!seen.has(visit)) {
        drawn.element.remove();
        this.#items.delete(visit);
      }
    }
    const keys = new Set(this.groups.map((group) => group.key));
    for (const [key, { element }] of this.#groups) {
      if (!keys.has(key)) {
        element.remove();
        this.#groups.delete(key);
      }
    }
    let place: ChildNode | null = this.#list.firstChild;
    for (const group of this.groups) {
      const { element, title, list } = this.#group(group.key);
      const shown = group.items.length;
      const heading = `${group.title} · ${group.total}${shown < group.total ? `, ${texts.first(shown)}` : ""}`;
      if (title.textContent !== heading) title.textContent = heading;
      place = putAt(this.#list, element, place);
      let inner: ChildNode | null = list.firstChild;
      for (const item of group.items) inner = putAt(list, this.#item(item), inner);
    }
    this.#empty();
  }

  tick(): void {
    const now = this.#clock.now();
    for (const { timer, item } of this.#items.values()) {
      const text = this.#timer(item, now);
      if (timer.textContent !== text) timer.textContent = text;
    }
  }

  mark(visit: number | null): void {
    for (const [own, { element }] of this.#items) {
      if (own === visit) element.setAttribute("aria-current", "true");
      else element.removeAttribute("aria-current");
    }
  }

  *#collect(): Generator<QueueItem> {
    for (const bar of this.#bars()) {
      const entry = this.#player.entryOf(bar);
      if (!entry || !isQueued(entry[1])) continue;
      const [began, state, countsTo] = entry;
      yield { visit: Number(bar.dataset["visit"]), state, instant: countsTo ?? began, countsTo };
    }
  }

  #timer(item: QueueItem, now: number): string {
    const counts = item.countsTo !== null && COUNTING.has(item.state);
    if (counts && item.instant > 0) return countdownText(item.instant, now);
    // A state that holds from the beginning has no instant of its own: the planned time tells the visits apart.
    return item.instant > 0 ? clockText(item.instant, this.#words.zone) : startOf(this.#barOf(item.visit));
  }

  #group(key: string): { element: HTMLLIElement; title: HTMLElement; list: HTMLOListElement } {
    let group = this.#groups.get(key);
    if (!group) {
      const element = document.createElement("li");
      const title = document.createElement("h3");
      const list = document.createElement("ol");
      element.className = "qg";
      element.dataset["group"] = key;
      element.append(title, list);
      group = { element, title, list };
      this.#groups.set(key, group);
    }
    return group;
  }

  #item(item: QueueItem): HTMLLIElement {
    const bar = this.#barOf(item.visit);
    let drawn = this.#items.get(item.visit);
    if (!drawn) {
      drawn = { ...newItem(item.visit), item, said: "" };
      this.#items.set(item.visit, drawn);
    }
    drawn.item = item;
    const { element, timer } = drawn;
    const kind = `t ${item.state === "overdue" ? "sla" : LATE_STATES.has(item.state) ? `late ${item.state}` : ""}`;
    if (timer.className !== kind) timer.className = kind;
    const text = this.#timer(item, this.#clock.now());
    if (timer.textContent !== text) timer.textContent = text;
    if (bar) this.#describe(drawn, bar, item);
    return element;
  }

  #describe(drawn: Drawn, bar: HTMLElement, item: QueueItem): void {
    const { client = "", plate = "", bayName = "", flags = "", note = "", holder = "" } = bar.dataset;
    const start = startOf(bar);
    const word = this.#words.of([item.instant, item.state, item.countsTo]);
    const told = flags.split(" ").filter((flag) => flag !== "missed" || item.state !== "overdue");
    const notes = told.map((flag) => texts.flags[flag]).filter((word) => word !== undefined);
    if (note) notes.push(note);
    if (holder) notes.push(texts.heldBy(holder));
    const meta = [plate, start, bayName].filter(Boolean).join(" · ");
    const name = [client, plate, start, word, ...notes].filter(Boolean).join(", ");
    if (drawn.said === `${name}|${meta}`) return;
    drawn.said = `${name}|${meta}`;
    const { element } = drawn;
    setText(element, ".n", client || plate);
    setText(element, ".m", meta);
    setText(element, ".x", notes.join(" · "));
    element.querySelector(".qo")?.setAttribute("aria-label", name);
    element.querySelector(".qc")?.setAttribute("aria-label", `${texts.contacts[item.state] ?? texts.contacts["late"]}: ${client || plate}`);
  }

  #empty(): void {
    const shown = this.#list.querySelector(":scope > .empty");
    if (this.groups.length) shown?.remove();
    else if (!shown) {
      const empty = document.createElement("li");
      empty.className = "empty";
      empty.textContent = texts.nobodyToCall;
      this.#list.append(empty);
    }
  }

  #clicked(event: MouseEvent): void {
    const target = event.target as Element;
    const visit = Number(target.closest<HTMLElement>("[data-visit]")?.dataset["visit"]);
    if (!visit) return;
    if (target.closest(".qc")) this.#actions.openContact(visit);
    else if (target.closest(".qo")) this.#actions.openVisit(visit);
  }

  /** Arrows walk the queue without leaving its column. */
  #moved(event: KeyboardEvent): void {
    const step = event.code === "ArrowDown" ? 1 : event.code === "ArrowUp" ? -1 : 0;
    const button = (event.target as Element).closest<HTMLElement>(".qo, .qc");
    if (!step || !button) return;
    const all = [...this.#list.querySelectorAll<HTMLElement>(button.matches(".qc") ? ".qc" : ".qo")];
    all[all.indexOf(button) + step]?.focus();
    event.preventDefault();
  }
}

/** When the visit begins, with the date where that is another day: «27.11 10:00». */
function startOf(bar: HTMLElement | undefined): string {
  const { start = "", day = "" } = bar?.dataset ?? {};
  return day ? `${texts.dayAndMonth(day)} ${start}` : start;
}

function newItem(visit: number): { element: HTMLLIElement; timer: HTMLElement } {
  const element = document.createElement("li");
  element.className = "qi";
  element.dataset["visit"] = String(visit);
  element.innerHTML =
    '<button type="button" class="qo"><span class="t"></span><span class="n"></span>' +
    '<span class="m"></span><span class="x"></span></button>' +
    '<button type="button" class="btn btn-secondary btn-icon qc"><svg class="i" aria-hidden="true"><use href="#i-phone"/></svg></button>';
  return { element, timer: element.querySelector(".t") as HTMLElement };
}

function setText(element: Element, selector: string, text: string): void {
  const part = element.querySelector(selector);
  if (part && part.textContent !== text) part.textContent = text;
}

/** Puts a node at a place, moving it only where it is not there already: a moved node would lose the focus. */
function putAt(parent: Element, node: HTMLElement, place: ChildNode | null): ChildNode | null {
  if (node === place) return place.nextSibling;
  parent.insertBefore(node, place);
  return place;
}
