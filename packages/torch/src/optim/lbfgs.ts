/** L-BFGS: quasi-Newton steps from a history of gradients. */
import { int, nullable, number, optional, word } from "../arguments/params.js";
import { describe, Signature } from "../arguments/parse.js";
import { borrowGrad } from "../autograd/meta.js";
import { withRecording } from "../autograd/modes.js";
import { Tensor } from "../core/tensor.js";
import { viewAsReal } from "../ops/shape/complexViews.js";
import { cat } from "../ops/shape/joining.js";
import type { Args } from "../ops/types.js";
import { type Evaluated, strongWolfe } from "./lineSearch.js";
import { Optimizer, type ParamGroup, type ParamsInput } from "./optimizer.js";
import { checkAtLeast } from "./options.js";
import { type Held, type Rate, rate, rateOf, settled } from "./rate.js";
import type { ParamState } from "./stateDict.js";

export interface LBFGSOptions {
  lr: number;
  /** The most iterations of one step. */
  maxIter: number;
  /** The most evaluations of the closure in one step. */
  maxEval: number;
  toleranceGrad: number;
  toleranceChange: number;
  historySize: number;
  lineSearchFn: "strong_wolfe" | null;
}

const signature = new Signature("LBFGS", {
  lr: optional(rate, 1),
  maxIter: optional(int, 20),
  maxEval: optional(int),
  toleranceGrad: optional(number, 1e-7),
  toleranceChange: optional(number, 1e-9),
  historySize: optional(int, 100),
  lineSearchFn: optional(nullable(word("strong_wolfe")), null),
});

type LBFGSArguments = Args<
  [
    lr?: Rate,
    maxIter?: number,
    maxEval?: number,
    toleranceGrad?: number,
    toleranceChange?: number,
    historySize?: number,
  ],
  ["lr", "maxIter", "maxEval", "toleranceGrad", "toleranceChange", "historySize"],
  Partial<Pick<LBFGSOptions, "lineSearchFn">>
>;

/** What stands under the first parameter, for all of them. */
interface History extends ParamState {
  funcEvals: number;
  nIter: number;
  /** The direction, and how far the parameters went along it. */
  d: Tensor;
  t: number;
  /** Differences of gradients and of parameters, and the reciprocals of their products. */
  oldDirs: Tensor[];
  oldStps: Tensor[];
  ro: Tensor[];
  /** The scale of the approximate Hessian to begin with. */
  HDiag: Tensor | number;
  prevFlatGrad: Tensor;
  prevLoss: number;
  al: (Tensor | null)[];
}

/** Below this product of differences a pair says nothing of the curvature. */
const leastCurvature = 1e-10;

/**
 * L-BFGS: minimizes by Newton steps, whose Hessian is approximated from the last `historySize` gradients. A step runs up
 * to `maxIter` iterations and asks the closure for the loss again and again; the closure clears the gradients, computes
 * the loss and its gradients, and returns it. For smooth losses over whole data sets. `lineSearchFn: "strong_wolfe"` looks
 * for a step that is good enough along each direction; without it the rate is `lr`.
 *
 * @throws Error for several parameter groups; RangeError for a negative rate.
 * @example
 * const optimizer = new optim.LBFGS(model.parameters(), { lr: 0.8 });
 * optimizer.step(() => {
 *   optimizer.zeroGrad();
 *   const loss = lossFn(model(x), y);
 *   loss.backward();
 *   return loss;
 * });
 * @see https://pytorch.org/docs/stable/generated/torch.optim.LBFGS.html
 * @see https://doi.org/10.1007/BF01589116
 */
export class LBFGS extends Optimizer<LBFGSOptions> {
  constructor(params: ParamsInput<LBFGSOptions>, ...args: LBFGSArguments) {
    const { maxEval, ...options } = signature.parse(args);
    checkAtLeast("learning rate", rateOf(options.lr));
    super(params, { ...options, maxEval: maxEval ?? Math.floor((options.maxIter * 5) / 4) });
    if (this.paramGroups.length !== 1) {
      throw new Error("LBFGS doesn't support per-parameter options (parameter groups)");
    }
  }

  protected override advance<T>(closure: (() => T) | undefined): T {
    if (closure === undefined) throw new TypeError("step() missing 1 required argument: 'closure'");
    this.checkGroups();
    return withRecording(false, () => this.minimize(closure));
  }

  private minimize<T>(closure: () => T): T {
    const group: ParamGroup<LBFGSOptions> = settled(this.paramGroups[0] as ParamGroup<Held<LBFGSOptions>>);
    const [first] = group.params as [Tensor];
    const state = (this.state.get(first) ?? { funcEvals: 0, nIter: 0 }) as History;
    checkHistory(state);
    this.state.set(first, state);
    const original = this.evaluate(closure);
    let loss = numberOf(original);
    let grad = flatGrad(group.params);
    let evaluations = 1;
    state.funcEvals++;
    let isOptimal = largest(grad) <= group.toleranceGrad;
    for (let iteration = 1; !isOptimal && iteration <= group.maxIter; iteration++) {
      state.nIter++;
      const direction = nextDirection(state, grad, group.historySize);
      const before = loss;
      Object.assign(state, { d: direction, prevFlatGrad: grad, prevLoss: loss });
      state.t = state.nIter === 1 ? Math.min(1, grad.abs().sum().reciprocal().item()) * group.lr : group.lr;
      const slope = grad.dot(direction).item();
      if (slope > -group.toleranceChange) break;
      const point = this.move(closure, group, state, { loss, grad, slope }, iteration === group.maxIter);
      ({ loss, grad } = point);
      evaluations += point.evaluations;
      state.funcEvals += point.evaluations;
      isOptimal = largest(grad) <= group.toleranceGrad;
      if (evaluations >= group.maxEval) break;
      const moved = largest(direction.mul(state.t));
      if (moved <= group.toleranceChange || Math.abs(loss - before) < group.toleranceChange) break;
    }
    return original;
  }

