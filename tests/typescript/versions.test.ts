import assert from "node:assert/strict";
import test from "node:test";

import { isNews } from "../../src/vovremya/board/static_src/bars.ts";

test("a bar not seen before is taken at any version", () => {
  assert.ok(isNews(undefined, 1));
});

test("only a version above the known one is taken, so messages may arrive in any order and twice", () => {
  assert.ok(isNews(7, 8));
  assert.ok(!isNews(7, 7));
  assert.ok(!isNews(7, 6));
});
