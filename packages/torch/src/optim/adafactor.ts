/** Adafactor: second moments of matrices kept as a row and a column. */
import { invalid, number, optional, type Param, unset } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { finfo } from "../core/limits.js";
import type { Tensor } from "../core/tensor.js";
import type { Args } from "../ops/types.js";
import { Optimizer, type ParamGroup, type ParamsInput } from "./optimizer.js";
import { off, pair } from "./options.js";
import { type Rate, rate, rateOf } from "./rate.js";
import { checkReal, countFrom, nextStep } from "./rule.js";
import type { ParamState } from "./stateDict.js";

type Epsilons = readonly [number | null, number];

export interface AdafactorOptions {
  lr: number;
  beta2Decay: number;
  /** The least variance, by default the precision of the dtype, and the least size that a parameter counts as. */
  eps: Epsilons;
  /** The size beyond which an update is clipped. */
  d: number;
  weightDecay: number;
  /** Accepted as in PyTorch. */
  foreach: boolean | null;
  /** Go up the gradient, not down. */
  maximize: boolean;
}

const epsilons: Param<Epsilons> = {
  ...(pair as Param<never>),
  expected: "tuple of None or float, and float",
  read: (value) => {
    if (!Array.isArray(value) || value.length !== 2) return invalid;
    const [first, second] = value.map((item) => number.read(item));
    const least = value[0] === null || value[0] === undefined ? null : first;
    return least === invalid || second === invalid ? invalid : ([least, second] as Epsilons);
  },
};

const signature = new Signature("Adafactor", {
  lr: optional(rate, 1e-2),
  beta2Decay: optional(number, -0.8),
  eps: optional(epsilons, [null, 1e-3]),
  d: optional(number, 1),
  weightDecay: optional(number, 0),
  foreach: unset,
  maximize: off,
});

type AdafactorArguments = Args<
  [lr?: Rate, beta2Decay?: number, eps?: Epsilons, d?: number, weightDecay?: number],
  ["lr", "beta2Decay", "eps", "d", "weightDecay"],
  Partial<Pick<AdafactorOptions, "foreach" | "maximize">>
>;

interface AdafactorState extends ParamState {
  step: Tensor;
  rowVar?: Tensor;
  colVar?: Tensor;
  variance?: Tensor;
}

const ofMatrices: readonly string[] = ["step", "rowVar", "colVar"];
const ofVectors: readonly string[] = ["step", "variance"];
const floats = { d: 1, weight_decay: 0 };

/**
 * Adafactor: steps scaled by the mean of squared gradients, which for a matrix is the product of a column (the means of
 * its rows) and a row (those of its columns), so that it takes no memory of the size of the parameter. The rate falls
 * as `1 / sqrt(t)` below `lr`, grows with the size of the parameter, and updates larger than `d` are clipped.
 *
 * @throws RangeError for an option out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Adafactor.html
 * @see https://arxiv.org/abs/1804.04235
 */
export class Adafactor extends Optimizer<AdafactorOptions> {
  constructor(params: ParamsInput<AdafactorOptions>, ...args: AdafactorArguments) {
    const options = signature.parse(args);
    const { beta2Decay, eps, d, weightDecay } = options;
    const lr = rateOf(options.lr);
    const expect = (holds: boolean, what: string, value: number | null) => {
      if (!holds) throw new RangeError(`${what} but is: ${value}`);
    };
    expect(lr >= 0, "Learning rate should be >= 0", lr);
    expect(beta2Decay <= 0, "beta2_decay should be <= 0", beta2Decay);
    expect(eps[0] === null || eps[0] >= 0, "epsilon1 should be >= 0", eps[0]);
    expect(eps[1] >= 0, "epsilon2 should be >= 0", eps[1]);
    expect(d >= 1, "Clipping threshold d should be >= 1", d);
    expect(weightDecay >= 0, "weight_decay should be >= 0", weightDecay);
    super(params, options);
  }

  protected override checkGroups(): void {
    super.checkGroups();
    checkReal("Adafactor", this.paramGroups);
  }

  protected override changes({ rowVar }: AdafactorState): readonly string[] {
    return rowVar ? ofMatrices : ofVectors;
  }

  protected override sizesOf(key: string, param: Tensor): readonly number[] {
    const { sizes } = param;
    const last = sizes.length - 1;
    if (key === "rowVar") return sizes.map((size, dim) => (dim === last ? 1 : size));
    return key === "colVar" ? sizes.map((size, dim) => (dim === last - 1 ? 1 : size)) : sizes;
  }

  protected override prepare(state: Partial<AdafactorState>, param: Tensor): void {
    state.step ??= countFrom(0);
    const zeros = (key: string) => param.detach().newZeros(this.sizesOf(key, param));
    if (param.ndim > 1) {
      state.rowVar ??= zeros("rowVar");
      state.colVar ??= zeros("colVar");
    } else {
      state.variance ??= zeros("variance");
    }
  }

  protected override rule(
    param: Tensor,
    grad: Tensor,
    state: AdafactorState,
    group: ParamGroup<AdafactorOptions>,
  ): void {
    const { lr, beta2Decay, eps, d, weightDecay, maximize } = group;
    const [least, smallest] = [eps[0] ?? finfo(param.dtype).eps, eps[1]];
    const step = nextStep(state.step);
    const direction = maximize ? grad.neg() : grad;
    const share = step ** beta2Decay;
    const rate = Math.max(smallest, rootMeanSquare(param)) * Math.min(lr, 1 / Math.sqrt(step));
    if (weightDecay !== 0) param.mul_(1 - lr * weightDecay);
    const update = meanOfSquares(direction, state, share, least)
      .clamp_(least * least)
      .rsqrt_()
      .mul_(direction);
    param.add_(update, { alpha: -rate / Math.max(1, rootMeanSquare(update) / d) });
  }

  protected override get floats(): Readonly<Record<string, number>> {
    return floats;
  }
}

function rootMeanSquare(x: Tensor): number {
  return x.norm(2).item() / Math.sqrt(x.numel());
}

/** Takes a gradient into the state, and makes a new tensor of the means of squares that the state stands for. */
function meanOfSquares(grad: Tensor, state: AdafactorState, share: number, least: number): Tensor {
  const { rowVar, colVar, variance } = state;
  if (rowVar === undefined || colVar === undefined) {
    return (variance as Tensor).lerp_(grad.mul(grad), share).clone();
  }
  rowVar.lerp_(meanSquare(grad, -1), share);
  colVar.lerp_(meanSquare(grad, -2), share);
  return rowVar.matmul(colVar).div_(rowVar.mean(-2, { keepdim: true }).clamp_(least));
}

/** The mean of squares along a dim, which stays. */
function meanSquare(x: Tensor, dim: number): Tensor {
  return x.norm(2, dim, { keepdim: true }).square_().div_(x.size(dim));
}
