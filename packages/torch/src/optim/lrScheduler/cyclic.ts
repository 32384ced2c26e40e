/** Schedules that go up and down between two rates. */
import { callable, flagOn, int, nullable, number, optional, word } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { isPlainObject } from "../../core/kinds.js";
import type { Args } from "../../ops/types.js";
import type { Optimizer } from "../optimizer.js";
import { setRate } from "../rate.js";
import { propertiesOf } from "./lambda.js";
import { MomentumCycle } from "./momentum.js";
import { forEachGroup, LRScheduler, numberOrNumbers, optimizerParam, type SchedulerStateDict } from "./scheduler.js";

/** The share of the height that a cycle reaches, from its number or from that of the step. */
export type ScaleFn = (x: number) => number;

const policies = {
  triangular: { scaleMode: "cycle", scale: () => 1 },
  triangular2: { scaleMode: "cycle", scale: (cycle: number) => 1 / 2 ** (cycle - 1) },
  exp_range: { scaleMode: "iterations", scale: (step: number, gamma: number) => gamma ** step },
} as const;

export interface CyclicLROptions {
  /** How the height changes: not at all, by half at each cycle, or by `gamma` at each step. */
  mode?: keyof typeof policies;
  gamma?: number;
  /** A function in place of a mode. */
  scaleFn?: ScaleFn | null;
  /** Whether that function takes the number of the cycle or of the step. */
  scaleMode?: "cycle" | "iterations";
  /** Whether the momentum goes the other way. */
  cycleMomentum?: boolean;
  baseMomentum?: number | readonly number[];
  maxMomentum?: number | readonly number[];
  lastEpoch?: number;
}

const signature = new Signature("CyclicLR", {
  optimizer: optimizerParam,
  baseLr: numberOrNumbers,
  maxLr: numberOrNumbers,
  stepSizeUp: optional(int, 2000),
  stepSizeDown: optional(nullable(int), null),
  mode: optional(word("triangular", "triangular2", "exp_range"), "triangular"),
  gamma: optional(number, 1),
  scaleFn: optional(nullable(callable), null),
  scaleMode: optional(word("cycle", "iterations"), "cycle"),
  cycleMomentum: flagOn,
  baseMomentum: optional(numberOrNumbers, 0.8),
  maxMomentum: optional(numberOrNumbers, 0.9),
  lastEpoch: optional(int, -1),
});

/**
 * The rate rises from `baseLr` to `maxLr` in `stepSizeUp` steps and falls again, and so on; the momentum goes the other
 * way, from `maxMomentum` to `baseMomentum`. One step for each batch.
 *
 * @example new optim.lrScheduler.CyclicLR(optimizer, 0.01, 0.1, 500, { mode: "triangular2" });
 * @throws Error for an optimizer without momentum, unless `cycleMomentum` is off, or lists that do not fit the groups.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CyclicLR.html
 * @see https://arxiv.org/abs/1506.01186
 */
export class CyclicLR extends LRScheduler {
  maxLrs: number[];
  totalSize: number;
  stepRatio: number;
  mode: keyof typeof policies;
  gamma: number;
  scaleMode: "cycle" | "iterations";
  cycleMomentum: boolean;
  declare useBeta1: boolean;
  declare baseMomentums: number[];
  declare maxMomentums: number[];
  /** @internal */
  _scaleFnCustom: ScaleFn | null;

  constructor(
    ...args: [
      optimizer: Optimizer,
      baseLr: number | readonly number[],
      maxLr: number | readonly number[],
      ...rest: Args<
        [stepSizeUp?: number, stepSizeDown?: number | null],
        ["stepSizeUp", "stepSizeDown"],
        CyclicLROptions
      >,
    ]
  ) {
    const { optimizer, baseLr, maxLr, stepSizeUp, stepSizeDown, lastEpoch, ...options } = signature.parse(args);
    const baseLrs = forEachGroup("base_lr", optimizer, baseLr);
    const maxLrs = forEachGroup("max_lr", optimizer, maxLr);
    const momentum = options.cycleMomentum
      ? new MomentumCycle(optimizer, options.baseMomentum, options.maxMomentum)
      : undefined;
    super(optimizer);
    this.maxLrs = maxLrs;
    this.totalSize = stepSizeUp + (stepSizeDown ?? stepSizeUp);
    this.stepRatio = stepSizeUp / this.totalSize;
    this.mode = options.mode;
    this.gamma = options.gamma;
    this._scaleFnCustom = options.scaleFn as ScaleFn | null;
    this.scaleMode = options.scaleFn === null ? policies[options.mode].scaleMode : options.scaleMode;
    this.cycleMomentum = options.cycleMomentum;
    if (lastEpoch === -1) {
      this.groups.forEach((group, i) => {
        setRate(group, baseLrs[i] as number);
      });
    }
    if (momentum !== undefined) {
      this.useBeta1 = momentum.usesBeta1;
      this.baseMomentums = momentum.base;
      this.maxMomentums = momentum.max;
      if (lastEpoch === -1) momentum.begin(this.groups);
    }
    this.start(lastEpoch);
    this.baseLrs = baseLrs;
  }

  /** The share of the height that a cycle reaches. */
  scaleFn(x: number): number {
    return this._scaleFnCustom === null ? policies[this.mode].scale(x, this.gamma) : this._scaleFnCustom(x);
  }

  override getLr(): number[] {
    this.checkWithinStep();
    const { lastEpoch, totalSize, stepRatio } = this;
    const cycle = Math.floor(1 + lastEpoch / totalSize);
    const x = 1 + lastEpoch / totalSize - cycle;
    const height = x <= stepRatio ? x / stepRatio : (x - 1) / (stepRatio - 1);
    const scale = this.scaleFn(this.scaleMode === "cycle" ? cycle : lastEpoch);
    if (this.cycleMomentum) {
      this.groups.forEach((group, i) => {
        const [base, max] = [this.baseMomentums[i] as number, this.maxMomentums[i] as number];
        MomentumCycle.set(group, this.useBeta1, max - (max - base) * height * scale);
      });
    }
    return this.baseLrs.map((lr, i) => lr + ((this.maxLrs[i] as number) - lr) * height * scale);
  }

  /** Functions are not kept; of one with properties of its own those are. */
  override stateDict(): SchedulerStateDict {
    return { ...super.stateDict(), _scale_fn_custom: this._scaleFnCustom && propertiesOf(this._scaleFnCustom) };
  }

  override loadStateDict(dict: SchedulerStateDict): void {
    const { _scale_fn_custom, ...rest } = dict ?? {};
    super.loadStateDict(rest);
    if (isPlainObject(_scale_fn_custom) && this._scaleFnCustom) Object.assign(this._scaleFnCustom, _scale_fn_custom);
  }
}
