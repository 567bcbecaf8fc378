/** What every form of a window does: one request at a time, a key of the request, text and focus kept whatever comes. */
import { brokenLine, failure, requestKey } from "../../ui/static_src/requests.ts";
import { texts } from "../../ui/static_src/texts.ts";
import { holds, type Values } from "./conditions.ts";
import { focusIn, type Windows } from "./windows.ts";

interface Context {
  sourceElement: HTMLElement;
  /** An answer may name another target: then a selector. */
  target?: Element | string;
  values?: Record<string, unknown>;
  request: { method: string; action: string; body: FormData | URLSearchParams | null; submitter?: HTMLElement };
  response?: { status: number };
  text?: string;
}

interface Held {
  selector: string | null;
  caret: [number, number] | null;
}

/** A request that broke off is sent again under its first key, so that it is done once if it did arrive. */
const brokenOff = new Map<string, string>();
/** The same by the button: whoever changes the text before pressing it again must not have two visits booked. */
const brokenOffOf = new WeakMap<HTMLElement, Map<string, string>>();

/** Longer than this without an answer, and the window says what it waits for. */
const PATIENCE = 4_000;

export function startForms(windows: Windows): void {
  const sending = new WeakMap<HTMLElement, Context>();
  /** Where a request was begun: its button may have been replaced by the time of the answer, a free time in its list. */
  const begunIn = new WeakMap<Context, HTMLElement>();
  const waiting = new WeakMap<HTMLElement, Context>();
  const held = new WeakMap<Element, Held>();
  const chosen = new WeakMap<Element, HTMLInputElement[]>();
  const patience = new WeakMap<HTMLElement, ReturnType<typeof setTimeout>>();

  // Only windows speak htmx, and their content is looked through as it comes: not thousands of bars when the page opens.
  document.addEventListener("htmx:before:process", (event) => {
    if (event.target === document.body) event.preventDefault();
  });

  on("htmx:config:request", (context, event) => {
    if (isReading(context)) return;
    const dialog = dialogOf(context);
    const underWay = dialog && sending.get(dialog);
    if (underWay) {
      event.preventDefault();
      // The same press again is no second one; another action waits for its turn.
      if (underWay.sourceElement !== context.sourceElement) waiting.set(dialog, context);
      return;
    }
    const { request, values } = context;
    if (values?.["request_key"] || !(request.body instanceof FormData)) return;
    request.body.delete("request_key");
    const key = brokenOff.get(signature(context)) ?? (dialog && brokenOffOf.get(dialog)?.get(buttonOf(context)));
    request.body.set("request_key", key ?? requestKey());
  });

  on("htmx:before:request", (context) => {
    const dialog = dialogOf(context);
    if (isReading(context) || !dialog) return;
    sending.set(dialog, context);
    begunIn.set(context, dialog);
    dialog.setAttribute("aria-busy", "true");
    clearFailure(dialog);
    brokenOff.set(signature(context), keyOf(context));
    brokenOffOf.set(dialog, new Map(brokenOffOf.get(dialog)).set(buttonOf(context), keyOf(context)));
    patience.set(dialog, setTimeout(() => say(dialog, "offline", texts.stillWaiting), PATIENCE));
    windows.busy();
  });

  on("htmx:after:request", (context) => {
    // A refusal is an answer; an error of the server leaves it open whether the action was done.
    const status = context.response?.status ?? 500;
    if (isReading(context) || status >= 500) return;
    brokenOff.delete(signature(context));
    // What was refused is not done, but what broke off before it may have been: its key stays with the button.
    const dialog = begunIn.get(context);
    if (dialog && status < 400) brokenOffOf.get(dialog)?.delete(buttonOf(context));
  });

  const sent = (dialog: HTMLElement): void => {
    if (!sending.delete(dialog)) return;
    dialog.removeAttribute("aria-busy");
    clearTimeout(patience.get(dialog));
    dialog.querySelector(".failure.waits")?.remove();
    const next = waiting.get(dialog);
    waiting.delete(dialog);
    // What the answer has replaced can no longer be pressed.
    if (next?.sourceElement.isConnected) repeat(next);
    windows.idle();
  };
  on("htmx:finally:request", (context) => {
    const dialog = begunIn.get(context);
    if (dialog && sending.get(dialog) === context) sent(dialog);
  });
  // A window that the answer has closed takes its form along: no more events come from there.
  document.addEventListener("vovremya:emptied", (event) => {
    waiting.delete(event.target as HTMLElement);
    brokenOffOf.delete(event.target as HTMLElement);
    sent(event.target as HTMLElement);
  }, true);

  /** Its window was closed before the answer came, and may be open again about somebody else. */
  const isLeft = (context: Context): boolean => {
    const dialog = begunIn.get(context);
    return dialog !== undefined && sending.get(dialog) !== context;
  };
  on("htmx:before:swap", (context, event) => {
    if (!isLeft(context)) return;
    event.stopImmediatePropagation();
    event.preventDefault();
  }, true);

  // In the capture phase, ahead of the page's own word about a lost line: a window has its own, with a way to repeat.
  on("htmx:error", (context, event) => {
    const dialog = context && dialogOf(context);
    if (!dialog?.open || isReading(context) || isLeft(context)) return;
    event.stopPropagation();
    const { error } = (event as CustomEvent<{ error?: unknown }>).detail;
    say(dialog, "offline", texts.keptAndSentOnce(brokenLine(error)), () => repeat(context));
  }, true);

  // The same where the server answers that it could not: its page would stand in the place of the form.
  on("htmx:before:swap", (context, event) => {
    const dialog = context && dialogOf(context);
    if (!dialog?.open || isReading(context) || (context.response?.status ?? 200) < 500) return;
    event.stopPropagation();
    event.preventDefault();
    say(dialog, "alert", texts.keptAndSentOnce(failure(context.text ?? "")), () => repeat(context));
  }, true);

  on("htmx:before:swap", (context) => {
    const target = targetOf(context);
    if (!target?.closest("dialog")) return;
    held.set(target, holdFocus());
    chosen.set(target, isReading(context) ? [...target.querySelectorAll<HTMLInputElement>("input[type=radio]:checked")] : []);
  });

  on("htmx:after:swap", (context) => {
    const target = targetOf(context);
    const dialog = target?.closest<HTMLDialogElement>("dialog");
    if (!target || !dialog) return;
    for (const one of chosen.get(target) ?? []) chooseAgain(target, one);
    refreshConditions(dialog);
    // A line that comes into a form, such as what to say of the time held, saves nothing of it.
    const isSaved = !isReading(context) && (context.response?.status ?? 200) < 400 && !target.closest("form");
    if (isSaved) delete dialog.dataset["unsaved"];
    if (dialog.open && !isReading(context)) restoreFocus(dialog, target, held.get(target));
  });

  document.addEventListener("change", (event) => refreshAround(event.target));
  document.addEventListener("input", (event) => refreshAround(event.target));
}

