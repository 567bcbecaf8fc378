/** Plays the timelines of all bars: class, sign, timer and name follow the clock with no message from anywhere. */
import type { Clock } from "./clock.ts";
import { clockText, countdownText } from "./format.ts";
import { currentEntry, nextChange, parseTimeline, type Entry, type State, type Timeline } from "./timeline.ts";
import type { Words } from "./words.ts";

export interface Change {
  bar: HTMLElement;
  from: State | null;
  entry: Entry;
}

interface Part {
  timeline: Timeline;
  entry: Entry | null;
  next: number | null;
}

/** Sets a wake-up after real milliseconds; the worker's timers are used too, a hidden tab's own are held back. */
export type Wake = (delay: number, then: () => void) => void;

const LONGEST_SLEEP = 30_000;
const STATE_CLASS = /\bs-[a-z_]+/;

/** A visit to be reminded of may be tomorrow's: its bar stands at its time. */
const FAR = 3_600_000;

/** What the timer of a bar shows: a promised arrival is a time of day, all else counts. */
export function timerText([, state, countsTo]: Entry, now: number, zone: string): string {
  if (countsTo === null || (state === "to_remind" && countsTo - now > FAR)) return "";
  return state === "expected" ? clockText(countsTo, zone) : countdownText(countsTo, now);
}

export class Player {
  readonly #parts = new Map<HTMLElement, Part>();
  readonly #ticking = new Set<HTMLElement>();
  readonly #visible = new Set<HTMLElement>();
  readonly #listeners = new Set<(changes: readonly Change[]) => void>();
  readonly #watcher: IntersectionObserver;
  readonly #clock: Clock;
  readonly #words: Words;
  readonly #wake: Wake;
  #wakeAt = Number.POSITIVE_INFINITY;
  #told: Change[] = [];

  constructor(clock: Clock, words: Words, wake: Wake) {
    this.#clock = clock;
    this.#words = words;
    this.#wake = wake;
    this.#watcher = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) {
          this.#visible.add(target as HTMLElement);
          this.#drawTimer(target as HTMLElement);
        } else this.#visible.delete(target as HTMLElement);
      }
    });
    clock.onJump(() => this.run(true));
  }

  onChange(listener: (changes: readonly Change[]) => void): void {
    this.#listeners.add(listener);
  }

  entryOf(bar: HTMLElement): Entry | null {
    return this.#parts.get(bar)?.entry ?? null;
  }

  /** Takes a bar in, perhaps in place of an old one; its change is told with the next `run` or `settle`. */
  add(bar: HTMLElement, old?: HTMLElement): void {
    const before = old ? this.entryOf(old) : null;
    const part: Part = { timeline: parseTimeline(bar.dataset["timeline"]), entry: null, next: null };
    if (old) this.remove(old);
    this.#parts.set(bar, part);
    this.#play(bar, part, before);
  }

  remove(bar: HTMLElement): void {
    this.#parts.delete(bar);
    this.#stopTimer(bar);
  }

  /** Tells the listeners what `add` brought and sleeps until the next change. */
  settle(): void {
    const told = this.#told;
    this.#told = [];
    for (const listener of this.#listeners) listener(told);
    this.#sleep();
  }

  /** Plays what is due by now; everything, where the clock has jumped. */
  run(everything = false): void {
    const now = this.#clock.now();
    for (const [bar, part] of this.#parts) {
      if (everything || (part.next !== null && part.next <= now)) this.#play(bar, part, part.entry);
    }
    this.#wakeAt = Number.POSITIVE_INFINITY;
    if (this.#told.length) this.settle();
    else this.#sleep();
  }

  /** Each second: the timers in view, and nothing else. */
  tick(): void {
    for (const bar of this.#visible) this.#drawTimer(bar);
  }

  #sleep(): void {
    let next = Number.POSITIVE_INFINITY;
    for (const part of this.#parts.values()) if (part.next !== null && part.next < next) next = part.next;
    if (next >= this.#wakeAt) return;
    this.#wakeAt = next;
    const delay = Math.min(Math.max(0, this.#clock.until(next)), LONGEST_SLEEP);
    this.#wake(Math.ceil(delay), () => {
      if (this.#wakeAt === next) this.run();
    });
  }

  #play(bar: HTMLElement, part: Part, before: Entry | null): void {
    const now = this.#clock.now();
    const entry = currentEntry(part.timeline, now);
    part.next = nextChange(part.timeline, now);
    if (!entry || entry === part.entry) return;
    part.entry = entry;
    this.#draw(bar, entry);
    this.#told.push({ bar, from: before?.[1] ?? null, entry });
  }

  #draw(bar: HTMLElement, entry: Entry): void {
    const state = `s-${entry[1]}`;
    const name = this.#words.nameOf(bar, entry);
    // Writing only what differs keeps the first pass over thousands of bars from restyling them.
    if (!bar.classList.contains(state)) {
      bar.className = STATE_CLASS.test(bar.className) ? bar.className.replace(STATE_CLASS, state) : `bar ${state}`;
    }
    if (bar.getAttribute("aria-label") !== name) bar.setAttribute("aria-label", name);
    bar.classList.toggle("timed", entry[2] !== null);
    if (entry[2] === null) this.#stopTimer(bar);
    else {
      this.#ticking.add(bar);
      this.#watcher.observe(bar);
    }
    this.#drawTimer(bar);
  }

  #stopTimer(bar: HTMLElement): void {
    if (!this.#ticking.delete(bar)) return;
    this.#watcher.unobserve(bar);
    this.#visible.delete(bar);
  }

  #drawTimer(bar: HTMLElement): void {
    const entry = this.entryOf(bar);
    if (!entry) return;
    const text = timerText(entry, this.#clock.now(), this.#words.zone);
    let timer = bar.querySelector("time");
    if (!timer && text) {
      timer = document.createElement("time");
      bar.querySelector(".sign")?.after(timer);
    }
    if (timer && timer.textContent !== text) timer.textContent = text;
  }
}
