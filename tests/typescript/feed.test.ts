import assert from "node:assert/strict";
import test from "node:test";

import { Feed, type FeedMessage } from "../../src/vovremya/board/static_src/feed.ts";
import { HELLO, holdTime, lastLine, Line } from "./line.ts";

const bars = (visit: number, cursor: string): unknown => ({ cursor, visit, version: 1, bars: {} });

function started(): { feed: Feed; heard: FeedMessage[]; line: () => Line; pass: (real: number) => void } {
  const pass = holdTime();
  const feed = new Feed({ url: "/live?branch=SEV", cursor: "a", drawnAt: 1_000 });
  const heard: FeedMessage[] = [];
  feed.join((message) => heard.push(message), 1_000);
  return { feed, heard, line: lastLine, pass };
}

const kinds = (heard: readonly FeedMessage[]): string[] => heard.map(({ kind }) => kind);

test("a page that comes later hears how many calls the waiting list has by now", () => {
  const { feed, line } = started();
  line().say("hello", HELLO);
  line().say("calls", { count: 1 });
  line().say("calls", { count: 2 });
  const late: FeedMessage[] = [];
  feed.join((message) => late.push(message), 1_000);
  assert.deepEqual(late, [{ kind: "calls", data: { count: 2 } }]);
});

test("a page that comes later hears what it has missed", () => {
  const { feed, line } = started();
  line().say("hello", HELLO);
  line().say("bars", bars(5, "b"));
  const late: FeedMessage[] = [];
  feed.join((message) => late.push(message), 2_000);
  assert.deepEqual(kinds(late), ["bars"]);
});

test("a page drawn before the connection began fetches its board anew", () => {
  const { feed } = started();
  const old: FeedMessage[] = [];
  feed.join((message) => old.push(message), 500);
  assert.deepEqual(kinds(old), ["resync"]);
});

test("two beats missed and the line is lost, within ten seconds", () => {
  const { heard, line, pass } = started();
  line().say("hello", HELLO);
  pass(8_000);
  assert.ok(!kinds(heard).includes("lost"));
  pass(1_900);
  assert.ok(kinds(heard).includes("lost"));
  line().say("hello", HELLO);
  assert.deepEqual(heard.at(-1), { kind: "back", wasSilent: true });
});

test("a line that breaks is taken up at the last cursor, and a short break is not worth a word", () => {
  const { heard, line, pass } = started();
  line().say("hello", HELLO);
  line().say("bars", bars(5, "b"));
  line().fail();
  pass(1_000);
  assert.ok(line().url.endsWith("cursor=b"));
  line().say("hello", { ...HELLO, cursor: "b" });
  assert.ok(!kinds(heard).includes("lost"));
});

test("a refused connection is tried again and again, and told of when it is back", () => {
  const { heard, line, pass } = started();
  line().fail();
  pass(1_000);
  line().fail();
  pass(3_000);
  assert.ok(kinds(heard).includes("lost"));
  line().fail();
  pass(9_000);
  line().say("hello", HELLO);
  assert.deepEqual(heard.at(-1), { kind: "back", wasSilent: false });
  assert.ok(Line.lines.length >= 4);
});

test("a line that is being made and never answers is given up for another", () => {
  const { heard, line, pass } = started();
  line().say("hello", HELLO);
  line().fail();
  pass(1_000);
  const inBlackHole = line();
  pass(9_000);
  assert.equal(line(), inBlackHole);
  pass(4_000);
  assert.notEqual(line(), inBlackHole);
  assert.equal(inBlackHole.readyState, 2);
  line().say("hello", HELLO);
  assert.equal(kinds(heard).at(-1), "back");
});

test("an ended session is not knocked at again", () => {
  const { heard, line, pass } = started();
  line().say("hello", HELLO);
  line().say("bye", {});
  pass(60_000);
  assert.equal(kinds(heard).at(-1), "bye");
  assert.equal(Line.lines.length, 1);
});

test("a gap on the server's side makes every page fetch its board", () => {
  const { heard, line } = started();
  line().say("hello", HELLO);
  line().say("reload", {});
  assert.equal(kinds(heard).at(-1), "resync");
});
