/** What operations under a mask share: the mask in the shape of the input, and what stands for elements that are masked out. */
import { dtype as dtypeParam, flag, int, keyword, optional, tensor } from "../../arguments/params.js";
import { bool, Category, type DType } from "../../core/dtype.js";
import { iinfo } from "../../core/limits.js";
import { sameShape, wrapDim } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import type { Scalar } from "../../core/view.js";
import { dim } from "../reductions/reducing.js";
import type { Args, Dims, FunctionOp } from "../types.js";

/** @param mask bool, or converted to it; true where an element counts. It broadcasts to the shape of the input. */
export type MaskOptions = { dtype?: DType; mask?: Tensor | null };

/** A reduction of the elements that a mask shows: all, or over dims. */
export type MaskedReduction<O = unknown> = FunctionOp<
  (input: Tensor, ...args: Args<[dim?: Dims | null], ["dim"], { keepdim?: boolean } & MaskOptions & O>) => Tensor
>;

/** A function of the elements along a dim, of which those count that a mask shows. */
export type MaskedAlong<O = unknown> = FunctionOp<(input: Tensor, dim: number, options?: MaskOptions & O) => Tensor>;

export const masking = { dtype: keyword(optional(dtypeParam)), mask: keyword(optional(tensor)) };
export const reducing = { input: tensor, dim, keepdim: flag, ...masking };
export const along = { input: tensor, dim: int, ...masking };

/** The dims in ascending order, all where none is given. */
export function canonicalDims(given: readonly number[] | null | undefined, ndim: number): number[] {
  if (given === undefined || given === null || given.length === 0) return Array.from({ length: ndim }, (_, d) => d);
  const dims: number[] = [];
  for (const one of given) {
    if (dims.includes(one)) throw new Error(`dim=${one} appears multiple times in the list of dims`);
    dims.push(wrapDim(one, ndim));
  }
  return dims.sort((a, b) => a - b);
}

export function canonicalDim(given: number, ndim: number): number {
  return canonicalDims([given], ndim)[0] as number;
}

/** The mask as bool in the shape of the input. */
export function inputMask(input: Tensor, mask: Tensor): Tensor {
  if (sameShape(mask.sizes, input.sizes)) return mask.to(bool);
  if (mask.sizes.length > input.sizes.length) {
    throw new Error("_input_mask expected broadcastable mask (got mask dimensionality higher than of the input)");
  }
  return mask.broadcastTo(input.sizes).to(bool);
}

/** The input with a value in place of what is masked out: one that does not change what is made of the rest. */
export function combined(input: Tensor, mask: Tensor | undefined, identity: (dtype: DType) => Scalar): Tensor {
  if (mask === undefined) return input;
  return input.maskedFill(inputMask(input, mask).logicalNot(), identity(input.dtype));
}

export const ofSum = (): Scalar => 0;
export const ofProduct = (): Scalar => 1;

/** The least number of a dtype, for functions that look for the largest. */
export function ofMaximum(name: string): (dtype: DType) => Scalar {
  return (dtype) => (dtype.isFloatingPoint ? -Infinity : range(name, dtype).min);
}

/** The largest number of a dtype, for functions that look for the least. */
export function ofMinimum(name: string): (dtype: DType) => Scalar {
  return (dtype) => (dtype.isFloatingPoint ? Infinity : range(name, dtype).max);
}

function range(name: string, dtype: DType): { readonly min: Scalar; readonly max: Scalar } {
  if (dtype.category !== Category.Integer) throw new TypeError(`identity of ${name} on ${dtype} input`);
  return iinfo(dtype);
}
