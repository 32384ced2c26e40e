/** The metrics are torchmetrics', for the inputs whole and in parts; its results are recorded by golden/record.py. */
import { test } from "node:test";
import { camelOptions, decode, readGolden } from "./support/golden.js";
import { byName, checkCase } from "./support/replay.js";

const recorded = readGolden("torchmetrics");
const inputs = new Map(Object.entries(recorded.inputs).map(([name, value]) => [name, decode(value)]));

for (const [name, cases] of byName(recorded.cases)) {
  test(`${name} is torchmetrics'`, () => {
    for (const one of cases) {
      const given = one.inputs.map((input) => inputs.get(input));
      checkCase(one, given, camelOptions(one.options));
    }
  });
}
