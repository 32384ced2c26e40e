/** RAdam: Adam that scales its steps only once the variance of the scale is small enough. */
import { flag, number, optional } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import type { Args } from "../ops/types.js";
import { Optimizer, type ParamGroup, type ParamsInput } from "./optimizer.js";
import {
  type Capturable,
  checkBetas,
  checkCommon,
  type ExecutionOptions,
  executionFlags,
  off,
  pair,
} from "./options.js";
import { type Rate, rate } from "./rate.js";
import { countFrom, descentOf, type FusedStep, nextStep, zerosFor } from "./rule.js";
import type { ParamState } from "./stateDict.js";

export interface RAdamOptions extends ExecutionOptions, Capturable {
  lr: number;
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
  /** Whether weights decay apart from the gradient, as in AdamW. */
  decoupledWeightDecay: boolean;
}

const signature = new Signature("RAdam", {
  lr: optional(rate, 1e-3),
  betas: optional(pair, [0.9, 0.999]),
  eps: optional(number, 1e-8),
  weightDecay: optional(number, 0),
  decoupledWeightDecay: flag,
  ...executionFlags,
  capturable: off,
});

type RAdamArguments = Args<
  [lr?: Rate, betas?: readonly [number, number], eps?: number, weightDecay?: number],
  ["lr", "betas", "eps", "weightDecay"],
  Partial<Pick<RAdamOptions, "decoupledWeightDecay"> & ExecutionOptions & Capturable>
>;

interface RAdamState extends ParamState {
  step: Tensor;
  expAvg: Tensor;
  expAvgSq: Tensor;
}

const counts = ["step"];
const moments = ["expAvg", "expAvgSq"];
const all: readonly string[] = [...counts, ...moments];

/** The length of the average that the mean of squares is, from which on its variance is small enough. */
const longEnough = 5;

/**
 * RAdam, rectified Adam: as long as the mean of squares is an average of few of them, steps follow the mean of the
 * gradient alone; then Adam's steps, times a factor that grows to 1.
 *
 * @throws RangeError for a negative rate or a beta outside of [0, 1).
 * @see https://pytorch.org/docs/stable/generated/torch.optim.RAdam.html
 * @see https://arxiv.org/abs/1908.03265
 */
export class RAdam extends Optimizer<RAdamOptions> {
  constructor(params: ParamsInput<RAdamOptions>, ...args: RAdamArguments) {
    const options = signature.parse(args);
    checkCommon(options);
    checkBetas(options.betas);
    super(params, options);
  }

  protected override changes(): readonly string[] {
    return all;
  }

  protected override prepare(state: Partial<RAdamState>, param: Tensor): void {
    state.step ??= countFrom(0);
    state.expAvg ??= zerosFor(param);
    state.expAvgSq ??= zerosFor(param);
  }

  protected override rule(param: Tensor, grad: Tensor, state: RAdamState, group: ParamGroup<RAdamOptions>): void {
    const { lr, eps } = group;
    const [beta1, beta2] = group.betas;
    const step = nextStep(state.step);
    const direction = descentOf(param, grad, group);
    state.expAvg = state.expAvg.mul(beta1).add(direction, { alpha: 1 - beta1 });
    state.expAvgSq = state.expAvgSq.mul(beta2).add(direction.mul(direction), { alpha: 1 - beta2 });
    const mean = state.expAvg.div(1 - beta1 ** step).mul(lr);
    const correction = 1 - beta2 ** step;
    const limit = 2 / (1 - beta2) - 1;
    const length = limit - (2 * step * beta2 ** step) / correction;
    if (length > longEnough) {
      const ratio = ((length - 4) * (length - 2) * limit) / ((limit - 4) * (limit - 2) * length);
      const scale = state.expAvgSq.sqrt().add(eps).reciprocal().mul(Math.sqrt(correction));
      param.sub_(mean.mul(scale).mul(Math.sqrt(ratio)));
    } else {
      param.sub_(mean);
    }
  }

  protected override fused(group: ParamGroup<RAdamOptions>): FusedStep {
    const { lr, betas, eps, weightDecay, decoupledWeightDecay, maximize } = group;
    const numbers = [lr, ...betas, eps, weightDecay, Number(decoupledWeightDecay), Number(maximize)];
    return { rule: "radam", numbers, state: moments, counts };
  }
}
