/** The server's clock in the browser: an anchor plus the monotonic clock times the speed. The PC's time is never read. */

export interface Anchor {
  now: number;
  speed: number;
}

/** A beat that arrives this much off moves the clock; smaller differences are the network's delay. */
const TOLERANCE = 250;
/** A jump larger than this may have passed or undone changes, so everything is played again. */
const JUMP = 1500;

export class Clock {
  #now: number;
  #at: number;
  #speed: number;
  readonly #jumped = new Set<() => void>();
  readonly #monotonic: () => number;

  constructor(anchor: Anchor, at: number, monotonic: () => number = () => performance.now()) {
    this.#now = anchor.now;
    this.#speed = anchor.speed;
    this.#at = at;
    this.#monotonic = monotonic;
  }

  now(): number {
    return this.#now + (this.#monotonic() - this.#at) * this.#speed;
  }

  get speed(): number {
    return this.#speed;
  }

  /** Real milliseconds until an instant of the server's clock. */
  until(instant: number): number {
    return this.#speed > 0 ? (instant - this.now()) / this.#speed : Number.POSITIVE_INFINITY;
  }

  /** A message can only be late, so an earlier reading within the tolerance is not better than ours. */
  anchor({ now, speed }: Anchor): void {
    const difference = now - this.now();
    const sameSpeed = speed === this.#speed;
    if (sameSpeed && difference <= 0 && difference > -TOLERANCE * Math.max(1, speed)) return;
    this.#now = now;
    this.#speed = speed;
    this.#at = this.#monotonic();
    if (!sameSpeed || Math.abs(difference) > JUMP * Math.max(1, speed)) for (const listener of this.#jumped) listener();
  }

  onJump(listener: () => void): void {
    this.#jumped.add(listener);
  }
}

/** Calls its listeners at every whole second of the server's clock, at once when the page comes back into view. */
export class Ticker {
  readonly #listeners = new Set<() => void>();

  start(clock: Clock): void {
    const turn = (): void => {
      this.tick();
      setTimeout(turn, clock.speed === 1 ? 1000 - (clock.now() % 1000) : 1000);
    };
    turn();
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.tick();
    });
  }

  tick(): void {
    for (const listener of this.#listeners) listener();
  }

  onTick(listener: () => void): void {
    this.#listeners.add(listener);
  }
}
