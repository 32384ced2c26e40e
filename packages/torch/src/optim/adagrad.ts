/** Adagrad: steps scaled by the sum of all squared gradients. */
import { number, optional, unset } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { withRecording } from "../autograd/modes.js";
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
import { type Rate, rate, settled } from "./rate.js";
import { countFrom, descentOf, type FusedStep, inParts, nextStep, zerosFor } from "./rule.js";
import type { ParamState } from "./stateDict.js";

export interface AdagradOptions extends ExecutionOptions, Fused {
  lr: number;
  lrDecay: number;
  weightDecay: number;
  initialAccumulatorValue: number;
  eps: number;
}

const signature = new Signature("Adagrad", {
  lr: optional(rate, 1e-2),
  lrDecay: optional(number, 0),
  weightDecay: optional(number, 0),
  initialAccumulatorValue: optional(number, 0),
  eps: optional(number, 1e-10),
  ...executionFlags,
  fused: unset,
});

type AdagradArguments = Args<
  [lr?: Rate, lrDecay?: number, weightDecay?: number, initialAccumulatorValue?: number, eps?: number],
  ["lr", "lrDecay", "weightDecay", "initialAccumulatorValue", "eps"],
  Partial<ExecutionOptions & Fused>
>;

interface AdagradState extends ParamState {
  step: Tensor;
  sum: Tensor;
}

const counts = ["step"];
const sums = ["sum"];
const all: readonly string[] = [...counts, ...sums];

/**
 * Adagrad: `s = s + g²`, `p = p - lr / (1 + (t - 1) * lrDecay) * g / (sqrt(s) + eps)`, so that what was changed much is
 * changed less. The sums are there from the start, and begin at `initialAccumulatorValue`.
 *
 * @throws RangeError for a negative option.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Adagrad.html
 * @see https://jmlr.org/papers/v12/duchi11a.html
 */
export class Adagrad extends Optimizer<AdagradOptions> {
  constructor(params: ParamsInput<AdagradOptions>, ...args: AdagradArguments) {
    const options = signature.parse(args);
    checkCommon(options);
    checkAtLeast("lr_decay value", options.lrDecay);
    checkAtLeast("initial_accumulator_value value", options.initialAccumulatorValue);
    checkExecution(options);
    super(params, options);
    for (const group of this.paramGroups) {
      for (const param of group.params) {
        const state: Partial<AdagradState> = {};
        const prepare = (numbers: Tensor, of: ParamState) => this.prepare(of, numbers, settled(group));
        withRecording(false, () => inParts(param, state, prepare));
        this.state.set(param, state);
      }
    }
  }

  protected override changes(): readonly string[] {
    return all;
  }

  protected override prepare(state: Partial<AdagradState>, param: Tensor, group: ParamGroup<AdagradOptions>): void {
    state.step ??= countFrom(0);
    state.sum ??= zerosFor(param).fill_(group.initialAccumulatorValue);
  }

  protected override rule(param: Tensor, grad: Tensor, state: AdagradState, group: ParamGroup<AdagradOptions>): void {
    const { lr, lrDecay, eps } = group;
    const step = nextStep(state.step);
    const direction = descentOf(param, grad, group);
    state.sum = state.sum.addcmul(direction, direction);
    param.addcdiv_(direction, state.sum.sqrt().add(eps), { value: -lr / (1 + (step - 1) * lrDecay) });
  }

  protected override fused(group: ParamGroup<AdagradOptions>): FusedStep {
    const { lr, lrDecay, weightDecay, eps, maximize } = group;
    return { rule: "adagrad", numbers: [lr, lrDecay, weightDecay, eps, Number(maximize)], state: sums, counts };
  }
}
