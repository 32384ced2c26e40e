/**
 * Results that lie in memory as their input does: row-major, or with the channels of images and volumes innermost.
 *
 *     const order = memoryOrder(input);
 *     const out = emptyInOrder(sizes, order, input.dtype);
 *     kernel(inOrder(out, order), inOrder(input, order).contiguous());
 */
import type { DType } from "../core/dtype.js";
import {
  channelsLastOrder,
  contiguousStrides,
  isChannelsLast,
  isContiguous,
  numelOf,
  type Shape,
} from "../core/shape.js";
import { Tensor } from "../core/tensor.js";

/** Dims, outermost first; undefined for row-major. */
export type MemoryOrder = readonly number[] | undefined;

/** The order of dims for results of an input. */
export function memoryOrder({ sizes, strides }: { readonly sizes: Shape; readonly strides: Shape }): MemoryOrder {
  return isChannelsLast(sizes, strides) ? channelsLastOrder(sizes.length) : undefined;
}

/** Whether the elements of a tensor lie in an order of dims without gaps. */
export function isInOrder(
  { sizes, strides }: { readonly sizes: Shape; readonly strides: Shape },
  order: MemoryOrder,
): boolean {
  return isContiguous(inOrder(sizes, order), inOrder(strides, order));
}

/** A list by dims, or a tensor, in an order of dims. */
export function inOrder(of: Tensor, order: MemoryOrder): Tensor;
export function inOrder<T>(of: readonly T[], order: MemoryOrder): readonly T[];
export function inOrder<T>(of: Tensor | readonly T[], order: MemoryOrder): Tensor | readonly T[] {
  if (order === undefined) return of;
  if (!(of instanceof Tensor)) return order.map((d) => of[d] as T);
  return of.viewOf(inOrder(of.sizes, order), inOrder(of.strides, order), of.offset);
}

/** A new tensor without gaps, of undefined content, whose dims lie in an order. */
export function emptyInOrder(sizes: Shape, order: MemoryOrder, dtype: DType): Tensor {
  if (order === undefined) return Tensor.empty(sizes, dtype);
  const steps = contiguousStrides(inOrder(sizes, order));
  const strides: number[] = [];
  for (const [i, d] of order.entries()) strides[d] = steps[i] as number;
  return Tensor.emptyStrided(sizes, strides, dtype, numelOf(sizes));
}
