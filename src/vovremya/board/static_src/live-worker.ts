/** SharedWorker: one connection for all tabs of a session and branch, and timers that a hidden tab would be denied. */
import { LiveTabs, type ToWorker } from "./live-tabs.ts";

const tabs = new LiveTabs();
setInterval(() => tabs.dropSilent(), 30_000);

self.addEventListener("connect", (event) => {
  const port = (event as MessageEvent).ports[0];
  if (!port) return;
  const tab = tabs.enter((message) => port.postMessage(message));
  port.onmessage = ({ data }: MessageEvent<ToWorker>) => tabs.take(tab, data);
});
