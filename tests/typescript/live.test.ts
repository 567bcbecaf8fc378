import assert from "node:assert/strict";
import test from "node:test";

import type { FeedMessage, Start } from "../../src/vovremya/board/static_src/feed.ts";
import { LiveTabs, type Tab, type ToWorker } from "../../src/vovremya/board/static_src/live-tabs.ts";
import { Live } from "../../src/vovremya/board/static_src/live.ts";
import { HELLO, holdTime, lastLine, Line } from "./line.ts";

const START: Start = { url: "/live?branch=SEV", cursor: "a", drawnAt: 1_000 };
const SLEEP = 200_000;

// --- the worker's end ---

interface Worker {
  tabs: LiveTabs;
  tab: Tab;
  heard: string[];
  say: (message: ToWorker) => void;
}

function joined(): Worker {
  const tabs = new LiveTabs();
  const heard: string[] = [];
  const tab = tabs.enter((message) => heard.push(message.kind));
  const say = (message: ToWorker): void => tabs.take(tab, message);
  say({ kind: "join", start: START, isAgain: false });
  return { tabs, tab, heard, say };
}

function fallenSilent(): Worker {
  const pass = holdTime();
  const worker = joined();
  lastLine().say("hello", HELLO);
  pass(SLEEP);
  worker.tabs.dropSilent();
  worker.heard.length = 0;
  return worker;
}

test("a tab that says nothing for long is dropped, and the line with the last one", () => {
  const { heard } = fallenSilent();
  assert.equal(lastLine().readyState, 2);
  lastLine().say("beat", HELLO);
  assert.deepEqual(heard, []);
});

test("a tab that slept is told to fetch its board, and hears the feed again", () => {
  const { heard, say } = fallenSilent();
  say({ kind: "alive" });
  assert.deepEqual(heard, ["here", "resync"]);
  lastLine().say("hello", HELLO);
  assert.equal(heard.at(-1), "hello");
});

test("a tab that slept beside others joins their line", () => {
  const { tabs, heard, say } = fallenSilent();
  const other: FeedMessage[] = [];
  tabs.take(tabs.enter((message) => other.push(message)), { kind: "join", start: START, isAgain: false });
  const lines = Line.lines.length;
  say({ kind: "alive" });
  lastLine().say("hello", HELLO);
  assert.equal(Line.lines.length, lines);
  assert.deepEqual(heard, ["here", "resync", "hello"]);
});

test("a tab that is heard of stays, however long nothing else happens", () => {
  const pass = holdTime();
  const { tabs, heard, say } = joined();
  pass(SLEEP);
  say({ kind: "alive" });
  tabs.dropSilent();
  lastLine().say("hello", HELLO);
  assert.ok(heard.includes("hello"));
  assert.ok(!heard.includes("resync"));
});

test("nothing more comes to a tab that has left", () => {
  holdTime();
  const { heard, say } = joined();
  say({ kind: "leave" });
  lastLine().say("hello", HELLO);
  assert.deepEqual(heard, []);
});

// --- the page's end ---

/** A worker that answers while it lives; each page's connection is one. */
class SharedWorker {
  static all: SharedWorker[] = [];
  static answers = true;
  readonly said: ToWorker[] = [];
  readonly port = {
    onmessage: null as ((event: { data: FeedMessage }) => void) | null,
    postMessage: (message: ToWorker): void => {
      this.said.push(message);
      if (SharedWorker.answers && message.kind === "alive") this.port.onmessage?.({ data: { kind: "here" } });
    },
    close(): void {},
  };
  onerror: (() => void) | null = null;

  readonly name: string;

  constructor(_url: string, { name }: { name: string }) {
    this.name = name;
    SharedWorker.all.push(this);
  }
}

function openedPage(): { heard: string[]; pass: (real: number) => void } {
  const pass = holdTime();
  SharedWorker.all = [];
  SharedWorker.answers = true;
  Object.assign(globalThis, { window: { SharedWorker }, SharedWorker, addEventListener: () => {} });
  const heard: string[] = [];
  const live = new Live();
  live.onMessage(({ kind }) => heard.push(kind));
  live.start(START, { url: "/live-worker.js", name: "one" });
  return { heard, pass };
}

test("a worker that answers is left as it is, though nothing comes over the line", () => {
  const { heard, pass } = openedPage();
  pass(SLEEP);
  assert.deepEqual(heard, []);
  assert.equal(SharedWorker.all.length, 1);
});

test("a worker that died is told of within ten seconds, and another of another name is begun", () => {
  const { heard, pass } = openedPage();
  SharedWorker.answers = false;
  pass(9_900);
  assert.deepEqual(heard, ["lost"]);
  assert.deepEqual(SharedWorker.all.map(({ name }) => name), ["one", "one:1"]);
  assert.deepEqual(SharedWorker.all.map(({ said }) => said[0]), [
    { kind: "join", start: START, isAgain: false },
    { kind: "join", start: START, isAgain: true },
  ]);
});

test("where no worker can be had any more, the page follows by a line of its own", () => {
  const { heard, pass } = openedPage();
  SharedWorker.answers = false;
  pass(9_900);
  SharedWorker.all.at(-1)?.onerror?.();
  lastLine().say("hello", HELLO);
  assert.deepEqual(heard, ["lost", "resync", "hello"]);
  pass(SLEEP);
  assert.equal(SharedWorker.all.length, 2);
});