  /** Moves the parameters along the direction, and evaluates there, unless nobody looks at it any more. */
  private move(
    closure: () => unknown,
    { params, lineSearchFn, toleranceChange }: ParamGroup<LBFGSOptions>,
    state: History,
    here: Evaluated,
    isLast: boolean,
  ): { loss: number; grad: Tensor; evaluations: number } {
    const direction = state.d;
    if (lineSearchFn === null) {
      addFlat(params, direction, state.t);
      if (isLast) return { ...here, evaluations: 0 };
      return { loss: numberOf(this.evaluate(closure)), grad: flatGrad(params), evaluations: 1 };
    }
    const start = params.map((param) => param.clone());
    const evaluateAt = (t: number): Evaluated => {
      addFlat(params, direction, t);
      const loss = numberOf(this.evaluate(closure));
      const grad = flatGrad(params);
      params.forEach((param, i) => void param.copy_(start[i] as Tensor));
      return { loss, grad, slope: grad.dot(direction).item() };
    };
    const found = strongWolfe(evaluateAt, state.t, here, largest(direction), toleranceChange);
    state.t = found.t;
    addFlat(params, direction, found.t);
    return found;
  }
}

/** The gradient times the approximate inverse of the Hessian, downward; the history takes the last pair in. */
function nextDirection(state: History, grad: Tensor, historySize: number): Tensor {
  if (state.nIter === 1) {
    Object.assign(state, { oldDirs: [], oldStps: [], ro: [], HDiag: 1 });
    return grad.neg();
  }
  const change = grad.sub(state.prevFlatGrad);
  const moved = state.d.mul(state.t);
  const curvature = change.dot(moved);
  const { oldDirs, oldStps, ro } = state;
  if (curvature.item() > leastCurvature) {
    if (oldDirs.length === historySize) for (const list of [oldDirs, oldStps, ro]) list.shift();
    oldDirs.push(change);
    oldStps.push(moved);
    ro.push(curvature.reciprocal());
    state.HDiag = curvature.div(change.dot(change));
  }
  state.al ??= Array.from({ length: historySize }, () => null);
  const { al } = state;
  const q = grad.neg();
  for (let i = oldDirs.length - 1; i >= 0; i--) {
    const share = (oldStps[i] as Tensor).dot(q).mul(ro[i] as Tensor);
    al[i] = share;
    q.add_(oldDirs[i] as Tensor, { alpha: -share.item() });
  }
  const direction = q.mul(state.HDiag);
  for (let i = 0; i < oldDirs.length; i++) {
    const share = (oldDirs[i] as Tensor).dot(direction).mul(ro[i] as Tensor);
    direction.add_(oldStps[i] as Tensor, { alpha: (al[i] as Tensor).sub(share).item() });
  }
  return direction;
}

/** Throws unless a state is one of this optimizer. */
function checkHistory({ funcEvals, nIter, d, prevFlatGrad, oldDirs, oldStps, ro }: History): void {
  const counts = typeof funcEvals === "number" && typeof nIter === "number";
  const lists = [oldDirs, oldStps, ro].every((list) => Array.isArray(list) && list.length === oldDirs.length);
  const isWhole = d instanceof Tensor && prevFlatGrad instanceof Tensor && lists;
  if (counts && (nIter === 0 || isWhole)) return;
  throw new Error("the state of parameter 0 is not that of LBFGS; it was loaded from another optimizer");
}

/** The loss as a number. */
function numberOf(loss: unknown): number {
  if (typeof loss === "number" || loss instanceof Tensor) return Number(loss);
  throw new TypeError(`step(): the closure must return the loss, not ${describe(loss)}`);
}

function largest(x: Tensor): number {
  return x.abs().max().item();
}

/** A tensor as real numbers: complex ones are two each. */
function partsOf(tensor: Tensor): Tensor {
  return tensor.dtype.isComplex ? viewAsReal(tensor) : tensor;
}

/** The gradients of all parameters in one row; zeros where there is none. */
function flatGrad(params: readonly Tensor[]): Tensor {
  return cat(
    params.map((param) => {
      const grad = borrowGrad(param);
      const numbers = partsOf(param.detach());
      return grad === null ? numbers.newZeros([numbers.numel()]) : partsOf(grad.detach()).reshape(-1);
    }),
  );
}

/** Adds a row of numbers, times a factor, to the parameters. */
function addFlat(params: readonly Tensor[], row: Tensor, factor: number): void {
  let at = 0;
  for (const param of params) {
    const numbers = partsOf(param);
    const size = numbers.numel();
    numbers.add_(row.narrow(0, at, size).viewAs(numbers), { alpha: factor });
    at += size;
  }
}
