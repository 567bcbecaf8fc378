import assert from "node:assert/strict";
import test from "node:test";

import { parseFilters } from "../../src/vovremya/board/static_src/filters.ts";

test("filters are read from the address, and what is none of them is left out", () => {
  assert.deepEqual(parseFilters("#group=2&state=late+overdue&other=1"), { group: "2", state: "late overdue" });
  assert.deepEqual(parseFilters(""), {});
});
