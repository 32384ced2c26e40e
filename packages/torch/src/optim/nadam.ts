/** NAdam: Adam with Nesterov momentum. */
import { flag, number, optional } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import type { Args } from "../ops/types.js";
import { Optimizer, type ParamGroup, type ParamsInput } from "./optimizer.js";
import {
  type Capturable,
  checkAtLeast,
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

export interface NAdamOptions extends ExecutionOptions, Capturable {
  lr: number;
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
  momentumDecay: number;
  /** Whether weights decay apart from the gradient, as in AdamW. */
  decoupledWeightDecay: boolean;
}

const signature = new Signature("NAdam", {
  lr: optional(rate, 2e-3),
  betas: optional(pair, [0.9, 0.999]),
  eps: optional(number, 1e-8),
  weightDecay: optional(number, 0),
  momentumDecay: optional(number, 4e-3),
  decoupledWeightDecay: flag,
  ...executionFlags,
  capturable: off,
});

type NAdamArguments = Args<
  [lr?: Rate, betas?: readonly [number, number], eps?: number, weightDecay?: number, momentumDecay?: number],
  ["lr", "betas", "eps", "weightDecay", "momentumDecay"],
  Partial<Pick<NAdamOptions, "decoupledWeightDecay"> & ExecutionOptions & Capturable>
>;

interface NAdamState extends ParamState {
  step: Tensor;
  muProduct: Tensor;
  expAvg: Tensor;
  expAvgSq: Tensor;
}

const counts = ["step", "muProduct"];
const moments = ["expAvg", "expAvgSq"];
const all: readonly string[] = [...counts, ...moments];

/**
 * NAdam, Adam with Nesterov momentum: the step mixes the gradient and its running mean, in shares that follow from the
 * momentum of this step, `mu = beta1 * (1 - 0.96^(t * momentumDecay) / 2)`, and of the next one.
 *
 * @throws RangeError for a negative rate or a beta outside of [0, 1).
 * @see https://pytorch.org/docs/stable/generated/torch.optim.NAdam.html
 * @see https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ
 */
export class NAdam extends Optimizer<NAdamOptions> {
  constructor(params: ParamsInput<NAdamOptions>, ...args: NAdamArguments) {
    const options = signature.parse(args);
    checkCommon(options);
    checkBetas(options.betas);
    checkAtLeast("momentum_decay value", options.momentumDecay);
    super(params, options);
  }

  protected override changes(): readonly string[] {
    return all;
  }

  protected override prepare(state: Partial<NAdamState>, param: Tensor): void {
    state.step ??= countFrom(0);
    state.muProduct ??= countFrom(1);
    state.expAvg ??= zerosFor(param);
    state.expAvgSq ??= zerosFor(param);
  }

  protected override rule(param: Tensor, grad: Tensor, state: NAdamState, group: ParamGroup<NAdamOptions>): void {
    const { lr, eps, momentumDecay } = group;
    const [beta1, beta2] = group.betas;
    const step = nextStep(state.step);
    const direction = descentOf(param, grad, group);
    const momentumAt = (t: number) => beta1 * (1 - 0.5 * 0.96 ** (t * momentumDecay));
    const [now, next] = [momentumAt(step), momentumAt(step + 1)];
    const product = state.muProduct.mul_(now).item();
    state.expAvg = state.expAvg.mul(beta1).add(direction, { alpha: 1 - beta1 });
    state.expAvgSq = state.expAvgSq.mul(beta2).add(direction.mul(direction), { alpha: 1 - beta2 });
    const root = state.expAvgSq
      .div(1 - beta2 ** step)
      .sqrt()
      .add(eps);
    param.addcdiv_(direction, root, { value: (-lr * (1 - now)) / (1 - product) });
    param.addcdiv_(state.expAvg, root, { value: (-lr * next) / (1 - product * next) });
  }

  protected override fused(group: ParamGroup<NAdamOptions>): FusedStep {
    const { lr, betas, eps, weightDecay, momentumDecay, decoupledWeightDecay, maximize } = group;
    const numbers = [lr, ...betas, eps, weightDecay, momentumDecay, Number(decoupledWeightDecay), Number(maximize)];
    return { rule: "nadam", numbers, state: moments, counts };
  }
}
