/** Fetches the board anew after a gap in the feed and takes it over bar by bar; forms and windows are not touched. */
import type { BarKeeper, BarsEvent } from "./bars.ts";

interface Outcome {
  done(fresh: HTMLElement): void;
  signedOut(): void;
}

const AGAIN = 2_000;
/** A connection that was lost without a word never answers. */
const ANSWERS_WITHIN = 15_000;

export class Resync {
  readonly #url: string;
  readonly #days: ReadonlySet<BarKeeper>;
  readonly #outcome: Outcome;
  #held: BarsEvent[] | null = null;
  #isAskedAgain = false;

  /** The address names the day: after midnight the bare one would bring another. */
  constructor(url: string, days: ReadonlySet<BarKeeper>, outcome: Outcome) {
    this.#url = url;
    this.#days = days;
    this.#outcome = outcome;
  }

  /** What arrives during the fetch may be newer than the answer: it is applied after it. */
  hold(event: BarsEvent): boolean {
    this.#held?.push(event);
    return this.#held !== null;
  }

  async run(): Promise<void> {
    if (this.#held) {
      this.#isAskedAgain = true;
      return;
    }
    this.#held = [];
    this.#isAskedAgain = false;
    const fresh = await this.#fetch();
    const held = this.#held;
    this.#held = null;
    if (fresh) {
      for (const day of this.#days) {
        const root = fresh.ownerDocument.querySelector<HTMLElement>(day.root.id ? `#${day.root.id}` : ".board");
        if (root) day.resync(root);
      }
    }
    for (const event of held) for (const day of this.#days) day.apply(event);
    if (fresh) this.#outcome.done(fresh);
    // The answer may have been drawn before what was told meanwhile.
    if (fresh && this.#isAskedAgain) void this.run();
    else if (fresh === null) setTimeout(() => void this.run(), AGAIN * (0.5 + Math.random()));
  }

  /** The board's root as drawn now; null where the server did not answer, undefined where the login has ended. */
  async #fetch(): Promise<HTMLElement | null | undefined> {
    try {
      const signal = AbortSignal.timeout(ANSWERS_WITHIN);
      const answer = await fetch(this.#url, { headers: { Accept: "text/html" }, cache: "no-store", signal });
      if (!answer.ok) return null;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const root = page.getElementById("board");
      if (root) return root;
      this.#outcome.signedOut();
      return undefined;
    } catch {
      return null;
    }
  }
}
