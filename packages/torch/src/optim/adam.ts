/** Adam and AdamW: steps scaled by running moments of the gradient. */
import { flag, invalid, keyword, number, numbers, optional, type Param } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { adamStep } from "../backend/kernels.js";
import { getDefaultDtype } from "../core/dtype.js";
import { Tensor } from "../core/tensor.js";
import type { Args } from "../ops/types.js";
import { Optimizer, type ParamGroup, type ParamsInput } from "./optimizer.js";
import { checkAtLeast, checkExecution, type ExecutionOptions, executionFlags } from "./options.js";
import { nextStep, zerosFor } from "./rule.js";
import type { OptimizerStateDict, ParamState } from "./stateDict.js";

export interface AdamOptions extends ExecutionOptions {
  lr: number;
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
  amsgrad: boolean;
  maximize: boolean;
  /** Accepted as in PyTorch, where it matters on a GPU. */
  capturable: boolean;
  /** Whether weights decay apart from the gradient, as in AdamW. */
  decoupledWeightDecay: boolean;
}

const pair: Param<readonly [number, number]> = {
  ...(numbers as Param<never>),
  expected: "tuple of two floats",
  read: (value) => {
    const list = numbers.read(value);
    return list !== invalid && list.length === 2 ? (list as unknown as [number, number]) : invalid;
  },
};

function paramsWith(weightDecay: number) {
  return {
    lr: optional(number, 1e-3),
    betas: optional(pair, [0.9, 0.999]),
    eps: optional(number, 1e-8),
    weightDecay: optional(number, weightDecay),
    amsgrad: flag,
    foreach: executionFlags.foreach,
    maximize: keyword(flag),
    capturable: keyword(flag),
    differentiable: executionFlags.differentiable,
    fused: executionFlags.fused,
  };
}

const adamSignature = new Signature("Adam", { ...paramsWith(0), decoupledWeightDecay: keyword(flag) });
const adamWSignature = new Signature("AdamW", paramsWith(1e-2));

type AdamArgumentsWith<Named extends keyof AdamOptions> = Args<
  [lr?: number, betas?: readonly [number, number], eps?: number, weightDecay?: number],
  ["lr", "betas", "eps", "weightDecay"],
  Partial<Pick<AdamOptions, Named> & ExecutionOptions>
>;

export type AdamWArguments = AdamArgumentsWith<"amsgrad" | "maximize" | "capturable">;
export type AdamArguments = AdamArgumentsWith<"amsgrad" | "maximize" | "capturable" | "decoupledWeightDecay">;

interface AdamState extends ParamState {
  step: Tensor;
  expAvg: Tensor;
  expAvgSq: Tensor;
  maxExpAvgSq?: Tensor | null;
}

const moments: readonly string[] = ["step", "expAvg", "expAvgSq"];
const withLargest: readonly string[] = [...moments, "maxExpAvgSq"];

function checkOptions(options: AdamOptions): void {
  checkAtLeast("learning rate", options.lr, 0);
  checkAtLeast("epsilon value", options.eps, 0);
  options.betas.forEach((beta, i) => {
    if (!(beta >= 0 && beta < 1)) throw new RangeError(`Invalid beta parameter at index ${i}: ${beta}`);
  });
  checkAtLeast("weight_decay value", options.weightDecay, 0);
  checkExecution(options);
}

/**
 * Adam: `p = p - lr * m / (sqrt(v) + eps)` with the bias-corrected running means `m` of the gradient and `v` of
 * its square.
 *
 * @throws RangeError for a negative rate or a beta outside of [0, 1).
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Adam.html
 * @see https://arxiv.org/abs/1412.6980
 */
export class Adam extends Optimizer<AdamOptions> {
  constructor(params: ParamsInput<AdamOptions>, ...args: AdamArguments) {
    const options = adamSignature.parse(args);
    checkOptions(options);
    super(params, options);
  }

  protected override changes(state: Partial<AdamState>, { amsgrad }: ParamGroup<AdamOptions>): readonly string[] {
    return amsgrad && (state.maxExpAvgSq ?? undefined) !== undefined ? withLargest : moments;
  }

  protected override prepare(state: Partial<AdamState>, param: Tensor, { amsgrad }: ParamGroup<AdamOptions>): void {
    state.step ??= Tensor.empty([], getDefaultDtype()).zero_();
    state.expAvg ??= zerosFor(param);
    state.expAvgSq ??= zerosFor(param);
    if (amsgrad) state.maxExpAvgSq ??= zerosFor(param);
  }

  protected override rule(param: Tensor, grad: Tensor, state: AdamState, group: ParamGroup<AdamOptions>): void {
    const { lr, eps, weightDecay, decoupledWeightDecay, amsgrad, maximize } = group;
    const [beta1, beta2] = group.betas;
    const step = nextStep(state.step);
    let direction = maximize ? grad.neg() : grad;
    if (weightDecay !== 0) {
      if (decoupledWeightDecay) param.mul_(1 - lr * weightDecay);
      else direction = direction.add(param, { alpha: weightDecay });
    }
    state.expAvg = state.expAvg.mul(beta1).add(direction, { alpha: 1 - beta1 });
    state.expAvgSq = state.expAvgSq.mul(beta2).add(direction.mul(direction), { alpha: 1 - beta2 });
    if (amsgrad) state.maxExpAvgSq = (state.maxExpAvgSq as Tensor).maximum(state.expAvgSq);
    const second = amsgrad ? (state.maxExpAvgSq as Tensor) : state.expAvgSq;
    const root = second.sqrt().div(Math.sqrt(1 - beta2 ** step));
    param.sub_(state.expAvg.div(root.add(eps)).mul(lr / (1 - beta1 ** step)));
  }

  protected override fused(param: Tensor, grad: Tensor, state: AdamState, group: ParamGroup<AdamOptions>): void {
    const { lr, betas, eps, weightDecay, decoupledWeightDecay: decoupled, amsgrad, maximize } = group;
    const [beta1, beta2] = betas;
    const step = nextStep(state.step);
    const { expAvg, expAvgSq } = state;
    const maxExpAvgSq = amsgrad ? (state.maxExpAvgSq as Tensor) : undefined;
    const options = { lr, beta1, beta2, eps, weightDecay, decoupled, amsgrad, maximize, step };
    adamStep(param, grad, expAvg, expAvgSq, maxExpAvgSq, options);
  }
}

/**
 * Adam with weight decay apart from the gradient: `p` is first multiplied by `1 - lr * weightDecay`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.optim.AdamW.html
 * @see https://arxiv.org/abs/1711.05101
 */
export class AdamW extends Adam {
  constructor(params: ParamsInput<AdamOptions>, ...args: AdamWArguments) {
    super(params, { ...adamWSignature.parse(args), decoupledWeightDecay: true });
  }

  override loadStateDict(dict: OptimizerStateDict): void {
    super.loadStateDict(dict);
    for (const group of this.paramGroups) group.decoupledWeightDecay = true;
  }
}
