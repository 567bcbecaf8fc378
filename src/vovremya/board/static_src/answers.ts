/** The field «Ответ»: a listbox in which double click, Enter, or the key «Д» of the window chooses «Да».

    <div class="answers" role="listbox" aria-label="Ответ" tabindex="0" data-yes="yes">
      <div role="option" aria-selected="false" data-value="yes" data-key="KeyL">Да <kbd>Д</kbd></div> …
      <input type="hidden" name="answer">
    </div> */

const LISTBOX = ".answers[role=listbox]";

export function startAnswers(): void {
  document.addEventListener("click", (event) => {
    const option = (event.target as Element).closest<HTMLElement>(`${LISTBOX} [role=option]`);
    if (option) choose(option);
  });
  document.addEventListener("dblclick", (event) => {
    const list = (event.target as Element).closest<HTMLElement>(LISTBOX);
    // On another answer the two clicks have chosen that one, and it stays.
    if (list && !(event.target as Element).closest("[role=option]")) choose(yesOf(list));
  });
  document.addEventListener("keydown", (event) => {
    const list = (event.target as Element).closest?.<HTMLElement>(LISTBOX);
    if (!list || event.ctrlKey || event.altKey || event.metaKey) return;
    const options = [...list.querySelectorAll<HTMLElement>("[role=option]")];
    const place = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const to = target(event.code, place, options.length);
    if (to === null) return;
    event.preventDefault();
    choose(to === "yes" ? yesOf(list) : options[to]);
  });
}

function target(code: string, place: number, count: number): number | "yes" | null {
  switch (code) {
    case "Enter":
    case "NumpadEnter":
    case "Space": return place < 0 ? "yes" : null;
    case "ArrowRight":
    case "ArrowDown": return Math.min(place + 1, count - 1);
    case "ArrowLeft":
    case "ArrowUp": return Math.max(place - 1, 0);
    case "Home": return 0;
    case "End": return count - 1;
    default: return null;
  }
}

function yesOf(list: HTMLElement): HTMLElement | undefined {
  return list.querySelector<HTMLElement>(`[data-value="${list.dataset["yes"] ?? "yes"}"]`) ?? undefined;
}

function choose(option: HTMLElement | undefined): void {
  const list = option?.closest<HTMLElement>(LISTBOX);
  const field = list?.querySelector<HTMLInputElement>("input[type=hidden]");
  if (!option || !list || !field || option.getAttribute("aria-disabled") === "true") return;
  for (const other of list.querySelectorAll("[role=option]")) other.setAttribute("aria-selected", String(other === option));
  if (option.id) list.setAttribute("aria-activedescendant", option.id);
  const value = option.dataset["value"] ?? "";
  if (field.value === value) return;
  field.value = value;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}
