/**
 * Dims exchanged, added, taken away and merged: `transpose`, `squeeze`, `unsqueeze`, `flatten`, …
 *
 * Source: https://pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
 */
import { int, intOrInts, ints, optional, spreadInts, tensor } from "../../arguments/params.js";
import { describe } from "../../arguments/parse.js";
import { formatShape, inferSize, insertDim, numelOf, type Shape, wrapDim, wrapDims } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { Args, Dims, InplaceOp, Op, OverloadedOp } from "../types.js";
import type { Spread } from "./views.js";

function swapped(values: Shape, a: number, b: number): Shape {
  if (a === b) return values;
  const result = [...values];
  result[a] = values[b] as number;
  result[b] = values[a] as number;
  return result;
}

type Transpose = InplaceOp<(input: Tensor, dim0: number, dim1: number) => Tensor>;

/** `transpose` under one of its names. */
function transposeAs(name: string): Transpose {
  return op({
    name,
    nodeName: "TransposeBackward0",
    variants: "function, method, inplace",
    params: { input: tensor, dim0: int, dim1: int },
    view: true,
    forward: ({ input, dim0, dim1 }) => {
      const [a, b] = [wrapDim(dim0, input.sizes.length), wrapDim(dim1, input.sizes.length)];
      return input.viewOf(swapped(input.sizes, a, b), swapped(input.strides, a, b), input.offset);
    },
    derivative: { input: (grad, { dim0, dim1 }) => grad.transpose(dim0, dim1) },
  });
}

/**
 * Two dims exchanged.
 *
 * @example torch.zeros(2, 3).transpose(0, 1).shape // [3, 2]
 * @see https://pytorch.org/docs/stable/generated/torch.transpose.html
 */
export const transpose: Transpose = transposeAs("transpose");

/** Another name of `transpose`. */
export const swapaxes: Transpose = transposeAs("swapaxes");

/** Another name of `transpose`. */
export const swapdims: Transpose = transposeAs("swapdims");

/**
 * A matrix transposed; a tensor of fewer dims stays as it is.
 *
 * @throws Error if there are more than two dims.
 * @see https://pytorch.org/docs/stable/generated/torch.t.html
 */
export const t: InplaceOp<(input: Tensor) => Tensor> = op({
  name: "t",
  variants: "function, method, inplace",
  params: { input: tensor },
  view: true,
  forward: ({ input }) => {
    const { sizes, strides, offset } = input;
    if (sizes.length > 2) throw new Error(`t() expects a tensor with <= 2 dimensions, but self is ${sizes.length}D`);
    return sizes.length < 2
      ? input.viewOf(sizes, strides, offset)
      : input.viewOf(swapped(sizes, 0, 1), swapped(strides, 0, 1), offset);
  },
  derivative: { input: (grad) => grad.t() },
});

/** Dims whose size 1 is squeezed away. */
function isSqueezed(input: { readonly sizes: Shape }, dim: Shape | undefined): (d: number) => boolean {
  const wanted = dim === undefined ? undefined : wrapDims(dim, input.sizes.length);
  return (d) => input.sizes[d] === 1 && (wanted === undefined || wanted.includes(d));
}

/**
 * Dims of size 1 taken away: all of them, or those named.
 *
 * @example torch.zeros(2, 1, 3, 1).squeeze(1).shape // [2, 3, 1]
 * @see https://pytorch.org/docs/stable/generated/torch.squeeze.html
 */
export const squeeze: InplaceOp<(input: Tensor, ...args: Args<[dim?: Dims], ["dim"]>) => Tensor> = op({
  name: "squeeze",
  variants: "function, method, inplace",
  params: { input: tensor, dim: optional(intOrInts) },
  view: true,
  forward: ({ input, dim }) => {
    const goes = isSqueezed(input, dim);
    const rest = (values: Shape) => values.filter((_, d) => !goes(d));
    return input.viewOf(rest(input.sizes), rest(input.strides), input.offset);
  },
  overload: ({ dim }) => (dim === undefined ? 0 : dim.length === 1 ? 1 : 2),
  derivative: { input: (grad, { input }) => grad.reshape(input.sizes) },
});

/**
 * A dim of size 1 more, at the given place.
 *
 * @example torch.zeros(2, 3).unsqueeze(-1).shape // [2, 3, 1]
 * @see https://pytorch.org/docs/stable/generated/torch.unsqueeze.html
 */
export const unsqueeze: InplaceOp<(input: Tensor, dim: number) => Tensor> = op({
  name: "unsqueeze",
  variants: "function, method, inplace",
  params: { input: tensor, dim: int },
  view: true,
  forward: ({ input, dim }) => {
    const { sizes, strides } = input;
    const d = wrapDim(dim, sizes.length + 1);
    const stride = d < sizes.length ? (sizes[d] as number) * (strides[d] as number) : 1;
    return input.viewOf(insertDim(sizes, d, 1), insertDim(strides, d, stride), input.offset);
  },
  derivative: { input: (grad, { dim }) => grad.squeeze(dim) },
});

type Movedim = Op<(input: Tensor, source: Dims, destination: Dims) => Tensor>;

