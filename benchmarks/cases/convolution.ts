/** Convolutions of the sizes that networks have. */
import { F, type Tensor } from "flambeau";
import { type Case, operation, randn } from "../case.js";

type Sizes = readonly number[];
interface Window {
  readonly stride?: number;
  readonly padding?: number;
  readonly groups?: number;
}

function product(sizes: Sizes): number {
  return sizes.reduce((a, b) => a * b, 1);
}

/** A convolution over as many dims as the input has beside batch and channels, with a bias. */
function convolution(name: string, input: Sizes, weight: Sizes, window: Window = {}, isTransposed = false): Case[] {
  const ndim = input.length - 2;
  const { stride = 1, padding = 0, groups = 1 } = window;
  const outputs = isTransposed ? (weight[1] as number) * groups : (weight[0] as number);
  // Each element of the smaller side takes part in one product for each element of a filter.
  const positions = input
    .slice(2)
    .map((size, d) => Math.floor((size + 2 * padding - (weight[d + 2] as number)) / stride) + 1);
  const smaller = isTransposed ? product(input) : (input[0] as number) * outputs * product(positions);
  const functions = isTransposed
    ? [F.convTranspose1d, F.convTranspose2d, F.convTranspose3d]
    : [F.conv1d, F.conv2d, F.conv3d];
  const run = functions[ndim - 1] as (x: Tensor, w: Tensor, b: Tensor, options: Window) => Tensor;
  const settings = Object.entries(window).map(([key, value]) => `, ${key}=${value}`);
  return operation({
    name: `${isTransposed ? "transposed " : ""}convolution, ${name}`,
    inputs: { x: randn(...input), w: randn(...weight), b: randn(outputs) },
    flambeau: ({ x, w, b }) => run(x, w, b, window),
    pytorch: `torch.nn.functional.conv${isTransposed ? "_transpose" : ""}${ndim}d(x, w, b${settings.join("")})`,
    flops: 2 * smaller * product(weight.slice(1)),
  });
}

export const convolutions: readonly Case[] = [
  ...convolution("3×3, 64 to 64, 32 of 56²", [32, 64, 56, 56], [64, 64, 3, 3], { padding: 1 }),
  ...convolution("3×3, 256 to 256, 32 of 14²", [32, 256, 14, 14], [256, 256, 3, 3], { padding: 1 }),
  ...convolution("3×3, 512 to 512, 32 of 7²", [32, 512, 7, 7], [512, 512, 3, 3], { padding: 1 }),
  ...convolution("3×3 by 2, 128 to 256, 32 of 28²", [32, 128, 28, 28], [256, 128, 3, 3], { stride: 2, padding: 1 }),
  ...convolution("1×1, 256 to 64, 32 of 56²", [32, 256, 56, 56], [64, 256, 1, 1]),
  ...convolution("1×1 by 2, 256 to 512, 32 of 28²", [32, 256, 28, 28], [512, 256, 1, 1], { stride: 2 }),
  ...convolution("7×7 by 2, 3 to 64, 8 of 224²", [8, 3, 224, 224], [64, 3, 7, 7], { stride: 2, padding: 3 }),
  ...convolution("3×3, 1 to 32, 64 of 28²", [64, 1, 28, 28], [32, 1, 3, 3]),
  ...convolution("3×3 by channel, 128, 32 of 56²", [32, 128, 56, 56], [128, 1, 3, 3], { padding: 1, groups: 128 }),
  ...convolution("3×3 in 32 groups, 128, 16 of 28²", [16, 128, 28, 28], [128, 4, 3, 3], { padding: 1, groups: 32 }),
  ...convolution("4×4 by 2, 128 to 64, 64 of 16²", [64, 128, 16, 16], [128, 64, 4, 4], { stride: 2, padding: 1 }, true),
  ...convolution("5, 64 to 128, 32 of 512", [32, 64, 512], [128, 64, 5], { padding: 2 }),
  ...convolution("3×3×3, 16 to 32, 4 of 16×32²", [4, 16, 16, 32, 32], [32, 16, 3, 3, 3], { padding: 1 }),
];
