/** Requests of fragments: htmx, with the form's token, and a calm word where the server gives no fragment. */
import { texts } from "./texts.ts";
import htmx from "htmx.org";

import { toast } from "./toasts.ts";

interface Context {
  request: { method: string; headers: Record<string, string> };
  response?: { status: number };
  text?: string;
}

export const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";

/** What htmx knows of the request of this event; an error outside a request has none. */
function context(event: Event): Context | undefined {
  return (event as CustomEvent<{ ctx?: Context }>).detail.ctx;
}

document.addEventListener("htmx:config:request", (event) => {
  const request = context(event)?.request;
  if (request && request.method !== "GET") request.headers["X-CSRFToken"] = token;
});

// A whole page instead of a fragment is the login or an error, and what a proxy says of a server that is down is no
// fragment either: neither may land inside a window, in the place of what was typed.
document.addEventListener("htmx:before:swap", (event) => {
  const { response, text = "" } = context(event) ?? {};
  const status = response?.status ?? 200;
  if (status < 500 && !/^\s*<!doctype/i.test(text)) return;
  event.preventDefault();
  toast({ text: status < 500 ? words(status) : texts.notDone(failure(text)), lasting: true });
});

document.addEventListener("htmx:error", (event) => {
  const { ctx, error } = (event as CustomEvent<{ ctx?: Context; error?: unknown }>).detail;
  if (ctx) toast({ text: texts.notDone(brokenLine(error)), lasting: true });
});

export interface Answer<Said> {
  said?: Said;
  /** Why the action was not done, in words. */
  refused?: string;
  /** Why nobody can know whether it was done. */
  failed?: string;
}

/** A connection that was lost without a word never answers. */
const ANSWERS_WITHIN = 15_000;

/** Asks for data, or with values sends an action, where no fragment is to be swapped. */
export async function answerOf<Said>(url: string, values?: Readonly<Record<string, string>>): Promise<Answer<Said>> {
  try {
    const answer = await fetch(url, {
      ...(values ? { method: "POST", body: new URLSearchParams(values) } : {}),
      headers: { Accept: "application/json", "HX-Request": "true", "X-CSRFToken": token },
      signal: AbortSignal.timeout(ANSWERS_WITHIN),
    });
    if (answer.ok) return { said: (await answer.json()) as Said };
    if (answer.status >= 500) return { failed: failure(await answer.text()) };
    if (answer.headers.get("Content-Type") !== "application/json") return { refused: words(answer.status) };
    return (await answer.json()) as { refused: string };
  } catch (error) {
    return { failed: brokenLine(error instanceof DOMException && error.name === "TimeoutError" ? "timeout" : error) };
  }
}

function words(status: number): string {
  if (status < 400 || status === 401) return texts.signedOut;
  if (status === 403) return texts.noAccess;
  if (status === 404) return texts.notFound;
  return texts.notTaken;
}

/** What failed on the server, in the words of its own page; a proxy's page has none of ours. */
export function failure(page: string): string {
  const said = new DOMParser().parseFromString(page, "text/html").querySelectorAll("[data-failure]");
  return Array.from(said, ({ textContent }) => textContent?.trim()).join(", ") || texts.serverIsAway;
}

/** Why no answer came: the time was up, or the line is down. */
export function brokenLine(error: unknown): string {
  return error === "timeout" ? texts.serverIsLate : texts.noLine;
}

/** A key of one press: the same press sent twice is done once. Works off localhost without TLS, too. */
export function requestKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [[0, 8], [8, 12], [12, 16], [16, 20], [20, 32]].map(([from, to]) => digits.slice(from, to)).join("-");
}

/** Sends an action that has no form of its own. */
export function post(url: string, values: Readonly<Record<string, string>> = {}): Promise<void> {
  return htmx.ajax("POST", url, { values: { request_key: requestKey(), ...values }, swap: "none" });
}
