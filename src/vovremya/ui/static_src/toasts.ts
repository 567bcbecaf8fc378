/** Short messages at the bottom: what was done, with a way back. The server sends them as `vovremya:toast`. */
import { post } from "./requests.ts";
import { texts } from "./texts.ts";

export interface Toast {
  text: string;
  /** The address that takes the action back. */
  undo?: string;
  /** Something else to do about it. */
  action?: { label: string; run: () => void };
  /** Stays until it is closed. */
  lasting?: boolean;
  shownFor?: number;
}

const SHOWN_FOR = 8_000;
const SHOWN_FOR_WITH_UNDO = 15_000;

const region = document.getElementById("toasts");

export function toast({ text, undo, action, lasting = false, shownFor }: Toast): void {
  if (!region) return;
  // Pressed again and again, a failure is told of once.
  for (const same of region.children) if (lasting && same.firstChild?.textContent === text) same.remove();
  const message = document.createElement("div");
  message.className = "toast-message";
  message.append(Object.assign(document.createElement("span"), { textContent: text }));
  if (undo) message.append(undoButton(undo));
  if (action) message.append(button(action.label, action.run));
  message.append(closeButton(() => message.remove()));
  region.append(message);
  raise();

  function button(label: string, press: () => void): HTMLButtonElement {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "btn" });
    made.textContent = label;
    made.addEventListener("click", () => {
      press();
      leave();
    });
    return made;
  }

  function undoButton(url: string): HTMLButtonElement {
    const made = button(texts.undo, () => void post(url));
    made.dataset["undo"] = "";
    made.insertAdjacentHTML("beforeend", ' <kbd aria-hidden="true">Ctrl Z</kbd>');
    return made;
  }

  function closeButton(press: () => void): HTMLButtonElement {
    const made = button("", press);
    made.classList.add("btn-icon");
    made.setAttribute("aria-label", texts.closeMessage);
    made.innerHTML = '<svg class="i small" aria-hidden="true"><use href="#i-close"/></svg>';
    return made;
  }

  function leave(): void {
    message.remove();
    if (!region?.childElementCount) region?.hidePopover?.();
  }

  // Nobody loses a message while reading it or reaching for its button.
  function leaveLater(after: number): void {
    setTimeout(() => (message.matches(":hover, :focus-within") ? leaveLater(2_000) : leave()), after);
  }
  if (!lasting) leaveLater(shownFor ?? (undo ? SHOWN_FOR_WITH_UNDO : SHOWN_FOR));
}

/** Takes back what the last message offers to. */
export function undoLast(): void {
  [...document.querySelectorAll<HTMLElement>("#toasts [data-undo]")].at(-1)?.click();
}

/** Everything outside a modal window is dead to mouse and screen reader: the messages go where the user is. */
function raise(): void {
  if (!region) return;
  const host = [...document.querySelectorAll("dialog:modal")].at(-1) ?? document.body;
  if (region.parentElement !== host) host.append(region);
  if (!region.showPopover) return;
  if (region.matches(":popover-open")) region.hidePopover();
  region.showPopover();
}

const raiseLost = () => {
  if (region?.childElementCount && (!region.isConnected || !region.checkVisibility())) raise();
};

raiseLost();
document.addEventListener("htmx:after:swap", raiseLost);
document.addEventListener("close", raiseLost, { capture: true });
document.addEventListener("vovremya:toast", (event) => toast((event as CustomEvent<Toast>).detail));
