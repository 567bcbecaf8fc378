/** Narrows the board to a bay group, an advisor, a state; kept in the address for links, in the tab for the next day. */
import type { Player } from "./player.ts";

type Name = "group" | "advisor" | "state";
const KEPT = "vovremya.filters";
const NAMES: readonly Name[] = ["group", "advisor", "state"];

export function parseFilters(hash: string): Partial<Record<Name, string>> {
  const parameters = new URLSearchParams(hash.replace(/^#/, ""));
  const chosen: Partial<Record<Name, string>> = {};
  for (const name of NAMES) {
    const value = parameters.get(name);
    if (value) chosen[name] = value;
  }
  return chosen;
}

function offers(field: HTMLSelectElement, value: string): boolean {
  return [...field.options].some((option) => option.value === value);
}

export class Filters {
  readonly #board: HTMLElement;
  readonly #player: Player;
  readonly #applied = new Set<() => void>();
  #wasOn = false;
  readonly #fields: Partial<Record<Name, HTMLSelectElement>> = {};

  constructor(board: HTMLElement, player: Player) {
    this.#board = board;
    this.#player = player;
    const chosen = parseFilters(location.hash || (sessionStorage.getItem(KEPT) ?? ""));
    for (const name of NAMES) {
      const field = document.querySelector<HTMLSelectElement>(`select[data-filter="${name}"]`);
      if (!field) continue;
      this.#fields[name] = field;
      const value = chosen[name];
      if (value && offers(field, value)) field.value = value;
      field.addEventListener("change", () => {
        this.#keep();
        this.apply();
      });
    }
    document.querySelector("[data-filters-reset]")?.addEventListener("click", () => {
      for (const field of Object.values(this.#fields)) field.value = "";
      this.#keep();
      this.apply();
    });
    this.apply();
  }

  /** What there is to choose may have other names by now, or be gone. */
  take(fresh: HTMLElement): void {
    for (const [name, field] of Object.entries(this.#fields)) {
      const drawn = fresh.querySelector<HTMLSelectElement>(`select[data-filter="${name}"]`);
      if (!drawn || drawn.innerHTML === field.innerHTML) continue;
      const { value } = field;
      field.replaceChildren(...drawn.childNodes);
      field.value = offers(field, value) ? value : "";
      this.#keep();
    }
  }

  get isOn(): boolean {
    return NAMES.some((name) => this.#value(name));
  }

  apply(): void {
    const group = this.#value("group");
    for (const line of this.#board.querySelectorAll<HTMLElement>(".heads > [data-group], .rows > [data-group]")) {
      line.hidden = group !== "" && line.dataset["group"] !== group;
    }
    // Where nothing is filtered and nothing was, no bar is faint.
    if (this.isOn || this.#wasOn) for (const bar of this.#board.querySelectorAll<HTMLElement>(".bar")) this.fit(bar);
    this.#wasOn = this.isOn;
    document.querySelector("[data-filters-reset]")?.toggleAttribute("hidden", !this.isOn);
    for (const listener of this.#applied) listener();
  }

  onApplied(listener: () => void): void {
    this.#applied.add(listener);
  }

  /** A bar outside the filter is faint and passed over by the keys; one that turns late shows as its state says. */
  fit(bar: HTMLElement): void {
    const advisor = this.#value("advisor");
    const states = this.#value("state");
    const state = this.#player.entryOf(bar)?.[1] ?? "";
    const isOff = (advisor !== "" && bar.dataset["advisor"] !== advisor) || (states !== "" && !states.split(" ").includes(state));
    if (bar.classList.contains("off") !== isOff) bar.classList.toggle("off", isOff);
  }

  #value(name: Name): string {
    return this.#fields[name]?.value ?? "";
  }

  #keep(): void {
    const parameters = new URLSearchParams();
    for (const name of NAMES) if (this.#value(name)) parameters.set(name, this.#value(name));
    const hash = parameters.toString();
    sessionStorage.setItem(KEPT, hash);
    history.replaceState(history.state, "", hash ? `#${hash}` : location.pathname + location.search);
  }
}
