/** One connection to the live feed for any number of listeners, with what a listener that comes later has missed.
    Runs in the SharedWorker for all tabs, or in the tab itself where there is none. */
import type { Anchor } from "./clock.ts";
import type { BarsEvent } from "./bars.ts";

export interface Hello extends Anchor {
  cursor: string;
  build?: string;
}

export interface Beat extends Anchor {
  watch_ok: boolean;
}

export interface Calls {
  count: number;
}

export type FeedMessage =
  | { kind: "hello"; data: Hello }
  | { kind: "bars"; data: BarsEvent }
  | { kind: "beat"; data: Beat }
  /** Something of the waiting list has changed; so many times that became free are to be called about. */
  | { kind: "calls"; data: Calls }
  /** The page may have missed something: it is to fetch the board anew. */
  | { kind: "resync" }
  | { kind: "bye" }
  | { kind: "lost" }
  /** After silence the browser may still hold lines that swallow whatever is sent over them. */
  | { kind: "back"; wasSilent: boolean }
  | { kind: "wake"; id: number }
  /** The worker's answer to «alive». */
  | { kind: "here" };

/** Where a page starts: its address of the feed, the cursor it was drawn at and the server's time of that. */
export interface Start {
  url: string;
  cursor: string;
  drawnAt: number;
}

/** The server beats every 4 s: two beats missed and the line is taken for lost, and told of within ten seconds. */
const SILENCE = 8_500;
/** A line that broke is told of at once, unless it is back within this. */
const PATIENCE = 2_000;
/** A line that is being made is given up after this: what fell into a black hole never answers. */
const ANSWERS_WITHIN = 10_000;
const KEPT = 2_000;
const FIRST_RETRY = 500;
const LONGEST_RETRY = 8_000;

export class Feed {
  readonly #url: string;
  readonly #startedAt: number;
  readonly #listeners = new Set<(message: FeedMessage) => void>();
  #cursor: string;
  #kept: { at: number; message: FeedMessage }[] = [];
  #forgottenUntil = Number.NEGATIVE_INFINITY;
  #serverNow: number;
  #calls: FeedMessage | null = null;
  #source: EventSource | null = null;
  #heardAt = performance.now();
  #triedAt = 0;
  #isLost = false;
  #wasSilent = false;
  #isOver = false;
  #retry = FIRST_RETRY;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;

  constructor({ url, cursor, drawnAt }: Start) {
    this.#url = url;
    this.#cursor = cursor;
    this.#startedAt = drawnAt;
    this.#serverNow = drawnAt;
  }

  /** Adds a listener and tells it what came since its page was drawn; versions make a second telling harmless. */
  join(listener: (message: FeedMessage) => void, drawnAt: number): void {
    this.#listeners.add(listener);
    if (drawnAt < Math.max(this.#startedAt, this.#forgottenUntil)) listener({ kind: "resync" });
    else for (const { message } of this.#kept) listener(message);
    if (this.#calls) listener(this.#calls);
    if (this.#isOver) listener({ kind: "bye" });
    else if (this.#isLost) listener({ kind: "lost" });
    if (!this.#source && !this.#isOver && this.#retryTimer === undefined) this.#connect();
    this.#watch ??= setInterval(() => this.#listen(), 1000);
  }

  /** A listener that has been away: nobody knows what it has missed. */
  rejoin(listener: (message: FeedMessage) => void): void {
    this.join(listener, Number.NEGATIVE_INFINITY);
  }

  leave(listener: (message: FeedMessage) => void): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size) return;
    this.#close();
    clearInterval(this.#watch);
    this.#watch = undefined;
  }

  get isIdle(): boolean {
    return this.#listeners.size === 0;
  }

  #tell(message: FeedMessage): void {
    for (const listener of this.#listeners) listener(message);
  }

  #connect(): void {
    this.#retryTimer = undefined;
    const url = `${this.#url}${this.#url.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(this.#cursor)}`;
    const source = new EventSource(url);
    this.#triedAt = performance.now();
    this.#source = source;
    const on = (kind: string, take: (data: unknown) => void): void => {
      source.addEventListener(kind, (event) => {
        this.#heard();
        take(JSON.parse((event as MessageEvent<string>).data || "{}"));
      });
    };
    on("hello", (data) => {
      this.#retry = FIRST_RETRY;
      this.#cursor = (data as Hello).cursor ?? this.#cursor;
      this.#serverNow = (data as Hello).now;
      this.#tell({ kind: "hello", data: data as Hello });
      if (this.#isLost) {
        this.#isLost = false;
        this.#tell({ kind: "back", wasSilent: this.#wasSilent });
        this.#wasSilent = false;
      }
    });
    on("bars", (data) => {
      const message: FeedMessage = { kind: "bars", data: data as BarsEvent };
      this.#cursor = message.data.cursor;
      this.#keep(message);
      this.#tell(message);
    });
    on("beat", (data) => {
      this.#serverNow = (data as Beat).now;
      this.#tell({ kind: "beat", data: data as Beat });
    });
    on("calls", (data) => {
      this.#calls = { kind: "calls", data: data as Calls };
      this.#tell(this.#calls);
    });
    on("reload", () => {
      // What was kept does not reach across the gap: later pages start from here.
      this.#forgottenUntil = this.#serverNow;
      this.#kept = [];
      this.#tell({ kind: "resync" });
    });
    on("bye", () => {
      this.#isOver = true;
      this.#close();
      this.#tell({ kind: "bye" });
    });
    source.onerror = () => this.#again();
  }

  #heard(): void {
    this.#heardAt = performance.now();
  }

  #keep(message: FeedMessage): void {
    this.#kept.push({ at: this.#serverNow, message });
    if (this.#kept.length > KEPT) this.#forgottenUntil = this.#kept.shift()?.at ?? this.#forgottenUntil;
  }

  /** EventSource gives up for good where it is refused, so connecting again is ours: later each time, never in step. */
  #again(): void {
    if (this.#isOver) return;
    this.#close();
    const delay = this.#retry * (0.5 + Math.random());
    this.#retry = Math.min(this.#retry * 2, LONGEST_RETRY);
    this.#retryTimer = setTimeout(() => this.#connect(), delay);
  }

  #close(): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    this.#source?.close();
    this.#source = null;
  }

  #listen(): void {
    if (this.#isOver) return;
    const silence = performance.now() - this.#heardAt;
    const isBroken = this.#source?.readyState !== EventSource.OPEN;
    if (!this.#isLost && silence > (isBroken ? PATIENCE : SILENCE)) {
      this.#isLost = true;
      this.#tell({ kind: "lost" });
    }
    if (!isBroken && silence > SILENCE) {
      this.#wasSilent = true;
      this.#heard();
      this.#again();
    } else if (this.#source?.readyState === EventSource.CONNECTING && performance.now() - this.#triedAt > ANSWERS_WITHIN) {
      this.#again();
    }
  }
}
