/**
 * Shapes: the operations that are methods only, such as `view` and `expand`.
 *
 * Source: https://pytorch.org/docs/stable/tensors.html
 */
import { spreadInts, tensor } from "../arguments/params.js";
import { contiguousStrides, formatShape, inferSize, type Shape, viewStrides } from "../core/shape.js";
import type { Tensor } from "../core/tensor.js";
import { op } from "./define.js";
import type { MethodOp } from "./types.js";
import type { Spread } from "./views.js";

/** The same elements in another shape, without a copy; see `Tensor.view`. */
export const view: MethodOp<(input: Tensor, ...shape: Spread) => Tensor> = op({
  name: "view",
  variants: "method",
  params: { input: tensor, shape: spreadInts },
  view: true,
  forward: ({ input, shape }) => {
    const sizes = inferSize(shape, input.numel());
    const strides = input.contiguousFlag ? contiguousStrides(sizes) : viewStrides(input.sizes, input.strides, sizes);
    if (strides === undefined) {
      throw new Error(
        "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead.",
      );
    }
    return input.viewOf([...sizes], strides, input.offset);
  },
  derivative: { input: (grad, { input }) => grad.reshape(input.sizes) },
});

/** `view` in the shape of another tensor. */
export const viewAs: MethodOp<(input: Tensor, other: Tensor) => Tensor> = op({
  name: "viewAs",
  variants: "method",
  params: { input: tensor, other: tensor },
  composite: ({ input, other }) => view(input, other.sizes),
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
      `expand(torch.${input.dtype.name}{${formatShape(input.sizes)}}, size=${formatShape(size)}): the number of sizes provided (${size.length}) must be greater or equal to the number of dimensions in the tensor (${input.sizes.length})`,
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
  return { sizes, strides };
}

/** `expand` to the shape of another tensor. */
export const expandAs: MethodOp<(input: Tensor, other: Tensor) => Tensor> = op({
  name: "expandAs",
  variants: "method",
  params: { input: tensor, other: tensor },
  composite: ({ input, other }) => expand(input, other.sizes),
});
