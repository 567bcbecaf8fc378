import assert from "node:assert/strict";
import test from "node:test";

import { groupQueue, isQueued, pressingCount, type QueueItem } from "../../src/vovremya/board/static_src/queue.ts";
import type { State } from "../../src/vovremya/board/static_src/timeline.ts";

const item = (visit: number, state: State, instant = visit): QueueItem => ({ visit, state, instant, countsTo: null });

test("groups stand by how pressing they are, overdue first and waiting last", () => {
  const states: State[] = ["waiting", "to_remind", "grounds", "undecided", "to_tell", "late", "retry_due", "overdue"];
  const groups = groupQueue(states.map((state, visit) => item(visit, state)));
  assert.deepEqual(groups.map((group) => group.key), ["overdue", "retry", "late", "tell", "undecided", "grounds", "remind", "waiting"]);
});

test("inside a group the earlier instant comes first, and the visit decides between equal ones", () => {
  const [group] = groupQueue([item(3, "late", 20), item(2, "late", 10), item(1, "late", 20)]);
  assert.deepEqual(group?.items.map(({ visit }) => visit), [2, 1, 3]);
});

test("after closing a late client stays among the late and a retry among the waiting", () => {
  const groups = groupQueue([item(1, "late_after_closing"), item(2, "retry_after_closing")]);
  assert.deepEqual(groups.map((group) => group.key), ["late", "waiting"]);
});

test("clients who are expected, here, or done are not in the queue", () => {
  const states: State[] = ["planned", "confirmed", "unconfirmed", "expected", "arrived", "in_work", "done", "not_arrived", "no_show"];
  assert.deepEqual(groupQueue(states.map((state, visit) => item(visit, state))), []);
  assert.ok(states.every((state) => !isQueued(state)));
});

test("the tab's title counts those to be called now, not those who wait or have given grounds", () => {
  const states: State[] = ["overdue", "retry_due", "late", "to_tell", "undecided", "grounds", "to_remind", "waiting"];
  assert.equal(pressingCount(groupQueue(states.map((state, visit) => item(visit, state)))), 5);
});

test("of hundreds to be reminded the soonest are shown with the count of all, of the late every one", () => {
  const many = (state: State): QueueItem[] => Array.from({ length: 300 }, (_, visit) => item(visit, state, 300 - visit));
  const [remind] = groupQueue(many("to_remind"));
  assert.deepEqual([remind?.total, remind?.items.length, remind?.items[0]?.visit], [300, 100, 299]);
  assert.equal(groupQueue(many("late"))[0]?.items.length, 300);
});
