/** Averaged stochastic gradient descent. */
import { number, optional } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import type { Args } from "../ops/types.js";
import { Optimizer, type ParamGroup, type ParamsInput } from "./optimizer.js";
import { type Capturable, checkCommon, type ExecutionOptions, executionFlags, off } from "./options.js";
import { type Rate, rate } from "./rate.js";
import { countFrom, descentOf, type FusedStep, nextStep, zerosFor } from "./rule.js";
import type { ParamState } from "./stateDict.js";

export interface ASGDOptions extends ExecutionOptions, Capturable {
  lr: number;
  lambd: number;
  alpha: number;
  t0: number;
  weightDecay: number;
}

const signature = new Signature("ASGD", {
  lr: optional(rate, 1e-2),
  lambd: optional(number, 1e-4),
  alpha: optional(number, 0.75),
  t0: optional(number, 1e6),
  weightDecay: optional(number, 0),
  ...executionFlags,
  capturable: off,
});

type ASGDArguments = Args<
  [lr?: Rate, lambd?: number, alpha?: number, t0?: number, weightDecay?: number],
  ["lr", "lambd", "alpha", "t0", "weightDecay"],
  Partial<ExecutionOptions & Capturable>
>;

interface ASGDState extends ParamState {
  step: Tensor;
  eta: Tensor;
  mu: Tensor;
  ax: Tensor;
}

const counts = ["step", "eta", "mu"];
const averages = ["ax"];
const all: readonly string[] = [...counts, ...averages];
const floats = { t0: 1e6 };

/**
 * Averaged stochastic gradient descent: `p = p * (1 - lambd * eta) - eta * g` with the rate
 * `eta = lr / (1 + lambd * lr * t)^alpha`. After `t0` steps the state `ax` is the average of the parameters since;
 * before, it is the parameters.
 *
 * @throws RangeError for a negative rate.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.ASGD.html
 * @see https://dl.acm.org/doi/10.1137/0330046
 */
export class ASGD extends Optimizer<ASGDOptions> {
  constructor(params: ParamsInput<ASGDOptions>, ...args: ASGDArguments) {
    const options = signature.parse(args);
    checkCommon(options);
    super(params, options);
  }

  protected override changes(): readonly string[] {
    return all;
  }

  protected override prepare(state: Partial<ASGDState>, param: Tensor, { lr }: ParamGroup<ASGDOptions>): void {
    state.step ??= countFrom(0);
    state.eta ??= countFrom(lr);
    state.mu ??= countFrom(1);
    state.ax ??= zerosFor(param);
  }

  protected override rule(param: Tensor, grad: Tensor, state: ASGDState, group: ParamGroup<ASGDOptions>): void {
    const { lr, lambd, alpha, t0 } = group;
    const step = nextStep(state.step);
    const [eta, mu] = [state.eta.item(), state.mu.item()];
    const direction = descentOf(param, grad, group);
    param.mul_(1 - lambd * eta);
    param.add_(direction, { alpha: -eta });
    state.ax = mu === 1 ? param.clone() : state.ax.add(param.sub(state.ax).mul(mu));
    state.eta.fill_(lr / (1 + lambd * lr * step) ** alpha);
    state.mu.fill_(1 / Math.max(1, step - t0));
  }

  protected override fused(group: ParamGroup<ASGDOptions>): FusedStep {
    const { lr, lambd, alpha, t0, weightDecay, maximize } = group;
    const numbers = [lr, lambd, alpha, t0, weightDecay, Number(maximize)];
    return { rule: "asgd", numbers, state: averages, counts };
  }

  protected override get floats(): Readonly<Record<string, number>> {
    return floats;
  }
}
