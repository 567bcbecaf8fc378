/** The page's end of the live feed: the SharedWorker's port, or a connection of its own where there is none. */
import { Feed, type FeedMessage, type Start } from "./feed.ts";
import type { ToWorker } from "./live-worker.ts";

const ALIVE = 60_000;

export class Live {
  readonly #listeners = new Set<(message: FeedMessage) => void>();
  readonly #sleepers = new Map<number, () => void>();
  #port: MessagePort | null = null;
  #sleeps = 0;

  /** A worker bears the name of its login and release, so that a new one never inherits an old stream. */
  start(start: Start, worker: { url: string; name: string } | null): void {
    const tell = (message: FeedMessage): void => this.#take(message);
    const alone = (): void => new Feed(start).join(tell, start.drawnAt);
    if (!worker || !("SharedWorker" in window)) {
      alone();
      return;
    }
    const shared = new SharedWorker(worker.url, { name: worker.name });
    shared.onerror = () => {
      this.#port = null;
      alone();
    };
    const { port } = shared;
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<FeedMessage>) => tell(data);
    const send = (message: ToWorker): void => port.postMessage(message);
    send({ kind: "join", start });
    setInterval(() => send({ kind: "alive" }), ALIVE);
    addEventListener("pagehide", () => send({ kind: "leave" }));
    addEventListener("pageshow", (event) => {
      if (event.persisted) send({ kind: "join", start });
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
    this.#port?.postMessage({ kind: "wake", id, delay } satisfies ToWorker);
  }

  #woken(id: number): void {
    const then = this.#sleepers.get(id);
    this.#sleepers.delete(id);
    then?.();
  }

  #take(message: FeedMessage): void {
    if (message.kind === "wake") this.#woken(message.id);
    else for (const listener of this.#listeners) listener(message);
  }
}
