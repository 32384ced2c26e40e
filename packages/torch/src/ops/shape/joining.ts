/**
 * Tensors joined into one and taken apart into several: `cat`, `stack`, `split`, `chunk`, `unbind`.
 *
 * Source: https://pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
 */
import { int, ints, optional, sizeOrSizes, tensor, tensors } from "../../arguments/params.js";
import type { Grads } from "../../autograd/node.js";
import { copy } from "../../backend/kernels.js";
import { resultType } from "../../core/promotion.js";
import {
  checkListLength,
  formatShape,
  insertDim,
  type Shape,
  sameShape,
  withDim,
  withoutDim,
  wrapDim,
} from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import { emptyInOrder, type MemoryOrder, memoryOrder } from "../memoryOrder.js";
import type { Args, FunctionOp, Op, Out } from "../types.js";
import { slice } from "./viewParts.js";

/** The part of a dim that a tensor takes: a view of the result. */
function part(result: Tensor, dim: number, start: number, size: number): Tensor {
  return result.viewOf(
    withDim(result.sizes, dim, size),
    result.strides,
    result.offset + start * (result.strides[dim] as number),
  );
}

/** A 1-d tensor without elements goes with every shape. */
function isSkipped(item: { readonly sizes: Shape }): boolean {
  return item.sizes.length === 1 && item.sizes[0] === 0;
}

/** The shape of the tensors joined along a dim, which is returned as a number from 0. */
function joinedShape(items: readonly Tensor[], dim: number): { shape: number[]; at: number } {
  if (items.length === 0) throw new Error("torch.cat(): expected a non-empty list of Tensors");
  items.forEach((item, i) => {
    if (item.sizes.length === 0) throw new Error(`zero-dimensional tensor (at position ${i}) cannot be concatenated`);
  });
  const model = items.find((item) => !isSkipped(item)) ?? (items[0] as Tensor);
  const at = wrapDim(dim, model.sizes.length);
  let total = 0;
  items.forEach((item, i) => {
    if (isSkipped(item)) return;
    checkJoinable(model.sizes, item.sizes, at, i);
    total += item.sizes[at] as number;
  });
  return { shape: withDim(model.sizes, at, total), at };
}

function checkJoinable(model: Shape, sizes: Shape, dim: number, position: number): void {
  if (sizes.length !== model.length) {
    throw new Error(`Tensors must have same number of dimensions: got ${model.length} and ${sizes.length}`);
  }
  for (let d = 0; d < sizes.length; d++) {
    if (d === dim || sizes[d] === model[d]) continue;
    throw new Error(
      `Sizes of tensors must match except in dimension ${dim}. Expected size ${model[d]} but got size ${sizes[d]} for tensor number ${position} in the list.`,
    );
  }
}

/** The order in memory of tensors that agree on it: the result has it too. Row-major where they do not. */
function sharedOrder(items: readonly Tensor[]): MemoryOrder {
  const first = items[0] as Tensor;
  // Most often, and told at a glance.
  if (first.contiguousFlag && first.strides[1] !== 1) return undefined;
  const order = memoryOrder(first);
  return order !== undefined && items.every((item) => memoryOrder(item) !== undefined) ? order : undefined;
}

/** The gradient that belongs to each tensor that was joined. */
function partsOf(grad: Tensor, items: readonly { readonly sizes: Shape }[], dim: number): Grads {
  const at = wrapDim(dim, grad.sizes.length);
  let start = 0;
  return items.map((item) => {
    if (isSkipped(item)) return grad.newZeros([0]);
    const from = start;
    start += item.sizes[at] as number;
    return slice(grad, at, from, start);
  });
}

type Cat = FunctionOp<(tensors: readonly Tensor[], ...args: Args<[dim?: number], ["dim"], Out>) => Tensor>;

function catAs(name: string): Cat {
  return op({
    name,
    nodeName: "CatBackward0",
    variants: "function",
    params: { tensors, dim: optional(int, 0) },
    out: "cast",
    overlap: "none",
    forward: ({ tensors: items, dim }) => {
      const { shape, at } = joinedShape(items, dim);
      const result = emptyInOrder(shape, sharedOrder(items), resultType(...items));
      let start = 0;
      for (const item of items) {
        if (isSkipped(item)) continue;
        const size = item.sizes[at] as number;
        copy(part(result, at, start, size), item);
        start += size;
      }
      return result;
    },
    backward: ([grad], { tensors: items, dim }) => ({ tensors: grad && partsOf(grad, items, dim) }),
  });
}

