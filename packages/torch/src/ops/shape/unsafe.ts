/** Parts of a tensor without the rule that autograd has for results of several views. */
import { int, ints, optional, tensor } from "../../arguments/params.js";
import { wrapDim } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { Args, Op } from "../types.js";
import { chunk, split, splitWithSizes } from "./joining.js";

/** The parts as views of their own, each of which may be changed in place. */
function apart(input: Tensor, dim: number, parts: readonly Tensor[]): Tensor[] {
  let start = 0;
  return parts.map((one) => {
    const length = one.sizes[wrapDim(dim, input.sizes.length)] as number;
    start += length;
    return input.narrow(dim, start - length, length);
  });
}

/**
 * `chunk`, whose parts may be changed in place also where gradients are recorded.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.unsafe_chunk.html
 */
export const unsafeChunk: Op<(input: Tensor, chunks: number, ...args: Args<[dim?: number], ["dim"]>) => Tensor[]> = op({
  name: "unsafeChunk",
  params: { input: tensor, chunks: int, dim: optional(int, 0) },
  composite: ({ input, chunks, dim }) => apart(input, dim, chunk(input.detach(), chunks, dim)),
});

/**
 * `split` into parts of one size, which may be changed in place also where gradients are recorded.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.unsafe_split.html
 */
export const unsafeSplit: Op<(input: Tensor, splitSize: number, ...args: Args<[dim?: number], ["dim"]>) => Tensor[]> =
  op({
    name: "unsafeSplit",
    params: { input: tensor, splitSize: int, dim: optional(int, 0) },
    composite: ({ input, splitSize, dim }) => apart(input, dim, split(input.detach(), splitSize, dim)),
  });

/**
 * `splitWithSizes`, whose parts may be changed in place also where gradients are recorded.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.unsafe_split.html
 */
export const unsafeSplitWithSizes: Op<
  (input: Tensor, splitSizes: readonly number[], ...args: Args<[dim?: number], ["dim"]>) => Tensor[]
> = op({
  name: "unsafeSplitWithSizes",
  params: { input: tensor, splitSizes: ints, dim: optional(int, 0) },
  composite: ({ input, splitSizes, dim }) => apart(input, dim, splitWithSizes(input.detach(), splitSizes, dim)),
});
