/** A schedule that waits for a metric to stop improving. */
import { int, number, optional, word } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import type { Tensor } from "../../core/tensor.js";
import type { Optimizer } from "../optimizer.js";
import { rateOf, ratesOf, setRate } from "../rate.js";
import {
  givenEpoch,
  LRScheduler,
  numberOrNumbers,
  optimizerParam,
  type SchedulerStateDict,
  warnOfEpoch,
} from "./scheduler.js";

export interface ReduceLROnPlateauOptions {
  /** Whether the metric is to fall or to rise. */
  mode?: "min" | "max";
  factor?: number;
  /** How many steps without improvement are borne. */
  patience?: number;
  /** What counts as an improvement, relative to the best value or as a difference. */
  threshold?: number;
  thresholdMode?: "rel" | "abs";
  /** How many steps are not judged after the rate was reduced. */
  cooldown?: number;
  /** The least rate, of all groups or of each. */
  minLr?: number | readonly number[];
  /** The least change of a rate. */
  eps?: number;
}

const signature = new Signature("ReduceLROnPlateau", {
  optimizer: optimizerParam,
  mode: optional(word("min", "max"), "min"),
  factor: optional(number, 0.1),
  patience: optional(int, 10),
  threshold: optional(number, 1e-4),
  thresholdMode: optional(word("rel", "abs"), "rel"),
  cooldown: optional(int, 0),
  minLr: optional(numberOrNumbers, 0),
  eps: optional(number, 1e-8),
});

/**
 * The rate times `factor` once a metric has not improved for more than `patience` steps. `step` takes the metric.
 *
 * @example
 * const scheduler = new optim.lrScheduler.ReduceLROnPlateau(optimizer, { patience: 3 });
 * scheduler.step(validationLoss);
 * @throws RangeError for a factor that does not reduce; Error for a list of rates that does not fit the groups.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html
 */
export class ReduceLROnPlateau extends LRScheduler {
  factor: number;
  defaultMinLr: number | null;
  minLrs: number[];
  patience: number;
  cooldown: number;
  eps: number;
  mode: "min" | "max";
  threshold: number;
  thresholdMode: "rel" | "abs";
  modeWorse: number;
  best: number;
  cooldownCounter = 0;
  numBadEpochs = 0;

  constructor(optimizer: Optimizer, ...options: [options?: ReduceLROnPlateauOptions]) {
    const given = signature.parse([optimizer, ...options]);
    const { length } = given.optimizer.paramGroups;
    const { minLr } = given;
    if (given.factor >= 1) throw new RangeError("Factor should be < 1.0.");
    if (typeof minLr !== "number" && minLr.length !== length) {
      throw new Error(`expected ${length} min_lrs, got ${minLr.length}`);
    }
    super(given.optimizer);
    this.factor = given.factor;
    this.defaultMinLr = typeof minLr === "number" ? minLr : null;
    this.minLrs = typeof minLr === "number" ? new Array(length).fill(minLr) : [...minLr];
    this.patience = given.patience;
    this.cooldown = given.cooldown;
    this.eps = given.eps;
    this.mode = given.mode;
    this.threshold = given.threshold;
    this.thresholdMode = given.thresholdMode;
    this.modeWorse = worstOf(given.mode);
    this.best = this.modeWorse;
    this.lastEpoch = 0;
    this.apply([]);
  }

  override getLr(): number[] {
    return ratesOf(this.groups);
  }

  /** Whether the rate was reduced so lately that steps are not judged. */
  get inCooldown(): boolean {
    return this.cooldownCounter > 0;
  }

  /**
   * Judges a step by its metric, and reduces the rates if it is time.
   *
   * @param epoch the number of the step, if it is not the next one; deprecated.
   */
  override step(metrics?: number | Tensor | null, epoch?: number | null): void {
    if (metrics === undefined || metrics === null) {
      throw new TypeError("step() missing 1 required argument: 'metrics'");
    }
    const current = Number(metrics);
    const given = givenEpoch(epoch);
    if (given !== undefined) warnOfEpoch();
    this.lastEpoch = given ?? this.lastEpoch + 1;
    if (this.isBetter(current)) {
      this.best = current;
      this.numBadEpochs = 0;
    } else {
      this.numBadEpochs++;
    }
    if (this.inCooldown) {
      this.cooldownCounter--;
      this.numBadEpochs = 0;
    }
    if (this.numBadEpochs > this.patience) {
      this.reduce();
      this.cooldownCounter = this.cooldown;
      this.numBadEpochs = 0;
    }
    this.apply([]);
  }

  private isBetter(current: number): boolean {
    const { best, threshold, mode } = this;
    const sign = mode === "min" ? -1 : 1;
    const limit = this.thresholdMode === "rel" ? best * (1 + sign * threshold) : best + sign * threshold;
    return mode === "min" ? current < limit : current > limit;
  }

  private reduce(): void {
    const { length } = this.groups;
    if (length !== this.minLrs.length) {
      if (this.defaultMinLr === null) {
        throw new Error(
          `The number of param groups in the \`optimizer\` (${length}) differs from when \`ReduceLROnPlateau\` was ` +
            `initialized (${this.minLrs.length}), usually due to a new param group being added to the optimizer. ` +
            "Please modify the `min_lrs` field to match the length of the `optimizer` param groups.",
        );
      }
      this.minLrs = new Array(length).fill(this.defaultMinLr);
    }
    this.groups.forEach((group, i) => {
      const lr = rateOf(group.lr);
      const reduced = Math.max(lr * this.factor, this.minLrs[i] as number);
      if (lr - reduced > this.eps) setRate(group, reduced);
    });
  }

  override loadStateDict(dict: SchedulerStateDict): void {
    super.loadStateDict(dict);
    this.modeWorse = worstOf(this.mode);
  }
}

function worstOf(mode: "min" | "max"): number {
  return mode === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
}
