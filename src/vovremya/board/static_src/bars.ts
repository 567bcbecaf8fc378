/** The bars on this page, by visit: those of the board's day and, where the board shows another day, of today. */
import type { Player } from "./player.ts";

/** One bar drawn anew by the server; the days a visit has left are not in `bars`, and none means it is gone. */
export interface BarsEvent {
  cursor: string;
  visit: number;
  version: number;
  bars: Readonly<Record<string, { bay: number; html: string }>>;
}

/** An update is taken only above what is known, whichever of two messages overtook the other. */
export function isNews(known: number | undefined, version: number): boolean {
  return known === undefined || version > known;
}

export function barFrom(html: string): HTMLElement | null {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.querySelector<HTMLElement>(".bar");
}

/** Bars that follow the feed and the page as it is drawn anew. */
export interface BarKeeper {
  readonly root: HTMLElement;
  find(visit: number): HTMLElement | undefined;
  apply(event: BarsEvent): boolean;
  resync(fresh: HTMLElement): void;
}

/** The bars of one day in one container: the rows of the board, or the hidden list of today. */
export class Day implements BarKeeper {
  readonly day: string;
  readonly root: HTMLElement;
  readonly #player: Player;
  readonly #bars = new Map<number, HTMLElement>();
  /** Versions of removed visits stay here, so that a late message cannot bring one back. */
  readonly #versions = new Map<number, number>();
  readonly #drawn = new Set<(bar: HTMLElement) => void>();
  readonly #rowChanged = new Set<(row: HTMLElement) => void>();

  constructor(root: HTMLElement, day: string, player: Player) {
    this.root = root;
    this.day = day;
    this.#player = player;
    for (const bar of root.querySelectorAll<HTMLElement>(".bar")) this.#take(bar);
  }

  bars(): Iterable<HTMLElement> {
    return this.#bars.values();
  }

  find(visit: number): HTMLElement | undefined {
    return this.#bars.get(visit);
  }

  /** Called for each bar put in after the first drawing. */
  onDrawn(listener: (bar: HTMLElement) => void): void {
    this.#drawn.add(listener);
  }

  /** Called for each row that a bar has come to or left. */
  onRowChanged(listener: (row: HTMLElement) => void): void {
    this.#rowChanged.add(listener);
  }

