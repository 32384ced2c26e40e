/** Replays recorded calls: the function, and the class with the inputs whole, in parts, and joined. */
import * as metrics from "@flambeau/metrics";
import torch from "flambeau";
import { assertSame, type Case, camelCase, decode } from "./golden.js";

const functions = metrics.functional as unknown as Record<string, (...args: unknown[]) => unknown>;
const classes = metrics as unknown as Record<string, MetricClass>;

type MetricClass = new (...args: unknown[]) => metrics.Metric;

/** The first, middle and last part of an input. */
function parts(input: unknown): unknown[] {
  if (Array.isArray(input)) return [input.slice(0, 1), input.slice(1, 2), input.slice(2)];
  if (!(input instanceof torch.Tensor)) return [input, input, input];
  const size = input.shape[0] as number;
  const [a, b] = [Math.ceil(size / 3), Math.ceil((2 * size) / 3)];
  return [input.narrow(0, 0, a), input.narrow(0, a, b - a), input.narrow(0, b, size - b)];
}

/** The cases of each function or class. */
export function byName(cases: readonly Case[]): Map<string, Case[]> {
  const groups = new Map<string, Case[]>();
  for (const one of cases) {
    const name = (one.function ?? one.class) as string;
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  return groups;
}

/** Compares what a function and its class give with what was recorded. */
export function checkCase(one: Case, given: unknown[], options: Record<string, unknown>): void {
  const what = `${one.function ?? one.class}(${one.inputs.join(", ")}, ${JSON.stringify(one.options)})`;
  const positional = decode(one.positional) as unknown[];
  const args = Object.keys(options).length === 0 ? positional : [...positional, options];
  const expected = decode(one.result);
  if (one.function !== null) {
    const compute = functions[camelCase(one.function)];
    if (compute === undefined) throw new Error(`there is no function ${camelCase(one.function)}`);
    assertSame(compute(...given, ...args), expected, what);
  }
  if (one.class === null) return;
  const Class = classes[one.class];
  if (Class === undefined) throw new Error(`there is no class ${one.class}`);
  checkClass(() => new Class(...args), given, expected, what, one.chunked);
}

function checkClass(make: () => metrics.Metric, given: unknown[], expected: unknown, what: string, chunked: boolean) {
  const whole = make();
  assertSame(whole(...given), expected, `${what}: the value of a call`);
  assertSame(whole.compute(), expected, `${what}: the value after a call`);
  if (!chunked) return;
  const split = given.map(parts);
  const part = (i: number) => split.map((one) => one[i]);
  const metric = make();
  for (const i of [0, 1, 2]) metric.update(...part(i));
  assertSame(metric.compute(), expected, `${what}: in parts`);
  const [first, rest] = [make(), make()];
  first.update(...part(0));
  rest.update(...part(1));
  rest.update(...part(2));
  rest.mergeState(first);
  assertSame(rest.compute(), expected, `${what}: joined`);
}
