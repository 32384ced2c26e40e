/** Losses of distributions: `klDivLoss`, `poissonNllLoss`, `gaussianNllLoss`. */

import { flag, flagOn, keyword, number, optional, tensor, word } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { warn } from "../../arguments/warn.js";
import { releasingTemporaries } from "../../autograd/temporaries.js";
import { sameShape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { LossSignature } from "../autocast.js";
import { where } from "../indexing/masks.js";
import { holdsAnywhere } from "../numbers.js";
import { type ReductionOption, reduce, reductionParam } from "./reduction.js";

const klSignature = new LossSignature("klDiv", {
  input: tensor,
  target: tensor,
  reduction: optional(word("none", "mean", "sum", "batchmean"), "mean"),
  logTarget: flag,
});

/**
 * The Kullback-Leibler divergence `target * (log(target) - input)` of log-probabilities from probabilities.
 *
 * @param options.reduction `"batchmean"` is the mathematical one: the sum over the number of samples.
 * @param options.logTarget whether the target, too, is a logarithm.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.kl_div.html
 */
export function klDiv(
  ...args: [
    input: Tensor,
    target: Tensor,
    options?: { reduction?: "none" | "mean" | "sum" | "batchmean"; logTarget?: boolean },
  ]
): Tensor {
  return releasingTemporaries(({ input, target, reduction, logTarget }) => {
    if (!input.dtype.isFloatingPoint || !target.dtype.isFloatingPoint) {
      throw new TypeError("kl_div: Integral inputs not supported.");
    }
    if (reduction === "mean") {
      warn(
        "reduction: 'mean' divides the total loss by both the batch size and the support size.'batchmean' divides only by the batch size, and aligns with the KL div math definition.'mean' will be changed to behave the same as 'batchmean' in the next major release.",
      );
    }
    const losses = logTarget ? target.exp().mul(target.sub(input)) : target.xlogy(target).sub(target.mul(input));
    if (reduction !== "batchmean") return reduce(losses, reduction);
    return input.sizes.length === 0 ? losses.sum() : losses.sum().div(input.sizes[0] as number);
  }, klSignature.parse(args));
}

const poissonSignature = new LossSignature("poissonNllLoss", {
  input: tensor,
  target: tensor,
  logInput: flagOn,
  full: flag,
  eps: keyword(optional(number, 1e-8)),
  reduction: reductionParam,
});

/**
 * The negative log-likelihood of counts under Poisson distributions: `exp(input) - target * input`, or with
 * `logInput: false` of rates, `input - target * log(input + eps)`.
 *
 * @param options.full add Stirling's approximation of the constant term.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.poisson_nll_loss.html
 */
export function poissonNllLoss(
  ...args: [
    input: Tensor,
    target: Tensor,
    options?: { logInput?: boolean; full?: boolean; eps?: number } & ReductionOption,
  ]
): Tensor {
  return releasingTemporaries(({ input, target, logInput, full, eps, reduction }) => {
    const losses = logInput ? input.exp().sub(target.mul(input)) : input.sub(target.mul(input.add(eps).log()));
    if (!full) return reduce(losses, reduction);
    const stirling = target
      .mul(target.log())
      .sub(target)
      .add(
        target
          .mul(2 * Math.PI)
          .log()
          .mul(0.5),
      );
    return reduce(losses.add(where(target.gt(1), stirling, 0)), reduction);
  }, poissonSignature.parse(args));
}

const gaussianSignature = new Signature("gaussianNllLoss", {
  input: tensor,
  target: tensor,
  var: tensor,
  full: flag,
  eps: keyword(optional(number, 1e-6)),
  reduction: reductionParam,
});

/**
 * The negative log-likelihood of targets under normal distributions: `(log(var) + (input - target)² / var) / 2`.
 *
 * @param variance at least `eps`; may have one number for all of the last dim.
 * @param options.full add the constant term.
 * @throws RangeError for a negative variance.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.gaussian_nll_loss.html
 */
export function gaussianNllLoss(
  ...args: [
    input: Tensor,
    target: Tensor,
    variance: Tensor,
    options?: { full?: boolean; eps?: number } & ReductionOption,
  ]
): Tensor {
  return releasingTemporaries(({ input, target, var: given, full, eps, reduction }) => {
    const spread = fitVariance(given, input);
    if (holdsAnywhere(spread.detach().lt(0))) throw new RangeError("var has negative entry/entries");
    // Gradients flow as if there was no lower limit.
    const lift = spread.detach().neg().add(eps).clampMin(0);
    const variance = spread.add(lift);
    const losses = variance.log().add(input.sub(target).square().div(variance)).mul(0.5);
    return reduce(full ? losses.add(0.5 * Math.log(2 * Math.PI)) : losses, reduction);
  }, gaussianSignature.parse(args));
}

/** The variances in a shape that broadcasts with the input. */
function fitVariance(variance: Tensor, input: Tensor): Tensor {
  if (sameShape(variance.sizes, input.sizes)) return variance;
  const leading = input.sizes.slice(0, -1);
  if (sameShape(variance.sizes, leading)) return variance.unsqueeze(-1);
  if (sameShape(variance.sizes, [...leading, 1])) return variance;
  throw new Error("var is of incorrect size");
}
