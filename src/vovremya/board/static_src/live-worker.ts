/** SharedWorker: one connection for all tabs of a session and branch, and timers that a hidden tab would be denied. */
import { Feed, type FeedMessage, type Start } from "./feed.ts";

export type ToWorker =
  | { kind: "join"; start: Start }
  | { kind: "wake"; id: number; delay: number }
  | { kind: "alive" }
  | { kind: "leave" };

interface Tab {
  port: MessagePort;
  feed: Feed | null;
  listener: (message: FeedMessage) => void;
  seenAt: number;
}

const feeds = new Map<string, Feed>();
const tabs = new Set<Tab>();
/** A tab that crashed says nothing: it is dropped when it has been silent this long. */
const GONE = 150_000;

function take(tab: Tab, message: ToWorker): void {
  tab.seenAt = performance.now();
  if (message.kind === "wake") setTimeout(() => tab.port.postMessage({ kind: "wake", id: message.id }), message.delay);
  if (message.kind === "leave") drop(tab);
  if (message.kind !== "join") return;
  const { url, drawnAt } = message.start;
  const feed = feeds.get(url) ?? new Feed(message.start);
  feeds.set(url, feed);
  tabs.add(tab);
  tab.feed = feed;
  feed.join(tab.listener, drawnAt);
}

function drop(tab: Tab): void {
  tabs.delete(tab);
  tab.feed?.leave(tab.listener);
  for (const [url, feed] of feeds) if (feed.isIdle) feeds.delete(url);
}

setInterval(() => {
  for (const tab of tabs) if (performance.now() - tab.seenAt > GONE) drop(tab);
}, 30_000);

self.addEventListener("connect", (event) => {
  const port = (event as MessageEvent).ports[0];
  if (!port) return;
  const tab: Tab = { port, feed: null, listener: (message) => port.postMessage(message), seenAt: performance.now() };
  port.onmessage = ({ data }: MessageEvent<ToWorker>) => take(tab, data);
});
