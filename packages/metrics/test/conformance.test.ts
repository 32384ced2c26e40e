/**
 * The functions give what torchmetrics gave for the same inputs, and the classes give the same for the inputs in parts:
 * updated, called, and joined from two.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as metrics from "@flambeau/metrics";
import torch from "flambeau";
import { assertSame, type Case, camelCase, camelOptions, decode, readGolden } from "./support/golden.js";

const recorded = readGolden("torchmetrics");
const inputs = new Map(Object.entries(recorded.inputs).map(([name, value]) => [name, decode(value)]));
const functions = metrics.functional as unknown as Record<string, (...args: unknown[]) => unknown>;
const classes = metrics as unknown as Record<string, new (...args: unknown[]) => metrics.Metric>;

/** The first, middle and last part of an input. */
function parts(input: unknown): unknown[] {
  if (Array.isArray(input)) return [input.slice(0, 1), input.slice(1, 2), input.slice(2)];
  if (!(input instanceof torch.Tensor)) return [input, input, input];
  const size = input.shape[0] as number;
  const [a, b] = [Math.ceil(size / 3), Math.ceil((2 * size) / 3)];
  return [input.narrow(0, 0, a), input.narrow(0, a, b - a), input.narrow(0, b, size - b)];
}

function checkCase(one: Case): void {
  const what = `${one.function}(${one.inputs.join(", ")}, ${JSON.stringify(one.options)})`;
  const given = one.inputs.map((name) => inputs.get(name));
  const args = [...(decode(one.positional) as unknown[]), camelOptions(one.options)];
  const expected = decode(one.result);
  assertSame(functions[camelCase(one.function)]?.(...given, ...args), expected, what);
  if (one.class === null) return;
  const Class = classes[one.class] as new (...args: unknown[]) => metrics.Metric;
  const whole = new Class(...args);
  assertSame(whole(...given), expected, `${what}: the value of a call`);
  assertSame(whole.compute(), expected, `${what}: the value after a call`);
  if (!one.chunked) return;
  const split = given.map(parts);
  const metric = new Class(...args);
  for (const i of [0, 1, 2]) metric.update(...split.map((part) => part[i]));
  assertSame(metric.compute(), expected, `${what}: in parts`);
  const [first, rest] = [new Class(...args), new Class(...args)];
  first.update(...split.map((part) => part[0]));
  rest.update(...split.map((part) => part[1]));
  rest.update(...split.map((part) => part[2]));
  rest.mergeState(first);
  assertSame(rest.compute(), expected, `${what}: joined`);
}

const groups = new Map<string, Case[]>();
for (const one of recorded.cases) groups.set(one.function, [...(groups.get(one.function) ?? []), one]);

for (const [name, cases] of groups) {
  test(`${name} is torchmetrics'`, () => {
    assert.ok(name === "" || typeof functions[camelCase(name)] === "function", `there is no ${camelCase(name)}`);
    cases.forEach(checkCase);
  });
}
