/** How much of the day is in view: the zoom, the line of now, the way to it. All of it is one variable, `--ppm`. */
import { placeOf } from "./bars.ts";
import type { Clock } from "./clock.ts";

export type Zoom = "day" | "nine" | "four";

const HOURS: Readonly<Record<Exclude<Zoom, "day">, number>> = { nine: 9, four: 4 };
const ZOOM = "vovremya.zoom";
/** Widths below which a bar gives up text: the car, the client, the sign for the timer, and the timer for the sign. */
const WIDTHS = { narrow: 132, tiny: 90, slim: 56, bare: 45 };
const WIDTH_CLASS = new RegExp(` (?:${Object.keys(WIDTHS).join("|")})\\b`, "g");
const LEAD = 0.3;
const DAY = 24 * 60;

export class View {
  readonly #board: HTMLElement;
  readonly #midnight: number;
  readonly #clock: Clock;
  #ppm = 1.9;
  #from = 0;
  #shownAt = Number.NaN;

  constructor(board: HTMLElement, midnight: number, clock: Clock) {
    this.#board = board;
    this.#midnight = midnight;
    this.#clock = clock;
    for (const button of document.querySelectorAll<HTMLElement>("[data-zoom]")) {
      button.addEventListener("click", () => this.zoom(button.dataset["zoom"] as Zoom));
    }
    for (const button of document.querySelectorAll("[data-scroll-now]")) {
      button.addEventListener("click", () => this.scrollToNow("smooth"));
    }
    new ResizeObserver(() => this.#fit()).observe(board);
    this.#fit();
    this.tick();
  }

  /** Pixels a minute. */
  get ppm(): number {
    return this.#ppm;
  }

  get isNowInView(): boolean {
    const { from, to } = this.#hours();
    const minute = this.#nowMinute();
    return minute >= from && minute <= to;
  }

  zoom(zoom: Zoom): void {
    localStorage.setItem(ZOOM, zoom);
    const { minute, share } = this.#anchor();
    this.#fit();
    this.#scrollTo(minute, share, "auto");
  }

  scrollToNow(behaviour: ScrollBehavior = "auto"): void {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (this.isNowInView) this.#scrollTo(this.#nowMinute(), LEAD, still ? "auto" : behaviour);
  }

  /** Where the eye begins: at the present, or on another day at its first visit. */
  scrollToBeginning(): void {
    if (this.isNowInView) return this.scrollToNow();
    const starts = Array.from(this.#board.querySelectorAll<HTMLElement>(".bar"), (bar) => placeOf(bar));
    const minute = Math.min(...starts.filter((start) => start >= 0));
    if (Number.isFinite(minute)) this.#scrollTo(Math.floor(minute / 60) * 60, 0, "auto");
  }

  /** Only the line itself moves: a variable on the board would repaint every bar each second. */
  tick(): void {
    const minute = Math.round(this.#nowMinute() * 10) / 10;
    if (minute === this.#shownAt) return;
    this.#shownAt = minute;
    for (const part of this.#marks()) {
      part.style.setProperty("--now", String(minute));
      part.hidden = !this.isNowInView;
    }
  }

  /** Classes for bars too narrow for all their text, at this zoom. */
  fit(bar: HTMLElement): void {
    const width = placeOf(bar, "--d") * this.#ppm;
    let names = bar.className.replace(WIDTH_CLASS, "");
    for (const [name, below] of Object.entries(WIDTHS)) if (width < below) names += ` ${name}`;
    // Written once, and only where it differs: four classes for each of thousands of bars are four changes.
    if (bar.className !== names) bar.className = names;
  }

  /** The board was drawn anew, perhaps with other hours: what is in view stays there. */
  refit(): void {
    const shownFrom = this.#from;
    const first = shownFrom + this.#board.scrollLeft / this.#ppm;
    this.#fit();
    if (this.#from !== shownFrom) this.#scrollTo(first, 0, "auto");
    this.#shownAt = Number.NaN;
    this.tick();
  }

  /** Whether a part of a bar that belongs to the day lies beyond the hours shown. */
  cuts(bar: HTMLElement): boolean {
    const { from, to } = this.#hours();
    const start = placeOf(bar);
    return Math.max(start, 0) < from || Math.min(start + placeOf(bar, "--d"), DAY) > to;
  }

  /** The line of now and what belongs to it; not looked for among the bars, which would be every second. */
  #marks(): HTMLElement[] {
    const inner = this.#board.querySelector(".inner")?.children ?? [];
    const hours = this.#board.querySelector(".hours")?.children ?? [];
    return [...inner, ...hours].filter((part): part is HTMLElement => part.matches(".now, .nowp, .past"));
  }

  #zoom(): Zoom {
    const kept = localStorage.getItem(ZOOM);
    return kept === "day" || kept === "four" ? kept : "nine";
  }

  #fit(): void {
    const zoom = this.#zoom();
    const { from, to } = this.#hours();
    this.#from = from;
    const width = this.#width();
    const minutes = zoom === "day" ? to - from : Math.min(HOURS[zoom] * 60, to - from);
    const ppm = Math.floor((width / minutes) * 1000) / 1000;
    for (const button of document.querySelectorAll<HTMLElement>("[data-zoom]")) {
      button.setAttribute("aria-pressed", String(button.dataset["zoom"] === zoom));
    }
    if (ppm === this.#ppm) return;
    this.#ppm = ppm;
    this.#board.style.setProperty("--ppm", `${ppm}px`);
    this.#board.classList.toggle("dense", ppm * 60 < 44);
    for (const bar of this.#board.querySelectorAll<HTMLElement>(".bar")) this.fit(bar);
  }

  #hours(): { from: number; to: number } {
    const inner = this.#board.querySelector<HTMLElement>(".inner");
    const from = Number(inner?.style.getPropertyValue("--from") || 0);
    const to = Number(inner?.style.getPropertyValue("--to") || 1440);
    return { from, to };
  }

  #nowMinute(): number {
    return (this.#clock.now() - this.#midnight) / 60_000;
  }

  /** The track's width in view, without the heads of the rows. */
  #width(): number {
    const head = this.#board.querySelector(".hours .c, .rh")?.getBoundingClientRect().width ?? 0;
    return Math.max(200, this.#board.clientWidth - head);
  }

  /** What keeps its place while the zoom changes: the line of now where it is in sight, else the middle. */
  #anchor(): { minute: number; share: number } {
    const minute = this.#nowMinute();
    const share = ((minute - this.#hours().from) * this.#ppm - this.#board.scrollLeft) / this.#width();
    return this.isNowInView && share >= 0 && share <= 1 ? { minute, share } : { minute: this.#minuteAt(0.5), share: 0.5 };
  }

  #minuteAt(share: number): number {
    return this.#hours().from + (this.#board.scrollLeft + this.#width() * share) / this.#ppm;
  }

  #scrollTo(minute: number, share: number, behavior: ScrollBehavior): void {
    const left = (minute - this.#hours().from) * this.#ppm - this.#width() * share;
    this.#board.scrollTo({ left, behavior });
  }
}
