/** The metrics are torchmetrics', for the inputs whole and in parts; its results are recorded by golden/record.py. */
import { test } from "node:test";
import { type Case, camelCase, camelOptions, decode, readGolden } from "./support/golden.js";
import { checkCase } from "./support/replay.js";

const recorded = readGolden("torchmetrics");
const inputs = new Map(Object.entries(recorded.inputs).map(([name, value]) => [name, decode(value)]));
const byFunction = new Map<string, Case[]>();
for (const one of recorded.cases) byFunction.set(one.function, [...(byFunction.get(one.function) ?? []), one]);

for (const [name, cases] of byFunction) {
  test(`${name} is torchmetrics'`, () => {
    for (const one of cases) {
      const given = one.inputs.map((input) => inputs.get(input));
      checkCase(one, given, camelCase(name), camelOptions(one.options));
    }
  });
}
