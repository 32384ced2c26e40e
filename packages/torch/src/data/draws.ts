/** Random draws of data loading. They take the numbers of a generator in the order in which PyTorch takes them. */
import { randomFrom, randomFull, randperm } from "../backend/cpu/random.js";
import { type DType, float64, int64 } from "../core/dtype.js";
import { defaultGenerator, type Generator } from "../core/generator.js";
import { Tensor } from "../core/tensor.js";

/** A tensor with one dim that a kernel fills. */
function drawn(count: number, dtype: DType, fill: (out: Tensor) => void): Tensor {
  const out = Tensor.empty([count], dtype);
  fill(out);
  return out;
}

/** A seed in [0, 2^63). */
export function drawSeed(generator: Generator = defaultGenerator): bigint {
  return drawn(1, int64, (out) => randomFull(out, generator)).itemBigInt();
}

/** The integers below n in random order. */
export function permutation(n: number, generator: Generator = defaultGenerator): number[] {
  // A float64 holds every index, and reads as a number.
  return Array.from(drawn(n, float64, (out) => randperm(out, generator, n)).toTypedArray() as Float64Array);
}

/** Integers from 0 up to, but not with, `high`. */
export function integersBelow(high: number, count: number, generator: Generator): number[] {
  const values = drawn(count, int64, (out) => randomFrom(out, generator, 0, high)).toTypedArray();
  return Array.from(values as BigInt64Array, Number);
}
