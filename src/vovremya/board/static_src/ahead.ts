/** Visits of days to come whose clients are to be reminded now: the queue is of today, whatever day they are booked for.

    <div id="ahead-bars" hidden>their bars, each with its [data-day]</div> */
import { barFrom, isNews, type BarKeeper, type BarsEvent } from "./bars.ts";
import type { Player } from "./player.ts";
import type { State } from "./timeline.ts";

const REMINDS: State = "to_remind";

export class Ahead implements BarKeeper {
  readonly root: HTMLElement;
  readonly #today: string;
  readonly #player: Player;
  readonly #bars = new Map<number, HTMLElement>();
  readonly #versions = new Map<number, number>();

  constructor(root: HTMLElement, today: string, player: Player) {
    this.root = root;
    this.#today = today;
    this.#player = player;
    this.#takeAll();
  }

  /** Only those to be reminded of: what else happens on another day is seen there. */
  *bars(): Generator<HTMLElement> {
    for (const bar of this.#bars.values()) if (this.#player.entryOf(bar)?.[1] === REMINDS) yield bar;
  }

  find(visit: number): HTMLElement | undefined {
    return this.#bars.get(visit);
  }

  apply({ visit, version, bars }: BarsEvent): boolean {
    if (!isNews(this.#versions.get(visit), version)) return false;
    this.#versions.set(visit, version);
    const [day = ""] = Object.keys(bars).sort();
    const html = bars[day]?.html ?? "";
    const bar = day > this.#today && html.includes(`"${REMINDS}"`) ? barFrom(html) : null;
    this.#drop(visit);
    if (!bar) return true;
    bar.removeAttribute("id");
    bar.dataset["day"] = day;
    this.root.append(bar);
    this.#take(bar);
    return true;
  }

  resync(fresh: HTMLElement): void {
    for (const visit of [...this.#bars.keys()]) this.#drop(visit);
    this.#versions.clear();
    this.root.replaceChildren(...fresh.childNodes);
    this.#takeAll();
  }

  #takeAll(): void {
    for (const bar of this.root.querySelectorAll<HTMLElement>(".bar")) this.#take(bar);
  }

  #take(bar: HTMLElement): void {
    const visit = Number(bar.dataset["visit"]);
    this.#bars.set(visit, bar);
    this.#versions.set(visit, Number(bar.dataset["version"]));
    this.#player.add(bar);
  }

  #drop(visit: number): void {
    const bar = this.#bars.get(visit);
    if (!bar) return;
    this.#bars.delete(visit);
    this.#player.remove(bar);
    bar.remove();
  }
}
