/** Recorded results of torchmetrics and scikit-learn, and how they are compared with ours. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import torch, { type Tensor } from "flambeau";

/** A recorded file; the compiled tests stand two folders deeper than the sources. */
export function readGolden(name: string): Recorded {
  const file = new URL(`../../../test/golden/${name}.json.gz`, import.meta.url);
  return JSON.parse(gunzipSync(readFileSync(file)).toString());
}

export interface Case {
  /** Null where only the class is looked at. */
  readonly function: string | null;
  readonly inputs: readonly string[];
  readonly positional: readonly unknown[];
  readonly options: Record<string, unknown>;
  readonly result: unknown;
  readonly class: string | null;
  readonly chunked: boolean;
}

export interface Recorded {
  readonly inputs: Record<string, unknown>;
  readonly cases: readonly Case[];
}

interface Encoded {
  readonly shape: readonly number[];
  readonly dtype: "float32" | "float64" | "int64" | "int32" | "bool" | "uint8";
  readonly data: readonly (number | string | boolean)[];
}

function isEncoded(value: unknown): value is Encoded {
  return typeof value === "object" && value !== null && "shape" in value && "dtype" in value;
}

const special: Record<string, number> = { nan: NaN, inf: Number.POSITIVE_INFINITY, "-inf": Number.NEGATIVE_INFINITY };

/** A recorded value with its tensors. */
export function decode(value: unknown): unknown {
  if (isEncoded(value)) {
    const numbers = value.data.map((one) => (typeof one === "string" ? (special[one] as number) : Number(one)));
    return torch
      .tensor(numbers, { dtype: torch.float64 })
      .to(torch[value.dtype])
      .view([...value.shape]);
  }
  if (Array.isArray(value)) return value.map(decode);
  if (typeof value === "string") return special[value] ?? value;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, decode(one)]));
}

/** Compares structures of tensors and numbers. */
export function assertSame(actual: unknown, expected: unknown, what: string, tolerance = 2e-5): void {
  if (expected instanceof torch.Tensor) {
    assert.ok(actual instanceof torch.Tensor, `${what}: no tensor but ${actual}`);
    assert.deepEqual([...actual.shape], [...expected.shape], `${what}: shape`);
    const [a, b] = [actual, expected].map((one) => (one as Tensor).double().flatten().tolist() as number[]);
    a?.forEach((one, i) => {
      const wanted = b?.[i] as number;
      const isSame = Object.is(one, wanted) || Math.abs(one - wanted) <= tolerance * Math.max(1, Math.abs(wanted));
      if (!isSame) assert.fail(`${what}: ${actual} instead of ${expected}`);
    });
  } else if (Array.isArray(expected)) {
    assert.ok(Array.isArray(actual), `${what}: no array`);
    assert.equal(actual.length, expected.length, `${what}: length`);
    expected.forEach((one, i) => assertSame(actual[i], one, `${what}[${i}]`, tolerance));
  } else if (typeof expected === "object" && expected !== null) {
    const wanted = expected as Record<string, unknown>;
    assert.deepEqual(Object.keys(actual as object).sort(), Object.keys(wanted).sort(), `${what}: keys`);
    for (const key of Object.keys(wanted)) {
      assertSame((actual as Record<string, unknown>)[key], wanted[key], `${what}.${key}`, tolerance);
    }
  } else if (typeof expected === "number" && actual instanceof torch.Tensor) {
    assertSame(actual, torch.tensor(expected), what, tolerance);
  } else assert.equal(actual, expected, what);
}

/** A name of Python's by the rule of translation. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

export function camelOptions(options: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).map(([key, value]) => [camelCase(key), value]));
}
