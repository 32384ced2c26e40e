/** Flambeau gives PyTorch's values, dtypes, shapes, gradients and errors, in every recorded call. */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { deviations, explain } from "./deviations.js";
import { families, Golden } from "./golden.js";
import { fullName, replay } from "./replay.js";
import { operationWords } from "./wordDeviations.js";

const SHOWN = 5;
const all = [...deviations, ...operationWords];
const explained = new Set<unknown>();

for (const family of families()) {
  const golden = new Golden(family);
  describe(family, () => {
    for (const operation of golden.operations) {
      test(fullName(operation), () => {
        const outcome = replay(golden, operation);
        assert.deepEqual(outcome.missing, [], "forms that are missing");
        const unexpected = outcome.failures.filter((failure) => {
          const deviation = explain(failure, all);
          if (deviation !== undefined) explained.add(deviation);
          return deviation === undefined;
        });
        const shown = unexpected.slice(0, SHOWN).map(({ form, call, difference }) => `${form}: ${call}: ${difference}`);
        assert.equal(unexpected.length, 0, `${unexpected.length} calls differ\n${shown.join("\n")}`);
      });
    }
  });
}

after(() => {
  const stale = all.filter((deviation) => !explained.has(deviation)).map(({ reason }) => reason);
  assert.deepEqual(
    stale,
    [],
    "deviations that do not occur any more; take them off the lists in deviations.ts and wordDeviations.ts",
  );
});
