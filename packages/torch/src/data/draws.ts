/** Random draws of data loading. They take the numbers of a generator in the order in which PyTorch takes them. */

import type { Generator } from "../backend/generator.js";
import { float64, int64 } from "../core/dtype.js";
import { empty } from "../ops/creation/filled.js";
import { randint, randperm } from "../ops/random/randomTensors.js";

/** A seed in [0, 2^63). */
export function drawSeed(generator?: Generator): bigint {
  return empty([], { dtype: int64 }).random_({ generator }).itemBigInt();
}

/** The integers below n in random order. */
export function permutation(n: number, generator?: Generator): number[] {
  // A float64 holds every index, and reads as a number.
  const drawn = randperm(n, { generator, dtype: float64 }).toTypedArray() as Float64Array;
  const order = new Array<number>(drawn.length);
  for (let i = 0; i < order.length; i++) order[i] = drawn[i] as number;
  return order;
}

/** Integers from 0 up to, but not with, `high`. */
export function integersBelow(high: number, count: number, generator?: Generator): number[] {
  return Array.from(randint(high, [count], { generator }).toTypedArray() as BigInt64Array, Number);
}
