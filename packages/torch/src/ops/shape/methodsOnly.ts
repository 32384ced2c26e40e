/**
 * Shapes: the operations that are methods only, such as `expand` and `unfold`.
 *
 * Source: https://pytorch.org/docs/stable/tensors.html
 */
import { flag, int, scalar, spreadInts, tensor } from "../../arguments/params.js";
import { tensorTypeName } from "../../autograd/node.js";
import { fill } from "../../backend/kernels.js";
import { checkSizes, formatShape, type Shape, sameShape, strideOfSteps, withDim, wrapDim } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import type { Scalar } from "../../core/view.js";
import { arange } from "../creation/ranges.js";
import { op } from "../define.js";
import type { MethodOp } from "../types.js";
import type { Spread } from "./views.js";

/** `view` in the shape of another tensor. */
export const viewAs: MethodOp<(input: Tensor, other: Tensor) => Tensor> = op({
  name: "viewAs",
  variants: "method",
  params: { input: tensor, other: tensor },
  composite: ({ input, other }) => input.view(other.sizes),
});

/** `reshape` to the shape of another tensor. */
export const reshapeAs: MethodOp<(input: Tensor, other: Tensor) => Tensor> = op({
  name: "reshapeAs",
  variants: "method",
  params: { input: tensor, other: tensor },
  composite: ({ input, other }) => input.reshape(other.sizes),
});

/**
 * Dims of size 1 repeated without a copy, and new dims in front.
 *
 * @param size -1 leaves the size of a dim as it is.
 * @throws Error if a dim of another size than 1 would have to change.
 * @example torch.tensor([[1], [2]]).expand(2, 3) // [[1, 1, 1], [2, 2, 2]]
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.expand.html
 */
export const expand: MethodOp<(input: Tensor, ...size: Spread) => Tensor> = op({
  name: "expand",
  variants: "method",
  params: { input: tensor, size: spreadInts },
  view: true,
  forward: ({ input, size }) => {
    const { sizes, strides } = expandedGeometry(input, size);
    return input.viewOf(sizes, strides, input.offset);
  },
  derivative: { input: (grad) => grad },
});

function expandedGeometry(input: Tensor, size: Shape): { sizes: number[]; strides: number[] } {
  const missing = size.length - input.sizes.length;
  if (missing < 0) {
    throw new Error(
      `expand(torch.${tensorTypeName(input)}{${formatShape(input.sizes)}}, size=${formatShape(size)}): the number of sizes provided (${size.length}) must be greater or equal to the number of dimensions in the tensor (${input.sizes.length})`,
    );
  }
  const sizes: number[] = [];
  const strides: number[] = [];
  size.forEach((wanted, d) => {
    const own = d < missing ? 1 : (input.sizes[d - missing] as number);
    const target = wanted === -1 && d >= missing ? own : wanted;
    if (target < 0) {
      throw new RangeError(
        wanted === -1
          ? `The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension ${d}`
          : `The expanded size of the tensor (${wanted}) must not be negative at dimension ${d}`,
      );
    }
    if (own !== 1 && own !== target) {
      throw new Error(
        `The expanded size of the tensor (${target}) must match the existing size (${own}) at non-singleton dimension ${d}.  Target sizes: ${formatShape(size)}.  Tensor sizes: ${formatShape(input.sizes)}`,
      );
    }
    sizes.push(target);
    strides.push(own === target && d >= missing ? (input.strides[d - missing] as number) : 0);
  });
  checkSizes(sizes);
  return { sizes, strides };
}

/** `expand` to the shape of another tensor. */
export const expandAs: MethodOp<(input: Tensor, other: Tensor) => Tensor> = op({
  name: "expandAs",
  variants: "method",
  params: { input: tensor, other: tensor },
  composite: ({ input, other }) => expand(input, other.sizes),
});

/**
 * Every window of a size along a dim, `step` apart; the elements of a window are the new last dim.
 *
 * @example torch.arange(4).unfold(0, 2, 1) // [[0, 1], [1, 2], [2, 3]]
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.unfold.html
 */
export const unfold: MethodOp<(input: Tensor, dimension: number, size: number, step: number) => Tensor> = op({
  name: "unfold",
  variants: "method",
  params: { input: tensor, dimension: int, size: int, step: int },
  view: true,
  forward: ({ input, dimension, size, step }) => {
    const d = wrapDim(dimension, input.sizes.length);
    const available = input.sizes[d] ?? 1;
    if (size < 0) throw new RangeError(`size is ${size} but must be >= 0`);
    if (size > available)
      throw new RangeError(`maximum size for tensor at dimension ${d} is ${available} but size is ${size}`);
    if (step <= 0) throw new RangeError(`step is ${step} but must be > 0`);
    const stride = input.strides[d] ?? 1;
    const windows = Math.floor((available - size) / step) + 1;
    return input.viewOf(
      [...withDim(input.sizes, d, windows), size],
      [...withDim(input.strides, d, strideOfSteps(stride, step)), stride],
      input.offset,
    );
  },
  derivative: {
    input: (grad, { input, dimension, size, step }) => {
      if (input.sizes.length === 0) return grad.sum();
      // Windows overlap: the gradients of one element add up.
      const d = wrapDim(dimension, input.sizes.length);
      const positions = arange(input.sizes[d] as number)
        .unfold(0, size, step)
        .reshape(-1);
      return grad.newZeros(input.sizes).indexAdd_(d, positions, grad.movedim(-1, d + 1).flatten(d, d + 1));
    },
  },
});

/**
 * Sets the diagonal, where all indices are equal, to a value.
 *
 * @param options.wrap whether the diagonal of a matrix with more rows than columns begins again below its end.
 * @throws Error for fewer than two dims, and for more unless all have one size.
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.fill_diagonal_.html
 */
export const fillDiagonal_: MethodOp<(input: Tensor, fillValue: Scalar, options?: { wrap?: boolean }) => Tensor> = op({
  name: "fillDiagonal_",
  variants: "method",
  params: { input: tensor, fillValue: scalar, wrap: flag },
  changesInput: true,
  forward: ({ input, fillValue, wrap }) => {
    checkDiagonal(input);
    fillDiagonal(input, fillValue, wrap);
    return input;
  },
  derivative: { input: (grad, { wrap }) => fillDiagonal_(grad.clone(), 0, { wrap }) },
});

function checkDiagonal({ sizes }: Tensor): void {
  if (sizes.length < 2) throw new Error("dimensions must larger than 1");
  if (sizes.length > 2 && sizes.some((size) => size !== sizes[0]))
    throw new Error("all dimensions of input must be of equal length");
}

function fillDiagonal(target: Tensor, value: Scalar, wrap: boolean): void {
  const { sizes, strides, offset } = target;
  const [rows, columns] = sizes as [number, number];
  const step = strides.reduce((sum, stride) => sum + stride, 0);
  fill(target.viewOf([Math.min(...sizes)], [step], offset), value);
  if (!wrap || sizes.length > 2) return;
  for (let row = columns + 1; row < rows; row += columns + 1) {
    fill(target.viewOf([Math.min(rows - row, columns)], [step], offset + row * (strides[0] as number)), value);
  }
}

/** Whether two tensors are the same part of the same memory, in the same shape. */
export const isSetTo: MethodOp<(input: Tensor, tensor: Tensor) => boolean> = op({
  name: "isSetTo",
  variants: "method",
  params: { input: tensor, tensor },
  composite: ({ input: a, tensor: b }) =>
    a.storage.origin === b.storage.origin &&
    a.offset === b.offset &&
    sameShape(a.sizes, b.sizes) &&
    sameShape(a.strides, b.strides),
});
