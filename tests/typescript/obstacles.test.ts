import assert from "node:assert/strict";
import test from "node:test";

import { firstMet, type Obstacle } from "../../src/vovremya/board/static_src/obstacles.ts";
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
