/** Schedules that change the rate a little at every step. */
import { int, number, optional } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import type { Args } from "../../ops/types.js";
import type { Optimizer } from "../optimizer.js";
import { ratesOf } from "../rate.js";
import { LRScheduler, optimizerParam } from "./scheduler.js";

const linearSignature = new Signature("LinearLR", {
  optimizer: optimizerParam,
  startFactor: optional(number, 1 / 3),
  endFactor: optional(number, 1),
  totalIters: optional(int, 5),
  lastEpoch: optional(int, -1),
});

/**
 * The rate times a factor that goes from `startFactor` to `endFactor` in `totalIters` steps, in a straight line.
 *
 * @example new optim.lrScheduler.LinearLR(optimizer, { startFactor: 0.1, totalIters: 20 });
 * @throws RangeError for a factor outside of (0, 1].
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LinearLR.html
 */
export class LinearLR extends LRScheduler {
  startFactor: number;
  endFactor: number;
  totalIters: number;

  constructor(
    ...args: [
      optimizer: Optimizer,
      ...rest: Args<
        [startFactor?: number, endFactor?: number, totalIters?: number, lastEpoch?: number],
        ["startFactor", "endFactor", "totalIters", "lastEpoch"]
      >,
    ]
  ) {
    const { optimizer, startFactor, endFactor, totalIters, lastEpoch } = linearSignature.parse(args);
    if (startFactor > 1 || startFactor <= 0) {
      throw new RangeError("Starting multiplicative factor expected to be greater than 0 and less or equal to 1.");
    }
    if (endFactor > 1 || endFactor < 0) {
      throw new RangeError("Ending multiplicative factor expected to be between 0 and 1.");
    }
    super(optimizer);
    this.startFactor = startFactor;
    this.endFactor = endFactor;
    this.totalIters = totalIters;
    this.start(lastEpoch);
  }

  override getLr(): number[] {
    this.checkWithinStep();
    const { lastEpoch, startFactor, totalIters } = this;
    if (lastEpoch === 0) return ratesOf(this.groups).map((lr) => lr * startFactor);
    if (this._isInitial || lastEpoch > totalIters) return ratesOf(this.groups);
    const rise = this.endFactor - startFactor;
    return ratesOf(this.groups).map((lr) => lr * (1 + rise / (totalIters * startFactor + (lastEpoch - 1) * rise)));
  }

  protected override closedForm(): number[] {
    const { startFactor, endFactor, totalIters, lastEpoch } = this;
    const factor = startFactor + ((endFactor - startFactor) * Math.min(totalIters, lastEpoch)) / totalIters;
    return this.baseLrs.map((lr) => lr * factor);
  }
}

const exponentialSignature = new Signature("ExponentialLR", {
  optimizer: optimizerParam,
  gamma: number,
  lastEpoch: optional(int, -1),
});

/**
 * The rate times `gamma` at every step.
 *
 * @example new optim.lrScheduler.ExponentialLR(optimizer, 0.95);
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ExponentialLR.html
 */
export class ExponentialLR extends LRScheduler {
  gamma: number;

  constructor(...args: [optimizer: Optimizer, gamma: number, ...rest: Args<[lastEpoch?: number], ["lastEpoch"]>]) {
    const { optimizer, gamma, lastEpoch } = exponentialSignature.parse(args);
    super(optimizer);
    this.gamma = gamma;
    this.start(lastEpoch);
  }

  override getLr(): number[] {
    this.checkWithinStep();
    return ratesOf(this.groups).map((lr) => (this._isInitial ? lr : lr * this.gamma));
  }

  protected override closedForm(): number[] {
    return this.baseLrs.map((lr) => lr * this.gamma ** this.lastEpoch);
  }
}

const polynomialSignature = new Signature("PolynomialLR", {
  optimizer: optimizerParam,
  totalIters: optional(int, 5),
  power: optional(number, 1),
  lastEpoch: optional(int, -1),
});

/**
 * The rate times `(1 - t / totalIters)^power`, down to 0 in `totalIters` steps.
 *
 * @example new optim.lrScheduler.PolynomialLR(optimizer, 50, 0.9);
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.PolynomialLR.html
 */
export class PolynomialLR extends LRScheduler {
  totalIters: number;
  power: number;

  constructor(
    ...args: [
      optimizer: Optimizer,
      ...rest: Args<[totalIters?: number, power?: number, lastEpoch?: number], ["totalIters", "power", "lastEpoch"]>,
    ]
  ) {
    const { optimizer, totalIters, power, lastEpoch } = polynomialSignature.parse(args);
    super(optimizer);
    this.totalIters = totalIters;
    this.power = power;
    this.start(lastEpoch);
  }

  override getLr(): number[] {
    this.checkWithinStep();
    const { lastEpoch, totalIters, power } = this;
    if (this._isInitial || lastEpoch > totalIters) return ratesOf(this.groups);
    const factor = ((1 - lastEpoch / totalIters) / (1 - (lastEpoch - 1) / totalIters)) ** power;
    return ratesOf(this.groups).map((lr) => lr * factor);
  }

  protected override closedForm(): number[] {
    const left = 1 - Math.min(this.totalIters, this.lastEpoch) / this.totalIters;
    return this.baseLrs.map((lr) => lr * left ** this.power);
  }
}
