/**
 * Putting samples together into batches.
 *
 * Source: https://pytorch.org/docs/stable/data.html#working-with-collate-fn
 */
import { describe } from "../arguments/parse.js";
import { bool, int64, type TypedArray } from "../core/dtype.js";
import { kindOf } from "../core/intrinsics.js";
import { isMap, isPlainObject } from "../core/kinds.js";
import { checkListLength, maxDims } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import { asTensor, tensor } from "../ops/creation/data.js";
import { cat, stack } from "../ops/shape/joining.js";
import { shareable } from "./workers/shareable.js";

/** What `defaultCollate` makes of samples of a type. */
export type Collated<T> = unknown extends T
  ? unknown
  : T extends Tensor | TypedArray | number | bigint | boolean
    ? Tensor
    : T extends string
      ? string[]
      : T extends ReadonlyMap<infer K, infer V>
        ? Map<K, Collated<V>>
        : { -readonly [K in keyof T]: Collated<T[K]> };

/** What `defaultConvert` makes of a sample. */
export type Converted<T> = unknown extends T
  ? unknown
  : T extends TypedArray
    ? Tensor
    : T extends Tensor | number | bigint | boolean | string
      ? T
      : T extends ReadonlyMap<infer K, infer V>
        ? Map<K, Converted<V>>
        : { -readonly [K in keyof T]: Converted<T[K]> };

/**
 * Puts samples together into one batch, whose tensors have a new first dim.
 *
 * - Tensors are stacked; typed arrays become tensors and are stacked.
 * - Numbers become a tensor of the default dtype, bigints of int64, booleans of bool.
 * - Strings stay as they are, in an array.
 * - Arrays are put together place by place, objects and maps key by key.
 *
 * @throws TypeError for anything else, and for samples of several kinds; Error if arrays differ in length.
 * @example defaultCollate([[image1, "cat"], [image2, "dog"]]) // [stacked images, ["cat", "dog"]]
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.default_collate
 */
export function defaultCollate<T>(samples: readonly T[]): Collated<T> {
  if (!Array.isArray(samples))
    throw new TypeError(`defaultCollate(): expected an array of samples, got ${describe(samples)}`);
  return collate(samples, 0) as Collated<T>;
}

/** @param depth how deep in the samples this is; they may contain themselves. */
function collate(samples: readonly unknown[], depth: number): unknown {
  if (depth > maxDims) throw tooDeep();
  const first = samples[0];
  checkListLength(samples.length);
  checkOneKind(samples);
  if (first instanceof Tensor) return stack(samples as Tensor[]);
  if (isTypedArray(first)) return stack(samples.map((sample) => asTensor(sample as TypedArray)));
  if (typeof first === "number") return tensor(samples as number[]);
  if (typeof first === "bigint") return tensor(samples as bigint[], { dtype: int64 });
  if (typeof first === "boolean") return tensor(samples as boolean[], { dtype: bool });
  if (typeof first === "string") return [...samples];
  if (Array.isArray(first)) {
    if (samples.some((sample) => !Array.isArray(sample) || sample.length !== first.length)) {
      throw new Error("each element in list of batch should be of equal size");
    }
    checkListLength(first.length);
    return first.map((_, place) =>
      collate(
        samples.map((sample) => (sample as unknown[])[place]),
        depth + 1,
      ),
    );
  }
  if (isMap(first)) return collateKeys([...first.keys()], samples as Map<unknown, unknown>[], depth);
  if (isPlainObject(first)) {
    const columns = collateKeys(
      Object.keys(first),
      samples.map((sample) => new Map(Object.entries(Object(sample)))),
      depth,
    );
    return Object.fromEntries(columns);
  }
  throw new TypeError(
    `defaultCollate: batch must contain tensors, typed arrays, numbers, strings, objects or arrays; found ${describe(first)}`,
  );
}

/** Throws for numbers among bigints or booleans, words among numbers, …: one of them would be converted silently. */
function checkOneKind(samples: readonly unknown[]): void {
  const kind = typeof samples[0];
  const at = samples.findIndex((sample) => typeof sample !== kind);
  if (at < 0) return;
  throw new TypeError(
    `defaultCollate: the samples of a batch must be of one kind; found ${describe(samples[0])} and, at index ${at}, ${describe(samples[at])}`,
  );
}

function collateKeys<K>(
  keys: readonly K[],
  samples: readonly ReadonlyMap<K, unknown>[],
  depth: number,
): Map<K, unknown> {
  return new Map(
    keys.map((key) => [
      key,
      collate(
        samples.map((sample) => valueAt(sample, key)),
        depth + 1,
      ),
    ]),
  );
}

function valueAt<K>(sample: ReadonlyMap<K, unknown>, key: K): unknown {
  if (!isMap(sample) || !sample.has(key))
    throw new Error(`a sample of the batch has no key ${describe(key)}, but the first one has`);
  return sample.get(key);
}

/**
 * Turns the typed arrays in a sample into tensors, and leaves the rest as it is.
 *
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.default_convert
 */
export function defaultConvert<T>(sample: T): Converted<T> {
  return convert(sample, 0) as Converted<T>;
}

function convert(sample: unknown, depth: number): unknown {
  if (depth > maxDims) throw tooDeep();
  const inner = (value: unknown) => convert(value, depth + 1);
  if (isTypedArray(sample)) return asTensor(sample);
  if (Array.isArray(sample)) {
    checkListLength(sample.length);
    return sample.map(inner);
  }
  if (isMap(sample)) return new Map([...sample].map(([key, value]) => [key, inner(value)]));
  if (isPlainObject(sample))
    return Object.fromEntries(Object.entries(sample).map(([key, value]) => [key, inner(value)]));
  return sample;
}

function tooDeep(): RangeError {
  return new RangeError(`a sample is nested deeper than ${maxDims} levels`);
}

function isTypedArray(value: unknown): value is TypedArray {
  return kindOf(value) !== undefined;
}

/** One batch of several that `defaultCollate` made, one after the other. */
export function concatBatches<B>(batches: readonly B[]): B {
  return (batches.length === 1 ? batches[0] : concat(batches)) as B;
}

function concat(batches: readonly unknown[]): unknown {
  const first = batches[0];
  if (first instanceof Tensor) return cat(batches as Tensor[]);
  if (Array.isArray(first)) {
    if (typeof first[0] === "string") return (batches as string[][]).flat();
    return first.map((_, place) => concat(batches.map((batch) => (batch as unknown[])[place])));
  }
  if (isMap(first))
    return new Map(
      [...first.keys()].map((key) => [key, concat(batches.map((batch) => (batch as Map<unknown, unknown>).get(key)))]),
    );
  if (isPlainObject(first)) {
    return Object.fromEntries(
      Object.keys(first).map((key) => [key, concat(batches.map((batch) => (batch as Record<string, unknown>)[key]))]),
    );
  }
  throw new TypeError(`batches of ${describe(first)} cannot be joined`);
}

shareable(import.meta.url, { defaultCollate, defaultConvert });
