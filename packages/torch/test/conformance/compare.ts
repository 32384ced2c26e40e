/** Says how a result differs from the recorded one, with the tolerances of torch.testing.assert_close. */
import torch, { Tensor, type TypedArray } from "../../src/index.js";
import { complexNamed, type Golden, type GoldenResult, type GoldenTensor, hashOf, type Summary } from "./golden.js";

const tolerances: Record<string, readonly [rtol: number, atol: number]> = {
  float32: [1.3e-6, 1e-5],
  float64: [1e-7, 1e-7],
  float16: [1e-3, 1e-5],
  bfloat16: [1.6e-2, 1e-5],
  complex64: [1.3e-6, 1e-5],
  complex128: [1e-7, 1e-7],
};

export function camelCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** What is different in a result; undefined if nothing is. */
export function difference(
  golden: Golden,
  actual: unknown,
  expected: GoldenResult,
  inputs: readonly Tensor[],
): string | undefined {
  if (Array.isArray(expected)) return listDifference(golden, actual, expected, inputs);
  if (typeof expected === "object" && expected !== null) {
    if ("t" in expected) return tensorDifference(golden, actual, expected as GoldenTensor, inputs);
    if ("fields" in expected) {
      const { fields, items } = expected as { fields: readonly string[]; items: readonly GoldenResult[] };
      return fieldDifference(actual, fields) ?? listDifference(golden, actual, items, inputs);
    }
    if ("d" in expected) return same(String(actual), `torch.${expected.d}`);
    if ("c" in expected) return same(String(actual), String(complexNamed(expected.c)));
    if ("f" in expected) return same(String(actual), String(Number(String(expected.f).replace("inf", "Infinity"))));
  }
  if (typeof expected === "number" && typeof actual === "number") {
    return close(actual, expected, "float64") ? undefined : same(actual, expected);
  }
  if (expected === null) return same(actual ?? null, null);
  return same(typeof actual === "bigint" ? Number(actual) : actual, expected);
}

function same(actual: unknown, expected: unknown): string | undefined {
  return Object.is(actual, expected) ? undefined : `${String(actual)} instead of ${String(expected)}`;
}

function fieldDifference(actual: unknown, fields: readonly string[]): string | undefined {
  const found = Object.keys(actual as object).join(", ");
  const wanted = fields.map(camelCase).join(", ");
  return found === wanted ? undefined : `fields {${found}} instead of {${wanted}}`;
}

function listDifference(
  golden: Golden,
  actual: unknown,
  expected: readonly GoldenResult[],
  inputs: readonly Tensor[],
): string | undefined {
  if (actual instanceof Tensor || typeof (actual as Iterable<unknown>)?.[Symbol.iterator] !== "function") {
    return `${describe(actual)} instead of a list of ${expected.length}`;
  }
  const items = [...(actual as Iterable<unknown>)];
  if (items.length !== expected.length) return `a list of ${items.length} instead of ${expected.length}`;
  for (const [i, item] of items.entries()) {
    const found = difference(golden, item, expected[i] as GoldenResult, inputs);
    if (found !== undefined) return `[${i}]: ${found}`;
  }
  return undefined;
}

function describe(value: unknown): string {
  if (value instanceof Tensor) return `${String(value.dtype).slice("torch.".length)}[${value.shape}]`;
  return value === null || typeof value !== "object" ? String(value) : (value.constructor?.name ?? "object");
}

function tensorDifference(
  golden: Golden,
  actual: unknown,
  expected: GoldenTensor,
  inputs: readonly Tensor[],
): string | undefined {
  if (!(actual instanceof Tensor)) return `${describe(actual)} instead of ${golden.describe(expected.t)}`;
  return valueDifference(golden, actual, expected.t) ?? layoutDifference(actual, expected, inputs);
}

/** How a tensor differs in dtype, sizes, strides, or the memory that it shares; whatever its values are. */
export function sameLayout(
  golden: Golden,
  actual: Tensor,
  expected: GoldenTensor,
  inputs: readonly Tensor[],
): string | undefined {
  return kindDifference(golden, actual, expected.t) ?? layoutDifference(actual, expected, inputs);
}

/** How a tensor differs in dtype or sizes. */
export function kindDifference(golden: Golden, actual: Tensor, index: number): string | undefined {
  const summary = golden.summary(index);
  const { dtype } = golden.values(summary?.sample ?? index);
  const sizes = summary?.sizes ?? golden.values(index).sizes;
  return describe(actual) === `${dtype}[${sizes}]` ? undefined : `${describe(actual)} instead of ${dtype}[${sizes}]`;
}

