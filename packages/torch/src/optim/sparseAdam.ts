/** SparseAdam, which exists for gradients that are sparse. */
import { flag, number, optional } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Args } from "../ops/types.js";
import { Optimizer, type ParamsInput } from "./optimizer.js";
import { checkBetas, pair } from "./options.js";
import { type Rate, rate, rateOf } from "./rate.js";

export interface SparseAdamOptions {
  lr: number;
  betas: readonly [number, number];
  eps: number;
  /** Go up the gradient, not down. */
  maximize: boolean;
}

const signature = new Signature("SparseAdam", {
  lr: optional(rate, 1e-3),
  betas: optional(pair, [0.9, 0.999]),
  eps: optional(number, 1e-8),
  maximize: flag,
});

type SparseAdamArguments = Args<
  [lr?: Rate, betas?: readonly [number, number], eps?: number],
  ["lr", "betas", "eps"],
  Partial<Pick<SparseAdamOptions, "maximize">>
>;

/**
 * Adam for sparse gradients, which leaves the moments alone where a gradient has no entry. There are no sparse tensors
 * here, so a step with any gradient throws, as PyTorch's does for dense ones.
 *
 * @throws RangeError for a rate or `eps` that is not above 0, or a beta outside of [0, 1).
 * @see https://pytorch.org/docs/stable/generated/torch.optim.SparseAdam.html
 */
export class SparseAdam extends Optimizer<SparseAdamOptions> {
  constructor(params: ParamsInput<SparseAdamOptions>, ...args: SparseAdamArguments) {
    const options = signature.parse(args);
    const lr = rateOf(options.lr);
    if (!(lr > 0)) throw new RangeError(`Invalid learning rate: ${lr}`);
    if (!(options.eps > 0)) throw new RangeError(`Invalid epsilon value: ${options.eps}`);
    checkBetas(options.betas);
    super(params, options);
  }

  /** @throws Error: the gradient is dense. */
  protected override rule(): void {
    throw new Error("SparseAdam does not support dense gradients, please consider Adam instead");
  }
}
