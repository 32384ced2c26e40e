/** Schedules that change the rate at certain steps. */
import { int, ints, number, optional } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import type { Args } from "../../ops/types.js";
import type { Optimizer } from "../optimizer.js";
import { ratesOf } from "../rate.js";
import { countUpTo, LRScheduler, optimizerParam } from "./scheduler.js";

const stepSignature = new Signature("StepLR", {
  optimizer: optimizerParam,
  stepSize: int,
  gamma: optional(number, 0.1),
  lastEpoch: optional(int, -1),
});

/**
 * The rate times `gamma` every `stepSize` steps.
 *
 * @example new optim.lrScheduler.StepLR(optimizer, 30, 0.1);
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.StepLR.html
 */
export class StepLR extends LRScheduler {
  stepSize: number;
  gamma: number;

  constructor(
    ...args: [
      optimizer: Optimizer,
      stepSize: number,
      ...rest: Args<[gamma?: number, lastEpoch?: number], ["gamma", "lastEpoch"]>,
    ]
  ) {
    const { optimizer, stepSize, gamma, lastEpoch } = stepSignature.parse(args);
    super(optimizer);
    this.stepSize = stepSize;
    this.gamma = gamma;
    this.start(lastEpoch);
  }

  override getLr(): number[] {
    this.checkWithinStep();
    const stays = this.lastEpoch === 0 || this.lastEpoch % this.stepSize !== 0;
    return ratesOf(this.groups).map((lr) => (stays ? lr : lr * this.gamma));
  }

  protected override closedForm(): number[] {
    return this.baseLrs.map((lr) => lr * this.gamma ** Math.floor(this.lastEpoch / this.stepSize));
  }
}

const multiStepSignature = new Signature("MultiStepLR", {
  optimizer: optimizerParam,
  milestones: ints,
  gamma: optional(number, 0.1),
  lastEpoch: optional(int, -1),
});

/**
 * The rate times `gamma` at each of the milestones.
 *
 * @example new optim.lrScheduler.MultiStepLR(optimizer, [30, 80], 0.1);
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiStepLR.html
 */
export class MultiStepLR extends LRScheduler {
  /** How often each step is a milestone. */
  milestones: Map<number, number>;
  gamma: number;

  constructor(
    ...args: [
      optimizer: Optimizer,
      milestones: readonly number[],
      ...rest: Args<[gamma?: number, lastEpoch?: number], ["gamma", "lastEpoch"]>,
    ]
  ) {
    const { optimizer, milestones, gamma, lastEpoch } = multiStepSignature.parse(args);
    super(optimizer);
    this.milestones = new Map();
    for (const step of milestones) this.milestones.set(step, (this.milestones.get(step) ?? 0) + 1);
    this.gamma = gamma;
    this.start(lastEpoch);
  }

  override getLr(): number[] {
    this.checkWithinStep();
    const times = this.milestones.get(this.lastEpoch) ?? 0;
    return ratesOf(this.groups).map((lr) => (times === 0 ? lr : lr * this.gamma ** times));
  }

  protected override closedForm(): number[] {
    const sorted = [...this.milestones].flatMap(([step, times]) => new Array(times).fill(step)).sort((a, b) => a - b);
    return this.baseLrs.map((lr) => lr * this.gamma ** countUpTo(sorted, this.lastEpoch));
  }
}

const constantSignature = new Signature("ConstantLR", {
  optimizer: optimizerParam,
  factor: optional(number, 1 / 3),
  totalIters: optional(int, 5),
  lastEpoch: optional(int, -1),
});

/**
 * The rate times `factor` for the first `totalIters` steps.
 *
 * @example new optim.lrScheduler.ConstantLR(optimizer, 0.5, 4);
 * @throws RangeError for a factor outside of [0, 1].
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ConstantLR.html
 */
export class ConstantLR extends LRScheduler {
  factor: number;
  totalIters: number;

  constructor(
    ...args: [
      optimizer: Optimizer,
      ...rest: Args<[factor?: number, totalIters?: number, lastEpoch?: number], ["factor", "totalIters", "lastEpoch"]>,
    ]
  ) {
    const { optimizer, factor, totalIters, lastEpoch } = constantSignature.parse(args);
    if (factor > 1 || factor < 0) {
      throw new RangeError("Constant multiplicative factor expected to be between 0 and 1.");
    }
    super(optimizer);
    this.factor = factor;
    this.totalIters = totalIters;
    this.start(lastEpoch);
  }

  override getLr(): number[] {
    this.checkWithinStep();
    if (this.lastEpoch === 0) return ratesOf(this.groups).map((lr) => lr * this.factor);
    return ratesOf(this.groups).map((lr) => (this.lastEpoch === this.totalIters ? lr * (1 / this.factor) : lr));
  }

  protected override closedForm(): number[] {
    return this.baseLrs.map((lr) => lr * (this.lastEpoch >= this.totalIters ? 1 : this.factor));
  }
}