function on(kind: string, take: (context: Context, event: Event) => void, capture = false): void {
  document.addEventListener(kind, (event) => take((event as CustomEvent<{ ctx: Context }>).detail.ctx, event), capture);
}

function isReading({ request }: Context): boolean {
  return request.method.toUpperCase() === "GET";
}

function targetOf({ target }: Context): Element | null {
  return typeof target === "string" ? document.querySelector(target) : (target ?? null);
}

function dialogOf(context: Context): HTMLDialogElement | null {
  return context.sourceElement.closest("dialog") ?? targetOf(context)?.closest("dialog") ?? null;
}

function keyOf({ request }: Context): string {
  return String(request.body?.get("request_key") ?? "");
}

function signature({ request }: Context): string {
  const body = new URLSearchParams();
  for (const [name, value] of request.body ?? []) if (name !== "request_key") body.append(name, String(value));
  return `${request.method} ${request.action} ${body}`;
}

/** Whatever is typed beside it: the same button of the same form. */
function buttonOf({ request, values }: Context): string {
  const button = request.submitter as HTMLButtonElement | undefined;
  return [request.method, request.action, button?.name, button?.value, JSON.stringify(values ?? {})].join(" ");
}

function repeat({ sourceElement, request }: Context): void {
  if (sourceElement instanceof HTMLFormElement) sourceElement.requestSubmit(request.submitter);
  // A choice that is made already does not change by being clicked.
  else if (sourceElement instanceof HTMLInputElement) sourceElement.dispatchEvent(new Event("change", { bubbles: true }));
  else sourceElement.click();
}

