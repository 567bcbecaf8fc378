/** The search of the header: results under the field, walked with arrows, opened with Enter.

    <input id="search" data-search-url="/SEV/search" role="combobox" aria-controls="search-results" aria-expanded="false">
    <ul id="search-results" role="listbox" aria-label="Найдено" hidden></ul>
    The server's answer to ?q= is the list's items: <li role="option" id="found-1" data-visit="1" data-url="/visits/1/">. */
import { texts } from "../../ui/static_src/texts.ts";

const DELAY = 200;
const SHORTEST = 2;
const ANSWERS_WITHIN = 10_000;

export function startSearch(open: (visit: number, url: string) => void): void {
  const field = document.getElementById("search") as HTMLInputElement | null;
  const list = document.getElementById("search-results");
  if (!field || !list) return;
  let timer = 0;
  let asked = 0;
  /** The answer to what is in the field is still to come. */
  let isAwaited = false;
  /** Enter was pressed before it came. */
  let picksFirst = false;

  const show = (isShown: boolean): void => {
    list.hidden = !isShown;
    field.setAttribute("aria-expanded", String(isShown));
    if (!isShown) field.removeAttribute("aria-activedescendant");
  };
  const options = (): HTMLElement[] => [...list.querySelectorAll<HTMLElement>("[role=option]")];
  const active = (): HTMLElement | undefined => options().find((option) => option.getAttribute("aria-selected") === "true");
  const mark = (option: HTMLElement | undefined): void => {
    for (const other of options()) other.setAttribute("aria-selected", String(other === option));
    if (option?.id) field.setAttribute("aria-activedescendant", option.id);
    option?.scrollIntoView({ block: "nearest" });
  };
  const pick = (option: HTMLElement | undefined): void => {
    if (!option) return;
    show(false);
    open(Number(option.dataset["visit"]), option.dataset["url"] ?? `/visits/${option.dataset["visit"]}/`);
  };

  const isLongEnough = (): boolean => field.value.trim().length >= SHORTEST;

  async function ask(): Promise<void> {
    if (!field || !list || !isLongEnough()) return;
    const query = field.value.trim();
    const turn = ++asked;
    try {
      const answer = await fetch(`${field.dataset["searchUrl"]}?q=${encodeURIComponent(query)}`, {
        headers: { "HX-Request": "true" },
        signal: AbortSignal.timeout(ANSWERS_WITHIN),
      });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const found = await answer.text();
      // An older answer may overtake a newer one.
      if (turn !== asked) return;
      list.innerHTML = found.trim() || `<li class="empty">${texts.nothingFound}</li>`;
      mark(options()[0]);
    } catch {
      if (turn !== asked) return;
      list.innerHTML = `<li class="empty">${texts.searchIsAway}</li>`;
    }
    isAwaited = false;
    if (picksFirst && active()) pick(active());
    else show(document.activeElement === field);
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    // What was found is of another text: neither Enter nor a hand may open it.
    list.replaceChildren();
    show(false);
    asked += 1;
    isAwaited = isLongEnough();
    picksFirst = false;
    timer = window.setTimeout(() => void ask(), DELAY);
  });
  field.addEventListener("focus", () => {
    if (list.childElementCount) show(true);
  });
  field.addEventListener("keydown", (event) => {
    const all = options();
    const place = all.indexOf(active() as HTMLElement);
    if (event.code === "ArrowDown") mark(all[Math.min(place + 1, all.length - 1)]);
    else if (event.code === "ArrowUp") mark(all[Math.max(place - 1, 0)]);
    else if (event.code === "Enter" || event.code === "NumpadEnter") {
      if (isAwaited) picksFirst = true;
      else if (list.hidden) void ask();
      else pick(active());
    } else if (event.code === "Escape") {
      picksFirst = false;
      if (list.hidden) field.blur();
      show(false);
    } else return;
    event.preventDefault();
  });
  // Before the field loses the focus and the list with it.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => pick((event.target as Element).closest<HTMLElement>("[role=option]") ?? undefined));
  field.addEventListener("blur", () => {
    picksFirst = false;
    show(false);
  });
}
