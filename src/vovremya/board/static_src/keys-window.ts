/** The list of keys, called up by «?» on any page: those of the window on top, else those of the page. */
import { texts } from "../../ui/static_src/texts.ts";
import { asksForKeys, BOARD_KEYS, CARRYING_KEYS, HELP_KEYS, isTyping, WINDOW_KEYS } from "./keys.ts";
import type { Windows } from "./windows.ts";

interface Shown {
  shown?: string;
  text?: string;
}

export function startKeysWindow(windows: Windows): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || !asksForKeys(event) || isTyping(event.target)) return;
    event.preventDefault();
    showKeys(windows.top);
  });
  document.querySelector("[data-show-keys]")?.addEventListener("click", () => showKeys(null));
}

function showKeys(window: HTMLElement | null): void {
  if (document.querySelector("dialog:is(.ask, .keys, .help)[open]")) return;
  const dialog = document.createElement("dialog");
  dialog.className = "keys";
  dialog.setAttribute("aria-labelledby", "keys-title");
  dialog.innerHTML =
    `<div class="window-head"><h2 id="keys-title">${texts.keys.title}</h2><span class="spacer"></span>` +
    `<form method="dialog"><button class="btn btn-secondary btn-icon" aria-label="${texts.close}" autofocus>` +
    '<svg class="i" aria-hidden="true"><use href="#i-close"/></svg></button></form></div>' +
    `<div class="keys-body"></div><p class="muted small">${texts.keys.byPlace} ` +
    `<a href="/help/keys/" target="_blank" rel="noopener" data-help>${texts.keys.all}</a></p>`;
  dialog.querySelector(".keys-body")?.append(...(window ? partsOfWindow(window) : partsOfPage()), part(texts.help.title, HELP_KEYS));
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
}

function partsOfPage(): HTMLElement[] {
  const windows = part(texts.keys.windows, WINDOW_KEYS);
  return document.getElementById("board") ? [part(texts.keys.board, BOARD_KEYS), part(texts.keys.carrying, CARRYING_KEYS), windows] : [windows];
}

/** As its buttons and choices show them, so of those that are there now. */
function partsOfWindow(window: HTMLElement): HTMLElement[] {
  const own = [...window.querySelectorAll<HTMLElement>("[data-key]")].filter((each) => each.checkVisibility()).map(shownOn);
  return [part(window.querySelector("h2")?.textContent ?? texts.keys.window, own), part(texts.keys.anyWindow, WINDOW_KEYS)];
}

function shownOn(pressed: HTMLElement): Shown {
  const words = (pressed.closest("label") ?? pressed).cloneNode(true) as HTMLElement;
  const shown = words.querySelector("kbd")?.textContent ?? "";
  for (const beside of words.querySelectorAll("kbd, small, .plan-where, .plan-why, .plan-cost, .plan-move")) beside.remove();
  return { shown, text: words.textContent?.trim().replace(/\s+/g, " ") ?? "" };
}

function part(title: string, keys: readonly Shown[]): HTMLElement {
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
