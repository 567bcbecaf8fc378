/** The contact card in `dialog#late-notice`: lease, draft, script, ETA and the comment made ready.

    What the template offers, all inside the window:

    <form data-card data-draft-url="/visits/1/draft/" data-lease-url="/visits/1/lease/" data-close-url="…"
          data-draft-sequence="12" data-answered-at="ms" data-near-within="10">
      · the three addresses only while this operator holds the card; data-answered-at once the client answered
    fields   result, eta (minutes, `unknown`, or `time` with the field eta_text), reason, answer (answers.ts), comment
    eta      <small data-eta="20"></small> beside a choice becomes «к 11:02»; [data-eta-clock] the promised time,
             [data-eta-time] the same in a sentence of the script
    derived  data-when also knows eta_kind = near | far | unknown
    script   <ol class="script"><li data-done-by="reason eta">…: done once one of its fields has a value
    comment  <textarea name="comment" data-comment='{"yes": "Едет, будет к {eta}[, {reason}]", "no": "…", "move": "…"}'>
             by the answer; {eta} and {reason} (data-word of the chosen reason, else its label); data-edited keeps hands off
    draft    [data-draft-state] says when it was kept */
import { requestKey, token } from "../../ui/static_src/requests.ts";
import { texts } from "../../ui/static_src/texts.ts";
import type { Clock } from "./clock.ts";
import { fillComment } from "./comment.ts";
import { etaOf, type Eta } from "./eta.ts";
import { clockText } from "./format.ts";
import { fieldsOf, refreshForm, valuesOf } from "./forms.ts";
import type { Emptied } from "./windows.ts";

const LEASE_EVERY = 30_000;
const DRAFT_AFTER = 1_000;
const DRAFT_AT_LATEST = 5_000;
/** Nobody waits longer for a draft: the window that is to open next least of all. */
const ANSWERS_WITHIN = 8_000;

export function startCards(clock: Clock, zone: string): void {
  const dialog = document.getElementById("late-notice");
  if (!dialog) return;
  let card: Card | null = null;
  const mount = (): void => {
    const form = dialog.querySelector<HTMLFormElement>("form[data-card]");
    if (form === card?.form) return;
    // The old form went with a request of its own: its text is with the server.
    card?.stop();
    card = form ? new Card(form, clock, zone) : null;
  };
  // htmx swaps the whole window or a part of it; the form is what tells one card from the next.
  new MutationObserver(mount).observe(dialog, { childList: true, subtree: true });
  // The times to offer, and the script that names them, come anew with the arrival.
  dialog.addEventListener("htmx:after:swap", () => card?.refresh());
  dialog.addEventListener("vovremya:covered", (event) => {
    if (card) (event as CustomEvent<{ waits: Promise<unknown>[] }>).detail.waits.push(card.keepNow());
  });
  dialog.addEventListener("vovremya:emptied", (event) => {
    const { isUnsaved, waits } = (event as CustomEvent<Emptied>).detail;
    if (card && isUnsaved) waits.push(card.keepNow());
    card?.stop();
    card = null;
  });
}

class Card {
  readonly form: HTMLFormElement;
  readonly #clock: Clock;
  readonly #zone: string;
  readonly #lease: ReturnType<typeof setInterval> | undefined;
  readonly #hidden = (): void => void this.keepNow();
  #sequence: number;
  #draftTimer: ReturnType<typeof setTimeout> | undefined;
  #keeping: Promise<void> = Promise.resolve();
  #unkeptSince: number | null = null;
  #isDrawn = false;

