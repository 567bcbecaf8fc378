/** The tabs that one worker serves: each hears the feed of its branch, and who was taken for gone comes back by a word. */
import { Feed, type FeedMessage, type Start } from "./feed.ts";

export type ToWorker =
  /** Again: the tab may have missed anything. */
  | { kind: "join"; start: Start; isAgain: boolean }
  | { kind: "wake"; id: number; delay: number }
  | { kind: "alive" }
  | { kind: "leave" };

export interface Tab {
  readonly tell: (message: FeedMessage) => void;
  start: Start | null;
  feed: Feed | null;
  seenAt: number;
}

/** A tab that crashed says nothing: it is dropped when it has been silent this long. So is one that only sleeps. */
const GONE = 150_000;

export class LiveTabs {
  readonly #feeds = new Map<string, Feed>();
  readonly #tabs = new Set<Tab>();

  enter(tell: (message: FeedMessage) => void): Tab {
    return { tell, start: null, feed: null, seenAt: performance.now() };
  }

  take(tab: Tab, message: ToWorker): void {
    tab.seenAt = performance.now();
    switch (message.kind) {
      case "join":
        tab.start = message.start;
        return this.#join(tab, message.start, message.isAgain);
      case "leave":
        return this.#drop(tab);
      case "wake":
        setTimeout(() => tab.tell({ kind: "wake", id: message.id }), message.delay);
        break;
      case "alive":
        tab.tell({ kind: "here" });
    }
    if (tab.start && !this.#tabs.has(tab)) this.#join(tab, tab.start, true);
  }

  dropSilent(): void {
    for (const tab of this.#tabs) if (performance.now() - tab.seenAt > GONE) this.#drop(tab);
  }

  #join(tab: Tab, start: Start, isAgain: boolean): void {
    const feed = this.#feeds.get(start.url) ?? new Feed(start);
    this.#feeds.set(start.url, feed);
    this.#tabs.add(tab);
    tab.feed = feed;
    if (isAgain) feed.rejoin(tab.tell);
    else feed.join(tab.tell, start.drawnAt);
  }

  #drop(tab: Tab): void {
    this.#tabs.delete(tab);
    tab.feed?.leave(tab.tell);
    for (const [url, feed] of this.#feeds) if (feed.isIdle) this.#feeds.delete(url);
  }
}
