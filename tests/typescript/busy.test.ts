import assert from "node:assert/strict";
import test from "node:test";

import { waitingForBay, type Planned } from "../../src/vovremya/board/static_src/busy.ts";
import type { State } from "../../src/vovremya/board/static_src/timeline.ts";

const visit = (start: number, state: State, lane = 0): Planned => ({ start, lane, state });

test("a client who is here waits while the visit before is still in work", () => {
  assert.deepEqual(waitingForBay([visit(600, "in_work"), visit(660, "arrived")], 665), [false, true]);
});

test("a late client bears the sign as well, and stays late", () => {
  assert.deepEqual(waitingForBay([visit(600, "in_work"), visit(660, "late")], 672), [false, true]);
});

test("nobody waits before the planned start, nor behind work that is done", () => {
  assert.deepEqual(waitingForBay([visit(600, "in_work"), visit(660, "planned")], 659), [false, false]);
  assert.deepEqual(waitingForBay([visit(600, "done"), visit(660, "arrived")], 670), [false, false]);
});

test("a visit in another lane of the bay is in nobody's way", () => {
  assert.deepEqual(waitingForBay([visit(600, "in_work", 1), visit(660, "arrived")], 670), [false, false]);
});
