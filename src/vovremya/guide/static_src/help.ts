/** Help beside the work: a page of the manual in a panel over the right edge, so that neither the window that is open nor
    what is typed in it is lost, and the card can be read on while the client talks. Esc leads back to where one was.

    <a data-help href="/help/for/repairs/" target="_blank">   a press opens the panel; with Ctrl, or without a script, a tab
    F1                                                       presses the one of the window on top, else that of the page

    What is shown is the page itself, its #guide: links and the search in it stay in the panel. */

import { texts } from "../../ui/static_src/texts.ts";

const ADDRESSES = "/help/";

function panel(): HTMLDialogElement {
  const open = document.querySelector<HTMLDialogElement>("dialog.help");
  if (open) return open;
  const dialog = document.createElement("dialog");
  dialog.className = "help";
  dialog.setAttribute("aria-label", texts.help.title);
  dialog.innerHTML =
    `<div class="window-head"><h2>${texts.help.title}</h2><span class="spacer"></span>` +
    `<a class="btn btn-quiet" href="/help/">${texts.help.contents}</a>` +
    `<a class="btn btn-quiet" data-whole target="_blank" rel="noopener">${texts.help.inTab}</a>` +
    `<form method="dialog"><button class="btn btn-secondary btn-icon" aria-label="${texts.help.close}" autofocus>` +
    '<svg class="i" aria-hidden="true"><use href="#i-close"/></svg></button></form></div>' +
    '<div class="help-body" tabindex="0" role="document" aria-live="polite"></div>';
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // the backdrop
  });
  dialog.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (form.method === "dialog") return;
    event.preventDefault();
    const query = new URLSearchParams(new FormData(form) as unknown as Record<string, string>);
    void showPage(`${form.action}?${query}`);
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

async function showPage(address: string): Promise<void> {
  const dialog = panel();
  const body = dialog.querySelector<HTMLElement>(".help-body");
  const whole = dialog.querySelector<HTMLAnchorElement>("[data-whole]");
  if (!body || !whole) return;
  whole.href = address;
  const page = await fetched(address);
  if (!page) {
    body.textContent = texts.help.isAway;
    return;
  }
  body.replaceChildren(...page.childNodes);
  const { hash } = new URL(address, location.href);
  const anchored = hash ? body.querySelector(`#${CSS.escape(decodeURIComponent(hash.slice(1)))}`) : null;
  if (anchored) anchored.scrollIntoView();
  else body.scrollTop = 0;
  const asked = body.querySelector<HTMLInputElement>("input[type=search][autofocus]");
  (asked ?? body).focus();
}

async function fetched(address: string): Promise<HTMLElement | null> {
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    return new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("guide");
  } catch {
    return null;
  }
}

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = (event.target as Element).closest<HTMLAnchorElement>("a[href]");
  if (!link) return;
  const isInPanel = link.closest("dialog.help") !== null && link.target !== "_blank" && link.pathname.startsWith(ADDRESSES);
  if (!isInPanel && link.dataset["help"] === undefined) return;
  event.preventDefault();
  document.querySelector<HTMLDialogElement>("dialog.keys[open]")?.close();
  void showPage(link.href);
});

document.addEventListener("keydown", (event) => {
  if (event.code !== "F1" || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  const windows = document.querySelectorAll<HTMLElement>("dialog[open]");
  const link = [...windows].map((window) => window.querySelector<HTMLAnchorElement>("a[data-help]")).filter(Boolean).at(-1);
  const found = link ?? document.querySelector<HTMLAnchorElement>("a[data-help]");
  if (!found) return;
  event.preventDefault();
  if (!document.querySelector("dialog.help")) void showPage(found.href);
});
