import assert from "node:assert/strict";
import test from "node:test";

import { carriedByKey, carriedTo, gripAt } from "../../src/vovremya/board/static_src/carrying.ts";
import type { Press } from "../../src/vovremya/board/static_src/keys.ts";

const origin = { bay: 1, start: 607, lasts: 60 };
const press = (code: string, more: Partial<Press> = {}): Press => ({
  code, key: "", ctrlKey: false, altKey: false, metaKey: false, shiftKey: false, ...more,
});

test("a bar is drawn to whole five minutes", () => {
  assert.deepEqual(carriedTo(origin, "move", 40, 2, 1), { bay: 1, start: 625, lasts: 60 });
  assert.deepEqual(carriedTo(origin, "move", -40, 2, 1), { bay: 1, start: 585, lasts: 60 });
});

test("a hand that goes to another bay and drifts a little keeps the time", () => {
  assert.deepEqual(carriedTo(origin, "move", 5, 2, 3), { bay: 3, start: 607, lasts: 60 });
});

test("the end is drawn to whole five minutes, stays on its bay and leaves five minutes at least", () => {
  assert.deepEqual(carriedTo(origin, "end", 40, 2, 3), { bay: 1, start: 607, lasts: 78 });
  assert.deepEqual(carriedTo(origin, "end", -400, 2, 1), { bay: 1, start: 607, lasts: 5 });
  assert.deepEqual(carriedTo(origin, "end", 3, 2, 3), origin);
});

test("arrows go by five minutes, with Ctrl by half an hour, with Shift at the end", () => {
  const place = { bay: 1, start: 600, lasts: 60 };
  assert.equal(carriedByKey(place, press("ArrowRight"), [1])?.start, 605);
  assert.equal(carriedByKey(place, press("ArrowLeft", { ctrlKey: true }), [1])?.start, 570);
  assert.equal(carriedByKey(place, press("ArrowRight", { shiftKey: true }), [1])?.lasts, 65);
  assert.equal(carriedByKey({ ...place, lasts: 5 }, press("ArrowLeft", { shiftKey: true }), [1])?.lasts, 5);
});

test("up and down lead over the bays that are shown and no further", () => {
  assert.equal(carriedByKey(origin, press("ArrowDown"), [1, 4, 7])?.bay, 4);
  assert.equal(carriedByKey(origin, press("ArrowUp"), [1, 4, 7])?.bay, 1);
});

test("other keys mean nothing to a bar in hand", () => {
  assert.equal(carriedByKey(origin, press("KeyC"), [1]), null);
  assert.equal(carriedByKey(origin, press("ArrowLeft", { altKey: true }), [1]), null);
  assert.equal(carriedByKey(origin, press("ArrowUp", { shiftKey: true }), [1, 2]), null);
});

test("the end is taken at the last pixels, where there is room to take the bar elsewhere", () => {
  const bar = { left: 100, right: 200 };
  assert.equal(gripAt(195, bar, false), "end");
  assert.equal(gripAt(185, bar, false), "move");
  assert.equal(gripAt(185, bar, true), "end");
  assert.equal(gripAt(119, { left: 100, right: 120 }, false), "move");
});
