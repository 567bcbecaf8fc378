/** A long list narrowed while it is typed: input[data-narrows], and in #list rows with data-words and
    a [data-none-left]. */

/** Every word typed stands somewhere in the words of the row. */
export function matches(words: string, typed: string): boolean {
  const folded = fold(words);
  return fold(typed)
    .split(/\s+/)
    .every((word) => folded.includes(word));
}

function fold(text: string): string {
  return text.toLocaleLowerCase("ru").replaceAll("ё", "е").trim();
}

export function startNarrowing(): void {
  const input = document.querySelector<HTMLInputElement>("[data-narrows]");
  const list = document.getElementById("list");
  if (!input || !list) return;
  const narrow = (): void => {
    const rows = [...list.querySelectorAll<HTMLElement>("[data-words]")];
    for (const row of rows) row.hidden = !matches(row.dataset["words"] ?? "", input.value);
    const noneLeft = list.querySelector<HTMLElement>("[data-none-left]");
    if (noneLeft) noneLeft.hidden = rows.some((row) => !row.hidden);
  };
  input.addEventListener("input", narrow);
  // The list is drawn anew after every change.
  new MutationObserver(narrow).observe(list, { childList: true });
}