function movedimAs(name: string): Movedim {
  return op({
    name,
    params: { input: tensor, source: intOrInts, destination: intOrInts },
    composite: ({ input, source, destination }) =>
      input.permute(movedOrder(name, input.sizes.length, source, destination)),
  });
}

function movedOrder(name: string, ndim: number, source: Shape, destination: Shape): number[] {
  if (source.length !== destination.length) {
    throw new Error(
      `${name}: Invalid source or destination dims: source (${formatShape(source)} dims) should contain the same number of dims as destination (${formatShape(destination)} dims)`,
    );
  }
  const unique = (dims: Shape, role: string): number[] => {
    const wrapped = dims.map((dim) => wrapDim(dim, ndim));
    if (new Set(wrapped).size < wrapped.length)
      throw new Error(`${name}: repeated dim in \`${role}\` (${formatShape(dims)})`);
    return wrapped;
  };
  const [from, to] = [unique(source, "source"), unique(destination, "destination")];
  const others = Array.from({ length: ndim }, (_, d) => d).filter((d) => !from.includes(d));
  return Array.from({ length: ndim }, (_, d) => (to.includes(d) ? from[to.indexOf(d)] : others.shift()) as number);
}

/**
 * Dims moved to other places; the rest keep their order.
 *
 * @example torch.zeros(2, 3, 5).movedim(0, -1).shape // [3, 5, 2]
 * @see https://pytorch.org/docs/stable/generated/torch.movedim.html
 */
export const movedim: Movedim = movedimAs("movedim");

/** Another name of `movedim`. */
export const moveaxis: Movedim = movedimAs("moveaxis");

/**
 * A range of dims merged into one; a 0-d tensor becomes 1-d.
 *
 * @example torch.zeros(2, 3, 5).flatten(1).shape // [2, 15]
 * @see https://pytorch.org/docs/stable/generated/torch.flatten.html
 */
export const flatten: Op<
  (input: Tensor, ...args: Args<[startDim?: number, endDim?: number], ["startDim", "endDim"]>) => Tensor
> = op({
  name: "flatten",
  params: { input: tensor, startDim: optional(int, 0), endDim: optional(int, -1) },
  composite: ({ input, startDim, endDim }) => {
    const { sizes } = input;
    const [start, end] = [wrapDim(startDim, sizes.length), wrapDim(endDim, sizes.length)];
    if (start > end) throw new Error("flatten() has invalid args: start_dim cannot come after end_dim");
    if (sizes.length === 0) return input.reshape(1);
    if (start === end) return input;
    return input.reshape([...sizes.slice(0, start), numelOf(sizes.slice(start, end + 1)), ...sizes.slice(end + 1)]);
  },
});

/**
 * One dim split into several; one of their sizes may be -1.
 *
 * @example torch.zeros(2, 15).unflatten(1, [3, 5]).shape // [2, 3, 5]
 * @see https://pytorch.org/docs/stable/generated/torch.unflatten.html
 */
export const unflatten: Op<(input: Tensor, dim: number, sizes: readonly number[]) => Tensor> = op({
  name: "unflatten",
  params: { input: tensor, dim: int, sizes: ints },
  composite: ({ input, dim, sizes }) => {
    if (sizes.length === 0) throw new Error("unflatten: sizes must be non-empty");
    const d = wrapDim(dim, input.sizes.length);
    const split = unflattenedSizes(input, d, sizes);
    return input.view([...input.sizes.slice(0, d), ...split, ...input.sizes.slice(d + 1)]);
  },
});

function unflattenedSizes(input: Tensor, dim: number, sizes: Shape): Shape {
  const size = input.sizes[dim] ?? 1;
  try {
    return inferSize(sizes, size);
  } catch (cause) {
    throw new Error(
      `unflatten: Provided sizes ${formatShape(sizes)} don't multiply up to the size of dim ${dim} (${size}) in the input tensor`,
      { cause },
    );
  }
}

/**
 * `expand` as a function: dims of size 1 repeated without a copy, and new dims in front.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.broadcast_to.html
 */
export const broadcastTo: OverloadedOp<
  (input: Tensor, size: readonly number[]) => Tensor,
  (...size: Spread) => Tensor
> = op({
  name: "broadcastTo",
  params: { input: tensor, size: spreadInts },
  composite: ({ input, size }) => input.expand(size),
});

/**
 * All elements in one dim: a view where that is possible.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.ravel.html
 */
export const ravel: Op<(input: Tensor) => Tensor> = op({
  name: "ravel",
  params: { input: tensor },
  composite: ({ input }) => input.contiguous().view(-1),
});

/**
 * The last two dims exchanged, and the elements conjugated if complex.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.adjoint.html
 */
export const adjoint: Op<(input: Tensor) => Tensor> = op({
  name: "adjoint",
  params: { input: tensor },
  composite: ({ input }) => {
    const ndim = input.sizes.length;
    if (ndim === 1)
      throw new Error("tensor.adjoint() is only supported on matrices or batches of matrices. Got 1-D tensor.");
    return (ndim === 0 ? input : input.transpose(-2, -1)).conj();
  },
});

/**
 * The number of elements.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.numel.html
 */
export function numel(input: Tensor): number {
  if (!(input instanceof Tensor))
    throw new TypeError(`numel(): argument 'input' must be Tensor, not ${describe(input)}`);
  return input.numel();
}
