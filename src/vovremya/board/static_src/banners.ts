/** Lines above the board about the connection and the watch. They stay until what they tell of is over. */

type Kind = "lost" | "watch" | "bye" | "build" | "day" | "zone";

interface Banner {
  text: string;
  action?: { text: string; run: () => void };
}

export class Banners {
  readonly #place: HTMLElement;

  constructor(place: HTMLElement) {
    this.#place = place;
  }

  show(kind: Kind, { text, action }: Banner): void {
    let line = this.#find(kind);
    if (!line) {
      line = document.createElement("div");
      line.className = "banner";
      line.dataset["banner"] = kind;
      line.setAttribute("role", "alert");
      this.#place.append(line);
    }
    if (line.firstChild?.textContent === text) return;
    const words = document.createElement("span");
    words.textContent = text;
    line.replaceChildren(words);
    if (action) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-secondary";
      button.textContent = action.text;
      button.addEventListener("click", action.run);
      line.append(button);
    }
  }

  hide(kind: Kind): void {
    this.#find(kind)?.remove();
  }

  #find(kind: Kind): HTMLElement | null {
    return this.#place.querySelector<HTMLElement>(`[data-banner="${kind}"]`);
  }
}
