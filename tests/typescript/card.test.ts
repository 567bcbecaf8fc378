import assert from "node:assert/strict";
import test from "node:test";

import { fillComment } from "../../src/vovremya/board/static_src/comment.ts";
import { holds } from "../../src/vovremya/board/static_src/conditions.ts";
import { etaOf, parseEta } from "../../src/vovremya/board/static_src/eta.ts";
// The server reads by the same table, so what is shown beside the field is what is kept.
import table from "../rules/visits/arrival.json";

const COMING = "Едет, будет к {eta}[, {reason}]";
const ANSWERED = Date.UTC(2026, 10, 22, 7, 28, 30);
const MINUTE = 60_000;
const from = { answeredAt: ANSWERED, minuteOfDay: 10 * 60 + 28, nearWithin: 10 };

test("the comment is made of the answers", () => {
  assert.equal(fillComment(COMING, { eta: "10:38", reason: "пробка" }), "Едет, будет к 10:38, пробка");
});

test("a part in brackets falls away whole where its answer is missing", () => {
  assert.equal(fillComment(COMING, { eta: "10:38", reason: "" }), "Едет, будет к 10:38");
});

test("a part of a form is shown where all its conditions hold, each for any of its values", () => {
  assert.ok(holds("result=answered; eta_kind=far,unknown", { result: "answered", eta_kind: "unknown" }));
  assert.ok(!holds("result=answered; eta_kind=far,unknown", { result: "answered", eta_kind: "near" }));
  assert.ok(!holds("result=answered", {}));
  assert.ok(holds("reason", { reason: "3" }));
});

test("an arrival exactly ten minutes from the answer is near, a minute more is far", () => {
  assert.deepEqual(etaOf("10", "", from), { kind: "near", at: ANSWERED + 10 * MINUTE });
  assert.equal(etaOf("11", "", from).kind, "far");
});

for (const { typed, read } of table.cases) {
  test(`what is typed as an arrival: «${typed}»`, () => {
    const [hour = 0, minute = 0] = table.answered.split(":").map(Number);
    const at = parseEta(typed, Date.parse(`2026-11-22T${table.answered}Z`), hour * 60 + minute);
    assert.equal(at === null ? null : new Date(at).toISOString().slice(11, 19), read);
  });
}

test("an arrival may be typed in minutes or as a time of day, past midnight too", () => {
  assert.equal(parseEta("25 мин", ANSWERED, 0), ANSWERED + 25 * MINUTE);
  assert.equal(parseEta("1 ч 10 мин", ANSWERED, 0), ANSWERED + 70 * MINUTE);
  assert.equal(parseEta("2 часа", ANSWERED, 0), ANSWERED + 120 * MINUTE);
  assert.equal(parseEta("10:45", ANSWERED, 10 * 60 + 28), ANSWERED - 30_000 + 17 * MINUTE);
  assert.equal(parseEta("0:10", ANSWERED, 23 * 60 + 50), ANSWERED - 30_000 + 20 * MINUTE);
});

test("what is no arrival gives none, so nothing is promised by mistake", () => {
  for (const text of ["", "-5", "скоро", "25:70", "10:27"]) assert.equal(parseEta(text, ANSWERED, 10 * 60 + 28), null, text);
  assert.equal(etaOf("time", "скоро", from).kind, "");
  assert.equal(etaOf("unknown", "", from).kind, "unknown");
});
