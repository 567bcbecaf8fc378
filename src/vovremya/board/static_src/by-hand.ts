/** Moving a bar by hand: mouse, touch and keys lead to one drop, and what is in its way is told before it.

    Mouse: a bar is taken where it is pressed and drawn, its end at the last pixels. Touch: a first tap selects the bar, and
    the selected one follows the finger (a long touch is «Ремонты», a finger on any other bar scrolls). Keys: «М».
    The ghost stands beside the bar, so that the bar itself may be drawn anew under it at any time. */
import { texts } from "../../ui/static_src/texts.ts";
import { toast } from "../../ui/static_src/toasts.ts";
import { answerOf, requestKey } from "../../ui/static_src/requests.ts";
import { ask } from "./ask.ts";
import { placeOf, type BarsEvent, type Day } from "./bars.ts";
import { carriedByKey, carriedTo, gripAt, isSame, type Grip } from "./carrying.ts";
import { Ghost } from "./ghost.ts";
import { isTyping } from "./keys.ts";
import { firstMet, overbooked, type Obstacle, type Place } from "./obstacles.ts";
import type { View } from "./view.ts";

interface Pointer {
  id: number;
  /** Where it took hold, on the whole board and not on the part in view. */
  x: number;
  /** Where it is on the screen. */
  at: { x: number; y: number };
  grip: Grip;
}

interface Carried {
  visit: number;
  origin: Place;
  place: Place;
  pointer: Pointer | null;
  known: Known | null;
  isSending: boolean;
}

/** What the server says of the visit and of its ways. */
interface Known {
  plan: number;
  whyNot?: string;
  place?: Place;
  /** Whoever moves it may put it on top of others. */
  mayOverbook?: boolean;
  /** Why its start cannot change; empty: it can. */
  fixed?: string;
  obstacles?: Obstacle[];
}

interface Dropped {
  drawn: BarsEvent;
  said: string;
  undo: string;
}

interface Surroundings {
  day: Day;
  view: View;
  midnight: number;
  zone: string;
  isCovered(): boolean;
  apply(event: BarsEvent): void;
  select(visit: number): void;
}

/** A hand that trembles, or that presses to select, moves nothing. */
const THRESHOLD = { mouse: 6, touch: 12 };
/** On a busy board news come by the dozen: they are asked about together. */
const NEWS_GATHERED_FOR = 250;
const EDGE = 36;
const SCROLLED_AT_ONCE = 14;
const UNDO_SHOWN_FOR = 10_000;

export class ByHand {
  readonly #board: HTMLElement;
  readonly #around: Surroundings;
  readonly #ghost: Ghost;
  #asksAgain = 0;
  #carried: Carried | null = null;

  constructor(board: HTMLElement, around: Surroundings) {
    this.#board = board;
    this.#around = around;
    this.#ghost = new Ghost(board, around.midnight, around.zone);
    board.addEventListener("pointerdown", (event) => this.#pressed(event));
    document.addEventListener("keydown", (event) => this.#keyDown(event), true);
    document.addEventListener("focusin", ({ target }) => {
      if (this.#isByKeys && target !== this.#bar) this.#giveUp();
    });
    around.day.onDrawn((bar) => this.#drawnAnew(bar));
    around.day.onRowChanged(() => this.refresh());
  }

  /** By keys, from the bar in focus. */
  carry(visit: number): boolean {
    const bar = this.#around.day.find(visit);
    if (!bar || this.#carried) return false;
    bar.focus();
    this.#take(bar, null);
    this.#ghost.intoView();
    return true;
  }

  /** The board is another than it was: bars, hours, the present time. */
  refresh(): void {
    if (!this.#carried || this.#carried.isSending) return;
    if (!this.#bar) return this.#giveUp(texts.gone);
    this.#asksAgain ||= window.setTimeout(() => {
      this.#asksAgain = 0;
      void this.#ask();
    }, NEWS_GATHERED_FOR);
  }

  get #bar(): HTMLElement | undefined {
    return this.#carried ? this.#around.day.find(this.#carried.visit) : undefined;
  }

  get #isByKeys(): boolean {
    return this.#carried !== null && this.#carried.pointer === null && !this.#carried.isSending;
  }

  #take(bar: HTMLElement, pointer: Pointer | null): void {
    const visit = Number(bar.dataset["visit"]);
    const origin = placeOnBoard(bar);
    this.#carried = { visit, origin, place: origin, pointer, known: null, isSending: false };
    this.#around.select(visit);
    bar.classList.add("lifted");
    this.#draw();
    void this.#ask();
  }

  /** Where it may go is the server's to say. Until it has, the drop will ask. */
  async #ask(): Promise<void> {
    const carried = this.#carried;
    if (!carried) return;
    const answer = await answerOf<Known>(`/visits/${carried.visit}/by-hand/?day=${this.#around.day.day}`);
    if (this.#carried !== carried || carried.isSending || !answer.said) return;
    const { place } = answer.said;
    // Somebody has moved it, and the bar that shows it is still on its way.
    if (place && !isSame(place, carried.origin)) this.#giveUp(texts.justMoved);
    else {
      carried.known = answer.said;
      this.#draw();
    }
  }

  get #refusal(): string {
    const { known, origin, place } = this.#carried ?? {};
    if (!known || !origin || !place) return "";
    if (known.whyNot) return known.whyNot;
    if (known.fixed && place.start !== origin.start) return known.fixed;
    return isSame(place, origin) ? "" : (firstMet(known.obstacles ?? [], origin, place)?.words ?? "");
  }

  /** What it would be on top of, by the right of whoever moves it. */
  get #onTopOf(): Obstacle[] {
    const { known, origin, place } = this.#carried ?? {};
    if (!known?.mayOverbook || !origin || !place || (known.fixed && place.start !== origin.start)) return [];
    return overbooked(known.obstacles ?? [], origin, place);
  }

