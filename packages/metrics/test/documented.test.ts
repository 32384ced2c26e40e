/** The examples of torchmetrics' documentation give the same here; recorded by golden/documented.py. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { functional } from "@flambeau/metrics";
import { assertSame, camelCase, camelOptions, decode, readGolden } from "./support/golden.js";

interface Call {
  readonly function: string;
  readonly args: unknown;
  readonly options: Record<string, unknown>;
  readonly result: unknown;
}

const { calls } = readGolden("documented") as unknown as { calls: Call[] };
const functions = functional as unknown as Record<string, ((...args: unknown[]) => unknown) | undefined>;

/** What torchmetrics has and we do not. */
const missing = [
  "binary_groups_stat_rates",
  "demographic_parity",
  "equal_opportunity",
  "extended_edit_distance",
  "hausdorff_distance",
  "peak_signal_noise_ratio_with_blocked_effect",
  "retrieval_auroc",
  "retrieval_precision_recall_curve",
];

/** The arguments by the rule of translation. */
function argumentsOf(call: Call): unknown[] {
  const { num_classes: numClasses, ...options } = decode(call.options) as Record<string, unknown>;
  const required = decode(call.args) as unknown[];
  // Where it may be left out there, it has its place here; functions with a task have it among the options.
  if (call.function === "multiclass_accuracy") required.push(numClasses);
  else if (numClasses !== undefined) options.num_classes = numClasses;
  return Object.keys(options).length === 0 ? required : [...required, camelOptions(options)];
}

for (const name of new Set(calls.map((call) => call.function))) {
  const own = functions[camelCase(name)];
  if (missing.includes(name)) {
    test(`${name} is not here yet`, () => assert.equal(own, undefined));
    continue;
  }
  test(`the documented examples of ${name}`, () => {
    assert.ok(own !== undefined, `there is no ${camelCase(name)}`);
    for (const call of calls.filter((one) => one.function === name)) {
      const what = `${name}(${JSON.stringify(call.options)})`;
      assertSame(own(...argumentsOf(call)), decode(call.result), what, 1e-4);
    }
  });
}
