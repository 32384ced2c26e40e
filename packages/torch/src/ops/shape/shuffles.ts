/**
 * Channels moved to other places: `channelShuffle`, `pixelShuffle`, `pixelUnshuffle`.
 *
 * Source: https://pytorch.org/docs/stable/nn.html#vision-layers
 */
import { int, tensor } from "../../arguments/params.js";
import { formatShape, type Shape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { FunctionOp } from "../types.js";

/** The channels of an input `[N, C, …]` in another order: the first of each group, then the second of each, and so on. */
export const channelShuffle: FunctionOp<(input: Tensor, groups: number) => Tensor> = op({
  name: "channelShuffle",
  variants: "function",
  params: { input: tensor, groups: int },
  composite: ({ input, groups }) => {
    const { sizes } = input;
    const [batch, channels, ...rest] = sizes as [number, number, ...number[]];
    if (sizes.length <= 2)
      throw new Error(`channel_shuffle expects input with > 2 dims, but got input with sizes ${formatShape(sizes)}`);
    if (groups <= 0)
      throw new RangeError(`Number of groups to divide channels in must be positive. Value of groups:${groups}`);
    if (channels % groups !== 0) {
      throw new Error(`Number of channels must be divisible by groups. Got ${channels} channels and ${groups} groups.`);
    }
    return input
      .reshape([batch, groups, channels / groups, ...rest])
      .transpose(1, 2)
      .reshape(sizes);
  },
});

/** The sizes of images, with the dims in front of them. */
function imageSizes(name: string, { sizes }: Tensor): [front: Shape, channels: number, height: number, width: number] {
  if (sizes.length < 3) {
    throw new Error(
      `${name} expects input to have at least 3 dimensions, but got input with ${sizes.length} dimension(s)`,
    );
  }
  const [channels, height, width] = sizes.slice(-3) as [number, number, number];
  return [sizes.slice(0, -3), channels, height, width];
}

/** Moves the last five or six dims into an order, and gives them a shape. */
function rearranged(input: Tensor, parts: Shape, order: readonly number[], front: Shape, shape: Shape): Tensor {
  const moved = order.map((d) => front.length + d);
  return input
    .reshape([...front, ...parts])
    .permute([...front.keys(), ...moved])
    .reshape([...front, ...shape]);
}

/**
 * Images `[…, C * r², H, W]` as larger ones `[…, C, H * r, W * r]`, whose pixels come from the channels.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.pixel_shuffle.html
 */
export const pixelShuffle: FunctionOp<(input: Tensor, upscaleFactor: number) => Tensor> = op({
  name: "pixelShuffle",
  variants: "function",
  params: { input: tensor, upscaleFactor: int },
  composite: ({ input, upscaleFactor: r }) => {
    const [front, channels, height, width] = imageSizes("pixel_shuffle", input);
    if (r <= 0) throw new RangeError(`pixel_shuffle expects a positive upscale_factor, but got ${r}`);
    if (channels % (r * r) !== 0) {
      throw new Error(
        `pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but input.size(-3)=${channels} is not divisible by ${r * r}`,
      );
    }
    const kept = channels / (r * r);
    return rearranged(input, [kept, r, r, height, width], [0, 3, 1, 4, 2], front, [kept, height * r, width * r]);
  },
});

/**
 * Images `[…, C, H * r, W * r]` as smaller ones `[…, C * r², H, W]`: what `pixelShuffle` does, undone.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.pixel_unshuffle.html
 */
export const pixelUnshuffle: FunctionOp<(input: Tensor, downscaleFactor: number) => Tensor> = op({
  name: "pixelUnshuffle",
  variants: "function",
  params: { input: tensor, downscaleFactor: int },
  composite: ({ input, downscaleFactor: r }) => {
    const [front, channels, height, width] = imageSizes("pixel_unshuffle", input);
    if (r <= 0) throw new RangeError(`pixel_unshuffle expects a positive downscale_factor, but got ${r}`);
    for (const [name, size, dim] of [
      ["height", height, -2],
      ["width", width, -1],
    ] as const) {
      if (size % r !== 0) {
        throw new Error(
          `pixel_unshuffle expects ${name} to be divisible by downscale_factor, but input.size(${dim})=${size} is not divisible by ${r}`,
        );
      }
    }
    const [rows, columns] = [height / r, width / r];
    return rearranged(input, [channels, rows, r, columns, r], [0, 2, 4, 1, 3], front, [
      channels * r * r,
      rows,
      columns,
    ]);
  },
});
