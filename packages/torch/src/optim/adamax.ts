/** Adamax: Adam with the largest gradient in place of the mean of squares. */
import { number, optional } from "../arguments/params.js";
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

export interface AdamaxOptions extends ExecutionOptions, Capturable {
  lr: number;
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
}

const signature = new Signature("Adamax", {
  lr: optional(rate, 2e-3),
  betas: optional(pair, [0.9, 0.999]),
  eps: optional(number, 1e-8),
  weightDecay: optional(number, 0),
  ...executionFlags,
  capturable: off,
});

type AdamaxArguments = Args<
  [lr?: Rate, betas?: readonly [number, number], eps?: number, weightDecay?: number],
  ["lr", "betas", "eps", "weightDecay"],
  Partial<ExecutionOptions & Capturable>
>;

interface AdamaxState extends ParamState {
  step: Tensor;
  expAvg: Tensor;
  expInf: Tensor;
}

const counts = ["step"];
const moments = ["expAvg", "expInf"];
const all: readonly string[] = [...counts, ...moments];

/**
 * Adamax, Adam with the infinity norm: `u = max(beta2 * u, |g| + eps)`, `p = p - lr / (1 - beta1^t) * m / u` with the
 * running mean `m` of the gradient.
 *
 * @throws RangeError for a negative rate or a beta outside of [0, 1).
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Adamax.html
 * @see https://arxiv.org/abs/1412.6980
 */
export class Adamax extends Optimizer<AdamaxOptions> {
  constructor(params: ParamsInput<AdamaxOptions>, ...args: AdamaxArguments) {
    const options = signature.parse(args);
    checkCommon(options);
    checkBetas(options.betas);
    super(params, options);
  }

  protected override changes(): readonly string[] {
    return all;
  }

  protected override prepare(state: Partial<AdamaxState>, param: Tensor): void {
    state.step ??= countFrom(0);
    state.expAvg ??= zerosFor(param);
    state.expInf ??= zerosFor(param);
  }

  protected override rule(param: Tensor, grad: Tensor, state: AdamaxState, group: ParamGroup<AdamaxOptions>): void {
    const { lr, eps } = group;
    const [beta1, beta2] = group.betas;
    const step = nextStep(state.step);
    const direction = descentOf(param, grad, group);
    state.expAvg = state.expAvg.mul(beta1).add(direction, { alpha: 1 - beta1 });
    state.expInf = state.expInf.mul(beta2).maximum(direction.abs().add(eps));
    param.addcdiv_(state.expAvg, state.expInf, { value: -lr / (1 - beta1 ** step) });
  }

  protected override fused(group: ParamGroup<AdamaxOptions>): FusedStep {
    const { lr, betas, eps, weightDecay, maximize } = group;
    return { rule: "adamax", numbers: [lr, ...betas, eps, weightDecay, Number(maximize)], state: moments, counts };
  }
}
