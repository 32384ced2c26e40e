/** Schedules made of others. */
import { anything, int, ints, listItems, optional } from "../../arguments/params.js";
import { describe, Signature } from "../../arguments/parse.js";
import type { Args } from "../../ops/types.js";
import type { Optimizer } from "../optimizer.js";
import { setRate } from "../rate.js";
import { ReduceLROnPlateau } from "./plateau.js";
import { countUpTo, LRScheduler, optimizerParam, type SchedulerStateDict } from "./scheduler.js";

/** What both have in common: the schedules, which are part of the state. */
abstract class Combined extends LRScheduler {
  /** @internal */
  _schedulers: readonly LRScheduler[];

  constructor(optimizer: Optimizer, schedulers: readonly LRScheduler[]) {
    super(optimizer);
    this._schedulers = schedulers;
  }

  override getLr(): number[] {
    return this._lastLr;
  }

  override stateDict(): SchedulerStateDict {
    return { ...super.stateDict(), _schedulers: this._schedulers.map((scheduler) => scheduler.stateDict()) };
  }

  override loadStateDict(dict: SchedulerStateDict): void {
    const { _schedulers, ...rest } = dict ?? {};
    const states = _schedulers as readonly SchedulerStateDict[] | undefined;
    if (!Array.isArray(states) || states.length !== this._schedulers.length) {
      throw new Error(`loadStateDict(): expected the states of ${this._schedulers.length} schedulers`);
    }
    super.loadStateDict(rest);
    states.forEach((state, i) => {
      this._schedulers[i]?.loadStateDict(state);
    });
  }
}

/** @throws TypeError or Error unless all are schedules of that optimizer that need nothing but a step. */
function checkSchedulers(name: string, given: unknown, optimizer: Optimizer): asserts given is readonly LRScheduler[] {
  listItems(given as readonly unknown[]).forEach((scheduler, i) => {
    if (!(scheduler instanceof LRScheduler)) {
      throw new TypeError(`${name} at index ${i} should have \`optimizer\` as its attribute.`);
    }
    if (scheduler instanceof ReduceLROnPlateau) {
      throw new Error(
        `${name} does not support \`ReduceLROnPlateau\` scheduler as it requires additional kwargs to be specified ` +
          `when calling \`step\`, but got one at index ${i} in the given schedulers sequence.`,
      );
    }
    if (scheduler.optimizer !== optimizer) {
      throw new Error(
        `${name} expects all schedulers to belong to the same optimizer, but got scheduler ` +
          `${scheduler.constructor.name} at index ${i} has ${scheduler.optimizer}, which is different from ` +
          `${optimizer.constructor.name}.`,
      );
    }
  });
}

const chainedSignature = new Signature("ChainedScheduler", {
  schedulers: anything,
  optimizer: optional(optimizerParam),
});

/**
 * Several schedules, each of which changes what the one before has set, in every step.
 *
 * @example new optim.lrScheduler.ChainedScheduler([warmup, decay]);
 * @throws Error for an empty list, or schedules of different optimizers.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ChainedScheduler.html
 */
export class ChainedScheduler extends Combined {
  constructor(...args: [schedulers: readonly LRScheduler[], ...rest: Args<[optimizer?: Optimizer], ["optimizer"]>]) {
    const { schedulers, optimizer } = chainedSignature.parse(args);
    if (!Array.isArray(schedulers)) {
      throw new TypeError(`ChainedScheduler expects a list of schedulers, not ${describe(schedulers)}`);
    }
    if (schedulers.length < 1) {
      throw new Error("ChainedScheduler expects at least one scheduler to be chained, but got no scheduler.");
    }
    const common = optimizer ?? (schedulers[0] as Partial<LRScheduler> | undefined)?.optimizer;
    checkSchedulers("ChainedScheduler", schedulers, common as Optimizer);
    super(common as Optimizer, schedulers);
    this.apply([]);
  }

  override step(): void {
    for (const scheduler of this._schedulers) scheduler.step();
    this.apply([]);
  }
}

const sequentialSignature = new Signature("SequentialLR", {
  optimizer: optimizerParam,
  schedulers: anything,
  milestones: ints,
  lastEpoch: optional(int, -1),
});

/**
 * Several schedules, one after the other; each milestone is the first step of the next one.
 *
 * @example new optim.lrScheduler.SequentialLR(optimizer, [warmup, decay], [5]);
 * @throws Error unless there is one milestone less than schedules, or for schedules of different optimizers.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.SequentialLR.html
 */
export class SequentialLR extends Combined {
  /** @internal */
  _milestones: readonly number[];

  constructor(
    ...args: [
      optimizer: Optimizer,
      schedulers: readonly LRScheduler[],
      milestones: readonly number[],
      ...rest: Args<[lastEpoch?: number], ["lastEpoch"]>,
    ]
  ) {
    const { optimizer, schedulers, milestones, lastEpoch } = sequentialSignature.parse(args);
    if (!Array.isArray(schedulers)) {
      throw new TypeError(`SequentialLR expects a list of schedulers, not ${describe(schedulers)}`);
    }
    if (schedulers.length < 1) throw new Error("SequentialLR expects at least one scheduler, but got no scheduler.");
    checkSchedulers("SequentialLR", schedulers, optimizer);
    if (milestones.length !== schedulers.length - 1) {
      throw new Error(
        "Sequential Schedulers expects number of schedulers provided to be one more than the number of milestone " +
          `points, but got number of schedulers ${schedulers.length} and the number of milestones to be equal to ` +
          `${milestones.length}`,
      );
    }
    super(optimizer, schedulers);
    this._milestones = milestones;
    this.lastEpoch = lastEpoch + 1;
    for (const group of this.groups) setRate(group, group.initialLr ?? group.lr);
    // The schedules have taken their first steps when they were made; now they take them in their turn.
    for (const scheduler of schedulers) undo(scheduler);
    const [first] = schedulers as [LRScheduler];
    first.begin();
    this._lastLr = first.getLastLr();
  }

  override step(): void {
    this.lastEpoch++;
    const turn = countUpTo(this._milestones, this.lastEpoch);
    const scheduler = this._schedulers[turn] as LRScheduler;
    if (turn > 0 && this._milestones[turn - 1] === this.lastEpoch) scheduler.update(0);
    else scheduler.step();
    this._lastLr = scheduler.getLastLr();
  }
}

function undo(scheduler: LRScheduler): void {
  if (scheduler instanceof Combined) for (const inner of scheduler._schedulers) undo(inner);
  else if (scheduler.lastEpoch !== undefined) scheduler.lastEpoch--;
}
