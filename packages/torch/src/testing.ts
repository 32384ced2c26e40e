/**
 * `torch.testing`: comparisons for tests.
 *
 * Source: https://pytorch.org/docs/stable/testing.html
 */
import { AssertionError } from "node:assert";
import { anything, flag, flagOn, number, optional } from "./arguments/params.js";
import { describe, Signature } from "./arguments/parse.js";
import { type DType, float64, int64, promoteTypes } from "./core/dtype.js";
import { isPlainObject } from "./core/kinds.js";
import { sameShape } from "./core/shape.js";
import { Tensor } from "./core/tensor.js";
import { pyFloat } from "./nn/repr.js";
import { tensor } from "./ops/creation/data.js";
import { isclose } from "./ops/pointwise/comparison.js";

/** Options of `assertClose`. */
export interface AssertCloseOptions {
  /** How far the values may be apart, relative to the expected one. By the dtype, if neither is given. */
  rtol?: number;
  /** How far the values may be apart at least. */
  atol?: number;
  /** Whether NaN equals NaN. */
  equalNan?: boolean;
  checkDevice?: boolean;
  checkDtype?: boolean;
  checkLayout?: boolean;
  checkStride?: boolean;
  /** The message of the error, or what makes it of the usual one. */
  msg?: string | ((message: string) => string);
}

const signature = new Signature("assertClose", {
  actual: anything,
  expected: anything,
  allowSubclasses: flagOn,
  rtol: optional(number),
  atol: optional(number),
  equalNan: flag,
  checkDevice: flagOn,
  checkDtype: flagOn,
  checkLayout: flagOn,
  checkStride: flag,
  msg: optional(anything),
});

type Given = ReturnType<typeof signature.parse>;

/** Relative and absolute tolerances of what is computed in a dtype; the others have to be equal. */
const tolerances: Record<string, readonly [rtol: number, atol: number]> = {
  float16: [1e-3, 1e-5],
  bfloat16: [1.6e-2, 1e-5],
  float32: [1.3e-6, 1e-5],
  float64: [1e-7, 1e-7],
};

function toleranceOf(dtypes: readonly DType[], { rtol, atol }: Given): readonly [rtol: number, atol: number] {
  if (rtol !== undefined && atol !== undefined) return [rtol, atol];
  const all = dtypes.map(({ name }) => tolerances[name] ?? [0, 0]);
  return [Math.max(...all.map(([r]) => r)), Math.max(...all.map(([, a]) => a))];
}

class Mismatch {
  constructor(readonly message: string) {}
}

/** A Python tuple: `(0, 1)`, `(2,)`. */
const tuple = (values: readonly number[]) => (values.length === 1 ? `(${values[0]},)` : `(${values.join(", ")})`);
const size = (values: readonly number[]) => `torch.Size([${values.join(", ")}])`;

function checkAttribute(name: string, actual: unknown, expected: unknown): void {
  if (actual !== expected)
    throw new Mismatch(`The values for attribute '${name}' do not match: ${actual} != ${expected}.`);
}

/** The greatest of some differences, and where it is; NaN is greater than any number. */
function greatest(differences: Tensor): [value: number, index: number[]] {
  const flat = differences.reshape(-1);
  let place = flat.argmax().item();
  const value = flat.at(place).item();
  const index = [...differences.shape].reverse().map((n) => {
    const at = place % n;
    place = Math.floor(place / n);
    return at;
  });
  return [value, index.reverse()];
}

function compareTensors(actual: Tensor, expected: Tensor, given: Given): void {
  checkAttribute("shape", size(actual.shape), size(expected.shape));
  if (given.checkDevice) checkAttribute("device", actual.device, expected.device);
  if (given.checkDtype) checkAttribute("dtype", actual.dtype, expected.dtype);
  if (given.checkStride && !sameShape(actual.stride(), expected.stride())) {
    checkAttribute("stride()", tuple(actual.stride()), tuple(expected.stride()));
  }
  const [rtol, atol] = toleranceOf([actual.dtype, expected.dtype], given);
  const common = promoteTypes(actual.dtype, expected.dtype);
  const wide = common.isFloatingPoint ? float64 : int64;
  const [a, b] = [actual.detach().to(wide), expected.detach().to(wide)];
  const matches = isclose(a, b, rtol, atol, { equalNan: given.equalNan });
  const mismatches = matches.numel() - matches.sum().item();
  if (mismatches === 0) return;
  const absolute = a.sub(b).abs().maskedFill(matches, 0);
  const relative = absolute.div(b.abs()).maskedFill(matches, 0);
  const isExact = rtol === 0 && atol === 0;
  const show = (value: number, isWhole: boolean) => (isWhole ? String(value) : pyFloat(value));
  const line = (kind: string, differences: Tensor, allowed: number) => {
    const [value, index] = greatest(differences);
    const text = show(value, !differences.dtype.isFloatingPoint);
    const place = actual.ndim === 0 ? "" : ` at index ${tuple(index)}`;
    const limit = isExact ? "" : ` (up to ${pyFloat(allowed)} allowed)`;
    return `${actual.ndim === 0 ? kind : `Greatest ${kind.toLowerCase()}`} difference: ${text}${place}${limit}`;
  };
  const verdict = isExact ? "equal" : "close";
  const percent = ((100 * mismatches) / matches.numel()).toFixed(1);
  const what =
    actual.ndim === 0
      ? `Scalars are not ${verdict}!\n\nExpected ${show(b.item(), wide === int64)} but got ${show(a.item(), wide === int64)}.`
      : `Tensor-likes are not ${verdict}!\n\nMismatched elements: ${mismatches} / ${matches.numel()} (${percent}%)`;
  throw new Mismatch(`${what}\n${line("Absolute", absolute, atol)}\n${line("Relative", relative, rtol)}`);
}

