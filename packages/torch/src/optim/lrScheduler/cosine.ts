/** Schedules along a cosine. */
import { int, number, optional } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import type { Args } from "../../ops/types.js";
import type { Optimizer } from "../optimizer.js";
import { ratesOf } from "../rate.js";
import { givenEpoch, LRScheduler, optimizerParam, type SchedulerStateDict } from "./scheduler.js";

const annealingSignature = new Signature("CosineAnnealingLR", {
  optimizer: optimizerParam,
  TMax: int,
  etaMin: optional(number, 0),
  lastEpoch: optional(int, -1),
});

/**
 * The rate falls along half a cosine, `etaMin + (lr - etaMin) * (1 + cos(pi * t / TMax)) / 2`, and then rises again.
 *
 * @example new optim.lrScheduler.CosineAnnealingLR(optimizer, epochs);
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingLR.html
 * @see https://arxiv.org/abs/1608.03983
 */
export class CosineAnnealingLR extends LRScheduler {
  /** The steps of half a cosine. */
  TMax: number;
  etaMin: number;

  constructor(
    ...args: [
      optimizer: Optimizer,
      TMax: number,
      ...rest: Args<[etaMin?: number, lastEpoch?: number], ["etaMin", "lastEpoch"]>,
    ]
  ) {
    const { optimizer, TMax, etaMin, lastEpoch } = annealingSignature.parse(args);
    super(optimizer);
    this.TMax = TMax;
    this.etaMin = etaMin;
    this.start(lastEpoch);
  }

  override getLr(): number[] {
    this.checkWithinStep();
    const { TMax, etaMin, lastEpoch } = this;
    if (this._isInitial) return ratesOf(this.groups);
    if (this._stepCount === 1 && lastEpoch > 0) return this.closedForm();
    // At the bottom the rate says nothing of the height from which it came.
    if ((lastEpoch - 1 - TMax) % (2 * TMax) === 0) {
      const rise = (1 - Math.cos(Math.PI / TMax)) / 2;
      return ratesOf(this.groups).map((lr, i) => lr + ((this.baseLrs[i] as number) - etaMin) * rise);
    }
    const factor = (1 + Math.cos((Math.PI * lastEpoch) / TMax)) / (1 + Math.cos((Math.PI * (lastEpoch - 1)) / TMax));
    return ratesOf(this.groups).map((lr) => factor * (lr - etaMin) + etaMin);
  }

  protected override closedForm(): number[] {
    const height = (1 + Math.cos((Math.PI * this.lastEpoch) / this.TMax)) / 2;
    return this.baseLrs.map((lr) => this.etaMin + (lr - this.etaMin) * height);
  }
}

const restartsSignature = new Signature("CosineAnnealingWarmRestarts", {
  optimizer: optimizerParam,
  T0: number,
  TMult: optional(number, 1),
  etaMin: optional(number, 0),
  lastEpoch: optional(int, -1),
});

/**
 * The rate falls along half a cosine and starts at the top again: after `T0` steps, then each time after `TMult` times
 * as many. `step` takes the number of the epoch, which may be a fraction.
 *
 * @example new optim.lrScheduler.CosineAnnealingWarmRestarts(optimizer, 10, 2);
 * @throws RangeError unless `T0` and `TMult` are whole numbers from 1 on.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.html
 * @see https://arxiv.org/abs/1608.03983
 */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  T0: number;
  TMult: number;
  etaMin: number;
  /** The steps from the last restart to the next. */
  TI: number;
  /** The steps since the last restart. */
  TCur: number;

  constructor(
    ...args: [
      optimizer: Optimizer,
      T0: number,
      ...rest: Args<[TMult?: number, etaMin?: number, lastEpoch?: number], ["TMult", "etaMin", "lastEpoch"]>,
    ]
  ) {
    const { optimizer, T0, TMult, etaMin, lastEpoch } = restartsSignature.parse(args);
    if (!(Number.isInteger(T0) && T0 > 0)) throw new RangeError(`Expected positive integer T_0, but got ${T0}`);
    if (!(Number.isInteger(TMult) && TMult >= 1)) {
      throw new RangeError(`Expected integer T_mult >= 1, but got ${TMult}`);
    }
    super(optimizer);
    this.T0 = T0;
    this.TMult = TMult;
    this.etaMin = etaMin;
    this.TI = T0;
    this.TCur = lastEpoch;
    this.start(lastEpoch);
  }

  override getLr(): number[] {
    this.checkWithinStep();
    const height = (1 + Math.cos((Math.PI * this.TCur) / this.TI)) / 2;
    return this.baseLrs.map((lr) => this.etaMin + (lr - this.etaMin) * height);
  }

  /**
   * Sets the rates of the next step.
   *
   * @param epoch the number of the epoch, which may be a fraction, if it is not the next one.
   */
  override step(epoch?: number | null): void {
    const given = givenEpoch(epoch) ?? (this.lastEpoch < 0 ? 0 : undefined);
    if (given === undefined) this.goOn();
    else this.goTo(given);
    this.lastEpoch = Math.floor(given ?? this.lastEpoch + 1);
    this.apply(this.compute(() => this.getLr()));
  }

  private goOn(): void {
    this.TCur++;
    if (this.TCur < this.TI) return;
    this.TCur %= this.TI;
    this.TI *= this.TMult;
  }

  private goTo(epoch: number): void {
    if (!(epoch >= 0)) throw new RangeError(`Expected non-negative epoch, but got ${epoch}`);
    const { T0, TMult } = this;
    const restarts = TMult === 1 || epoch < T0 ? 0 : Math.floor(log((epoch / T0) * (TMult - 1) + 1, TMult));
    const before = TMult === 1 ? Math.floor(epoch / T0) * T0 : (T0 * (TMult ** restarts - 1)) / (TMult - 1);
    this.TCur = epoch - before;
    if (TMult !== 1 || epoch < T0) this.TI = T0 * TMult ** restarts;
  }

  override stateDict(): SchedulerStateDict {
    const { T0, ...rest } = super.stateDict();
    return { ...rest, T_0: T0 };
  }
}

function log(value: number, base: number): number {
  return Math.log(value) / Math.log(base);
}
