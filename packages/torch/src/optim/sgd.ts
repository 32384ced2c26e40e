/** Stochastic gradient descent. */
import { flag, number, optional, unset } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import type { Args } from "../ops/types.js";
import { Optimizer, type ParamGroup, type ParamsInput } from "./optimizer.js";
import {
  checkAtLeast,
  checkCommon,
  checkExecution,
  type ExecutionOptions,
  executionFlags,
  type Fused,
} from "./options.js";
import { type Rate, rate } from "./rate.js";
import { descentOf, type FusedStep } from "./rule.js";
import type { ParamState } from "./stateDict.js";

export interface SGDOptions extends ExecutionOptions, Fused {
  lr: number;
  momentum: number;
  dampening: number;
  weightDecay: number;
  nesterov: boolean;
}

const signature = new Signature("SGD", {
  lr: optional(rate, 1e-3),
  momentum: optional(number, 0),
  dampening: optional(number, 0),
  weightDecay: optional(number, 0),
  nesterov: flag,
  ...executionFlags,
  fused: unset,
});

type SGDArguments = Args<
  [lr?: Rate, momentum?: number, dampening?: number, weightDecay?: number],
  ["lr", "momentum", "dampening", "weightDecay"],
  Partial<Pick<SGDOptions, "nesterov"> & ExecutionOptions & Fused>
>;

interface SGDState extends ParamState {
  momentumBuffer?: Tensor | null;
}

const moments: readonly string[] = ["momentumBuffer"];
const none: readonly string[] = [];

/**
 * Stochastic gradient descent, with momentum if wanted:
 *
 * `b = momentum * b + (1 - dampening) * g`, `p = p - lr * b`, where `g` is the gradient plus `weightDecay * p`.
 *
 * @example const optimizer = new optim.SGD(model.parameters(), { lr: 1e-3, momentum: 0.9 });
 * @throws RangeError for a negative rate; Error for Nesterov momentum without momentum.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.SGD.html
 */
export class SGD extends Optimizer<SGDOptions> {
  constructor(params: ParamsInput<SGDOptions>, ...args: SGDArguments) {
    const options = signature.parse(args);
    checkCommon(options);
    checkAtLeast("momentum value", options.momentum);
    checkExecution(options);
    if (options.nesterov && (options.momentum <= 0 || options.dampening !== 0)) {
      throw new Error("Nesterov momentum requires a momentum and zero dampening");
    }
    super(params, options);
  }

  protected override changes(state: SGDState, { momentum }: ParamGroup<SGDOptions>): readonly string[] {
    return momentum !== 0 && state.momentumBuffer ? moments : none;
  }

  protected override rule(param: Tensor, grad: Tensor, state: SGDState, group: ParamGroup<SGDOptions>): void {
    const { lr, momentum, dampening, nesterov } = group;
    let direction = descentOf(param, grad, group);
    if (momentum !== 0) {
      const buffer = state.momentumBuffer;
      const moved = buffer ? buffer.mul(momentum).add(direction, { alpha: 1 - dampening }) : direction.detach().clone();
      state.momentumBuffer = moved;
      direction = nesterov ? direction.add(moved, { alpha: momentum }) : moved;
    }
    param.add_(direction, { alpha: -lr });
  }

  protected override fused(group: ParamGroup<SGDOptions>): FusedStep {
    const { lr, momentum, dampening, weightDecay, nesterov, maximize } = group;
    const numbers = [lr, momentum, dampening, weightDecay, Number(nesterov), Number(maximize)];
    return { rule: "sgd", numbers, state: momentum === 0 ? [undefined] : moments, counts: none };
  }
}
