/** Rprop: steps that follow the sign of the gradient alone. */
import { optional } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import type { Args } from "../ops/types.js";
import { Optimizer, type ParamGroup, type ParamsInput } from "./optimizer.js";
import { type Capturable, checkAtLeast, type ExecutionOptions, executionFlags, off, pair } from "./options.js";
import { type Rate, rate, rateOf } from "./rate.js";
import { countFrom, type FusedStep, nextStep, zerosFor } from "./rule.js";
import type { ParamState } from "./stateDict.js";

export interface RpropOptions extends ExecutionOptions, Capturable {
  lr: number;
  /** The factors by which steps shrink and grow. */
  etas: readonly [number, number];
  /** The least and the largest step. */
  stepSizes: readonly [number, number];
}

const signature = new Signature("Rprop", {
  lr: optional(rate, 1e-2),
  etas: optional(pair, [0.5, 1.2]),
  stepSizes: optional(pair, [1e-6, 50]),
  ...executionFlags,
  capturable: off,
});

type RpropArguments = Args<
  [lr?: Rate, etas?: readonly [number, number], stepSizes?: readonly [number, number]],
  ["lr", "etas", "stepSizes"],
  Partial<ExecutionOptions & Capturable>
>;

interface RpropState extends ParamState {
  step: Tensor;
  prev: Tensor;
  stepSize: Tensor;
}

const counts = ["step"];
const tensors = ["prev", "stepSize"];
const all: readonly string[] = [...counts, ...tensors];

/**
 * Rprop, resilient backpropagation: each number has a step of its own, which grows while the sign of its gradient
 * stays and shrinks when it changes; the size of the gradient plays no part. For whole batches, not for samples of them.
 *
 * @throws RangeError for a negative rate, or for factors that do not shrink and grow.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Rprop.html
 * @see https://ieeexplore.ieee.org/document/298623
 */
export class Rprop extends Optimizer<RpropOptions> {
  constructor(params: ParamsInput<RpropOptions>, ...args: RpropArguments) {
    const options = signature.parse(args);
    checkAtLeast("learning rate", rateOf(options.lr));
    const [shrink, grow] = options.etas;
    if (!(shrink > 0 && shrink < 1 && grow > 1)) throw new RangeError(`Invalid eta values: ${shrink}, ${grow}`);
    super(params, options);
  }

  protected override changes(): readonly string[] {
    return all;
  }

  protected override prepare(state: Partial<RpropState>, param: Tensor, { lr }: ParamGroup<RpropOptions>): void {
    state.step ??= countFrom(0);
    state.prev ??= zerosFor(param);
    state.stepSize ??= zerosFor(param).fill_(lr);
  }

  protected override rule(param: Tensor, grad: Tensor, state: RpropState, group: ParamGroup<RpropOptions>): void {
    const { etas, stepSizes, maximize } = group;
    const [shrink, grow] = etas;
    nextStep(state.step);
    const direction = maximize ? grad.neg() : grad;
    const agreement = direction.mul(state.prev).sign();
    const factor = zerosFor(param).fill_(1).maskedFill(agreement.gt(0), grow).maskedFill(agreement.lt(0), shrink);
    state.stepSize = state.stepSize.mul(factor).clamp(...stepSizes);
    state.prev = direction.maskedFill(agreement.lt(0), 0);
    param.addcmul_(state.prev.sign(), state.stepSize, { value: -1 });
  }

  protected override fused(group: ParamGroup<RpropOptions>): FusedStep {
    const { etas, stepSizes, maximize } = group;
    return { rule: "rprop", numbers: [...etas, ...stepSizes, Number(maximize)], state: tensors, counts };
  }
}
