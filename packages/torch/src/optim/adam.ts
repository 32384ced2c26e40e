/** Adam and AdamW: steps scaled by running moments of the gradient. */
import { flag, ints, keyword, number, optional, type Param, invalid } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { adamStep } from "../backend/cpu/optimizer.js";
import { float32 } from "../core/dtype.js";
import { Tensor } from "../core/tensor.js";
import type { Args } from "../ops/types.js";
import { updateFused } from "./fused.js";
import { checkAtLeast, executionFlags, type ExecutionOptions } from "./options.js";
import { Optimizer, type ParamGroup, type ParamsInput, type ParamState } from "./optimizer.js";

export interface AdamOptions extends ExecutionOptions {
  lr: number;
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
  amsgrad: boolean;
  maximize: boolean;
  /** Accepted as in PyTorch, where it matters on a GPU. */
  capturable: boolean;
}

const pair: Param<readonly [number, number]> = {
  ...(ints as Param<never>),
  expected: "tuple of two floats",
  read: (value) =>
    Array.isArray(value) && value.length === 2 && value.every((item) => typeof item === "number")
      ? (value as unknown as [number, number])
      : invalid,
};

function signatureOf(name: string, weightDecay: number) {
  return new Signature(name, {
    lr: optional(number, 1e-3),
    betas: optional(pair, [0.9, 0.999]),
    eps: optional(number, 1e-8),
    weightDecay: optional(number, weightDecay),
    amsgrad: flag,
    maximize: keyword(flag),
    capturable: keyword(flag),
    ...executionFlags,
  });
}

export type AdamArguments = Args<
  [lr?: number, betas?: readonly [number, number], eps?: number, weightDecay?: number],
  ["lr", "betas", "eps", "weightDecay"],
  Partial<Pick<AdamOptions, "amsgrad" | "maximize" | "capturable"> & ExecutionOptions>
>;

interface AdamState {
  step: Tensor;
  expAvg: Tensor;
  expAvgSq: Tensor;
  maxExpAvgSq?: Tensor;
}

/** What Adam and AdamW share; they differ in how weights decay. */
abstract class AdamBase extends Optimizer<AdamOptions> {
  /** Whether weights decay apart from the gradient. */
  protected abstract readonly decoupled: boolean;

  constructor(params: ParamsInput<AdamOptions>, options: AdamOptions) {
    checkAtLeast("learning rate", options.lr, 0);
    checkAtLeast("epsilon value", options.eps, 0);
    options.betas.forEach((beta, i) => {
      if (!(beta >= 0 && beta < 1)) throw new RangeError(`Invalid beta parameter at index ${i}: ${beta}`);
    });
    checkAtLeast("weight_decay value", options.weightDecay, 0);
    super(params, options);
  }

  protected override update(group: ParamGroup<AdamOptions>): void {
    for (const param of group.params) {
      if (param.grad === null) continue;
      const state = this.#stateOf(param, group.amsgrad);
      state.step.add_(1);
      if (group.differentiable) this.#updateRecorded(param, param.grad, state, group);
      else this.#update(param, param.grad, state, group);
    }
  }

  #stateOf(param: Tensor, amsgrad: boolean): AdamState {
    const zeros = () => param.detach().newZeros(param.sizes);
    const state = (this.state.get(param) ?? {}) as Partial<AdamState>;
    // A dictionary may lack some of it, and AMSGrad may be switched on later.
    state.step ??= Tensor.empty([], float32).zero_();
    state.expAvg ??= zeros();
    state.expAvgSq ??= zeros();
    if (amsgrad) state.maxExpAvgSq ??= zeros();
    this.state.set(param, state as unknown as ParamState);
    return state as AdamState;
  }

  #update(param: Tensor, grad: Tensor, state: AdamState, group: ParamGroup<AdamOptions>): void {
    const [beta1, beta2] = group.betas;
    const options = { ...group, beta1, beta2, decoupled: this.decoupled, step: state.step.item() };
    const { expAvg, expAvgSq, maxExpAvgSq } = state;
    updateFused(param, grad, [expAvg, expAvgSq, maxExpAvgSq], (p, g) =>
      adamStep(p, g, expAvg, expAvgSq, maxExpAvgSq, options),
    );
  }

  /** The same in operations that autograd can record. */
  #updateRecorded(param: Tensor, grad: Tensor, state: AdamState, group: ParamGroup<AdamOptions>): void {
    const { lr, eps, weightDecay, amsgrad, maximize } = group;
    const [beta1, beta2] = group.betas;
    const step = state.step.item();
    let direction = maximize ? grad.neg() : grad;
    if (weightDecay !== 0) {
      if (this.decoupled) param.mul_(1 - lr * weightDecay);
      else direction = direction.add(param, { alpha: weightDecay });
    }
    state.expAvg = state.expAvg.mul(beta1).add(direction, { alpha: 1 - beta1 });
    state.expAvgSq = state.expAvgSq.mul(beta2).add(direction.mul(direction), { alpha: 1 - beta2 });
    let second: Tensor = state.expAvgSq;
    if (amsgrad) {
      state.maxExpAvgSq = (state.maxExpAvgSq as Tensor).maximum(second);
      second = state.maxExpAvgSq as Tensor;
    }
    const denominator = second.sqrt().div(Math.sqrt(1 - beta2 ** step)).add(eps);
    param.sub_(state.expAvg.div(denominator).mul(lr / (1 - beta1 ** step)));
  }
}

const adamSignature = signatureOf("Adam", 0);
const adamWSignature = signatureOf("AdamW", 1e-2);

/**
 * Adam: `p = p - lr * m / (sqrt(v) + eps)` with the bias-corrected running means `m` of the gradient and `v` of
 * its square.
 *
 * @throws RangeError for a negative rate or a beta outside of [0, 1).
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Adam.html
 * @see https://arxiv.org/abs/1412.6980
 */
export class Adam extends AdamBase {
  protected override readonly decoupled = false;

  constructor(params: ParamsInput<AdamOptions>, ...args: AdamArguments) {
    super(params, adamSignature.parse(args));
  }
}

/**
 * Adam with weight decay apart from the gradient: `p` is first multiplied by `1 - lr * weightDecay`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.optim.AdamW.html
 * @see https://arxiv.org/abs/1711.05101
 */
export class AdamW extends AdamBase {
  protected override readonly decoupled = true;

  constructor(params: ParamsInput<AdamOptions>, ...args: AdamArguments) {
    super(params, adamWSignature.parse(args));
  }
}
