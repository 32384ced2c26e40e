/** A tensor copied along its dims. */
import { spreadInts, tensor } from "../../arguments/params.js";
import { copy } from "../../backend/kernels.js";
import { checkSizes, type Shape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { MethodOp } from "../types.js";
import type { Spread } from "./views.js";

/** Each dim of a repeated tensor as two: how often, and its size. */
function interleaved(repeats: Shape, sizes: Shape): number[] {
  return repeats.flatMap((repeat, d) => [repeat, sizes[d] as number]);
}

/** Sizes with dims of size 1 in front up to a number of dims. */
export function extended(sizes: Shape, ndim: number): Shape {
  return [...new Array<number>(ndim - sizes.length).fill(1), ...sizes];
}

/**
 * The tensor copied so many times along each dim.
 *
 * @example torch.tensor([1, 2]).repeat(2, 2) // [[1, 2, 1, 2], [1, 2, 1, 2]]
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.repeat.html
 */
export const repeat: MethodOp<(input: Tensor, ...repeats: Spread) => Tensor> = op({
  name: "repeat",
  variants: "method",
  params: { input: tensor, repeats: spreadInts },
  forward: ({ input, repeats }) => {
    if (repeats.length < input.sizes.length) {
      throw new Error("Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor");
    }
    const sizes = extended(input.sizes, repeats.length);
    const shape = sizes.map((size, d) => size * (repeats[d] as number));
    checkSizes(repeats);
    checkSizes(shape);
    const result = Tensor.empty(shape, input.dtype);
    const pairs = interleaved(repeats, sizes);
    if (result.numel() > 0)
      copy(
        result.view(pairs),
        input
          .reshape(
            interleaved(
              repeats.map(() => 1),
              sizes,
            ),
          )
          .expand(pairs),
      );
    return result;
  },
  derivative: {
    input: (grad, { input, repeats }) => {
      if (repeats.length === 0) return grad;
      const sizes = extended(input.sizes, repeats.length);
      const sum = grad.reshape(interleaved(repeats, sizes)).sum(repeats.map((_, d) => 2 * d));
      return sum.reshape(input.sizes);
    },
  },
});
