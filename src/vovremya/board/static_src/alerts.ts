/** Tells of a client who has just turned late: a sound (can be muted) and a notification where it is allowed. */
import { texts } from "../../ui/static_src/texts.ts";
import type { Change } from "./player.ts";
import type { State } from "./timeline.ts";
import type { Words } from "./words.ts";

const MUTED = "vovremya.muted";
const TELLS: ReadonlySet<State> = new Set<State>(["late", "overdue", "retry_due"]);
/** What turned so longer ago than this is old news: a bar put in after a reload or a lost connection. */
const FRESH = 60_000;

export class Alerts {
  readonly #bell: HTMLElement | null;
  readonly #words: Words;
  #sound: AudioContext | null = null;

  constructor(bell: HTMLElement | null, words: Words) {
    this.#bell = bell;
    this.#words = words;
    bell?.addEventListener("click", () => this.#toggle());
    this.#showBell();
    // A browser lets a page sound only after the first touch of it.
    for (const kind of ["pointerdown", "keydown"]) {
      document.addEventListener(kind, () => this.#unlock(), { once: true, capture: true });
    }
  }

  get muted(): boolean {
    return localStorage.getItem(MUTED) === "1";
  }

  tell(changes: readonly Change[], now: number): void {
    const told = changes.filter(
      ({ entry: [began, state], from }) => from !== state && TELLS.has(state) && now - began < FRESH,
    );
    const [first] = told;
    if (!first) return;
    const key = `${first.bar.dataset["visit"]}-${first.entry[0]}`;
    // Each is for a tab that can do it: one that was never touched may not sound, and one in view needs no notification.
    if (!this.muted && this.#sound?.state === "running") void oncePerBrowser(`vovremya-sound-${key}`, () => this.#play());
    if (mayNotify()) void oncePerBrowser(`vovremya-notification-${key}`, () => this.#notify(told));
  }

  #play(): void {
    const sound = this.#sound;
    if (!sound || sound.state !== "running") return;
    for (const [pitch, start] of [[740, 0], [988, 0.16]] as const) {
      const tone = sound.createOscillator();
      const volume = sound.createGain();
      const from = sound.currentTime + start;
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0, from);
      volume.gain.linearRampToValueAtTime(0.18, from + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.001, from + 0.3);
      tone.connect(volume).connect(sound.destination);
      tone.start(from);
      tone.stop(from + 0.32);
    }
  }

  #notify(told: readonly Change[]): void {
    for (const { bar, entry } of told.slice(0, 3)) {
      const { plate = "", client = "", start = "", visit = "" } = bar.dataset;
      const notification = new Notification(`${plate} · ${client}`, {
        body: texts.alert(start, this.#words.of(entry)),
        tag: `visit-${visit}`,
      });
      notification.onclick = () => {
        window.focus();
        notification.close();
      };
    }
  }

  #toggle(): void {
    localStorage.setItem(MUTED, this.muted ? "0" : "1");
    this.#unlock();
    if (!this.muted) {
      this.#play();
      if ("Notification" in window && Notification.permission === "default") void Notification.requestPermission();
    }
    this.#showBell();
  }

  #unlock(): void {
    this.#sound ??= "AudioContext" in window ? new AudioContext() : null;
    void this.#sound?.resume();
  }

  #showBell(): void {
    this.#bell?.setAttribute("aria-pressed", String(!this.muted));
    this.#bell?.setAttribute("title", this.muted ? texts.soundOff : texts.soundOn);
    this.#bell?.querySelector("use")?.setAttribute("href", this.muted ? "#i-bell_off" : "#i-bell");
  }
}

function mayNotify(): boolean {
  return document.hidden && "Notification" in window && Notification.permission === "granted";
}

/** Ten tabs, one sound: the tab that gets the lock tells. */
async function oncePerBrowser(key: string, tell: () => void): Promise<void> {
  if (!("locks" in navigator)) {
    tell();
    return;
  }
  await navigator.locks.request(key, { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    tell();
    await new Promise((done) => setTimeout(done, 5000));
  });
}
