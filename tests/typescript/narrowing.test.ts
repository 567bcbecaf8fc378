import assert from "node:assert/strict";
import test from "node:test";

import { matches } from "../../src/vovremya/office/static_src/narrowing.ts";

test("a row is left where every word that was typed stands in it, in whatever case and order", () => {
  assert.ok(matches("Замена передних колодок pads-front", "колод ПЕРЕД"));
  assert.ok(matches("Съём щётки", "съем щеткИ"));
  assert.ok(matches("Мойка", "  "));
  assert.ok(!matches("Замена передних колодок", "задних колодок"));
});
