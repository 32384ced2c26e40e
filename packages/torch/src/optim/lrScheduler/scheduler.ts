/**
 * The base of all learning-rate schedules.
 *
 * Source: https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
 */
import { anything, numbers, type Param } from "../../arguments/params.js";
import { describe } from "../../arguments/parse.js";
import { warn } from "../../arguments/warn.js";
import { isPlainObject } from "../../core/kinds.js";
import { toCamelCase, toSnakeCase } from "../../core/names.js";
import { Optimizer } from "../optimizer.js";
import { type Rate, rateOf, ratesOf, setRate } from "../rate.js";
import { mapKeys } from "../stateDict.js";

/** A parameter group as a schedule sees it. */
export interface ScheduledGroup {
  lr: Rate;
  initialLr?: Rate;
  momentum?: number;
  betas?: readonly number[];
  [option: string]: unknown;
}

/** The state of a schedule under PyTorch's keys. */
export type SchedulerStateDict = Record<string, unknown>;

/** An argument that is an optimizer. */
export const optimizerParam: Param<Optimizer> = {
  ...(anything as Param<Optimizer>),
  expected: "Optimizer",
  read: (value) => {
    if (value instanceof Optimizer) return value;
    throw new TypeError(`${describe(value)} is not an Optimizer`);
  },
};

const wrongOrder =
  "Detected call of `lr_scheduler.step()` before `optimizer.step()`. " +
  "In PyTorch 1.1.0 and later, you should call them in the opposite order: " +
  "`optimizer.step()` before `lr_scheduler.step()`.  Failure to do this " +
  "will result in PyTorch skipping the first value of the learning rate schedule. " +
  "See more details at https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate";

const stepReplaced =
  "Seems like `optimizer.step()` has been overridden after learning rate scheduler " +
  "initialization. Please, make sure to call `optimizer.step()` before " +
  "`lr_scheduler.step()`. See more details at " +
  "https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate";

const epochDeprecated =
  "The epoch parameter in `scheduler.step()` was not necessary and is being " +
  "deprecated where possible. Please use `scheduler.step()` to step the " +
  "scheduler. During the deprecation, if epoch is different from None, the " +
  "closed form is used instead of the new chainable form, where available. " +
  "Please open an issue if you are unable to replicate your use case: " +
  "https://github.com/pytorch/pytorch/issues/new/choose.";

/** Warns of an epoch given to `step`. */
export function warnOfEpoch(): void {
  warn(epochDeprecated);
}

/** Optimizers that have taken a step since a schedule watches them. */
const stepped = new WeakSet<Optimizer>();
/** The `step`s that note it. */
const watching = new WeakSet<object>();

/** Notes from now on that an optimizer takes steps. */
function watch(optimizer: Optimizer): void {
  const { step } = optimizer;
  if (watching.has(step)) return;
  const watched = function (this: Optimizer, closure?: () => unknown) {
    stepped.add(this);
    return step.call(this, closure as () => unknown);
  };
  watching.add(watched);
  Object.defineProperty(optimizer, "step", { value: watched, writable: true, configurable: true });
}

/**
 * A schedule: sets the rates of an optimizer's groups, once a step. A subclass sets its properties, calls `start` at the
 * end of its constructor, and writes `getLr`, which gives the rates of this step from those of the one before.
 *
 * @example
 * class Halving extends optim.lrScheduler.LRScheduler {
 *   constructor(optimizer: optim.Optimizer) {
 *     super(optimizer);
 *     this.start();
 *   }
 *   override getLr() {
 *     return this.optimizer.paramGroups.map(({ lr }) => (this.lastEpoch === 0 ? lr : lr / 2));
 *   }
 * }
 */
export abstract class LRScheduler {
  readonly optimizer: Optimizer;
  /** The rates that the groups began with. */
  declare baseLrs: number[];
  /** How many steps there were. */
  declare lastEpoch: number;
  /** @internal What a state dict has under `_step_count` and so on. */
  declare _stepCount: number;
  /** @internal */
  declare _isInitial: boolean;
  /** @internal */
  declare _getLrCalledWithinStep: boolean;
  /** @internal */
  declare _lastLr: number[];

  /** @throws TypeError for what is no optimizer. */
  constructor(optimizer: Optimizer) {
    if (!(optimizer instanceof Optimizer)) throw new TypeError(`${describe(optimizer)} is not an Optimizer`);
    this.optimizer = optimizer;
  }

  /** The groups whose rates are set. */
  protected get groups(): ScheduledGroup[] {
    return this.optimizer.paramGroups as unknown as ScheduledGroup[];
  }

