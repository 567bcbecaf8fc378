/** The import: a file goes to the server by pieces, and what is under way is looked at every second.

    <form data-upload="where it begins" data-piece="bytes of a piece" data-largest="bytes of a file">
      <input type="file">, .field-error, .upload-progress with a <progress> and a [role=status]</form>
    <div data-follow id>drawn anew from this very page as long as it bears the attribute</div> */
import { token } from "../../ui/static_src/requests.ts";
import { texts } from "../../ui/static_src/texts.ts";
import { toast } from "../../ui/static_src/toasts.ts";

const LOOKS_EVERY = 1000;
const PIECE_WITHIN = 60_000;
const TRIES = 4;
const WAITS = 1000;

interface Begun {
  pieces: string;
  page: string;
}

/** Said by the server: no use in trying again. */
class Refused extends Error {}

export function startImports(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-upload]");
  if (form) new Upload(form);
  for (const followed of document.querySelectorAll<HTMLElement>("[data-follow]")) follow(followed);
}

class Upload {
  private readonly input: HTMLInputElement;
  private isUnderWay = false;

  constructor(private readonly form: HTMLFormElement) {
    this.input = form.querySelector<HTMLInputElement>("input[type=file]")!;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const file = this.input.files?.[0];
      if (file) void this.send(file);
    });
    this.input.addEventListener("change", () => this.tell(""));
    form.addEventListener("dragover", (event) => {
      event.preventDefault();
      form.classList.add("is-over");
    });
    form.addEventListener("dragleave", () => form.classList.remove("is-over"));
    form.addEventListener("drop", (event) => {
      event.preventDefault();
      form.classList.remove("is-over");
      const files = event.dataTransfer?.files;
      if (!files?.length) return;
      this.input.files = files;
      void this.send(files[0]!);
    });
    addEventListener("beforeunload", (event) => {
      if (this.isUnderWay) event.preventDefault();
    });
  }

  private async send(file: File): Promise<void> {
    if (this.isUnderWay) return;
    this.isUnderWay = true;
    this.tell("");
    this.show(0);
    try {
      const { upload = "", piece = "1" } = this.form.dataset;
      const begun = (await (await posted(upload, { name: file.name, size: String(file.size) })).json()) as Begun;
      await this.sendPieces(file, begun.pieces, Number(piece));
      this.isUnderWay = false;
      location.assign(begun.page);
    } catch (error) {
      this.isUnderWay = false;
      this.show(null);
      this.tell(error instanceof Refused ? error.message : texts.upload.noLine);
      this.input.focus();
    }
  }

  private async sendPieces(file: File, url: string, bytes: number): Promise<void> {
    const count = Math.ceil(file.size / bytes);
    for (let number = 0; number < count; number += 1) {
      const piece = file.slice(number * bytes, (number + 1) * bytes);
      await posted(url, { number: String(number), piece, ...(number === count - 1 ? { last: "yes" } : {}) });
      this.show(Math.round(((number + 1) / count) * 100));
    }
  }

  private show(percent: number | null): void {
    const shown = this.form.querySelector<HTMLElement>(".upload-progress")!;
    shown.hidden = percent === null;
    shown.querySelector("progress")!.value = percent ?? 0;
    shown.querySelector("[role=status]")!.textContent = percent === null ? "" : `${percent} %`;
  }

  private tell(text: string): void {
    const error = this.form.querySelector<HTMLElement>(".field-error")!;
    error.hidden = !text;
    error.querySelector("span")!.textContent = text;
    this.input.toggleAttribute("aria-invalid", false);
    if (text) this.input.setAttribute("aria-invalid", "true");
  }
}

/** Once more where the line breaks: the same piece again is the same piece. */
async function posted(url: string, values: Readonly<Record<string, string | Blob>>): Promise<Response> {
  const body = new FormData();
  for (const [name, value] of Object.entries(values)) body.append(name, value);
  for (let left = TRIES; ; left -= 1) {
    try {
      const headers = { "HX-Request": "true", "X-CSRFToken": token };
      const answer = await fetch(url, { method: "POST", body, headers, signal: AbortSignal.timeout(PIECE_WITHIN) });
      if (answer.ok) return answer;
      if (answer.status < 500) throw new Refused(await words(answer));
      throw new Error(String(answer.status));
    } catch (error) {
      if (error instanceof Refused || left === 1) throw error;
      await new Promise((wait) => setTimeout(wait, WAITS));
    }
  }
}

async function words(answer: Response): Promise<string> {
  if (answer.headers.get("Content-Type") === "application/json") return ((await answer.json()) as { refused: string }).refused;
  if (answer.status === 401) return texts.upload.signedOut;
  return texts.upload.notTaken;
}

function follow(followed: HTMLElement): void {
  let isLost = false;
  const look = async (): Promise<void> => {
    const fresh = document.hidden ? followed : await drawn(followed.id);
    if (fresh === null && !isLost) toast({ text: texts.upload.lastKnown });
    isLost = fresh === null;
    if (fresh && fresh !== followed) renew(followed, fresh);
    if (followed.hasAttribute("data-follow")) setTimeout(() => void look(), LOOKS_EVERY);
  };
  setTimeout(() => void look(), LOOKS_EVERY);
}

async function drawn(id: string): Promise<HTMLElement | null> {
  try {
    const answer = await fetch(location.href, { signal: AbortSignal.timeout(PIECE_WITHIN) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.getElementById(id);
  } catch {
    return null;
  }
}

/** Where it has come to an end, what asks to be pressed next is focused, unless somebody is elsewhere. */
function renew(followed: HTMLElement, fresh: HTMLElement): void {
  const focused = followed.contains(document.activeElement) ? document.activeElement!.id : "";
  const isFree = focused !== "" || document.activeElement === document.body;
  followed.toggleAttribute("data-follow", fresh.hasAttribute("data-follow"));
  followed.replaceChildren(...fresh.childNodes);
  if (!isFree) return;
  const next = focused ? document.getElementById(focused) : null;
  (next ?? followed.querySelector<HTMLElement>("[autofocus]"))?.focus({ preventScroll: true });
}
