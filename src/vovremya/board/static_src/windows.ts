/** The windows over the board: opening, closing, the question about unsaved text, keys, and where the focus goes.

    What the templates offer (H = hook, each optional unless said otherwise):

    page      <dialog class="window" id="repairs|late-notice|booking|waiting|wave|removal|settings|client" aria-label="…">   required, empty
    opener    [data-window="repairs"] with href or data-url, and data-visit                     any link or button
    content   first element with `autofocus`, else the window itself takes the focus
    close     [data-close] closes the window as Esc does
    keys      [data-key="KeyY"] (event.code; on a button, a radio, a listbox option) is pressed by that key,
              [data-ctrl-enter] by Ctrl+Enter; show them in <kbd>
    enter     in a field of a form with [data-enter-rests] presses no button but the one of its own [data-enter="id"];
              a field without gets the event `vovremya:enter`
    off       [aria-disabled=true][data-why="…"] does nothing and says why
    unsaved   [data-unsaved] marks text that came back from the server unsaved; a form with [data-no-ask] never asks
    watch     [data-watch][data-version="7"] gets the event `vovremya:changed` when the visit of the window has a
              higher version: hx-trigger="vovremya:changed" hx-get="…" fetches a notice without touching the form
    timer     [data-countdown="ms"] counts; in .window-timer[data-deadline] the colour turns with it and
              [data-left][data-past] gives its words
    when      [data-when="result=answered; eta_kind=far,unknown"] is shown, and a fieldset sent, only then (forms.ts)
    release   [data-close-url] is POSTed to when the user closes the window (the lease of a card)
    headers   HX-Trigger: vovremya:open {window, url, visit?} · vovremya:close {windows, visit}
              vovremya:dial {tel} · vovremya:toast {text, undo} · vovremya:moved {visits}

    Keys by their Russian letters: «Ремонты»: Н KeyY Набрать, К KeyR Клиент предупредил, О KeyJ Оповещение,
    П KeyG Перепланировать, Л KeyK Хочет раньше, С KeyC Сдвиг записей, И KeyB Прибыл, У KeyE Удалить, Б Comma Сообщение. Card: Н KeyY Набрать, 1…9 0 results,
    Й Ц У К Е (KeyQ KeyW KeyE KeyR KeyT) the ETAs, Ш KeyI не знает, Ч KeyX указать время, Д KeyL «Да»,
    В KeyD «Нет», П KeyG «Перенос», С KeyC Сохранить, Ctrl+Enter Опрос завершён. */
import htmx from "htmx.org";

import { requestKey } from "../../ui/static_src/requests.ts";
import { toast } from "../../ui/static_src/toasts.ts";
import { texts } from "../../ui/static_src/texts.ts";
import { ask } from "./ask.ts";
import { isEnter, isTyping, windowKey } from "./keys.ts";

export type WindowName = "repairs" | "late-notice" | "booking" | "waiting" | "wave" | "removal" | "settings" | "client";

interface OpenDetail {
  window: WindowName;
  url: string;
  visit?: number;
}

/** Keys pressed faster than the server answers wait for it, but not for ever. */
const HELD_KEYS = 8;

export class Windows {
  readonly #stack: HTMLDialogElement[] = [];
  readonly #closed = new Set<(visit: number | null) => void>();
  readonly #news = new Map<number, number>();
  #heldKeys: string[] = [];
  #busy = 0;