  apply(event: BarsEvent): boolean {
    const { visit, version } = event;
    if (!isNews(this.#versions.get(visit), version)) return false;
    const old = this.#bars.get(visit);
    this.#versions.set(visit, version);
    const drawn = event.bars[this.day];
    if (!drawn) {
      this.#drop(visit);
      return true;
    }
    const track = this.#trackOf(drawn.bay);
    const bar = track && barFrom(drawn.html);
    if (!bar) this.#drop(visit);
    else this.#put(bar, track, old);
    return true;
  }

  /** Takes the whole day as the server has just drawn it, touching only the bars that differ. */
  resync(fresh: HTMLElement): void {
    if (bayOrder(fresh) !== bayOrder(this.root)) {
      this.#replace(fresh);
      return;
    }
    const here = new Set<number>();
    for (const bar of fresh.querySelectorAll<HTMLElement>(".bar")) {
      const visit = Number(bar.dataset["visit"]);
      const version = Number(bar.dataset["version"]);
      here.add(visit);
      if (this.#bars.has(visit) && this.#versions.get(visit) === version) continue;
      const track = this.#trackOf(Number(bar.dataset["bay"]));
      this.#versions.set(visit, version);
      if (track) this.#put(document.adoptNode(bar), track, this.#bars.get(visit));
    }
    for (const visit of [...this.#bars.keys()]) if (!here.has(visit)) this.#drop(visit);
    takeNames(this.root, fresh);
    takeHours(this.root, fresh);
    for (const row of fresh.querySelectorAll<HTMLElement>(".row")) this.#takeRoom(row);
  }

  /** Other bays: everything is put in anew, and what was at hand still is. */
  #replace(fresh: HTMLElement): void {
    const focused = this.root.contains(document.activeElement) ? document.activeElement : null;
    const before = new Map(this.#bars);
    this.#bars.clear();
    this.#versions.clear();
    this.root.replaceChildren(...fresh.childNodes);
    for (const bar of this.root.querySelectorAll<HTMLElement>(".bar")) {
      const visit = Number(bar.dataset["visit"]);
      const old = before.get(visit);
      before.delete(visit);
      if (old) inherit(bar, old);
      this.#take(bar, old);
      if (old && old === focused) bar.focus({ preventScroll: true });
    }
    for (const gone of before.values()) this.#player.remove(gone);
  }

  /** When a bay is open, and why not: what stands behind the bars. */
  #takeRoom(fresh: HTMLElement): void {
    const track = this.#trackOf(Number(fresh.dataset["bay"]));
    const row = track?.closest<HTMLElement>(".row");
    if (!track || !row || roomOf(row) === roomOf(fresh)) return;
    row.dataset["open"] = fresh.dataset["open"];
    row.dataset["day"] = fresh.dataset["day"];
    for (const old of track.querySelectorAll(":scope > .brk")) old.remove();
    track.prepend(...fresh.querySelectorAll(".brk"));
    for (const listener of this.#rowChanged) listener(row);
  }

  #trackOf(bay: number): HTMLElement | null {
    const track = document.getElementById(`track-${bay}`);
    if (track && this.root.contains(track)) return track;
    return this.root.querySelector(".track") ? null : this.root;
  }

  #take(bar: HTMLElement, old?: HTMLElement): void {
    const visit = Number(bar.dataset["visit"]);
    this.#bars.set(visit, bar);
    this.#versions.set(visit, Number(bar.dataset["version"]));
    this.#player.add(bar, old);
  }

  /** Puts a bar in place of the old one; focus and selection go with it. */
  #put(bar: HTMLElement, track: HTMLElement, old: HTMLElement | undefined): void {
    const focused = old !== undefined && old === document.activeElement;
    // A work over the night is in the list of today and on the day that is shown: its id is there.
    if (track === this.root) bar.removeAttribute("id");
    if (old) inherit(bar, old);
    const oldTrack = old?.parentElement;
    if (old && oldTrack === track) old.replaceWith(bar);
    else {
      old?.remove();
      track.insertBefore(bar, follower(track, bar));
      if (oldTrack) this.#lanes(oldTrack);
    }
    this.#take(bar, old);
    this.#lanes(track);
    if (focused) bar.focus({ preventScroll: true });
    for (const listener of this.#drawn) listener(bar);
  }

  #drop(visit: number): void {
    const bar = this.#bars.get(visit);
    if (!bar) return;
    const track = bar.parentElement;
    this.#bars.delete(visit);
    this.#player.remove(bar);
    bar.remove();
    if (track) this.#lanes(track);
  }

  /** A row is as high as the lanes its bars need. */
  #lanes(track: HTMLElement): void {
    const row = track.closest<HTMLElement>(".row");
    if (!row) return;
    let lanes = 1;
    for (const bar of track.querySelectorAll<HTMLElement>(".bar")) {
      lanes = Math.max(lanes, 1 + placeOf(bar, "--lane"));
    }
    row.dataset["lanes"] = String(lanes);
    for (const part of [row, headOf(row)]) part?.style.setProperty("--lanes", String(lanes));
    for (const listener of this.#rowChanged) listener(row);
  }
}

/** What hands have done to a bar goes on to the one that takes its place. */
function inherit(bar: HTMLElement, old: HTMLElement): void {
  for (const name of ["sel", "lifted"]) bar.classList.toggle(name, old.classList.contains(name));
  if (old.getAttribute("aria-current")) bar.setAttribute("aria-current", "true");
  bar.tabIndex = old.tabIndex;
}

/** Which bays stand where, and in which groups. */
function bayOrder(root: HTMLElement): string {
  return Array.from(root.querySelectorAll<HTMLElement>(".row"), ({ dataset }) => `${dataset["group"]}:${dataset["bay"]}`).join();
}

/** What groups and bays are called, in their heads and for those who hear the board read; they stand in the same order. */
function takeNames(root: HTMLElement, fresh: HTMLElement): void {
  const names = (board: HTMLElement): NodeListOf<HTMLElement> => board.querySelectorAll(".grp, .rh, [role=rowheader]");
  const shown = names(root);
  for (const [place, drawn] of names(fresh).entries()) {
    const old = shown[place];
    if (old && old.innerHTML !== drawn.innerHTML) old.innerHTML = drawn.innerHTML;
  }
}

/** The hours that the board shows. */
function takeHours(root: HTMLElement, fresh: HTMLElement): void {
  const [shown, drawn] = [root, fresh].map((each) => each.querySelector<HTMLElement>(".inner"));
  const style = drawn?.getAttribute("style");
  if (!shown || !drawn || !style || shown.getAttribute("style") === style) return;
  shown.setAttribute("style", style);
  for (const old of shown.querySelectorAll(".hours > .h")) old.remove();
  shown.querySelector(".hours > .c")?.after(...drawn.querySelectorAll(".hours > .h"));
}

function roomOf(row: HTMLElement): string {
  const { open, day } = row.dataset;
  return [open, day, ...Array.from(row.querySelectorAll(".brk"), (part) => part.outerHTML)].join("\n");
}

/** The head of a row stands in the column of heads. */
export function headOf(row: HTMLElement): HTMLElement | null {
  return document.getElementById(`head-${row.dataset["bay"]}`);
}

type Place = "--s" | "--d" | "--lane";
type Places = Readonly<Record<Place, number>>;
const PLACES = /--s:(-?\d+);--d:(\d+);--lane:(\d+)/;
const places = new WeakMap<HTMLElement, Places>();

/** Where the server has put a bar, which is for good: its minute of the day, its minutes, its lane. Read from the attribute
    as it was written: a style object for each of thousands of bars would be made for nothing. */
export function placeOf(bar: HTMLElement, name: Place = "--s"): number {
  let found = places.get(bar);
  if (!found) {
    const [, start = 0, lasts = 0, lane = 0] = PLACES.exec(bar.getAttribute("style") ?? "") ?? [];
    found = { "--s": Number(start), "--d": Number(lasts), "--lane": Number(lane) };
    places.set(bar, found);
  }
  return found[name];
}

/** Bars stand in the document by their time, which is the order of reading and of the arrow keys. */
function follower(track: HTMLElement, bar: HTMLElement): HTMLElement | null {
  const start = placeOf(bar);
  for (const other of track.querySelectorAll<HTMLElement>(".bar")) if (placeOf(other) > start) return other;
  return null;
}
