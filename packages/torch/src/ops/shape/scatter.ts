/**
 * A copy of a tensor in which a part is replaced: what a view and `copy_` do in place.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.slice_scatter.html
 */
import { int, ints, optional, tensor } from "../../arguments/params.js";
import type { Geometry } from "../../autograd/views.js";
import { copy } from "../../backend/kernels.js";
import { contiguousStrides, extentOf, formatShape, sameShape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { arange } from "../creation/ranges.js";
import { op } from "../define.js";
import type { Args, Op } from "../types.js";
import { slice } from "./viewParts.js";

/** A copy of a tensor with a part of it, which a function finds, replaced. */
function replacePart(
  input: Tensor,
  src: Tensor,
  find: (whole: Tensor) => Tensor,
  result: Tensor = Tensor.empty(input.sizes, input.dtype),
): Tensor {
  const part = find(result);
  if (!sameShape(part.sizes, src.sizes)) {
    throw new Error(
      `expected src to have a size equal to the slice of self. src size = ${formatShape(src.sizes)}, slice size = ${formatShape(part.sizes)}`,
    );
  }
  copy(result, input);
  copy(part, src);
  return result;
}

/**
 * A copy with one index of a dim replaced.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.select_scatter.html
 */
export const selectScatter: Op<(input: Tensor, src: Tensor, dim: number, index: number) => Tensor> = op({
  name: "selectScatter",
  params: { input: tensor, src: tensor, dim: int, index: int },
  forward: ({ input, src, dim, index }) => replacePart(input, src, (whole) => whole.select(dim, index)),
  derivative: {
    input: (grad, { src, dim, index }) => grad.selectScatter(grad.newZeros(src.sizes), dim, index),
    src: (grad, { dim, index }) => grad.select(dim, index),
  },
});

type SliceArguments = Args<
  [dim?: number, start?: number | null, end?: number | null, step?: number],
  ["dim", "start", "end", "step"]
>;

/**
 * A copy with a slice of a dim replaced.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.slice_scatter.html
 */
export const sliceScatter: Op<(input: Tensor, src: Tensor, ...args: SliceArguments) => Tensor> = op({
  name: "sliceScatter",
  params: {
    input: tensor,
    src: tensor,
    dim: optional(int, 0),
    start: optional(int),
    end: optional(int),
    step: optional(int, 1),
  },
  forward: ({ input, src, dim, start, end, step }) =>
    replacePart(input, src, (whole) => slice(whole, dim, start, end, step)),
  derivative: {
    input: (grad, { src, dim, start, end, step }) => grad.sliceScatter(grad.newZeros(src.sizes), dim, start, end, step),
    src: (grad, { dim, start, end, step }) => slice(grad, dim, start, end, step),
  },
});

/**
 * A copy with a diagonal replaced.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.diagonal_scatter.html
 */
export const diagonalScatter: Op<
  (
    input: Tensor,
    src: Tensor,
    ...args: Args<[offset?: number, dim1?: number, dim2?: number], ["offset", "dim1", "dim2"]>
  ) => Tensor
> = op({
  name: "diagonalScatter",
  params: { input: tensor, src: tensor, offset: optional(int, 0), dim1: optional(int, 0), dim2: optional(int, 1) },
  forward: ({ input, src, offset, dim1, dim2 }) =>
    replacePart(input, src, (whole) => whole.diagonal(offset, dim1, dim2)),
  derivative: {
    input: (grad, { src, offset, dim1, dim2 }) => grad.diagonalScatter(grad.newZeros(src.sizes), offset, dim1, dim2),
    src: (grad, { offset, dim1, dim2 }) => grad.diagonal(offset, dim1, dim2),
  },
});

/** Where the elements of the copy stand in its memory: as those of the input, or row-major if these share places. */
function geometryOfCopy({ sizes, strides, offset }: Geometry): Geometry & { end: number } {
  const shares = sizes.some((size, d) => size > 1 && strides[d] === 0);
  const geometry = shares ? { sizes, strides: contiguousStrides(sizes), offset: 0 } : { sizes, strides, offset };
  return { ...geometry, end: geometry.offset + extentOf(sizes, geometry.strides) };
}

/** A tensor in a memory, row-major itself, in which nothing else is. */
function inMemory(input: Tensor, { sizes, strides, offset, end }: Geometry & { end: number }): Tensor {
  const places = arange(end).asStrided(sizes, strides, offset);
  return input.newZeros(end).indexCopy(0, places.reshape(-1), input.reshape(-1));
}

/**
 * A copy with what `asStrided` would show of it replaced.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.as_strided_scatter.html
 */
export const asStridedScatter: Op<
  (
    input: Tensor,
    src: Tensor,
    size: readonly number[],
    stride: readonly number[],
    ...args: Args<[storageOffset?: number], ["storageOffset"]>
  ) => Tensor
> = op({
  name: "asStridedScatter",
  params: { input: tensor, src: tensor, size: ints, stride: ints, storageOffset: optional(int) },
  forward: ({ input, src, size, stride, storageOffset }) => {
    const { sizes, strides, offset, end } = geometryOfCopy(input);
    const find = (whole: Tensor) => whole.asStrided(size, stride, storageOffset ?? offset);
    return replacePart(input, src, find, Tensor.empty([end], input.dtype).viewOf(sizes, strides, offset));
  },
  derivative: {
    input: (grad, { input, size, stride, storageOffset }) => {
      const { sizes, strides, offset, end } = geometryOfCopy(input);
      const stays = grad.newOnes(end);
      stays.asStrided(size, stride, storageOffset ?? offset).fill_(0);
      return grad.mul(stays.asStrided(sizes, strides, offset));
    },
    src: (grad, { input, size, stride, storageOffset }) => {
      const geometry = geometryOfCopy(input);
      return inMemory(grad, geometry).asStrided(size, stride, storageOffset ?? geometry.offset);
    },
  },
});
