/** The focal loss. */
import torch, { F, type Tensor } from "flambeau";
import { type Args, number, optional, Signature, tensor } from "flambeau/arguments";
import { type LossReduction, reduced, reductionParam } from "./boxLosses.js";

const signature = new Signature("sigmoidFocalLoss", {
  inputs: tensor,
  targets: tensor,
  alpha: optional(number, 0.25),
  gamma: optional(number, 2),
  reduction: reductionParam,
});

/**
 * Binary cross entropy in which samples count the less the better they are predicted, `(1 - p)^gamma`, so that many
 * easy ones do not outweigh the few hard ones.
 *
 * @param inputs logits of any shape.
 * @param targets 0 or 1, of the same shape and dtype.
 * @param alpha the weight of targets that are 1, those that are 0 having `1 - alpha`; 0.25 by default, negative for none.
 * @param options.reduction `"none"` by default.
 * @example ops.sigmoidFocalLoss(logits, targets, { reduction: "sum" })
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.sigmoid_focal_loss.html
 */
export function sigmoidFocalLoss(
  ...args: [
    inputs: Tensor,
    targets: Tensor,
    ...rest: Args<[alpha?: number, gamma?: number], ["alpha", "gamma"], { reduction?: LossReduction }>,
  ]
): Tensor {
  const { inputs, targets, alpha, gamma, reduction } = signature.parse(args);
  const p = torch.sigmoid(inputs);
  const crossEntropy = F.binaryCrossEntropyWithLogits(inputs, targets, { reduction: "none" });
  const others = targets.neg().add(1);
  const right = p.mul(targets).add(p.neg().add(1).mul(others));
  const loss = crossEntropy.mul(right.neg().add(1).pow(gamma));
  const weighted =
    alpha < 0
      ? loss
      : targets
          .mul(alpha)
          .add(others.mul(1 - alpha))
          .mul(loss);
  if (reduction === "mean") return weighted.mean();
  return reduced(weighted, reduction);
}