/**
 * Tensors joined along a dim that they have; the other dims must be of the same sizes.
 *
 * @example torch.cat([torch.zeros(2, 3), torch.ones(1, 3)]).shape // [3, 3]
 * @see https://pytorch.org/docs/stable/generated/torch.cat.html
 */
export const cat: Cat = catAs("cat");

/** Another name of `cat`. */
export const concat: Cat = catAs("concat");

/** Another name of `cat`. */
export const concatenate: Cat = catAs("concatenate");

/** Memory for tensors of one shape along a new dim: as if joined along the dim that is there, which then becomes two. */
function emptyStack(items: readonly Tensor[], dim: number): Tensor {
  const { sizes } = items[0] as Tensor;
  const dtype = resultType(...items);
  const shape = insertDim(sizes, dim, items.length);
  const order = dim < sizes.length ? sharedOrder(items) : undefined;
  if (order === undefined) return Tensor.empty(shape, dtype);
  const size = sizes[dim] as number;
  const joined = emptyInOrder(withDim(sizes, dim, items.length * size), order, dtype);
  return joined.viewOf(shape, insertDim(joined.strides, dim, size * (joined.strides[dim] as number)), 0);
}

/**
 * Tensors of one shape joined along a new dim.
 *
 * @example torch.stack([torch.zeros(3), torch.ones(3)]).shape // [2, 3]
 * @see https://pytorch.org/docs/stable/generated/torch.stack.html
 */
export const stack: Cat = op({
  name: "stack",
  variants: "function",
  params: { tensors, dim: optional(int, 0) },
  out: "cast",
  overlap: "none",
  forward: ({ tensors: items, dim }) => {
    const [first] = items;
    if (first === undefined) throw new Error("stack expects a non-empty TensorList");
    items.forEach(({ sizes }, i) => {
      if (sameShape(sizes, first.sizes)) return;
      throw new Error(
        `stack expects each tensor to be equal size, but got ${formatShape(first.sizes)} at entry 0 and ${formatShape(sizes)} at entry ${i}`,
      );
    });
    const at = wrapDim(dim, first.sizes.length + 1);
    const result = emptyStack(items, at);
    const [sizes, strides] = [withoutDim(result.sizes, at), withoutDim(result.strides, at)];
    for (const [i, item] of items.entries()) {
      copy(result.viewOf(sizes, strides, i * (result.strides[at] as number)), item);
    }
    return result;
  },
  backward: ([grad], { tensors: items, dim }) => ({ tensors: grad && items.map((_, i) => grad.select(dim, i)) }),
});

/**
 * Every index of a dim as a tensor of its own, which lacks the dim.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.unbind.html
 */
export const unbind: Op<(input: Tensor, ...args: Args<[dim?: number], ["dim"]>) => Tensor[]> = op({
  name: "unbind",
  params: { input: tensor, dim: optional(int, 0) },
  view: true,
  forward: ({ input, dim }) => {
    if (input.sizes.length === 0) throw new RangeError("Dimension specified as 0 but tensor has no dimensions");
    const d = wrapDim(dim, input.sizes.length);
    const [sizes, strides] = [withoutDim(input.sizes, d), withoutDim(input.strides, d)];
    const stride = input.strides[d] as number;
    checkListLength(input.sizes[d] as number);
    return Array.from({ length: input.sizes[d] as number }, (_, i) =>
      input.viewOf(sizes, strides, input.offset + i * stride),
    );
  },
  backward: (grads, { input, dim }) => {
    const sizes = withoutDim(input.sizes, wrapDim(dim, input.sizes.length));
    return {
      input: stack(
        filled(grads, () => sizes),
        dim,
      ),
    };
  },
});

/** Gradients with zeros in place of those that nobody sent. */
function filled(grads: Grads, sizesAt: (index: number) => Shape): Tensor[] {
  const present = grads.find((grad) => grad !== undefined) as Tensor;
  return grads.map((grad, i) => grad ?? present.newZeros(sizesAt(i)));
}

/** Views of the given sizes along a dim, one after the other. */
function consecutive(input: Tensor, dim: number, lengths: readonly number[]): Tensor[] {
  let start = 0;
  return lengths.map((length) => {
    const view = part(input, dim, start, length);
    start += length;
    return view;
  });
}

function lengthsOf(size: number, splitSize: number): number[] {
  if (splitSize === 0) return [0];
  const count = Math.max(1, Math.ceil(size / splitSize));
  checkListLength(count);
  return Array.from({ length: count }, (_, i) => Math.min(splitSize, size - i * splitSize));
}

