/** What modules of losses share. */
import { type Reduction, type ReductionOption, reductionParam } from "../../ops/loss/reduction.js";
import { read } from "../arguments.js";
import { Module } from "../module.js";

/** A module of a loss. */
export abstract class Loss extends Module {
  reduction!: Reduction;
}

/** A loss that has no options but the reduction. */
export abstract class PlainLoss extends Loss {
  constructor(...args: [options?: ReductionOption]) {
    super();
    this.reduction = read(this, { reduction: reductionParam }, args).reduction;
  }
}
