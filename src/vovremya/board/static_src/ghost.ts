/** The ghost of a bar in hand: where it would stand and what is in its way, in the row and in a line of words below. */
import { texts } from "../../ui/static_src/texts.ts";
import { clockText } from "./format.ts";
import type { Place } from "./obstacles.ts";

export interface Shown {
  place: Place;
  /** Why it cannot be put there; empty: it can. */
  refusal: string;
  byKeys: boolean;
  isSending: boolean;
}

export class Ghost {
  readonly #midnight: number;
  readonly #zone: string;
  readonly #ghost = Object.assign(document.createElement("div"), { className: "ghost" });
  readonly #line = Object.assign(document.createElement("div"), { className: "carrying" });
  readonly #words = document.createElement("p");

  constructor(board: HTMLElement, midnight: number, zone: string) {
    this.#midnight = midnight;
    this.#zone = zone;
    this.#ghost.setAttribute("aria-hidden", "true");
    this.#words.setAttribute("role", "status");
    const keys = document.createElement("p");
    keys.className = "carrying-keys";
    keys.innerHTML = texts.carryingKeys;
    this.#line.append(this.#words, keys);
    this.#line.hidden = true;
    // A region that is there before it speaks is heard.
    board.parentElement?.append(this.#line);
  }

  show(bar: HTMLElement, { place, refusal, byKeys, isSending }: Shown): void {
    const time = `${this.#clock(place.start)}–${this.#clock(place.start + place.lasts)}`;
    const track = document.getElementById(`track-${place.bay}`);
    if (track && this.#ghost.parentElement !== track) track.append(this.#ghost);
    this.#ghost.style.setProperty("--s", String(place.start));
    this.#ghost.style.setProperty("--d", String(place.lasts));
    this.#ghost.classList.toggle("refused", refusal !== "");
    this.#ghost.classList.toggle("sending", isSending);
    write(this.#ghost, refusal ? [time, refusal] : [time]);
    const bayName = document.querySelector(`#head-${place.bay} b`)?.textContent ?? "";
    write(this.#words, [`${bar.dataset["plate"] ?? ""}: ${time}, ${bayName}`, isSending ? texts.saving : refusal]);
    this.#line.classList.toggle("refused", refusal !== "");
    this.#line.classList.toggle("by-keys", byKeys);
    this.#line.hidden = false;
  }

  intoView(): void {
    this.#ghost.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** Enter where it cannot be put: the refusal is said once more. */
  insist(): void {
    const said = [...this.#words.childNodes];
    this.#words.replaceChildren();
    requestAnimationFrame(() => this.#words.replaceChildren(...said));
  }

  hide(): void {
    this.#ghost.remove();
    this.#line.hidden = true;
    this.#words.replaceChildren();
    delete this.#words.dataset["said"];
  }

  #clock(minute: number): string {
    return clockText(this.#midnight + minute * 60_000, this.#zone);
  }
}

/** The first part in bold; written only where it differs, which spares a screen reader and a frame. */
function write(element: HTMLElement, [first = "", second = ""]: readonly string[]): void {
  if (element.dataset["said"] === `${first}\n${second}`) return;
  element.dataset["said"] = `${first}\n${second}`;
  element.replaceChildren(Object.assign(document.createElement("b"), { textContent: first }));
  if (second) element.append(" ", Object.assign(document.createElement("span"), { textContent: second }));
}
