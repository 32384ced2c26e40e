/**
 * What a file may ask for. Sizes that a file chooses freely are checked before memory is taken: a few bytes would be
 * enough to name more than any machine has.
 */
import { totalmem } from "node:os";
import type { DType } from "flambeau";
import { productOf } from "../lists.js";

/** How deep graphs may lie in each other. */
export const deepest = 64;

/** How many iterations all loops of one run may have together, unless the caller allows more. */
export const mostIterations = 100_000;

/** The most that one tensor may take. */
const largest = totalmem() / 2;

/** The number of elements of a shape that a file or a computation has chosen. */
export function checkedCount(shape: readonly number[], dtype: DType, what: string): number {
  const count = productOf(shape);
  if (shape.some((size) => !Number.isSafeInteger(size) || size < 0))
    throw new RangeError(`${what} of shape [${shape}]`);
  if (count * dtype.itemsize > largest) {
    throw new RangeError(`${what} of shape [${shape}] would take ${count * dtype.itemsize} bytes`);
  }
  return count;
}
