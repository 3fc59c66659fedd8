import assert from "node:assert/strict";
import { test } from "node:test";
import { covers, weekOf } from "../src/lib/week";

test("a week runs from Monday to Sunday, over a year's end too", () => {
  // 2026-01-01 is a Thursday.
  const week = weekOf(new Date("2026-01-01T12:00:00Z"));
  assert.deepEqual([week.start, week.end, week.days.length], ["2025-12-29", "2026-01-04", 7]);
  assert.equal(weekOf(new Date("2026-01-04T23:59:59Z")).start, "2025-12-29");
  assert.equal(weekOf(new Date("2026-01-01T12:00:00Z"), 1).start, "2026-01-05");
});

test("a span covers its first and last day", () => {
  const span = ["2026-01-05T00:00:00.000Z", "2026-01-07T00:00:00.000Z"] as const;
  assert.deepEqual(
    ["2026-01-04", "2026-01-05", "2026-01-07", "2026-01-08"].map((day) => covers(...span, day)),
    [false, true, true, false],
  );
  assert.equal(covers(null, null, "2026-01-05"), false);
  assert.equal(covers(null, span[1], "2020-01-01"), true);
});
