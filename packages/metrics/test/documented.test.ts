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
const missing: string[] = [];

for (const name of new Set(calls.map((call) => call.function))) {
  const own = functions[camelCase(name)];
  if (missing.includes(name)) {
    test(`${name} is not here yet`, () => assert.equal(own, undefined));
    continue;
  }
  test(`the documented examples of ${name}`, () => {
    assert.ok(own !== undefined, `there is no ${camelCase(name)}`);
    for (const call of calls.filter((one) => one.function === name)) {
      const options = camelOptions(decode(call.options) as Record<string, unknown>);
      const args = Object.keys(options).length === 0 ? [] : [options];
      const what = `${name}(${JSON.stringify(call.options)})`;
      assertSame(own(...(decode(call.args) as unknown[]), ...args), decode(call.result), what, 1e-4);
    }
  });
}
