/** Losses of numbers: `mseLoss`, `l1Loss`, `smoothL1Loss`, `huberLoss`, `softMarginLoss`. */
import { nullable, number, optional, tensor } from "../../arguments/params.js";
import { releasingTemporaries } from "../../autograd/temporaries.js";
import { broadcastShapes, formatShape, sameShape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { logsigmoid } from "../activation/smooth.js";
import { LossSignature } from "../autocast.js";
import { where } from "../indexing/masks.js";
import { checkFloating, type LossArguments, lossParams, pointwiseLoss, warnOfBroadcast } from "./elementwise.js";
import { type Reduction, reduce } from "./reduction.js";

interface Weight {
  weight?: Tensor | null;
}

const weighable = { ...lossParams, weight: optional(nullable(tensor)) };

function checkWeight(weight: Tensor, input: Tensor): void {
  if (!sameShape(weight.sizes, input.sizes)) throw new Error("Weights and input must have the same size.");
}

function weighted(losses: Tensor, weight: Tensor, input: Tensor, reduction: Reduction): Tensor {
  checkWeight(weight, input);
  const products = losses.mul(weight);
  return reduction === "mean" ? products.sum().div(weight.sum()) : reduce(products, reduction);
}

const mse = pointwiseLoss({
  name: "mseLoss",
  params: {},
  value: ({ input, target }) => input.sub(target).square(),
  slope: ({ input, target }) => input.sub(target).mul(2),
});

const mseSignature = new LossSignature("mseLoss", weighable);

/**
 * `(input - target)²`, by default the mean.
 *
 * @param options.weight factors of the elements, in the shape of the input; the mean is divided by their sum.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.mse_loss.html
 */
export function mseLoss(...args: LossArguments<Weight>): Tensor {
  const { input, target, reduction, weight } = mseSignature.parse(args);
  checkFloating("mse_cpu", input, target);
  warnOfBroadcast(input, target);
  if (!weight) return mse(input, target, reduction);
  return releasingTemporaries((w) => weighted(mse(input, target, "none"), w, input, reduction), weight);
}

const l1Signature = new LossSignature("l1Loss", weighable);

/**
 * `|input - target|`, by default the mean.
 *
 * @param options.weight factors of the elements, in the shape of the input; the mean is divided by their sum.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.l1_loss.html
 */
export function l1Loss(...args: LossArguments<Weight>): Tensor {
  const { input, target, reduction, weight } = l1Signature.parse(args);
  warnOfBroadcast(input, target);
  return releasingTemporaries((x) => {
    const losses = x.sub(target).abs();
    return weight ? weighted(losses, weight, x, reduction) : reduce(losses, reduction);
  }, input);
}

const smoothL1 = pointwiseLoss({
  name: "smoothL1Loss",
  params: { beta: number },
  value: ({ input, target, beta }) => {
    const distance = input.sub(target).abs();
    return where(distance.lt(beta), distance.square().mul(0.5 / beta), distance.sub(0.5 * beta));
  },
  slope: ({ input, target, beta }) => input.sub(target).div(beta).clamp(-1, 1),
});

const smoothL1Signature = new LossSignature("smoothL1Loss", { ...lossParams, beta: optional(number, 1) });

/**
 * `(input - target)² / (2 beta)` where the distance is less than `beta`, else `|input - target| - beta / 2`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.smooth_l1_loss.html
 */
export function smoothL1Loss(...args: LossArguments<{ beta?: number }>): Tensor {
  const { input, target, reduction, beta } = smoothL1Signature.parse(args);
  if (!(beta >= 0)) throw new RangeError("smooth_l1_loss does not support negative values for beta.");
  if (beta === 0) return l1Loss(input, target, { reduction });
  checkFloating("smooth_l1_cpu", input, target);
  warnOfBroadcast(input, target);
  return smoothL1(input, target, reduction, beta);
}

const huber = pointwiseLoss({
  name: "huberLoss",
  params: { delta: number },
  value: ({ input, target, delta }) => {
    const distance = input.sub(target).abs();
    return where(distance.lt(delta), distance.square().mul(0.5), distance.sub(0.5 * delta).mul(delta));
  },
  slope: ({ input, target, delta }) => input.sub(target).clamp(-delta, delta),
});

const huberSignature = new LossSignature("huberLoss", { ...weighable, delta: optional(number, 1) });

/**
 * `(input - target)² / 2` where the distance is less than `delta`, else `delta * (|input - target| - delta / 2)`.
 *
 * @param options.weight factors of the elements, in the shape of the input.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.huber_loss.html
 */
export function huberLoss(...args: LossArguments<{ delta?: number } & Weight>): Tensor {
  const { input, target, reduction, delta, weight } = huberSignature.parse(args);
  if (!(delta > 0)) throw new RangeError("huber_loss does not support non-positive values for delta.");
  checkFloating("huber_cpu", input, target);
  warnOfBroadcast(input, target);
  if (!weight) return huber(input, target, reduction, delta);
  checkWeight(weight, input);
  return releasingTemporaries((w) => reduce(huber(input, target, "none", delta).mul(w), reduction), weight);
}

const softMargin = pointwiseLoss({
  name: "softMarginLoss",
  params: {},
  value: ({ input, target }) => {
    const agreement = input.mul(target);
    return agreement.dtype.isComplex ? agreement.neg().exp().add(1).log() : logsigmoid(agreement).neg();
  },
  slope: ({ input, target }) => target.neg().mul(input.mul(target).neg().sigmoid()),
  targetSlope: ({ input, target }) => input.neg().mul(input.mul(target).neg().sigmoid()),
});

const softMarginSignature = new LossSignature("softMarginLoss", lossParams);

/**
 * `log(1 + exp(-target * input))` for targets 1 and -1.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.soft_margin_loss.html
 */
export function softMarginLoss(...args: LossArguments): Tensor {
  const { input, target, reduction } = softMarginSignature.parse(args);
  const shape = broadcastShapes(input.sizes, target.sizes);
  if (!sameShape(shape, input.sizes)) {
    throw new Error(
      `output with shape ${formatShape(input.sizes)} doesn't match the broadcast shape ${formatShape(shape)}`,
    );
  }
  return softMargin(input, target.to(input.dtype), reduction);
}
