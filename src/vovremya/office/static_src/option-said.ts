/** What the option that is typed stands for: input[list][data-option-said="id of a place"], <option value>words</option>. */
export function startOptionsSaid(): void {
  document.addEventListener("input", ({ target }) => {
    const input = target instanceof HTMLInputElement ? target : null;
    const place = document.getElementById(input?.dataset["optionSaid"] ?? "");
    if (!input || !place) return;
    const chosen = [...(input.list?.options ?? [])].find((option) => option.value === input.value.trim());
    place.textContent = chosen?.textContent ?? "";
  });
}
