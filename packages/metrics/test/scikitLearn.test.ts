/** The metrics are scikit-learn's, and so is the report, letter for letter; recorded by golden/scikitLearn.py. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { classificationReport } from "@flambeau/metrics";
import type { Tensor } from "flambeau";
import { assertSame, decode, readGolden } from "./support/golden.js";
import { byName, checkCase } from "./support/replay.js";

interface Report {
  readonly target: unknown;
  readonly preds: unknown;
  readonly options: { outputDict?: false };
  readonly text: string;
  readonly dict: Record<string, unknown>;
}

const recorded = readGolden("sklearn");
const inputs = new Map(Object.entries(recorded.inputs).map(([name, value]) => [name, decode(value)]));

for (const [name, cases] of byName(recorded.cases)) {
  test(`${name} is scikit-learn's`, () => {
    for (const one of cases) {
      const given = one.inputs.map((input) => inputs.get(input));
      checkCase(one, given, one.options);
    }
  });
}

test("the classification report is scikit-learn's, letter for letter", () => {
  const { reports } = recorded as unknown as { reports: Report[] };
  for (const { target, preds, options, text, dict } of reports) {
    const [t, p] = [decode(target), decode(preds)] as [Tensor, Tensor];
    assert.equal(classificationReport(t, p, options), text);
    const { accuracy, ...rows } = classificationReport(t, p, { ...options, outputDict: true });
    const { accuracy: expected, ...expectedRows } = dict;
    assert.equal(accuracy === undefined, expected === undefined);
    if (expected !== undefined) assertSame(accuracy, expected, "accuracy", 1e-12);
    assert.deepEqual(Object.keys(rows).sort(), Object.keys(expectedRows).sort());
    for (const [name, row] of Object.entries(expectedRows)) {
      for (const [key, value] of Object.entries(row as Record<string, number>)) {
        const own = (rows as unknown as Record<string, Record<string, number>>)[name]?.[key] as number;
        assert.ok(Math.abs(own - value) < 1e-12, `${name} ${key}: ${own} instead of ${value}\n${text}`);
      }
    }
  }
});
