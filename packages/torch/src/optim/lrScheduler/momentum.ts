/** The momentum that goes against the rate: that of SGD and its kin, or the first beta of Adam and its kin. */
import type { Optimizer } from "../optimizer.js";
import { forEachGroup, type ScheduledGroup } from "./scheduler.js";

export class MomentumCycle {
  readonly usesBeta1: boolean;
  readonly base: number[];
  readonly max: number[];

  /** @throws Error for an optimizer without momentum, or lists that do not fit the groups. */
  constructor(optimizer: Optimizer, base: number | readonly number[], max: number | readonly number[]) {
    this.usesBeta1 = "betas" in optimizer.defaults;
    if (!this.usesBeta1 && !("momentum" in optimizer.defaults)) {
      throw new Error("optimizer must support momentum or beta1 with `cycle_momentum` option enabled");
    }
    this.base = forEachGroup("base_momentum", optimizer, base);
    this.max = forEachGroup("max_momentum", optimizer, max);
  }

  /** Puts the momentum of the beginning into the groups, and notes there between which it goes. */
  begin(groups: readonly ScheduledGroup[]): void {
    groups.forEach((group, i) => {
      MomentumCycle.set(group, this.usesBeta1, this.max[i] as number);
      Object.assign(group, { maxMomentum: this.max[i], baseMomentum: this.base[i] });
    });
  }

  static set(group: ScheduledGroup, usesBeta1: boolean, momentum: number): void {
    if (usesBeta1) group.betas = [momentum, ...(group.betas as readonly number[]).slice(1)];
    else group.momentum = momentum;
  }
}
