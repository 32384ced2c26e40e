/**
 * Elements repeated, reversed and moved around: `tile`, `repeatInterleave`, `flip`, `roll`, `rot90`.
 *
 * Source: https://pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
 */
import { int, intOrInts, ints, keyword, optional, type Param, spreadInts, tensor } from "../../arguments/params.js";
import { copy, flip as flipKernel } from "../../backend/kernels.js";
import { Category, scalarTypeName } from "../../core/dtype.js";
import { checkSizes, type Shape, withDim, wrapDim, wrapDims } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { Args, Dims, FunctionOp, Op, OverloadedOp } from "../types.js";
import { extended, repeat } from "./repeat.js";
import type { Spread } from "./views.js";

/**
 * `repeat` with missing numbers in front taken as 1.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.tile.html
 */
export const tile: OverloadedOp<(input: Tensor, dims: readonly number[]) => Tensor, (...dims: Spread) => Tensor> = op({
  name: "tile",
  params: { input: tensor, dims: spreadInts },
  composite: ({ input, dims }) =>
    repeat(input, dims.length < input.sizes.length ? extended(dims, input.sizes.length) : dims),
});

/** How often: one number, or one for each element. */
const repeatsParam: Param<number | Tensor> = {
  ...(int as Param<number | Tensor>),
  expected: "int or Tensor",
  read: (value) => (value instanceof Tensor ? value : int.read(value)),
};

function checkRepeats(repeats: Tensor): void {
  if (repeats.sizes.length > 1) throw new Error("repeat_interleave only accept 1D vector as repeat");
  if (repeats.dtype.category !== Category.Integer) {
    throw new TypeError(
      `repeat_interleave: expected an integer tensor of repeats, got ${scalarTypeName(repeats.dtype)}; make it with { dtype: torch.long }`,
    );
  }
}

/** Each index as often as it is to be repeated. */
const repeatedIndices: FunctionOp<(repeats: Tensor, outputSize?: number) => Tensor> = op({
  name: "repeatInterleave",
  id: "repeatInterleave.indices",
  variants: "function",
  differentiable: false,
  params: { repeats: tensor, outputSize: optional(int) },
  composite: ({ repeats, outputSize }) => {
    if (repeats.lt(0).any().item() !== 0) throw new RangeError("repeats can not be negative");
    const ends = repeats.reshape(-1).cumsum(0);
    const total = ends.numel() === 0 ? 0 : Number(ends.select(0, -1).itemBigInt());
    if (outputSize !== undefined && outputSize !== total) {
      throw new Error(
        `allocated size does not match required size: outputSize is ${outputSize}, but the repeats sum up to ${total}`,
      );
    }
    // A sum beyond the whole numbers is too large in any case.
    checkSizes([Math.min(total, Number.MAX_SAFE_INTEGER)]);
    // At each place stands the index whose number is that of the ends so far.
    const marks = ends.newZeros(total + 1).indexAdd_(0, ends, ends.newOnes(ends.sizes));
    return marks.narrow(0, 0, total).cumsum(0);
  },
});

/** Each element so many times, next to each other, along a new dim that is then merged. */
function repeatEach(input: Tensor, repeats: number, dim: number): Tensor {
  if (repeats < 0) throw new RangeError("repeats can not be negative");
  const wide = input.unsqueeze(dim + 1);
  return wide
    .expand(withDim(wide.sizes, dim + 1, repeats))
    .clone({ memoryFormat: "contiguous" })
    .flatten(dim, dim + 1);
}

/** Both ways to call `repeatInterleave`; the second gives indices. */
type RepeatInterleave = {
  (input: Tensor, repeats: number | Tensor, ...args: Args<[dim?: number], ["dim"], { outputSize?: number }>): Tensor;
  (repeats: Tensor, options?: { outputSize?: number }): Tensor;
};

/**
 * Each element repeated, next to itself.
 *
 * @param repeats one number for all, or a tensor with one for each index of the dim. A call with nothing but
 *   this tensor gives the indices, repeated.
 * @param dim the flattened tensor by default.
 * @example torch.tensor([1, 2]).repeatInterleave(2) // [1, 1, 2, 2]
 * @see https://pytorch.org/docs/stable/generated/torch.repeat_interleave.html
 */
export const repeatInterleave: FunctionOp<RepeatInterleave> = op({
  name: "repeatInterleave",
  variants: "function",
  params: { input: tensor, repeats: optional(repeatsParam), dim: optional(int), outputSize: keyword(optional(int)) },
  composite: ({ input, repeats, dim, outputSize }) => {
    if (repeats === undefined) {
      checkRepeats(input);
      return repeatedIndices(input, outputSize);
    }
    const source = dim === undefined ? input.reshape(-1) : input;
    const d = wrapDim(dim ?? 0, source.sizes.length);
    if (typeof repeats === "number") return repeatEach(source, repeats, d);
    checkRepeats(repeats);
    const count = repeats.numel();
    const size = source.sizes[d] ?? 1;
    if (count !== 1 && count !== size) {
      throw new Error(`repeats must have the same size as input along dim, got ${count} repeats for size ${size}`);
    }
    const all = count === size ? repeats : repeats.expand([size]);
    return source.indexSelect(d, repeatedIndices(all, outputSize));
  },
});

