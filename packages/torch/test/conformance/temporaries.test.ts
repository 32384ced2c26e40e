/** Every recorded call once more, with memory that is given back too early showing in results and gradients. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { releasedCount } from "../support/poison.js";
import "./modules.test.js";
import "./replay.test.js";

test("the calls gave memory back", () => {
  assert.ok(releasedCount() > 10_000, `${releasedCount()} storages were released`);
});