  /**
   * Notes the rates to begin with, or those with which a run began that is resumed, and takes the first step.
   *
   * @param lastEpoch the number of the last step, to resume a run.
   * @throws Error if a run is resumed without the rates that it began with.
   */
  protected start(lastEpoch = -1): void {
    this.groups.forEach((group, i) => {
      if (lastEpoch === -1) group.initialLr ??= rateOf(group.lr);
      else if (group.initialLr === undefined) {
        throw new Error(
          `param 'initial_lr' is not specified in param_groups[${i}] when resuming an optimizer (as \`initialLr\`)`,
        );
      }
    });
    this.baseLrs = this.groups.map((group) => rateOf(group.initialLr as Rate));
    this.lastEpoch = lastEpoch;
    watch(this.optimizer);
    this.begin();
  }

  /** @internal Takes the first step. */
  begin(): void {
    this._stepCount = 0;
    this._isInitial = true;
    try {
      this.step();
    } finally {
      this._isInitial = false;
    }
  }

  /** The rates of this step. */
  abstract getLr(): number[];

  /** The rates of this step from the number of steps alone, where there is such a formula. */
  protected closedForm?(): number[];

  /** The rates that the last step set. */
  getLastLr(): number[] {
    return this._lastLr;
  }

  /**
   * Sets the rates of the next step; to be called after the optimizer's `step`.
   *
   * @param epoch the number of the step, if it is not the next one; deprecated.
   */
  step(epoch?: number | null): void {
    const given = givenEpoch(epoch);
    if (this._stepCount === 1) {
      if (!watching.has(this.optimizer.step)) warn(stepReplaced);
      else if (!stepped.has(this.optimizer)) warn(wrongOrder);
    }
    this._stepCount++;
    if (given !== undefined) warnOfEpoch();
    this.update(given);
  }

  /** @internal Sets the rates, of the next step or of one that is given. */
  update(epoch?: number): void {
    this.lastEpoch = epoch ?? this.lastEpoch + 1;
    const rates = this.compute(() => (epoch !== undefined && this.closedForm ? this.closedForm() : this.getLr()));
    this.apply(rates);
  }

  /** Runs what may ask for the rates without a warning. */
  protected compute(rates: () => number[]): number[] {
    this._getLrCalledWithinStep = true;
    try {
      return rates();
    } finally {
      this._getLrCalledWithinStep = false;
    }
  }

  /** Puts rates into the groups; where one is a tensor, it is filled. */
  protected apply(rates: readonly number[]): void {
    this.groups.forEach((group, i) => {
      if (rates[i] !== undefined) setRate(group, rates[i] as Rate);
    });
    this._lastLr = ratesOf(this.groups);
  }

  /** Warns somebody who calls `getLr` for what `getLastLr` gives. */
  protected checkWithinStep(): void {
    if (this._getLrCalledWithinStep) return;
    warn("To get the last learning rate computed by the scheduler, please use `get_last_lr()`.");
  }

  /** Everything but the optimizer, under PyTorch's keys. */
  stateDict(): SchedulerStateDict {
    const { optimizer: _, ...own } = this as unknown as Record<string, unknown>;
    return mapKeys(own, toSnakeCase, copied);
  }

  /**
   * Takes over the state of a schedule of the same class. The rates themselves are in the optimizer, whose state is to
   * be loaded too.
   *
   * @throws TypeError for what is no state dict.
   */
  loadStateDict(dict: SchedulerStateDict): void {
    if (!isPlainObject(dict)) throw new TypeError("loadStateDict(): expected the state dict of a scheduler");
    const own = this as unknown as Record<string, unknown>;
    for (const [name, value] of Object.entries(mapKeys(dict, toCamelCase, copied))) {
      // Other versions of PyTorch have other entries.
      if (name !== "optimizer" && Object.hasOwn(own, name)) own[name] = value;
    }
  }
}

/** A value whose lists and maps are copies. */
function copied(value: unknown): unknown {
  if (Array.isArray(value)) return [...value];
  return value instanceof Map ? new Map(value) : value;
}

/** A number for all groups, or one for each. */
export function forEachGroup(name: string, optimizer: Optimizer, value: number | readonly number[]): number[] {
  const { length } = optimizer.paramGroups;
  if (!Array.isArray(value)) return new Array(length).fill(value);
  if (value.length === length) return [...value];
  throw new Error(
    `${name} must have the same length as optimizer.param_groups. ` +
      `${name} has ${value.length} values, param_groups has ${length}.`,
  );
}

/** How many of sorted numbers are not above a value. */
export function countUpTo(sorted: readonly number[], value: number): number {
  const next = sorted.findIndex((item) => item > value);
  return next < 0 ? sorted.length : next;
}

/** A number, or one for each group. */
export const numberOrNumbers: Param<number | readonly number[]> = {
  ...(numbers as Param<number | readonly number[]>),
  expected: "float or list of floats",
  read: (value) => (typeof value === "number" ? value : numbers.read(value)),
};

/**
 * The number of a step that is given, if one is.
 *
 * @throws TypeError for what is no number.
 */
export function givenEpoch(epoch: number | null | undefined): number | undefined {
  if (typeof epoch === "number") return epoch;
  if (epoch === undefined || epoch === null) return undefined;
  throw new TypeError(`step(): argument 'epoch' must be float, not ${describe(epoch)}`);
}