/** A view in which dims run backward; only for kernels, since tensors of the user have no negative strides. */
function reversed(input: Tensor, dims: readonly number[]): Tensor {
  let { offset } = input;
  const strides = input.strides.map((stride, d) => {
    const size = input.sizes[d] as number;
    if (!dims.includes(d) || size < 2) return stride;
    offset += (size - 1) * stride;
    return -stride;
  });
  return new Tensor(input.storage, offset, input.sizes, strides, input.dtype, false);
}

/**
 * The elements in reverse order along dims.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.flip.html
 */
export const flip: OverloadedOp<(input: Tensor, dims: readonly number[]) => Tensor, (...dims: Spread) => Tensor> = op({
  name: "flip",
  params: { input: tensor, dims: spreadInts },
  forward: ({ input, dims }) => {
    const wrapped = wrapDims(dims, input.sizes.length);
    const result = Tensor.empty(input.sizes, input.dtype);
    const [dim, ...others] = wrapped;
    const isRun = input.contiguousFlag && others.length === 0 && dim !== undefined && dim < input.sizes.length;
    if (isRun) flipKernel(result, input, dim);
    else copy(result, reversed(input, wrapped));
    return result;
  },
  derivative: { input: (grad, { dims }) => grad.flip(dims) },
});

/**
 * The columns (dim 1) in reverse order.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.fliplr.html
 */
export const fliplr: Op<(input: Tensor) => Tensor> = op({
  name: "fliplr",
  params: { input: tensor },
  composite: ({ input }) => {
    if (input.sizes.length < 2) throw new Error("Input must be >= 2-d.");
    return flip(input, [1]);
  },
});

/**
 * The rows (dim 0) in reverse order.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.flipud.html
 */
export const flipud: Op<(input: Tensor) => Tensor> = op({
  name: "flipud",
  params: { input: tensor },
  composite: ({ input }) => {
    if (input.sizes.length < 1) throw new Error("Input must be >= 1-d.");
    return flip(input, [0]);
  },
});

/** The elements moved along one dim; those that leave at the end come in at the beginning. */
function rolledAlong(input: Tensor, shift: number, dim: number): Tensor {
  const size = input.sizes[dim] as number;
  const start = (((size - shift) % size) + size) % size;
  const result = Tensor.empty(input.sizes, input.dtype);
  copy(result.narrow(dim, 0, size - start), input.narrow(dim, start, size - start));
  copy(result.narrow(dim, size - start, start), input.narrow(dim, 0, start));
  return result;
}

/**
 * The elements moved along dims; those that leave at the end come in at the beginning.
 *
 * @param dims the flattened tensor is rolled by default.
 * @example torch.tensor([1, 2, 3]).roll(1) // [3, 1, 2]
 * @see https://pytorch.org/docs/stable/generated/torch.roll.html
 */
export const roll: Op<(input: Tensor, shifts: Dims, ...args: Args<[dims?: Dims], ["dims"]>) => Tensor> = op({
  name: "roll",
  params: { input: tensor, shifts: intOrInts, dims: optional(intOrInts, []) },
  forward: ({ input, shifts, dims }) => {
    if (shifts.length === 0) throw new Error("`shifts` required");
    if (dims.length === 0 && shifts.length === 1) return rollFlat(input, shifts);
    if (shifts.length !== dims.length) {
      throw new Error(`shifts and dimensions must align. shifts: ${shifts.length}, dims:${dims.length}`);
    }
    const wrapped = dims.map((dim) => wrapDim(dim, input.sizes.length));
    if (input.sizes.length === 0)
      throw new RangeError(`Dimension specified as ${dims[0]} but tensor has no dimensions`);
    if (input.numel() === 0) return Tensor.empty(input.sizes, input.dtype);
    return wrapped.reduce((result, dim, i) => rolledAlong(result, shifts[i] as number, dim), input);
  },
  derivative: {
    input: (grad, { shifts, dims }) =>
      grad.roll(
        shifts.map((shift) => -shift),
        dims,
      ),
  },
});

function rollFlat(input: Tensor, shifts: Shape): Tensor {
  return roll(input.reshape(-1), shifts, [0]).view(input.sizes);
}

function rotationPlane(input: Tensor, dims: Shape): [number, number] {
  const ndim = input.sizes.length;
  if (dims.length !== 2) throw new Error(`expected total rotation dims == 2, but got dims = ${dims.length}`);
  if (ndim < 2) throw new Error(`expected total dims >= 2, but got total dims = ${ndim}`);
  const [a, b] = dims.map((dim) => wrapDim(dim, ndim)) as [number, number];
  if (a === b)
    throw new Error(`expected rotation dims to be different, but got dim0 = ${dims[0]} and dim1 = ${dims[1]}`);
  return [a, b];
}

/**
 * Rotation by k quarter turns in the plane of two dims, from the first towards the second.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.rot90.html
 */
export const rot90: Op<
  (input: Tensor, ...args: Args<[k?: number, dims?: readonly number[]], ["k", "dims"]>) => Tensor
> = op({
  name: "rot90",
  nodeName: "Rot90Backward0",
  params: { input: tensor, k: optional(int, 1), dims: optional(ints, [0, 1]) },
  forward: ({ input, k, dims }) => {
    const [a, b] = rotationPlane(input, dims);
    const turns = ((k % 4) + 4) % 4;
    if (turns === 1) return flip(input, [b]).transpose(a, b);
    if (turns === 2) return flip(input, [a, b]);
    if (turns === 3) return flip(input, [a]).transpose(a, b);
    return input.clone({ memoryFormat: "contiguous" });
  },
  derivative: { input: (grad, { k, dims }) => grad.rot90(-k, dims) },
});