  constructor() {
    document.addEventListener("keydown", (event) => this.#keyDown(event), true);
    document.addEventListener("click", (event) => this.#clicked(event), true);
    document.addEventListener("input", (event) => markUnsaved(event.target));
    document.addEventListener("change", (event) => markUnsaved(event.target));
    document.addEventListener("vovremya:open", (event) => {
      const { window, url, visit } = (event as CustomEvent<OpenDetail>).detail;
      void this.open(window, url, visit ?? this.visit ?? undefined);
    });
    document.addEventListener("vovremya:close", (event) => {
      const { windows, visit } = (event as CustomEvent<{ windows: WindowName[]; visit?: number }>).detail;
      this.close(windows, visit ?? null);
    });
    // Where the browser cannot telephone, or must not (a test), another listener dials and prevents this.
    document.addEventListener("vovremya:dial", (event) => {
      if (event.defaultPrevented) return;
      location.href = `tel:${(event as CustomEvent<{ tel: string }>).detail.tel}`;
    });
    addEventListener("beforeunload", (event) => {
      if (this.#stack.some(isUnsaved)) event.preventDefault();
    });
    for (const dialog of document.querySelectorAll<HTMLDialogElement>("dialog.window")) {
      dialog.tabIndex = -1;
      dialog.addEventListener("cancel", (event) => event.preventDefault());
    }
  }

  /** A window is open or on its way: the keys of the board are off. */
  get isCovered(): boolean {
    return this.#stack.length > 0 || this.#busy > 0;
  }

  get isBusy(): boolean {
    return this.#busy > 0;
  }

  get top(): HTMLDialogElement | null {
    return this.#stack.at(-1) ?? null;
  }

  /** The visit that the window on top is about. */
  get visit(): number | null {
    return Number(this.top?.dataset["visit"]) || null;
  }

  onClosed(listener: (visit: number | null) => void): void {
    this.#closed.add(listener);
  }

  async open(name: WindowName, url: string, visit?: number): Promise<void> {
    const dialog = document.getElementById(name);
    if (!(dialog instanceof HTMLDialogElement)) {
      location.assign(url);
      return;
    }
    await this.whileBusy(async () => {
      if (this.top && this.top !== dialog) await covered(this.top);
      await emptied(dialog, true);
      dialog.replaceChildren();
      delete dialog.dataset["unsaved"];
      if (visit) dialog.dataset["visit"] = String(visit);
      else delete dialog.dataset["visit"];
      await htmx.ajax("GET", url, { source: dialog, target: dialog, swap: "innerHTML" });
      if (!dialog.childElementCount) {
        this.#heldKeys = [];
        if (dialog.open) this.#shut(dialog);
        this.#afterClosing(visit ?? null);
        return;
      }
      if (!dialog.open) {
        dialog.showModal();
        this.#stack.push(dialog);
      }
      focusIn(dialog);
    });
  }

  /** Closes windows without asking: their text is saved, or the server has said so. */
  close(names: readonly WindowName[], visit: number | null = null): void {
    const about = visit ?? this.visit;
    for (const dialog of [...this.#stack].reverse()) {
      if (!names.includes(dialog.id as WindowName)) continue;
      void emptied(dialog, false);
      this.#shut(dialog);
    }
    this.#afterClosing(about);
  }

  /** Closes the window on top, asking first where text would be lost. */
  async leave(dialog = this.top): Promise<void> {
    if (!dialog) return;
    const stays =
      isUnsaved(dialog) &&
      !(await ask(texts.leaveUnsaved));
    if (stays || !dialog.open) return;
    const visit = this.visit;
    const release = dialog.querySelector<HTMLElement>("[data-close-url]")?.dataset["closeUrl"];
    const kept = emptied(dialog, true);
    this.#shut(dialog);
    this.#afterClosing(visit);
    await kept;
    if (release) void htmx.ajax("POST", release, { values: { request_key: requestKey() }, swap: "none" });
  }

  /** The visits that open windows are about. */
  get visits(): number[] {
    return this.#stack.map((dialog) => Number(dialog.dataset["visit"])).filter(Boolean);
  }

  /** Someone changed a visit: its open windows are told, after what they are busy with. Infinity: perhaps, nobody knows. */
  visitChanged(visit: number, version: number): void {
    this.#news.set(visit, version);
    if (!this.#busy) this.#tellNews();
  }

  async whileBusy(work: () => Promise<void>): Promise<void> {
    this.busy();
    try {
      await work();
    } finally {
      this.idle();
    }
  }

  busy(): void {
    this.#busy += 1;
  }

  idle(): void {
    this.#busy = Math.max(0, this.#busy - 1);
    // An answer may close one window and open the next: only after that is it known where the held keys belong.
    setTimeout(() => {
      if (this.#busy) return;
      this.#tellNews();
      this.#pressHeld();
    });
  }

  #shut(dialog: HTMLDialogElement): void {
    dialog.close();
    dialog.replaceChildren();
    delete dialog.dataset["unsaved"];
    const place = this.#stack.indexOf(dialog);
    if (place >= 0) this.#stack.splice(place, 1);
  }

  #afterClosing(visit: number | null): void {
    const { top } = this;
    if (top) {
      if (!top.contains(document.activeElement)) focusIn(top);
      return;
    }
    this.#heldKeys = [];
    for (const listener of this.#closed) listener(visit);
  }

  #tellNews(): void {
    for (const [visit, version] of this.#news) {
      for (const dialog of this.#stack) {
        if (Number(dialog.dataset["visit"]) !== visit) continue;
        for (const watcher of dialog.querySelectorAll<HTMLElement>("[data-watch]")) {
          if (Number(watcher.dataset["version"] ?? 0) >= version) continue;
          if (Number.isFinite(version)) watcher.dataset["version"] = String(version);
          watcher.dispatchEvent(new CustomEvent("vovremya:changed", { detail: { version } }));
        }
      }
    }
    this.#news.clear();
  }

  #keyDown(event: KeyboardEvent): void {
    if (!this.isCovered || document.querySelector("dialog:is(.ask, .keys, .help)[open]")) return;
    if (event.code === "Escape") {
      event.preventDefault();
      this.#heldKeys = [];
      if (!document.querySelector("details.menu[open]")) void this.leave();
      return;
    }
    if (isEnter(event) && enterRests(event.target)) {
      event.preventDefault();
      return;
    }
    const key = windowKey(event);
    if (!key || event.repeat || (key !== "Ctrl+Enter" && isTyping(event.target))) return;
    if (this.#busy || this.#heldKeys.length) {
      if (this.#heldKeys.length < HELD_KEYS) this.#heldKeys.push(key);
      event.preventDefault();
    } else if (this.#press(key)) event.preventDefault();
  }

  #pressHeld(): void {
    while (!this.#busy && this.#heldKeys.length) this.#press(this.#heldKeys.shift() ?? "");
  }

  #press(key: string): boolean {
    const selector = key === "Ctrl+Enter" ? "[data-ctrl-enter]" : `[data-key="${CSS.escape(key)}"]`;
    for (const part of this.top?.querySelectorAll<HTMLElement>(selector) ?? []) {
      if (part.matches(":disabled") || !part.checkVisibility()) continue;
      if (part.matches("input")) part.focus();
      part.click();
      return true;
    }
    return false;
  }

  #clicked(event: MouseEvent): void {
    const target = event.target as Element;
    const off = target.closest<HTMLElement>("[aria-disabled=true]");
    if (off && (off.dataset["why"] || off.closest("dialog.window"))) {
      event.preventDefault();
      event.stopPropagation();
      if (off.dataset["why"]) toast({ text: off.dataset["why"] });
      return;
    }
    const closer = target.closest<HTMLElement>("[data-close]");
    if (closer) {
      event.preventDefault();
      void this.leave(closer.closest("dialog"));
      return;
    }
    const opener = target.closest<HTMLElement>("[data-window]");
    const url = opener?.dataset["url"] ?? opener?.getAttribute("href");
    // A link stays a link for a new tab.
    if (!opener || !url || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const visit = Number(opener.dataset["visit"]) || (opener.closest("dialog.window") ? this.visit : null);
    void this.open(opener.dataset["window"] as WindowName, url, visit ?? undefined);
  }
}

export interface Emptied {
  /** The text goes unsaved: a draft is to be kept, and waited for. */
  isUnsaved: boolean;
  waits: Promise<unknown>[];
}

/** Another window opens over this one: what is typed here may be needed there. */
async function covered(dialog: HTMLDialogElement): Promise<void> {
  const waits: Promise<unknown>[] = [];
  dialog.dispatchEvent(new CustomEvent("vovremya:covered", { detail: { waits } }));
  await Promise.all(waits);
}

async function emptied(dialog: HTMLDialogElement, isUnsaved: boolean): Promise<void> {
  const detail: Emptied = { isUnsaved, waits: [] };
  dialog.dispatchEvent(new CustomEvent("vovremya:emptied", { detail }));
  await Promise.all(detail.waits);
}

/** In a field of such a form Enter is not the browser's: it would press the main button, and close what is half done. */
function enterRests(field: EventTarget | null): boolean {
  if (!(field instanceof HTMLInputElement) || !field.form?.hasAttribute("data-enter-rests")) return false;
  const own = field.dataset["enter"];
  if (own) document.getElementById(own)?.click();
  else field.dispatchEvent(new CustomEvent("vovremya:enter", { bubbles: true }));
  return true;
}

function isUnsaved(dialog: HTMLElement): boolean {
  return dialog.dataset["unsaved"] !== undefined || dialog.querySelector("[data-unsaved]") !== null;
}

function markUnsaved(target: EventTarget | null): void {
  if (!(target instanceof HTMLElement)) return;
  const dialog = target.closest<HTMLDialogElement>("dialog.window");
  if (dialog && target.closest("form") && !target.closest("[data-no-ask]")) dialog.dataset["unsaved"] = "";
}

export function focusIn(dialog: HTMLElement): void {
  const wrong = dialog.querySelector<HTMLElement>("[aria-invalid=true]:not([type=hidden])");
  (wrong ?? dialog.querySelector<HTMLElement>("[autofocus]") ?? dialog).focus();
}
