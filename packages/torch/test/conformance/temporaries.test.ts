/** Every recorded call once more, with memory that is given back too early showing in results and gradients. */
import assert from "node:assert/strict";
import { after } from "node:test";
import { releasedCount } from "../support/poison.js";
import "./replay.test.js";

after(() => assert.ok(releasedCount() > 10_000, `${releasedCount()} storages were released`));