const equalSplit: FunctionOp<(input: Tensor, splitSize: number, dim: number) => Tensor[]> = op({
  name: "split",
  id: "split.size",
  variants: "function",
  params: { input: tensor, splitSize: int, dim: int },
  view: true,
  forward: ({ input, splitSize, dim }) => {
    if (input.sizes.length === 0) throw new RangeError("split expects at least a 1-dimensional tensor");
    const d = wrapDim(dim, input.sizes.length);
    const size = input.sizes[d] as number;
    if (splitSize < 0)
      throw new RangeError(`split expects split_size be non-negative, but got split_size=${splitSize}`);
    if (splitSize === 0 && size !== 0) {
      throw new RangeError(`split_size can only be 0 if dimension size is 0, but got dimension size of ${size}`);
    }
    return consecutive(input, d, lengthsOf(size, splitSize));
  },
  backward: (grads, { input, splitSize, dim }) => {
    const d = wrapDim(dim, input.sizes.length);
    const lengths = lengthsOf(input.sizes[d] as number, splitSize);
    return {
      input: cat(
        filled(grads, (i) => withDim(input.sizes, d, lengths[i] as number)),
        d,
      ),
    };
  },
});

type SplitWithSizes = Op<
  (input: Tensor, splitSizes: readonly number[], ...args: Args<[dim?: number], ["dim"]>) => Tensor[]
>;

/**
 * Parts of the given sizes along a dim, which together are the whole.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.split.html
 */
export const splitWithSizes: SplitWithSizes = op({
  name: "splitWithSizes",
  params: { input: tensor, splitSizes: ints, dim: optional(int, 0) },
  view: true,
  forward: ({ input, splitSizes, dim }) => {
    if (input.sizes.length === 0) throw new RangeError("split expects at least a 1-dimensional tensor");
    const d = wrapDim(dim, input.sizes.length);
    const size = input.sizes[d] as number;
    if (splitSizes.some((length) => length < 0)) {
      throw new RangeError(
        `split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes=${formatShape(splitSizes)}`,
      );
    }
    if (splitSizes.reduce((sum, length) => sum + length, 0) !== size) {
      throw new Error(
        `split_with_sizes expects split_sizes to sum exactly to ${size} (input tensor's size at dimension ${dim}), but got split_sizes=${formatShape(splitSizes)}`,
      );
    }
    return consecutive(input, d, splitSizes);
  },
  backward: (grads, { input, splitSizes, dim }) => {
    const d = wrapDim(dim, input.sizes.length);
    return {
      input: cat(
        filled(grads, (i) => withDim(input.sizes, d, splitSizes[i] as number)),
        d,
      ),
    };
  },
});

/**
 * Parts along a dim: all of one size but perhaps the last, or of the sizes given.
 *
 * @example torch.arange(5).split(2) // sizes 2, 2, 1
 * @see https://pytorch.org/docs/stable/generated/torch.split.html
 */
export const split: Op<
  (input: Tensor, splitSizeOrSections: number | readonly number[], ...args: Args<[dim?: number], ["dim"]>) => Tensor[]
> = op({
  name: "split",
  params: { input: tensor, splitSizeOrSections: sizeOrSizes, dim: optional(int, 0) },
  composite: ({ input, splitSizeOrSections: sizes, dim }) =>
    typeof sizes === "number" ? equalSplit(input, sizes, dim) : splitWithSizes(input, sizes, dim),
});

/**
 * At most so many parts along a dim, of one size but perhaps the last.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.chunk.html
 */
export const chunk: Op<(input: Tensor, chunks: number, ...args: Args<[dim?: number], ["dim"]>) => Tensor[]> = op({
  name: "chunk",
  params: { input: tensor, chunks: int, dim: optional(int, 0) },
  composite: ({ input, chunks, dim }) => {
    if (input.sizes.length === 0) throw new RangeError("chunk expects at least a 1-dimensional tensor");
    if (chunks <= 0) throw new RangeError(`chunk expects \`chunks\` to be greater than 0, got: ${chunks}`);
    const size = input.sizes[wrapDim(dim, input.sizes.length)] as number;
    checkListLength(Math.min(chunks, size || chunks));
    if (size === 0) return splitWithSizes(input, new Array<number>(chunks).fill(0), dim);
    return equalSplit(input, Math.ceil(size / chunks), dim);
  },
});
