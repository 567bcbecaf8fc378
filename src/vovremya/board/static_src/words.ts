/** The words of the states, in the language of the page, written by the server into #state-words: the only place they live. */
import { clockText } from "./format.ts";
import type { Entry, State } from "./timeline.ts";

export class Words {
  readonly #words: Readonly<Partial<Record<State, string>>>;
  readonly zone: string;

  constructor(words: Readonly<Partial<Record<State, string>>>, zone: string) {
    this.#words = words;
    this.zone = zone;
  }

  static read(zone: string): Words {
    const text = document.getElementById("state-words")?.textContent;
    return new Words(text ? (JSON.parse(text) as Record<State, string>) : {}, zone);
  }

  of([, state, countsTo]: Entry): string {
    const word = this.#words[state] ?? state;
    return word.replace("{time}", () => (countsTo === null ? "" : clockText(countsTo, this.zone))).trim();
  }

  /** The name by which people and tests know a bar: «М347ВС, Смирнова Анна, 10:28, опаздывает». */
  nameOf(bar: HTMLElement, entry: Entry): string {
    const { plate, client, start, part } = bar.dataset;
    return [plate, client, start, this.of(entry), part].filter(Boolean).join(", ");
  }
}