/** Compares the items of two containers, and says of which one an error is. */
function compareItems(
  pairs: Iterable<readonly [key: unknown, actual: unknown, expected: unknown]>,
  given: Given,
  path: string,
): void {
  for (const [key, actual, expected] of pairs) {
    compare(actual, expected, given, `${path}[${typeof key === "string" ? `'${key}'` : key}]`);
  }
}

const keysText = (keys: readonly unknown[]) =>
  `[${keys.map((key) => (typeof key === "string" ? `'${key}'` : key)).join(", ")}]`;

function compareMaps(
  actual: ReadonlyMap<unknown, unknown>,
  expected: ReadonlyMap<unknown, unknown>,
  given: Given,
  path: string,
): void {
  const missing = [...expected.keys()].filter((key) => !actual.has(key));
  const additional = [...actual.keys()].filter((key) => !expected.has(key));
  if (missing.length + additional.length > 0) {
    throw new Mismatch(
      `The keys of the mappings do not match:\nMissing keys in the actual mapping: ${keysText(missing)}\nAdditional keys in the actual mapping: ${keysText(additional)}`,
    );
  }
  compareItems(
    [...actual].map(([key, value]) => [key, value, expected.get(key)] as const),
    given,
    path,
  );
}

const asMap = (value: unknown) =>
  value instanceof Map ? value : isPlainObject(value) ? new Map(Object.entries(value)) : undefined;

function comparePair(actual: unknown, expected: unknown, given: Given, path: string): void {
  const [actualMap, expectedMap] = [asMap(actual), asMap(expected)];
  if (actual instanceof Tensor && expected instanceof Tensor) compareTensors(actual, expected, given);
  else if (typeof actual === "number" && typeof expected === "number") {
    compareTensors(tensor(actual, { dtype: float64 }), tensor(expected, { dtype: float64 }), given);
  } else if (Array.isArray(actual) && Array.isArray(expected)) {
    if (actual.length !== expected.length) {
      throw new Mismatch(`The length of the sequences mismatch: ${actual.length} != ${expected.length}`);
    }
    compareItems(
      actual.map((value, i) => [i, value, expected[i]] as const),
      given,
      path,
    );
  } else if (actualMap !== undefined && expectedMap !== undefined) compareMaps(actualMap, expectedMap, given, path);
  else if (typeof actual === "boolean" && typeof expected === "boolean") {
    if (actual !== expected) throw new Mismatch(`Booleans mismatch: ${actual} is not ${expected}`);
  } else if (actual !== null || expected !== null) {
    throw new TypeError(
      `No comparison pair was able to handle inputs of type ${describe(actual)} and ${describe(expected)}.`,
    );
  }
}

function compare(actual: unknown, expected: unknown, given: Given, path = ""): void {
  try {
    comparePair(actual, expected, given, path);
  } catch (error) {
    if (!(error instanceof Mismatch) || path === "" || error.message.includes("\n\nThe failure occurred for item "))
      throw error;
    throw new Mismatch(`${error.message}\n\nThe failure occurred for item ${path}`);
  }
}

/**
 * Throws unless two values are close: tensors, numbers, or arrays and objects of them.
 *
 * By default the tolerance is that of the dtype, and integers and bools have to be equal. Shapes, dtypes and devices
 * have to be the same.
 *
 * @example torch.testing.assertClose(model(x), torch.tensor([[0.1, 0.9]]), { rtol: 0, atol: 1e-3 });
 * @throws AssertionError that tells how many elements differ, by how much, and where most.
 * @see https://pytorch.org/docs/stable/testing.html#torch.testing.assert_close
 */
export function assertClose(actual: unknown, expected: unknown, options?: AssertCloseOptions): void {
  const given = signature.parse([actual, expected, options]);
  if ((given.rtol === undefined) !== (given.atol === undefined)) {
    const missing = given.rtol === undefined ? "rtol" : "atol";
    throw new Error(`Both 'rtol' and 'atol' must be either specified or omitted, but got no ${missing}.`);
  }
  try {
    compare(actual, expected, given);
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    const { msg } = given;
    const message =
      typeof msg === "function" ? String(msg(error.message)) : ((msg as string | undefined) ?? error.message);
    throw new AssertionError({ message, operator: "assertClose", stackStartFn: undefined as never });
  }
}
