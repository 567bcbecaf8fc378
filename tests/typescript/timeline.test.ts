import assert from "node:assert/strict";
import test from "node:test";

import { currentEntry, nextChange, parseTimeline, type Timeline } from "../../src/vovremya/board/static_src/timeline.ts";

const START = 1_763_800_000_000;
const LATE = START + 600_001;
const DEADLINE = START + 1_200_000;
const timeline: Timeline = [
  [START - 3_600_000, "planned", null],
  [LATE, "late", DEADLINE],
  [DEADLINE + 1, "overdue", DEADLINE],
];

const stateAt = (now: number): string | undefined => currentEntry(timeline, now)?.[1];

test("an entry holds from its own millisecond on", () => {
  assert.equal(stateAt(LATE - 1), "planned");
  assert.equal(stateAt(LATE), "late");
});

test("a contact at the very deadline is in time, one millisecond later is not", () => {
  assert.equal(stateAt(DEADLINE), "late");
  assert.equal(stateAt(DEADLINE + 1), "overdue");
});

test("before its first entry a timeline shows that one", () => {
  assert.equal(stateAt(0), "planned");
});

test("a bar without a timeline has no state", () => {
  assert.equal(currentEntry(parseTimeline(undefined), START), null);
  assert.equal(nextChange([], START), null);
});

test("the next change is the first entry still to come", () => {
  assert.equal(nextChange(timeline, START), LATE);
  assert.equal(nextChange(timeline, LATE), DEADLINE + 1);
  assert.equal(nextChange(timeline, DEADLINE + 1), null);
});

test("a timeline is read as the server writes it", () => {
  assert.deepEqual(parseTimeline('[[1,"planned",null],[2,"late",3]]'), [[1, "planned", null], [2, "late", 3]]);
});
