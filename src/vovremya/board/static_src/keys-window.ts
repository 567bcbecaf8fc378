/** The list of keys, called up by «?». */
import { texts } from "../../ui/static_src/texts.ts";
import { BOARD_KEYS, CARRYING_KEYS, WINDOW_KEYS } from "./keys.ts";

export function showKeys(): void {
  if (document.querySelector("dialog.keys")) return;
  const dialog = document.createElement("dialog");
  dialog.className = "keys";
  dialog.setAttribute("aria-labelledby", "keys-title");
  dialog.innerHTML =
    `<div class="window-head"><h2 id="keys-title">${texts.keys.title}</h2><span class="spacer"></span>` +
    `<form method="dialog"><button class="btn btn-secondary btn-icon" aria-label="${texts.close}" autofocus>` +
    '<svg class="i" aria-hidden="true"><use href="#i-close"/></svg></button></form></div>' +
    `<div class="keys-body"></div><p class="muted small">${texts.keys.byPlace}</p>`;
  const body = dialog.querySelector(".keys-body");
  body?.append(part(texts.keys.board, BOARD_KEYS), part(texts.keys.carrying, CARRYING_KEYS), part(texts.keys.windows, WINDOW_KEYS));
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
}

function part(title: string, keys: readonly { shown?: string; text?: string }[]): HTMLElement {
  const section = document.createElement("section");
  const heading = document.createElement("h3");
  const list = document.createElement("dl");
  heading.textContent = title;
  for (const { shown, text } of keys) {
    if (!shown || !text) continue;
    const term = document.createElement("dt");
    for (const key of shown.split(" ")) {
      const sign = document.createElement("kbd");
      sign.textContent = key;
      term.append(sign, " ");
    }
    const meaning = document.createElement("dd");
    meaning.textContent = text;
    list.append(term, meaning);
  }
  section.append(heading, list);
  return section;
}
