/** What reductions share: parameters, the dims over which is reduced, and the way back of gradients. */
import {
  dims as dimsParam,
  dtype as dtypeParam,
  flag,
  keyword,
  nullable,
  optional,
  tensor,
} from "../../arguments/params.js";
import { type ReduceOp, reduce } from "../../backend/kernels.js";
import { type DType, elementTypeName, int64, promoteTypes } from "../../core/dtype.js";
import { wrapDim, wrapDims } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { checkCast } from "../copyInto.js";
import { type Named, named } from "../define.js";
import type { Args, Dims, Op } from "../types.js";

/** The dims of a reduction: one, several, or all if none is given. */
export const dim = optional(nullable(dimsParam));

/** The parameters of most reductions. */
export const over = { input: tensor, dim, keepdim: flag };
/** The parameters of sums. */
export const summing = { ...over, dtype: keyword(optional(dtypeParam)) };

/** A reduction of all elements, or over dims. */
export type ReductionOp<O = unknown> = Op<
  (input: Tensor, ...args: Args<[dim?: Dims | null], ["dim"], { keepdim?: boolean } & O>) => Tensor
>;

/** The dims over which is reduced: the given ones, all if none is. */
export function reducedDims(
  input: { readonly sizes: readonly number[] },
  given: readonly number[] | null | undefined,
): number[] {
  const ndim = input.sizes.length;
  if (given === undefined || given === null || given.length === 0) return input.sizes.map((_, d) => d);
  const wrapped = wrapDims(given, ndim);
  return ndim === 0 ? [] : wrapped;
}

/** The shape with the reduced dims at size 1. */
export function keptShape(sizes: readonly number[], dims: readonly number[]): number[] {
  return sizes.map((size, d) => (dims.includes(d) ? 1 : size));
}

/** Takes the reduced dims out of a fresh result. */
export function dropDims(result: Tensor, dims: readonly number[], keepdim: boolean): Tensor {
  if (keepdim || dims.length === 0) return result;
  if (dims.length === result.sizes.length) return result.viewOf([], [], result.offset);
  const keep = result.sizes.map((_, d) => d).filter((d) => !dims.includes(d));
  return result.viewOf(
    keep.map((d) => result.sizes[d] as number),
    keep.map((d) => result.strides[d] as number),
    result.offset,
  );
}

/** The dtype of a result: the one that is asked for, else that of `out`, else the usual one. */
export function resultDtype(dtype: DType | undefined, out: Tensor | undefined, usual: DType): DType {
  if (dtype !== undefined && out !== undefined && dtype !== out.dtype) {
    throw new TypeError(
      `Expected out tensor to have dtype ${elementTypeName(dtype)}, but got ${elementTypeName(out.dtype)} instead`,
    );
  }
  return dtype ?? out?.dtype ?? usual;
}

/** The floating dtype in which is computed: the usual one, or a wider one where `out` can hold its digits. */
export function computeDtype(dtype: DType | undefined, out: Tensor | undefined, usual: DType): DType {
  const result = resultDtype(dtype, out, usual);
  if (out !== undefined) checkCast(dtype ?? usual, result);
  return promoteTypes(dtype ?? usual, result);
}

/** Puts dims that a reduction took out back in, at size 1, so that the tensor broadcasts to the input. */
export function restoreDims(tensor: Tensor, ndim: number, dims: readonly number[], keepdim: boolean): Tensor {
  if (keepdim || dims.length === 0) return tensor;
  if (tensor.sizes.length === 0) return tensor;
  let result = tensor;
  for (let d = 0; d < ndim; d++) if (dims.includes(d)) result = result.unsqueeze(d);
  return result;
}

/** Runs a kernel that reduces over dims. */
export function reduced(
  kernel: ReduceOp,
  input: Tensor,
  dims: readonly number[],
  keepdim: boolean,
  dtype: DType,
): Tensor {
  const result = Tensor.empty(keptShape(input.sizes, dims), dtype);
  reduce(kernel, result, input, dims);
  return dropDims(result, dims, keepdim);
}

/** Values and where they were found along a dim. */
export type ValuesAndIndices = Named<{ values: Tensor; indices: Tensor }>;

/** Runs a kernel that picks one element along a dim. */
export function picked(
  input: Tensor,
  dim: number,
  keepdim: boolean,
  run: (values: Tensor, indices: Tensor) => void,
): ValuesAndIndices {
  const dims = input.sizes.length > 0 ? [dim] : [];
  const shape = keptShape(input.sizes, dims);
  const values = Tensor.empty(shape, input.dtype);
  const indices = Tensor.empty(shape, int64);
  run(values, indices);
  return named({ values: dropDims(values, dims, keepdim), indices: dropDims(indices, dims, keepdim) });
}

/** The gradient of picking elements along a dim: it goes where they were picked. */
export function scatterBack(
  grad: Tensor,
  indices: Tensor,
  sizes: readonly number[],
  dim: number,
  keepdim: boolean,
): Tensor {
  const back = (picked: Tensor) =>
    keepdim || sizes.length === 0 ? picked : picked.unsqueeze(wrapDim(dim, sizes.length));
  return grad.newZeros(sizes).scatter(dim, back(indices), back(grad));
}

/** The gradient of one value of many: all elements that equal it share it. */
export function shareEvenly(grad: Tensor, input: Tensor, value: Tensor): Tensor {
  const mask = input.eq(value).logicalOr(input.isnan().logicalAnd(value.isnan()));
  return grad.newZeros(input.sizes).maskedFill(mask, grad.div(mask.sum()));
}