  constructor(form: HTMLFormElement, clock: Clock, zone: string) {
    this.form = form;
    this.#clock = clock;
    this.#zone = zone;
    this.#sequence = Number(form.dataset["draftSequence"] ?? 0);
    form.addEventListener("input", (event) => this.#changed(event));
    form.addEventListener("change", (event) => this.#changed(event));
    if (form.dataset["leaseUrl"]) this.#lease = setInterval(() => void this.#renew(), LEASE_EVERY);
    addEventListener("pagehide", this.#hidden);
    this.refresh();
    this.#isDrawn = true;
  }

  stop(): void {
    clearInterval(this.#lease);
    clearTimeout(this.#draftTimer);
    removeEventListener("pagehide", this.#hidden);
  }

  /** Sends the draft if anything in it is new; who waits for it waits for one that is under way as well. */
  async keepNow(): Promise<void> {
    clearTimeout(this.#draftTimer);
    if (this.#unkeptSince !== null) {
      this.#unkeptSince = null;
      this.#keeping = this.#keep();
    }
    await this.#keeping;
  }

  #changed(event: Event): void {
    const field = event.target;
    if (field instanceof HTMLTextAreaElement && field.name === "comment") field.dataset["edited"] = "";
    this.refresh();
    if (!this.form.dataset["draftUrl"]) return;
    const now = performance.now();
    this.#unkeptSince ??= now;
    clearTimeout(this.#draftTimer);
    const delay = Math.max(0, Math.min(DRAFT_AFTER, this.#unkeptSince + DRAFT_AT_LATEST - now));
    this.#draftTimer = setTimeout(() => void this.keepNow(), delay);
  }

  /** Everything that follows from the fields: times, parts shown, steps of the script, the comment. */
  refresh(): void {
    const values = valuesOf(this.form);
    const eta = this.#eta(values);
    if (eta.kind) this.form.dataset["derivedEtaKind"] = eta.kind;
    else delete this.form.dataset["derivedEtaKind"];
    refreshForm(this.form, { ...values, eta_kind: eta.kind });
    const promised = eta.at === null ? "" : clockText(eta.at, this.#zone);
    for (const place of this.form.querySelectorAll<HTMLElement>("[data-eta-clock]")) place.textContent = promised && texts.by(promised);
    for (const place of this.form.querySelectorAll<HTMLElement>("[data-eta-time]")) place.textContent = promised;
    for (const place of this.form.querySelectorAll<HTMLElement>("[data-eta]")) {
      place.textContent = texts.by(clockText(this.#answeredAt() + Number(place.dataset["eta"]) * 60_000, this.#zone));
    }
    advanceScript(this.form, values);
    this.#comment({ answer: values["answer"] ?? "", eta: promised, reason: this.#reason() });
  }

  #answeredAt(): number {
    return Number(this.form.dataset["answeredAt"]) || this.#clock.now();
  }

  #eta(values: Readonly<Record<string, string>>): Eta {
    const answeredAt = this.#answeredAt();
    const [hours = 0, minutes = 0] = clockText(answeredAt, this.#zone).split(":").map(Number);
    return etaOf(values["eta"] ?? "", values["eta_text"] ?? "", {
      answeredAt,
      minuteOfDay: hours * 60 + minutes,
      nearWithin: Number(this.form.dataset["nearWithin"] ?? 10),
    });
  }

  #reason(): string {
    const chosen = this.form.querySelector<HTMLElement>("[name=reason]:checked, select[name=reason] option:checked");
    if (!chosen || !(chosen as HTMLInputElement | HTMLOptionElement).value) return "";
    const label = chosen instanceof HTMLInputElement ? chosen.labels?.[0]?.innerText : chosen.textContent;
    return (chosen.dataset["word"] ?? label ?? "").trim().toLowerCase();
  }

  #comment(values: { answer: string; eta: string; reason: string }): void {
    const field = this.form.querySelector<HTMLTextAreaElement>("textarea[data-comment]");
    const templates = JSON.parse(field?.dataset["comment"] || "{}") as Record<string, string>;
    const template = templates[values.answer];
    if (!field || template === undefined) return;
    const ready = fillComment(template, values);
    // A draft that says no more than we would is not the operator's own words: it follows the answers on.
    if (!this.#isDrawn && field.value === ready) delete field.dataset["edited"];
    if (field.dataset["edited"] === undefined) field.value = ready;
  }

  async #keep(): Promise<void> {
    const isKept = await this.#sendDraft();
    const state = this.form.querySelector("[data-draft-state]");
    if (state) state.textContent = isKept ? texts.draftKept(clockText(this.#clock.now(), this.#zone)) : texts.draftLost;
    // What was not kept is tried again with the next word, or by itself.
    if (!isKept && this.form.isConnected) {
      this.#unkeptSince = performance.now();
      this.#draftTimer = setTimeout(() => void this.keepNow(), DRAFT_AT_LATEST);
    }
  }

  /** What is dropped as coming late is sent once more, after what was kept: another tab of the operator counts too. */
  async #sendDraft(isRepeat = false): Promise<boolean> {
    const body = new URLSearchParams(fieldsOf(this.form));
    body.set("sequence", String(++this.#sequence));
    const answer = await send(this.form.dataset["draftUrl"], body);
    if (answer?.status !== 409 || isRepeat) return answer?.ok ?? false;
    const kept = Number(await answer.text().catch(() => ""));
    if (kept < this.#sequence) return false;
    this.#sequence = kept;
    return this.#sendDraft(true);
  }

  async #renew(): Promise<void> {
    if ((await send(this.form.dataset["leaseUrl"], new URLSearchParams()))?.ok) return;
    // The lease is gone or the line is: the notice of the window asks the server which.
    this.form.closest("dialog")?.querySelector("[data-watch]")?.dispatchEvent(new CustomEvent("vovremya:changed"));
  }
}

/** A step is done once one of its fields has a value, and so are those before it; the next one is current. */
function advanceScript(form: HTMLFormElement, values: Readonly<Record<string, string>>): void {
  const steps = [...(form.closest("dialog")?.querySelectorAll<HTMLElement>(".script > li") ?? [])].filter((step) => !step.hidden);
  const last = steps.findLastIndex((step) => (step.dataset["doneBy"] ?? "").split(" ").some((name) => values[name]));
  for (const [place, step] of steps.entries()) {
    step.classList.toggle("done", place <= last);
    if (place === last + 1) step.setAttribute("aria-current", "step");
    else step.removeAttribute("aria-current");
  }
}

async function send(url: string | undefined, body: URLSearchParams): Promise<Response | null> {
  if (!url) return null;
  if (!body.has("request_key")) body.set("request_key", requestKey());
  try {
    const signal = AbortSignal.timeout(ANSWERS_WITHIN);
    return await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token }, keepalive: true, signal });
  } catch {
    return null;
  }
}
