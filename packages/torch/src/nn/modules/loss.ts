/** Modules of the losses of classes and numbers. */
import { int, keyword, nullable, number, optional, tensor } from "../../arguments/params.js";
import { warn } from "../../arguments/warn.js";
import type { Tensor } from "../../core/tensor.js";
import { binaryCrossEntropy, binaryCrossEntropyWithLogits } from "../../ops/loss/binaryCrossEntropy.js";
import { crossEntropy } from "../../ops/loss/crossEntropy.js";
import { nllLoss } from "../../ops/loss/nll.js";
import { type ReductionOption, reductionParam } from "../../ops/loss/reduction.js";
import * as F from "../../ops/loss/regression.js";
import type { Args } from "../../ops/types.js";
import { read } from "../arguments.js";
import { Loss, PlainLoss } from "./lossBase.js";

/** A loss with weights, which are a buffer: they move with the module, and are part of its state. */
abstract class WeightedLoss extends Loss {
  declare weight: Tensor | null;
}

const weightParam = optional(nullable(tensor));

/**
 * The cross entropy of logits with class indices or probabilities.
 *
 * @param weight one for each class.
 * @param ignoreIndex a target that counts nothing; -100 by default.
 * @example
 * const lossFn = new nn.CrossEntropyLoss();
 * lossFn(model(x), labels).backward();
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
 */
export class CrossEntropyLoss extends WeightedLoss {
  ignoreIndex: number;
  labelSmoothing: number;

  constructor(
    ...args: Args<
      [weight?: Tensor | null, ignoreIndex?: number],
      ["weight", "ignoreIndex"],
      ReductionOption & { labelSmoothing?: number }
    >
  ) {
    super();
    const params = {
      weight: weightParam,
      ignoreIndex: optional(int, -100),
      reduction: reductionParam,
      labelSmoothing: optional(number, 0),
    };
    const { weight, ignoreIndex, reduction, labelSmoothing } = read(this, params, args);
    this.registerBuffer("weight", weight ?? null);
    this.reduction = reduction;
    this.ignoreIndex = ignoreIndex;
    this.labelSmoothing = labelSmoothing;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { reduction, labelSmoothing } = this;
    return crossEntropy(input, target, this.weight, this.ignoreIndex, { reduction, labelSmoothing });
  }
}

/**
 * The negative log-likelihood of class indices, for log-probabilities.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html
 */
export class NLLLoss extends WeightedLoss {
  ignoreIndex: number;

  constructor(
    ...args: Args<[weight?: Tensor | null, ignoreIndex?: number], ["weight", "ignoreIndex"], ReductionOption>
  ) {
    super();
    const params = { weight: weightParam, ignoreIndex: optional(int, -100), reduction: reductionParam };
    const { weight, ignoreIndex, reduction } = read(this, params, args);
    this.registerBuffer("weight", weight ?? null);
    this.reduction = reduction;
    this.ignoreIndex = ignoreIndex;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return nllLoss(input, target, this.weight, this.ignoreIndex, { reduction: this.reduction });
  }
}

/**
 * The older name of `NLLLoss`, which takes images as well.
 *
 * @deprecated
 */
export class NLLLoss2d extends NLLLoss {
  constructor(...args: ConstructorParameters<typeof NLLLoss>) {
    super(...args);
    warn(
      "NLLLoss2d has been deprecated. Please use NLLLoss instead as a drop-in replacement and see https://pytorch.org/docs/main/nn.html#torch.nn.NLLLoss for more details.",
    );
  }
}

/**
 * `(input - target)²`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MSELoss.html
 */
export class MSELoss extends PlainLoss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.mseLoss(input, target, { reduction: this.reduction });
  }
}

/**
 * `|input - target|`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.L1Loss.html
 */
export class L1Loss extends PlainLoss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.l1Loss(input, target, { reduction: this.reduction });
  }
}

/**
 * `(input - target)² / (2 beta)` where the distance is less than `beta`, else `|input - target| - beta / 2`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.SmoothL1Loss.html
 */
export class SmoothL1Loss extends Loss {
  beta!: number;

  constructor(...args: [options?: ReductionOption & { beta?: number }]) {
    super();
    Object.assign(this, read(this, { reduction: reductionParam, beta: optional(number, 1) }, args));
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.smoothL1Loss(input, target, { reduction: this.reduction, beta: this.beta });
  }
}

/**
 * `(input - target)² / 2` where the distance is less than `delta`, else `delta * (|input - target| - delta / 2)`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.HuberLoss.html
 */
export class HuberLoss extends Loss {
  delta!: number;

  constructor(...args: [options?: ReductionOption & { delta?: number }]) {
    super();
    Object.assign(this, read(this, { reduction: reductionParam, delta: optional(number, 1) }, args));
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.huberLoss(input, target, { reduction: this.reduction, delta: this.delta });
  }
}

/**
 * `log(1 + exp(-target * input))` for targets 1 and -1.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.SoftMarginLoss.html
 */
export class SoftMarginLoss extends PlainLoss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.softMarginLoss(input, target, { reduction: this.reduction });
  }
}

/**
 * Binary cross entropy of probabilities.
 *
 * @param weight factors, which broadcast.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.BCELoss.html
 */
export class BCELoss extends WeightedLoss {
  constructor(...args: Args<[weight?: Tensor | null], ["weight"], ReductionOption>) {
    super();
    const { weight, reduction } = read(this, { weight: weightParam, reduction: reductionParam }, args);
    this.registerBuffer("weight", weight ?? null);
    this.reduction = reduction;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return binaryCrossEntropy(input, target, this.weight, { reduction: this.reduction });
  }
}

/**
 * Binary cross entropy of logits, without under- or overflow.
 *
 * @param weight factors, which broadcast.
 * @param options.posWeight how much more a yes counts than a no; broadcasts.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
 */
export class BCEWithLogitsLoss extends WeightedLoss {
  declare posWeight: Tensor | null;

  constructor(...args: Args<[weight?: Tensor | null], ["weight"], ReductionOption & { posWeight?: Tensor | null }>) {
    super();
    const params = { weight: weightParam, reduction: reductionParam, posWeight: keyword(weightParam) };
    const { weight, reduction, posWeight } = read(this, params, args);
    this.registerBuffer("weight", weight ?? null);
    this.registerBuffer("pos_weight", posWeight ?? null);
    this.reduction = reduction;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { weight, reduction, posWeight } = this;
    return binaryCrossEntropyWithLogits(input, target, weight, { reduction, posWeight });
  }
}
