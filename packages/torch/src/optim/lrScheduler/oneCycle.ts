/** The schedule of one cycle. */
import { flag, flagOn, int, nullable, number, optional, word } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { toCamelCase } from "../../core/names.js";
import type { Args } from "../../ops/types.js";
import type { Optimizer } from "../optimizer.js";
import { MomentumCycle } from "./momentum.js";
import { forEachGroup, LRScheduler, numberOrNumbers, optimizerParam, type ScheduledGroup } from "./scheduler.js";

export interface OneCycleLROptions {
  annealStrategy?: "cos" | "linear";
  /** Whether the momentum goes the other way. */
  cycleMomentum?: boolean;
  baseMomentum?: number | readonly number[];
  maxMomentum?: number | readonly number[];
  /** The first rate is `maxLr / divFactor`, */
  divFactor?: number;
  /** and the last one that over `finalDivFactor`. */
  finalDivFactor?: number;
  /** Whether the rate comes back to the first one as fast as it rose, and falls to the last one in a third phase. */
  threePhase?: boolean;
  lastEpoch?: number;
}

const signature = new Signature("OneCycleLR", {
  optimizer: optimizerParam,
  maxLr: numberOrNumbers,
  totalSteps: optional(nullable(number), null),
  epochs: optional(nullable(number), null),
  stepsPerEpoch: optional(nullable(number), null),
  pctStart: optional(number, 0.3),
  annealStrategy: optional(word("cos", "linear"), "cos"),
  cycleMomentum: flagOn,
  baseMomentum: optional(numberOrNumbers, 0.85),
  maxMomentum: optional(numberOrNumbers, 0.95),
  divFactor: optional(number, 25),
  finalDivFactor: optional(number, 1e4),
  threePhase: flag,
  lastEpoch: optional(int, -1),
});

/** A stretch of the schedule, up to a step, between options of the groups that are named as in PyTorch. */
interface Phase {
  readonly end_step: number;
  readonly start_lr: string;
  readonly end_lr: string;
  readonly start_momentum: string;
  readonly end_momentum: string;
}

/**
 * The rate rises to `maxLr` in the first `pctStart` of all steps and falls to nearly nothing in the others; the momentum
 * goes the other way. One step for each batch, `totalSteps` in all, or `epochs * stepsPerEpoch`.
 *
 * @example new optim.lrScheduler.OneCycleLR(optimizer, 0.1, { epochs: 10, stepsPerEpoch: loader.length });
 * @throws RangeError for numbers of steps that are no whole numbers from 1 on; Error if there are none, or for an
 *   optimizer without momentum, unless `cycleMomentum` is off.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html
 * @see https://arxiv.org/abs/1708.07120
 */
export class OneCycleLR extends LRScheduler {
  totalSteps: number;
  cycleMomentum: boolean;
  declare useBeta1: boolean;
  /** @internal */
  _schedulePhases: Phase[];
  /** @internal */
  _annealFuncType: "cos" | "linear";

  constructor(
    ...args: [
      optimizer: Optimizer,
      maxLr: number | readonly number[],
      ...rest: Args<
        [totalSteps?: number | null, epochs?: number | null, stepsPerEpoch?: number | null, pctStart?: number],
        ["totalSteps", "epochs", "stepsPerEpoch", "pctStart"],
        OneCycleLROptions
      >,
    ]
  ) {
    const { optimizer, maxLr, pctStart, lastEpoch, ...options } = signature.parse(args);
    const totalSteps = stepsOf(options);
    if (!(pctStart >= 0 && pctStart <= 1)) {
      throw new RangeError(`Expected float between 0 and 1 pct_start, but got ${pctStart}`);
    }
    const maxLrs = forEachGroup("max_lr", optimizer, maxLr);
    const momentum = options.cycleMomentum
      ? new MomentumCycle(optimizer, options.baseMomentum, options.maxMomentum)
      : undefined;
    super(optimizer);
    this.totalSteps = totalSteps;
    this._schedulePhases = phasesOf(totalSteps, pctStart, options.threePhase);
    this._annealFuncType = options.annealStrategy;
    this.cycleMomentum = options.cycleMomentum;
    if (lastEpoch === -1) {
      this.groups.forEach((group, i) => {
        const rate = maxLrs[i] as number;
        const initialLr = rate / options.divFactor;
        Object.assign(group, { initialLr, maxLr: rate, minLr: initialLr / options.finalDivFactor });
      });
    }
    if (momentum !== undefined) {
      this.useBeta1 = momentum.usesBeta1;
      if (lastEpoch === -1) momentum.begin(this.groups);
    }
    this.start(lastEpoch);
  }

  /** @throws RangeError after the last step. */
  override getLr(): number[] {
    this.checkWithinStep();
    const { lastEpoch, totalSteps, _schedulePhases: phases } = this;
    if (lastEpoch > totalSteps) {
      throw new RangeError(`Tried to step ${lastEpoch} times. The specified number of total steps is ${totalSteps}`);
    }
    const found = phases.findIndex(({ end_step }) => lastEpoch <= end_step);
    const index = found < 0 ? phases.length - 1 : found;
    const phase = phases[index] as Phase;
    const begin = phases[index - 1]?.end_step ?? 0;
    const share = (lastEpoch - begin) / (phase.end_step - begin);
    return this.groups.map((group) => {
      if (this.cycleMomentum) {
        MomentumCycle.set(group, this.useBeta1, this.between(group, phase.start_momentum, phase.end_momentum, share));
      }
      return this.between(group, phase.start_lr, phase.end_lr, share);
    });
  }

  /** A number on the way from one option of a group to another. */
  private between(group: ScheduledGroup, from: string, to: string, share: number): number {
    const [start, end] = [group[toCamelCase(from)] as number, group[toCamelCase(to)] as number];
    if (this._annealFuncType === "linear") return (end - start) * share + start;
    return end + ((start - end) / 2) * (Math.cos(Math.PI * share) + 1);
  }
}

function stepsOf(options: { totalSteps: number | null; epochs: number | null; stepsPerEpoch: number | null }): number {
  const { totalSteps, epochs, stepsPerEpoch } = options;
  if (totalSteps !== null) return positive("total_steps", totalSteps);
  if (epochs === null || stepsPerEpoch === null) {
    throw new Error("You must define either total_steps OR (epochs AND steps_per_epoch)");
  }
  return positive("epochs", epochs) * positive("steps_per_epoch", stepsPerEpoch);
}

function positive(name: string, value: number): number {
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(`Expected positive integer ${name}, but got ${value}`);
}

function phasesOf(totalSteps: number, pctStart: number, isThree: boolean): Phase[] {
  const rise = {
    end_step: pctStart * totalSteps - 1,
    start_lr: "initial_lr",
    end_lr: "max_lr",
    start_momentum: "max_momentum",
    end_momentum: "base_momentum",
  };
  const fall = {
    end_step: totalSteps - 1,
    start_lr: "max_lr",
    end_lr: "min_lr",
    start_momentum: "base_momentum",
    end_momentum: "max_momentum",
  };
  if (!isThree) return [rise, fall];
  const back = { ...fall, end_step: 2 * pctStart * totalSteps - 2, end_lr: "initial_lr" };
  return [rise, back, { ...fall, start_lr: "initial_lr", start_momentum: "max_momentum" }];
}
