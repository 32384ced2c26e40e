/** Tensors of several ranks that broadcast, for all entries of a batch. */
import { int64 } from "../../core/dtype.js";
import { numelOf } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { arange } from "../../ops/creation/ranges.js";
import type { BatchedCall } from "./call.js";

/** The most dims that an entry sees in any of the tensors. */
export function largestRank(call: BatchedCall): number {
  return call.given.reduce((most: number, arg) => (arg instanceof Tensor ? Math.max(most, arg.sizes.length) : most), 0);
}

/** The numbers of the entries, as indices of the first dim, which broadcast with indices of so many dims. */
export function entries({ size }: BatchedCall, rank: number): Tensor {
  return arange(0, size, { dtype: int64 }).view([size, ...new Array<number>(rank).fill(1)]);
}

/** All entries of a value with the batch first, each as a row; there may be none of them. */
export function entriesAsRows(value: Tensor): Tensor {
  const [size = 0, ...entry] = value.sizes;
  return value.reshape([size, numelOf(entry)]);
}

/** The value with the batch first, and room behind it so that it broadcasts as an entry of `rank` dims does. */
export function spread(value: Tensor, rank: number): Tensor {
  let result = value;
  for (let ndim = value.sizes.length - 1; ndim < rank; ndim++) result = result.unsqueeze(1);
  return result;
}

/** The arguments for all entries at once, so that tensors broadcast as those of an entry do. */
export function aligned(call: BatchedCall, rank = largestRank(call)): unknown[] {
  const dimmed = call.given.find((arg) => arg instanceof Tensor && arg.sizes.length > 0 && arg.dtype.isFloatingPoint);
  return call.given.map((arg) => {
    if (!(arg instanceof Tensor)) return arg;
    if (call.level.owns(arg)) {
      // A number of an entry has dims here, and would widen those that an entry has dims of.
      const yields = arg.sizes.length === 0 && dimmed !== undefined && arg.dtype.isFloatingPoint;
      return spread(yields ? arg.value.to((dimmed as Tensor).dtype) : arg.value, rank);
    }
    // Beside batches of numbers, a number is no longer one without dims: types are promoted as among equals.
    return rank === 0 ? arg.unsqueeze(0) : arg;
  });
}
