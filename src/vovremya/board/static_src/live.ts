/** The page's end of the live feed: the SharedWorker's port, or a connection of its own where there is none. */
import { Feed, type FeedMessage, type Start } from "./feed.ts";
import type { ToWorker } from "./live-tabs.ts";

interface Worker {
  url: string;
  name: string;
}

const ASKS_EVERY = 2_500;
/** A worker that died, or never came to life, says nothing either: after so many unanswered questions another is begun.
    Questions are counted, not seconds, since a page that slept has heard nothing for long. */
const UNANSWERED = 2;

export class Live {
  readonly #listeners = new Set<(message: FeedMessage) => void>();
  readonly #sleepers = new Map<number, () => void>();
  #port: MessagePort | null = null;
  #questions: ReturnType<typeof setInterval> | undefined;
  #unanswered = 0;
  #replaced = 0;
  #sleeps = 0;

  /** A worker bears the name of its login and release, so that a new one never inherits an old stream. */
  start(start: Start, worker: Worker | null): void {
    if (!worker || !("SharedWorker" in window)) {
      new Feed(start).join((message) => this.#take(message), start.drawnAt);
      return;
    }
    this.#connect(start, worker);
    this.#questions = setInterval(() => this.#ask(start, worker), ASKS_EVERY);
    addEventListener("pagehide", () => this.#send({ kind: "leave" }));
    addEventListener("pageshow", (event) => {
      if (event.persisted) this.#send({ kind: "join", start, isAgain: false });
    });
  }

  onMessage(listener: (message: FeedMessage) => void): void {
    this.#listeners.add(listener);
  }

  /** Wakes after real milliseconds, in a hidden tab too: by the worker's timer and by our own, whichever is first. */
  wake(delay: number, then: () => void): void {
    const id = ++this.#sleeps;
    this.#sleepers.set(id, then);
    setTimeout(() => this.#woken(id), delay);
    this.#send({ kind: "wake", id, delay });
  }

  /** Another worker bears another name: by the old one the browser would give the one that hangs. */
  #connect(start: Start, worker: Worker): void {
    const isAgain = this.#replaced > 0;
    const shared = new SharedWorker(worker.url, { name: isAgain ? `${worker.name}:${this.#replaced}` : worker.name });
    const { port } = shared;
    this.#port = port;
    shared.onerror = () => {
      if (this.#port === port) this.#doWithout(start);
    };
    port.onmessage = ({ data }: MessageEvent<FeedMessage>) => this.#take(data);
    this.#send({ kind: "join", start, isAgain });
  }

  /** There is no worker to be had, which may turn out late. */
  #doWithout(start: Start): void {
    this.#port = null;
    clearInterval(this.#questions);
    new Feed(start).rejoin((message) => this.#take(message));
  }

  #ask(start: Start, worker: Worker): void {
    if (this.#unanswered >= UNANSWERED) {
      this.#unanswered = 0;
      this.#tell({ kind: "lost" });
      this.#send({ kind: "leave" });
      this.#port?.close();
      this.#replaced += 1;
      this.#connect(start, worker);
      return;
    }
    this.#unanswered += 1;
    this.#send({ kind: "alive" });
  }

  #send(message: ToWorker): void {
    this.#port?.postMessage(message);
  }

  #woken(id: number): void {
    const then = this.#sleepers.get(id);
    this.#sleepers.delete(id);
    then?.();
  }

  #take(message: FeedMessage): void {
    this.#unanswered = 0;
    if (message.kind === "wake") this.#woken(message.id);
    else if (message.kind !== "here") this.#tell(message);
  }

  #tell(message: FeedMessage): void {
    for (const listener of this.#listeners) listener(message);
  }
}
