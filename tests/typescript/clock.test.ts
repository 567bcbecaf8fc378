import assert from "node:assert/strict";
import test from "node:test";

import { Clock } from "../../src/vovremya/board/static_src/clock.ts";

function clockAt(now: number, speed = 1): { clock: Clock; pass: (real: number) => void } {
  let monotonic = 1_000;
  const clock = new Clock({ now, speed }, monotonic, () => monotonic);
  return { clock, pass: (real) => (monotonic += real) };
}

test("time passes by the monotonic clock at the speed of the server's", () => {
  const { clock, pass } = clockAt(5_000, 60);
  pass(1_000);
  assert.equal(clock.now(), 65_000);
  assert.equal(clock.until(125_000), 1_000);
});

test("a message that was delayed on its way does not set the clock back", () => {
  const { clock } = clockAt(5_000);
  clock.anchor({ now: 4_900, speed: 1 });
  assert.equal(clock.now(), 5_000);
});

test("a message that proves the clock slow sets it right", () => {
  const { clock } = clockAt(5_000);
  clock.anchor({ now: 5_120, speed: 1 });
  assert.equal(clock.now(), 5_120);
});

test("a moved anchor is followed and told of, forward and back", () => {
  const { clock } = clockAt(5_000);
  let jumps = 0;
  clock.onJump(() => (jumps += 1));
  clock.anchor({ now: 3_605_000, speed: 1 });
  assert.equal(clock.now(), 3_605_000);
  clock.anchor({ now: 5_000, speed: 1 });
  assert.equal(clock.now(), 5_000);
  assert.equal(jumps, 2);
});

test("a clock that stands still never reaches an instant to come", () => {
  const { clock } = clockAt(5_000, 0);
  assert.equal(clock.until(6_000), Number.POSITIVE_INFINITY);
});
