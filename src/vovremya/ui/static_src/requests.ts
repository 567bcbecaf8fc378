/** Requests of fragments: htmx, with the form's token, and a calm word where the server gives no fragment. */
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

// A whole page instead of a fragment is the login or an error: it must not land inside a window.
document.addEventListener("htmx:before:swap", (event) => {
  const { response, text } = context(event) ?? {};
  if (!/^\s*<!doctype/i.test(text ?? "")) return;
  event.preventDefault();
  toast({ text: words(response?.status ?? 200), lasting: true });
});

document.addEventListener("htmx:error", (event) => {
  if (context(event)) toast({ text: "Нет связи с сервером: действие не выполнено. Введённое осталось в окне.", lasting: true });
});

function words(status: number): string {
  if (status < 400) return "Вход закончился: войдите снова в другой вкладке и повторите. Введённое осталось в окне.";
  if (status === 403) return "Нет доступа: действие не выполнено.";
  if (status === 404) return "Запись не найдена: её удалили, или она относится к другому филиалу.";
  return "Не получилось: ошибка на сервере. Введённое осталось в окне, попробуйте ещё раз.";
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
