/** One bar is selected, on the board and in the queue; one bar of the board takes the Tab key. */

export class Selection {
  readonly #board: HTMLElement;
  readonly #listeners = new Set<(visit: number | null) => void>();
  #visit: number | null = null;

  constructor(board: HTMLElement) {
    this.#board = board;
    board.addEventListener("focusin", (event) => {
      const bar = (event.target as Element).closest<HTMLElement>(".bar");
      if (bar) this.#rove(bar);
    });
  }

  get visit(): number | null {
    return this.#visit;
  }

  onChange(listener: (visit: number | null) => void): void {
    this.#listeners.add(listener);
  }

  select(visit: number): HTMLElement | null {
    const bar = this.#board.querySelector<HTMLElement>(`.bar[data-visit="${visit}"]`);
    for (const old of this.#board.querySelectorAll(".bar.sel")) {
      old.classList.remove("sel");
      old.removeAttribute("aria-current");
    }
    bar?.classList.add("sel");
    bar?.setAttribute("aria-current", "true");
    this.#visit = visit;
    for (const listener of this.#listeners) listener(visit);
    return bar;
  }

  /** Selects, brings into view and gives the focus; true where the bar is on this board. */
  goTo(visit: number): boolean {
    const bar = this.select(visit);
    if (!bar) return false;
    this.#rove(bar);
    bar.focus();
    bar.scrollIntoView({ block: "nearest", inline: "nearest" });
    return true;
  }

  /** Lets Tab reach the board at a bar, without taking the focus. */
  settle(bar: HTMLElement | null): void {
    if (bar && !this.#board.querySelector(".row:not([hidden]) .bar[tabindex='0']:not(.off)")) this.#rove(bar);
  }

  #rove(bar: HTMLElement): void {
    for (const old of this.#board.querySelectorAll<HTMLElement>(".bar[tabindex='0']")) if (old !== bar) old.tabIndex = -1;
    bar.tabIndex = 0;
  }
}
