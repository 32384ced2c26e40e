/** Adadelta: steps as large as those before, relative to the gradients. */
import { number, optional } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import type { Args } from "../ops/types.js";
import { Optimizer, type ParamGroup, type ParamsInput } from "./optimizer.js";
import { type Capturable, checkCommon, checkFraction, type ExecutionOptions, executionFlags, off } from "./options.js";
import { type Rate, rate } from "./rate.js";
import { countFrom, descentOf, type FusedStep, nextStep, zerosFor } from "./rule.js";
import type { ParamState } from "./stateDict.js";

export interface AdadeltaOptions extends ExecutionOptions, Capturable {
  lr: number;
  rho: number;
  eps: number;
  weightDecay: number;
}

const signature = new Signature("Adadelta", {
  lr: optional(rate, 1),
  rho: optional(number, 0.9),
  eps: optional(number, 1e-6),
  weightDecay: optional(number, 0),
  ...executionFlags,
  capturable: off,
});

type AdadeltaArguments = Args<
  [lr?: Rate, rho?: number, eps?: number, weightDecay?: number],
  ["lr", "rho", "eps", "weightDecay"],
  Partial<ExecutionOptions & Capturable>
>;

interface AdadeltaState extends ParamState {
  step: Tensor;
  squareAvg: Tensor;
  accDelta: Tensor;
}

const counts = ["step"];
const means = ["squareAvg", "accDelta"];
const all: readonly string[] = [...counts, ...means];
const floats = { lr: 1 };

/**
 * Adadelta: `d = g * sqrt(u + eps) / sqrt(v + eps)`, `p = p - lr * d` with the running means `v` of the squared
 * gradient and `u` of the squared `d`, so that no rate has to be found.
 *
 * @throws RangeError for a negative rate or a `rho` outside of [0, 1].
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Adadelta.html
 * @see https://arxiv.org/abs/1212.5701
 */
export class Adadelta extends Optimizer<AdadeltaOptions> {
  constructor(params: ParamsInput<AdadeltaOptions>, ...args: AdadeltaArguments) {
    const options = signature.parse(args);
    checkCommon(options);
    checkFraction("rho value", options.rho);
    super(params, options);
  }

  protected override changes(): readonly string[] {
    return all;
  }

  protected override prepare(state: Partial<AdadeltaState>, param: Tensor): void {
    state.step ??= countFrom(0);
    state.squareAvg ??= zerosFor(param);
    state.accDelta ??= zerosFor(param);
  }

  protected override rule(param: Tensor, grad: Tensor, state: AdadeltaState, group: ParamGroup<AdadeltaOptions>): void {
    const { lr, rho, eps } = group;
    nextStep(state.step);
    const direction = descentOf(param, grad, group);
    state.squareAvg = state.squareAvg.mul(rho).addcmul(direction, direction, { value: 1 - rho });
    const delta = state.accDelta.add(eps).sqrt().div(state.squareAvg.add(eps).sqrt()).mul(direction);
    state.accDelta = state.accDelta.mul(rho).addcmul(delta, delta, { value: 1 - rho });
    param.add_(delta, { alpha: -lr });
  }

  protected override fused(group: ParamGroup<AdadeltaOptions>): FusedStep {
    const { lr, rho, eps, weightDecay, maximize } = group;
    return { rule: "adadelta", numbers: [lr, rho, eps, weightDecay, Number(maximize)], state: means, counts };
  }

  protected override get floats(): Readonly<Record<string, number>> {
    return floats;
  }
}
