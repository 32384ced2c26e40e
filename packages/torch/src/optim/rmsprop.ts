/** RMSprop: steps scaled by a running mean of squared gradients. */
import { flag, number, optional } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import type { Args } from "../ops/types.js";
import { Optimizer, type ParamGroup, type ParamsInput } from "./optimizer.js";
import { type Capturable, checkAtLeast, checkCommon, type ExecutionOptions, executionFlags, off } from "./options.js";
import { type Rate, rate } from "./rate.js";
import { countFrom, descentOf, type FusedStep, nextStep, zerosFor } from "./rule.js";
import type { ParamState } from "./stateDict.js";

export interface RMSpropOptions extends ExecutionOptions, Capturable {
  lr: number;
  alpha: number;
  eps: number;
  weightDecay: number;
  momentum: number;
  /** Whether the gradient is divided by an estimate of its deviation, not of its size. */
  centered: boolean;
}

const signature = new Signature("RMSprop", {
  lr: optional(rate, 1e-2),
  alpha: optional(number, 0.99),
  eps: optional(number, 1e-8),
  weightDecay: optional(number, 0),
  momentum: optional(number, 0),
  centered: flag,
  ...executionFlags,
  capturable: off,
});

type RMSpropArguments = Args<
  [lr?: Rate, alpha?: number, eps?: number, weightDecay?: number, momentum?: number],
  ["lr", "alpha", "eps", "weightDecay", "momentum"],
  Partial<Pick<RMSpropOptions, "centered"> & ExecutionOptions & Capturable>
>;

interface RMSpropState extends ParamState {
  step: Tensor;
  squareAvg: Tensor;
  momentumBuffer?: Tensor;
  gradAvg?: Tensor;
}

const counts = ["step"];
const always = ["step", "squareAvg"];

/**
 * RMSprop: `v = alpha * v + (1 - alpha) * g²`, `p = p - lr * g / (sqrt(v) + eps)`. With `centered` the square of the
 * mean gradient is taken from `v`; with `momentum` the quotients go into a buffer, as in `SGD`.
 *
 * @throws RangeError for a negative option.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.RMSprop.html
 * @see https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf
 */
export class RMSprop extends Optimizer<RMSpropOptions> {
  constructor(params: ParamsInput<RMSpropOptions>, ...args: RMSpropArguments) {
    const options = signature.parse(args);
    checkCommon(options);
    checkAtLeast("momentum value", options.momentum);
    checkAtLeast("alpha value", options.alpha);
    super(params, options);
  }

  protected override changes(state: Partial<RMSpropState>, group: ParamGroup<RMSpropOptions>): readonly string[] {
    const { momentumBuffer, gradAvg } = keysOf(group);
    return [
      ...always,
      ...(momentumBuffer && state.momentumBuffer ? [momentumBuffer] : []),
      ...(gradAvg && state.gradAvg ? [gradAvg] : []),
    ];
  }

  protected override prepare(state: Partial<RMSpropState>, param: Tensor, group: ParamGroup<RMSpropOptions>): void {
    state.step ??= countFrom(0);
    state.squareAvg ??= zerosFor(param);
    if (group.momentum > 0) state.momentumBuffer ??= zerosFor(param);
    if (group.centered) state.gradAvg ??= zerosFor(param);
  }

  protected override rule(param: Tensor, grad: Tensor, state: RMSpropState, group: ParamGroup<RMSpropOptions>): void {
    const { lr, alpha, eps, momentum, centered } = group;
    nextStep(state.step);
    const direction = descentOf(param, grad, group);
    state.squareAvg = state.squareAvg.mul(alpha).addcmul(direction, direction, { value: 1 - alpha });
    let square = state.squareAvg;
    if (centered) {
      const mean = (state.gradAvg as Tensor).mul(alpha).add(direction, { alpha: 1 - alpha });
      state.gradAvg = mean;
      square = square.addcmul(mean, mean, { value: -1 });
    }
    const root = square.sqrt().add(eps);
    if (momentum > 0) {
      state.momentumBuffer = (state.momentumBuffer as Tensor).mul(momentum).addcdiv(direction, root);
      param.add_(state.momentumBuffer, { alpha: -lr });
    } else {
      param.addcdiv_(direction, root, { value: -lr });
    }
  }

  protected override fused(group: ParamGroup<RMSpropOptions>): FusedStep {
    const { lr, alpha, eps, weightDecay, momentum, maximize } = group;
    const numbers = [lr, alpha, eps, weightDecay, momentum, Number(maximize)];
    const { momentumBuffer, gradAvg } = keysOf(group);
    return { rule: "rmsprop", numbers, state: ["squareAvg", momentumBuffer, gradAvg], counts };
  }
}

/** Which tensors the options ask for. */
function keysOf({ momentum, centered }: RMSpropOptions) {
  return { momentumBuffer: momentum > 0 ? "momentumBuffer" : undefined, gradAvg: centered ? "gradAvg" : undefined };
}
