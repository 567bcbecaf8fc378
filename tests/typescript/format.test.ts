import assert from "node:assert/strict";
import test from "node:test";

import { clockText, countdownText } from "../../src/vovremya/board/static_src/format.ts";

const INSTANT = Date.UTC(2026, 10, 22, 21, 30);

test("a time is shown in the branch's zone, not in the PC's", () => {
  assert.equal(clockText(INSTANT, "Europe/Moscow"), "00:30");
  assert.equal(clockText(INSTANT, "Asia/Vladivostok"), "07:30");
  assert.equal(clockText(INSTANT, "Europe/Kaliningrad"), "23:30");
});

test("a countdown shows what is left, and grows below zero once missed", () => {
  assert.equal(countdownText(402_000, 0), "6:42");
  assert.equal(countdownText(1, 0), "0:01");
  assert.equal(countdownText(0, 0), "0:00");
  assert.equal(countdownText(0, 978_500), "−16:18");
  assert.equal(countdownText(3_730_000, 0), "1:02:10");
});
