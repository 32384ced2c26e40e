/** Adam and AdamW: steps scaled by running moments of the gradient. */
import { flag, number, optional, unset } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import type { Args } from "../ops/types.js";
import { Optimizer, type ParamGroup, type ParamsInput } from "./optimizer.js";
import {
  type Capturable,
  checkBetas,
  checkCommon,
  checkExecution,
  type ExecutionOptions,
  executionFlags,
  type Fused,
  off,
  pair,
} from "./options.js";
import { type Given, type Rate, rate } from "./rate.js";
import { countFrom, descentOf, type FusedStep, nextStep, zerosFor } from "./rule.js";
import type { LoadableStateDict, ParamState } from "./stateDict.js";

export interface AdamOptions extends ExecutionOptions, Capturable, Fused {
  lr: number;
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
  amsgrad: boolean;
  /** Whether weights decay apart from the gradient, as in AdamW. */
  decoupledWeightDecay: boolean;
}

function paramsWith(weightDecay: number) {
  return {
    lr: optional(rate, 1e-3),
    betas: optional(pair, [0.9, 0.999]),
    eps: optional(number, 1e-8),
    weightDecay: optional(number, weightDecay),
    amsgrad: flag,
    ...executionFlags,
    capturable: off,
    fused: unset,
  };
}

const adamSignature = new Signature("Adam", { ...paramsWith(0), decoupledWeightDecay: off });
const adamWSignature = new Signature("AdamW", paramsWith(1e-2));

type AdamArgumentsWith<Named extends keyof AdamOptions> = Args<
  [lr?: Rate, betas?: readonly [number, number], eps?: number, weightDecay?: number],
  ["lr", "betas", "eps", "weightDecay"],
  Partial<Pick<AdamOptions, Named> & ExecutionOptions & Capturable & Fused>
>;

export type AdamWArguments = AdamArgumentsWith<"amsgrad">;
export type AdamArguments = AdamArgumentsWith<"amsgrad" | "decoupledWeightDecay">;

interface AdamState extends ParamState {
  step: Tensor;
  expAvg: Tensor;
  expAvgSq: Tensor;
  maxExpAvgSq?: Tensor | null;
}

const counts = ["step"];
const moments = ["expAvg", "expAvgSq"];
const withoutLargest: readonly string[] = [...counts, ...moments];
const withLargest: readonly string[] = [...withoutLargest, "maxExpAvgSq"];

/** @throws Error for a rate that PyTorch's updates of lists of parameters do not take. */
function checkForeach({ lr, foreach, capturable }: Given<AdamOptions>): void {
  if (typeof lr === "number" || !foreach || capturable) return;
  throw new Error("lr as a Tensor is not supported for capturable=False and foreach=True");
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
    checkForeach(options);
    checkCommon(options);
    checkBetas(options.betas);
    checkExecution(options);
    super(params, options);
  }

  protected override checkGroups(): void {
    super.checkGroups();
    for (const group of this.paramGroups) checkForeach(group);
  }

  protected override changes(state: Partial<AdamState>, { amsgrad }: ParamGroup<AdamOptions>): readonly string[] {
    return amsgrad && (state.maxExpAvgSq ?? undefined) !== undefined ? withLargest : withoutLargest;
  }

  protected override prepare(state: Partial<AdamState>, param: Tensor, { amsgrad }: ParamGroup<AdamOptions>): void {
    state.step ??= countFrom(0);
    state.expAvg ??= zerosFor(param);
    state.expAvgSq ??= zerosFor(param);
    if (amsgrad) state.maxExpAvgSq ??= zerosFor(param);
  }

  protected override rule(param: Tensor, grad: Tensor, state: AdamState, group: ParamGroup<AdamOptions>): void {
    const { lr, eps, amsgrad } = group;
    const [beta1, beta2] = group.betas;
    const step = nextStep(state.step);
    const direction = descentOf(param, grad, group);
    state.expAvg = state.expAvg.mul(beta1).add(direction, { alpha: 1 - beta1 });
    state.expAvgSq = state.expAvgSq.mul(beta2).add(direction.mul(direction), { alpha: 1 - beta2 });
    if (amsgrad) state.maxExpAvgSq = (state.maxExpAvgSq as Tensor).maximum(state.expAvgSq);
    const second = amsgrad ? (state.maxExpAvgSq as Tensor) : state.expAvgSq;
    const root = second.sqrt().div(Math.sqrt(1 - beta2 ** step));
    param.sub_(state.expAvg.div(root.add(eps)).mul(lr / (1 - beta1 ** step)));
  }

  protected override fused(group: ParamGroup<AdamOptions>): FusedStep {
    const { lr, betas, eps, weightDecay, decoupledWeightDecay, amsgrad, maximize } = group;
    const numbers = [lr, ...betas, eps, weightDecay, Number(decoupledWeightDecay), Number(maximize)];
    return { rule: "adam", numbers, state: [...moments, amsgrad ? "maxExpAvgSq" : undefined], counts };
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

  override loadStateDict(dict: LoadableStateDict): void {
    super.loadStateDict(dict);
    for (const group of this.paramGroups) group.decoupledWeightDecay = true;
  }
}
