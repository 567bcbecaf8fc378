import assert from "node:assert/strict";
import test from "node:test";

import { firstMet, overbooked, type Obstacle } from "../../src/vovremya/board/static_src/obstacles.ts";
// The server's rule is held to the same table, so the ghost promises what the drop keeps.
import table from "../rules/schedule/obstacles.json";

interface Case {
  name: string;
  obstacle: Omit<Obstacle, "words">;
  new: [number, number, number];
  met: boolean;
}

for (const { name, obstacle, new: [bay, start, lasts], met } of table.cases as Case[]) {
  test(`met or not: ${name}`, () => {
    const found = firstMet([{ ...obstacle, words: name }], table.old, { bay, start, lasts });
    assert.equal(found !== null, met);
  });
}

test("only visits are overbooked, and all that are met are told of", () => {
  const old = { bay: 1, start: 600, lasts: 60 };
  const now = { bay: 1, start: 750, lasts: 120 };
  const first: Obstacle = { bay: 1, from: 720, to: 780, visit: 7, words: "first" };
  const second: Obstacle = { bay: 1, from: 840, to: 900, visit: 8, words: "second" };
  const elsewhere: Obstacle = { bay: 2, from: 720, to: 900, words: "closed" };
  assert.deepEqual(overbooked([elsewhere, first, second], old, now), [first, second]);
  assert.deepEqual(overbooked([first, { ...elsewhere, bay: 1 }], old, now), []);
  assert.deepEqual(overbooked([elsewhere], old, now), []);
});
