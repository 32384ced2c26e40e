/** The normalizations with the arguments that they have in `nn.functional`. */
import { flag, flagOn, int, ints, nullable, number, optional, tensor } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { formatShape, numelOf, type Shape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import type { Args } from "../types.js";
import * as batch from "./batchNorm.js";
import * as group from "./groupNorm.js";
import { affineParams } from "./normalization.js";
import * as row from "./rowNorm.js";

const batchSignature = new Signature("batchNorm", {
  input: tensor,
  runningMean: nullable(tensor),
  runningVar: nullable(tensor),
  ...affineParams,
  training: flag,
  momentum: optional(number, 0.1),
  eps: optional(number, 1e-5),
});

/**
 * Each channel of an input with mean 0 and variance 1 over the batch and all positions, times a weight, plus a bias.
 *
 * @param input `[N, C]` or `[N, C, …]`.
 * @param runningMean used in place of the mean of the batch where `training` is off; in training, moved towards it.
 * @param runningVar the same of the variance.
 * @param weight, bias one number for each channel.
 * @param options.momentum how much of the batch the running statistics take over; 0.1 by default.
 * @throws Error if there is one value for a channel only, in training.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.batch_norm.html
 */
export function batchNorm(
  ...args: [
    input: Tensor,
    runningMean: Tensor | null,
    runningVar: Tensor | null,
    ...rest: Args<
      [weight?: Tensor | null, bias?: Tensor | null],
      ["weight", "bias"],
      { training?: boolean; momentum?: number; eps?: number }
    >,
  ]
): Tensor {
  const values = batchSignature.parse(args);
  const { input, runningMean, runningVar, weight = null, bias = null, training, momentum, eps } = values;
  if (training) checkValues("value per channel", input.sizes, [0, ...input.sizes.slice(2).map((_, i) => i + 2)]);
  return batch.batchNorm(input, weight, bias, runningMean, runningVar, training, momentum, eps, false);
}

/** Throws if a shape has one value only in some dims. */
function checkValues(what: string, sizes: Shape, dims: readonly number[]): void {
  if (numelOf(dims.map((d) => sizes[d] ?? 1)) !== 1) return;
  throw new Error(`Expected more than 1 ${what} when training, got input size torch.Size(${formatShape(sizes)})`);
}

const instanceSignature = new Signature("instanceNorm", {
  input: tensor,
  runningMean: optional(nullable(tensor)),
  runningVar: optional(nullable(tensor)),
  ...affineParams,
  useInputStats: flagOn,
  momentum: optional(number, 0.1),
  eps: optional(number, 1e-5),
});

/**
 * Each channel of each input of a batch with mean 0 and variance 1 over all positions, times a weight, plus a bias.
 *
 * @param input `[N, C, …]`.
 * @param options.useInputStats whether the statistics are found, and running ones moved towards their mean over the batch;
 *   otherwise the running ones are used.
 * @throws Error if there is one position only.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.instance_norm.html
 */
export function instanceNorm(
  ...args: [
    input: Tensor,
    ...rest: Args<
      [runningMean?: Tensor | null, runningVar?: Tensor | null, weight?: Tensor | null, bias?: Tensor | null],
      ["runningMean", "runningVar", "weight", "bias"],
      { useInputStats?: boolean; momentum?: number; eps?: number }
    >,
  ]
): Tensor {
  const values = instanceSignature.parse(args);
  const { input, runningMean = null, runningVar = null, weight = null, bias = null } = values;
  const { useInputStats, momentum, eps } = values;
  if (useInputStats)
    checkValues(
      "spatial element",
      input.sizes,
      input.sizes.slice(2).map((_, i) => i + 2),
    );
  return batch.instanceNorm(input, weight, bias, runningMean, runningVar, useInputStats, momentum, eps, false);
}

const rest = { ...affineParams, eps: optional(number, 1e-5) };
type Rest = Args<[weight?: Tensor | null, bias?: Tensor | null, eps?: number], ["weight", "bias", "eps"]>;

const layerSignature = new Signature("layerNorm", { input: tensor, normalizedShape: ints, ...rest });

/**
 * The elements of the last dims with mean 0 and variance 1, times a weight, plus a bias.
 *
 * @param normalizedShape the sizes of these dims.
 * @param weight, bias in the shape of these dims.
 * @example F.layerNorm(x, [768], weight, bias) // x is […, 768]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.layer_norm.html
 */
export function layerNorm(...args: [input: Tensor, normalizedShape: readonly number[], ...rest: Rest]): Tensor {
  const { input, normalizedShape, weight, bias, eps } = layerSignature.parse(args);
  return row.layerNorm(input, normalizedShape, weight, bias, eps);
}

const groupSignature = new Signature("groupNorm", { input: tensor, numGroups: int, ...rest });

/**
 * The channels in groups of neighbours, each group of each input with mean 0 and variance 1, times a weight, plus a bias.
 *
 * @param input `[N, C, …]`.
 * @param weight, bias one number for each channel.
 * @throws Error if the channels do not divide into so many groups, or if there is one value for a group only.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.group_norm.html
 */
export function groupNorm(...args: [input: Tensor, numGroups: number, ...rest: Rest]): Tensor {
  const { input, numGroups, weight, bias, eps } = groupSignature.parse(args);
  const [batch, channels, ...positions] = input.sizes;
  if (batch !== undefined && channels !== undefined && numGroups > 0) {
    const merged = [Math.floor((batch * channels) / numGroups), numGroups, ...positions];
    checkValues("value per channel", merged, [0, ...positions.map((_, i) => i + 2)]);
  }
  return group.groupNorm(input, numGroups, weight, bias, eps);
}
