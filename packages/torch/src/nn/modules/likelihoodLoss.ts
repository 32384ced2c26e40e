/** Modules of the losses of distributions. */
import { flag, flagOn, keyword, number, optional, word } from "../../arguments/params.js";
import type { Tensor } from "../../core/tensor.js";
import * as F from "../../ops/loss/likelihood.js";
import { type ReductionOption, reductionParam } from "../../ops/loss/reduction.js";
import { read } from "../arguments.js";
import { Module } from "../module.js";
import { Loss } from "./lossBase.js";

/**
 * The Kullback-Leibler divergence of log-probabilities from probabilities.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html
 */
export class KLDivLoss extends Module {
  reduction!: "none" | "mean" | "sum" | "batchmean";
  logTarget!: boolean;

  constructor(...args: [options?: { reduction?: "none" | "mean" | "sum" | "batchmean"; logTarget?: boolean }]) {
    super();
    Object.assign(
      this,
      read(this, { reduction: optional(word("none", "mean", "sum", "batchmean"), "mean"), logTarget: flag }, args),
    );
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.klDiv(input, target, { reduction: this.reduction, logTarget: this.logTarget });
  }
}

/**
 * The negative log-likelihood of counts under Poisson distributions.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.PoissonNLLLoss.html
 */
export class PoissonNLLLoss extends Loss {
  logInput!: boolean;
  full!: boolean;
  eps!: number;

  constructor(...args: [options?: { logInput?: boolean; full?: boolean; eps?: number } & ReductionOption]) {
    super();
    const params = { logInput: flagOn, full: flag, eps: keyword(optional(number, 1e-8)), reduction: reductionParam };
    Object.assign(this, read(this, params, args));
  }

  override forward(logInput: Tensor, target: Tensor): Tensor {
    const { full, eps, reduction } = this;
    return F.poissonNllLoss(logInput, target, { logInput: this.logInput, full, eps, reduction });
  }
}

/**
 * The negative log-likelihood of targets under normal distributions.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GaussianNLLLoss.html
 */
export class GaussianNLLLoss extends Loss {
  full!: boolean;
  eps!: number;

  constructor(...args: [options?: { full?: boolean; eps?: number } & ReductionOption]) {
    super();
    Object.assign(
      this,
      read(this, { full: flag, eps: keyword(optional(number, 1e-6)), reduction: reductionParam }, args),
    );
  }

  override forward(input: Tensor, target: Tensor, variance: Tensor): Tensor {
    const { full, eps, reduction } = this;
    return F.gaussianNllLoss(input, target, variance, { full, eps, reduction });
  }
}