/** A line above the buttons: what has failed, with a way to repeat it, or what is being waited for. */
function say(dialog: HTMLElement, icon: "alert" | "offline", text: string, again?: () => void): void {
  clearFailure(dialog);
  const line = document.createElement("div");
  line.className = again ? "failure" : "failure waits";
  line.setAttribute("role", again ? "alert" : "status");
  line.innerHTML = `<svg class="i" aria-hidden="true"><use href="#i-${icon}"/></svg>`;
  line.append(Object.assign(document.createElement("span"), { textContent: text }));
  if (again) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-secondary" });
    button.textContent = texts.repeat;
    button.addEventListener("click", again);
    line.append(button);
  }
  (dialog.querySelector(".window-foot") ?? dialog.lastElementChild ?? dialog).before(line);
}

function clearFailure(dialog: HTMLElement): void {
  dialog.querySelector(".failure")?.remove();
}

/** A list that is fetched anew keeps what was chosen in it, where it is still there. */
function chooseAgain(list: Element, { name, value }: HTMLInputElement): void {
  const same = list.querySelector<HTMLInputElement>(`[name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]`);
  if (same && !list.querySelector(`[name="${CSS.escape(name)}"]:checked`)) same.checked = true;
}

function holdFocus(): Held {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement)) return { selector: null, caret: null };
  const { id, dataset } = focused;
  const name = focused.getAttribute("name");
  const value = focused.matches("[type=radio], [type=checkbox]") ? focused.getAttribute("value") : null;
  const selector = id
    ? `#${CSS.escape(id)}`
    : name
      ? `[name="${CSS.escape(name)}"]${value === null ? "" : `[value="${CSS.escape(value)}"]`}`
      : dataset["key"]
        ? `[data-key="${CSS.escape(dataset["key"])}"]`
        : null;
  const text = focused instanceof HTMLTextAreaElement || (focused instanceof HTMLInputElement && focused.type === "text");
  return { selector, caret: text ? [focused.selectionStart ?? 0, focused.selectionEnd ?? 0] : null };
}

/** Where the new content says the eye begins, else where it was: a time that is held leaves the window as it is. */
function restoreFocus(dialog: HTMLElement, target: Element, held: Held | undefined): void {
  const wrong = dialog.querySelector("[aria-invalid=true]");
  const same = held?.selector && !wrong ? dialog.querySelector<HTMLElement>(held.selector) : null;
  if (!same || target.querySelector("[autofocus]")) {
    focusIn(dialog);
    return;
  }
  same.focus();
  if (held?.caret && (same instanceof HTMLTextAreaElement || same instanceof HTMLInputElement)) same.setSelectionRange(...held.caret);
}

export function fieldsOf(form: HTMLFormElement): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of new FormData(form)) if (typeof value === "string") values[name] = value;
  return values;
}

/** The values of a form, with what its `data-derived-…` attributes add (card.ts). */
export function valuesOf(form: HTMLFormElement): Record<string, string> {
  const values = fieldsOf(form);
  for (const [name, value] of Object.entries(form.dataset)) {
    if (name.startsWith("derived") && value) values[snake(name.slice(7))] = value;
  }
  return values;
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/^_/, "");
}

function refreshAround(target: EventTarget | null): void {
  const form = target instanceof Element ? target.closest("form") : null;
  if (form) refreshForm(form);
}

export function refreshConditions(root: ParentNode): void {
  for (const form of root.querySelectorAll("form")) refreshForm(form);
}

export function refreshForm(form: HTMLFormElement, values: Values = valuesOf(form)): void {
  for (const part of form.querySelectorAll<HTMLElement>("[data-when]")) {
    const isShown = holds(part.dataset["when"] ?? "", values);
    part.hidden = !isShown;
    if (part instanceof HTMLFieldSetElement) part.disabled = !isShown;
  }
}