/** How a tensor differs in dtype, sizes or values. */
export function valueDifference(golden: Golden, actual: Tensor, index: number): string | undefined {
  const summary = golden.summary(index);
  const expected = golden.values(summary?.sample ?? index);
  const sizes = summary?.sizes ?? expected.sizes;
  if (describe(actual) !== `${expected.dtype}[${sizes}]`)
    return `${describe(actual)} instead of ${expected.dtype}[${sizes}]`;
  const values = (actual.dtype.isHalf ? actual.detach().float() : actual.detach()).toTypedArray();
  return summary === undefined
    ? elementDifference(values, expected.values, expected.dtype)
    : summaryDifference(values, summary, expected.values);
}

function elementDifference(
  actual: TypedArray,
  expected: TypedArray,
  dtype: string,
  at?: readonly number[],
): string | undefined {
  let wrong = 0;
  let first = "";
  const parts = dtype.startsWith("complex") ? 2 : 1;
  for (let i = 0; i < expected.length; i++) {
    const part = i % parts;
    const place = at === undefined ? i : parts * (at[(i - part) / parts] as number) + part;
    const [a, e] = [actual[place], expected[i]] as [number, number];
    // A part of a complex number is held to the size of both.
    const other = parts === 1 ? 0 : (expected[i + 1 - 2 * part] as number);
    if (a === e || close(a, e, dtype, Number.isFinite(other) ? Math.hypot(e, other) : Math.abs(e))) continue;
    if (wrong++ === 0) first = `element ${place} is ${a} instead of ${e}`;
  }
  return wrong === 0 ? undefined : `${first}${wrong > 1 ? ` (${wrong} of ${expected.length} differ)` : ""}`;
}

function close(actual: number, expected: number, dtype: string, size = Math.abs(expected)): boolean {
  if (Number.isNaN(expected)) return Number.isNaN(actual);
  const [rtol, atol] = tolerances[dtype] ?? [0, 0];
  return actual === expected || (Number.isFinite(expected) && Math.abs(actual - expected) <= atol + rtol * size);
}

/** Compares a sample one by one and the rest by its sum, whose tolerance is that of all elements together. */
function summaryDifference(actual: TypedArray, expected: Summary, sample: TypedArray): string | undefined {
  const found = elementDifference(actual, sample, expected.dtype, expected.at);
  if (found !== undefined) return found;
  if (expected.hash !== undefined)
    return hashOf(actual) === expected.hash ? undefined : "elements differ outside of the sample";
  let [sum, size, finite] = [0, 0, 0];
  for (const value of actual as Float64Array) {
    if (!Number.isFinite(value)) continue;
    sum += value;
    size += Math.abs(value);
    finite++;
  }
  if (finite !== expected.finite) return `${finite} finite elements instead of ${expected.finite}`;
  const [rtol, atol] = tolerances[expected.dtype] as [number, number];
  const allowed = atol * finite + rtol * (expected.size as number);
  if (Math.abs(sum - (expected.sum as number)) > allowed) return `the sum is ${sum} instead of ${expected.sum}`;
  if (Math.abs(size - (expected.size as number)) > allowed)
    return `the absolute sum is ${size} instead of ${expected.size}`;
  return undefined;
}

/** How strides differ (where they matter), or the sharing of memory. */
function layoutDifference(
  actual: Tensor,
  { s: strides, of }: GoldenTensor,
  inputs: readonly Tensor[],
): string | undefined {
  if (strides === undefined || actual.numel() === 0) return undefined;
  const relevant = (all: readonly number[]) => all.filter((_, d) => (actual.shape[d] as number) > 1).join();
  if (relevant(actual.stride()) !== relevant(strides)) return `strides [${actual.stride()}] instead of [${strides}]`;
  const shared = inputs.findIndex((input) => input.numel() > 0 && input.storage === actual.storage);
  if (shared === (of ?? -1)) return undefined;
  return shared < 0 ? "a copy instead of a view" : "a view instead of a copy";
}

/** How a gradient differs; null stands for one that nothing flows into, which zeros are as well. */
export function gradientDifference(
  golden: Golden,
  actual: Tensor | null | undefined,
  expected: number | null,
): string | undefined {
  if (expected !== null)
    return actual ? valueDifference(golden, actual, expected) : `no gradient instead of ${golden.describe(expected)}`;
  return !actual || torch.countNonzero(actual).item() === 0 ? undefined : "a gradient instead of none";
}