  #draw(): void {
    const { place, pointer, isSending } = this.#carried ?? {};
    const mayStand = this.#onTopOf.length > 0 ? ` ${texts.mayStandOnTop}` : "";
    if (place && this.#bar) this.#ghost.show(this.#bar, { place, refusal: this.#refusal + mayStand, byKeys: !pointer, isSending: isSending ?? false });
  }

  #goTo(place: Place | null): void {
    if (!this.#carried || !place || isSame(place, this.#carried.place)) return;
    this.#carried.place = place;
    this.#draw();
  }

  /** Another hand may have drawn it anew: a bar that only changed its state goes on. */
  #drawnAnew(bar: HTMLElement): void {
    const carried = this.#carried;
    if (!carried || carried.isSending || bar !== this.#bar) return;
    if (isSame(placeOnBoard(bar), carried.origin)) this.#draw();
    else this.#giveUp(texts.changedMeanwhile);
  }

  #giveUp(why = ""): void {
    this.#letGo();
    if (why) toast({ text: why });
  }

  #letGo(): void {
    const bar = this.#bar;
    bar?.classList.remove("lifted");
    this.#carried = null;
    this.#ghost.hide();
  }

  // --- the drop ----------------------------------------------------------------------------------------------------

  #drop(): void {
    const carried = this.#carried;
    if (!carried || carried.isSending) return;
    if (isSame(carried.place, carried.origin)) return this.#giveUp();
    const onTopOf = this.#onTopOf;
    const refusal = onTopOf.length > 0 ? "" : this.#refusal;
    if (refusal && carried.pointer) return this.#giveUp(refusal);
    if (refusal) return this.#ghost.insist();
    if (!carried.known) return void this.#dropWhenKnown(carried);
    const { origin, place, known, visit } = carried;
    const values = {
      request_key: requestKey(),
      plan_version: String(known.plan),
      bay: String(place.bay),
      later: String(place.start - origin.start),
      longer: String(place.lasts - origin.lasts),
    };
    if (onTopOf.length > 0) void this.#sendOnTop(visit, values, onTopOf);
    else void this.#send(visit, values);
  }

  /** Asked once; whoever comes there meanwhile is not overbooked by that. */
  async #sendOnTop(visit: number, values: Readonly<Record<string, string>>, obstacles: readonly Obstacle[]): Promise<void> {
    if (this.#carried) this.#carried.isSending = true;
    const isMeant = await ask({
      ...texts.overbook,
      text: obstacles.map(({ words }) => words).join(" "),
    });
    if (isMeant) await this.#send(visit, { ...values, on_top_of: obstacles.map(({ visit: other }) => other).join(",") });
    else this.#giveUp();
  }

  /** Faster than the server has answered: it says first which plan the hand has moved. */
  async #dropWhenKnown(carried: Carried): Promise<void> {
    await this.#ask();
    if (this.#carried !== carried) return;
    if (carried.known) this.#drop();
    else this.#giveUp(texts.leftInPlace);
  }

  /** Until it is answered the ghost stays where the bar will be; sent again, it bears the same key. */
  async #send(visit: number, values: Readonly<Record<string, string>>): Promise<void> {
    if (this.#carried) this.#carried.isSending = true;
    this.#draw();
    const { said, refused, failed } = await answerOf<Dropped>(`/visits/${visit}/by-hand/`, values);
    if (said) this.#around.apply(said.drawn);
    this.#letGo();
    if (said) toast({ text: said.said, undo: said.undo, shownFor: UNDO_SHOWN_FOR });
    else if (refused) toast({ text: refused });
    else {
      toast({
        text: texts.unknownWhetherMoved(failed ?? ""),
        lasting: true,
        action: { label: texts.repeat, run: () => void this.#send(visit, values) },
      });
    }
  }

  // --- by pointer --------------------------------------------------------------------------------------------------

  #pressed(event: PointerEvent): void {
    if (this.#isByKeys) this.#giveUp();
    const bar = (event.target as Element).closest<HTMLElement>(".bar:not(.off)");
    const isTouch = event.pointerType !== "mouse"; // a pen scrolls like a finger
    if (!bar || this.#carried || event.button !== 0 || !event.isPrimary) return;
    // A finger on a bar scrolls, but for the one that a tap has selected.
    if (isTouch && !bar.classList.contains("sel")) return;
    const visit = Number(bar.dataset["visit"]);
    const grip = gripAt(event.clientX, bar.getBoundingClientRect(), isTouch);
    const from = { x: event.clientX, y: event.clientY, scrolled: this.#board.scrollLeft };
    const listening = new AbortController();
    const on = <Kind extends "pointermove" | "pointerup" | "pointercancel">(kind: Kind, take: (event: PointerEvent) => void): void =>
      document.addEventListener(kind, (each) => each.pointerId === event.pointerId && take(each), { signal: listening.signal });
    on("pointermove", (moved) => {
      const carried = this.#carried;
      if (carried?.pointer?.id === moved.pointerId) {
        carried.pointer.at = { x: moved.clientX, y: moved.clientY };
        return;
      }
      const threshold = isTouch ? THRESHOLD.touch : THRESHOLD.mouse;
      if (Math.hypot(moved.clientX - from.x, moved.clientY - from.y) < threshold) return;
      const now = this.#around.day.find(visit);
      if (!now || this.#around.isCovered()) return listening.abort();
      this.#board.setPointerCapture(moved.pointerId);
      this.#take(now, { id: moved.pointerId, x: from.x + from.scrolled, at: { x: moved.clientX, y: moved.clientY }, grip });
      this.#followPointer();
    });
    on("pointerup", () => {
      listening.abort();
      if (this.#carried?.pointer?.id !== event.pointerId) return;
      this.#toPointer();
      this.#drop();
    });
    on("pointercancel", () => {
      listening.abort();
      if (this.#carried?.pointer?.id === event.pointerId && !this.#carried.isSending) this.#giveUp();
    });
  }

  /** Once a frame: the edge of the board draws what lies beyond it into view. */
  #followPointer(): void {
    const carried = this.#carried;
    if (!carried?.pointer || carried.isSending) return;
    this.#scrollAtEdges(carried.pointer);
    this.#toPointer();
    requestAnimationFrame(() => this.#followPointer());
  }

  #toPointer(): void {
    const { pointer, origin, place, isSending } = this.#carried ?? {};
    if (!pointer || !origin || !place || isSending) return;
    const across = pointer.at.x + this.#board.scrollLeft - pointer.x;
    this.#goTo(carriedTo(origin, pointer.grip, across, this.#around.view.ppm, this.#bayAt(pointer.at.y) ?? place.bay));
  }

  #scrollAtEdges({ at: { x, y } }: Pointer): void {
    const { left, right, top, bottom } = this.#tracks();
    this.#board.scrollBy({ left: pull(x, left, right), top: pull(y, top, bottom), behavior: "instant" });
  }

  #bayAt(y: number): number | null {
    const { left, right, top, bottom } = this.#tracks();
    const inView = Math.min(Math.max(y, top + 1), bottom - 2);
    const found = document.elementFromPoint((left + right) / 2, inView)?.closest<HTMLElement>(".row");
    return found ? Number(found.dataset["bay"]) : null;
  }

  /** The board without its heads and hours. */
  #tracks(): { left: number; right: number; top: number; bottom: number } {
    const board = this.#board.getBoundingClientRect();
    const corner = this.#board.querySelector(".hours .c")?.getBoundingClientRect();
    return {
      left: corner?.right ?? board.left,
      right: board.left + this.#board.clientWidth,
      top: corner?.bottom ?? board.top,
      bottom: board.top + this.#board.clientHeight,
    };
  }

  // --- by keys -----------------------------------------------------------------------------------------------------

  #keyDown(event: KeyboardEvent): void {
    const carried = this.#carried;
    if (!carried || carried.isSending || isTyping(event.target)) return;
    if (event.code === "Escape") this.#giveUp();
    else if (carried.pointer) return;
    else if (event.code === "Tab") return this.#giveUp();
    else if (event.code === "Enter" || event.code === "NumpadEnter") {
      if (!event.repeat) this.#drop();
    } else {
      const place = carriedByKey(carried.place, event, this.#bays());
      // Letters are the board's commands, which would leave the bar in the air; what the browser does is its own.
      if (!place && (event.ctrlKey || event.altKey || event.metaKey)) return;
      this.#goTo(place);
      this.#ghost.intoView();
    }
    event.preventDefault();
    event.stopPropagation();
  }

  #bays(): number[] {
    return Array.from(this.#board.querySelectorAll<HTMLElement>(".row:not([hidden])"), (row) => Number(row.dataset["bay"]));
  }
}

function placeOnBoard(bar: HTMLElement): Place {
  return { bay: Number(bar.dataset["bay"]), start: placeOf(bar), lasts: placeOf(bar, "--d") };
}

function pull(at: number, from: number, to: number): number {
  if (at < from + EDGE) return -SCROLLED_AT_ONCE;
  return at > to - EDGE ? SCROLLED_AT_ONCE : 0;
}
