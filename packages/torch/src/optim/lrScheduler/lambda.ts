/** Schedules by functions of the program. */
import { anything, int, optional } from "../../arguments/params.js";
import { describe, Signature } from "../../arguments/parse.js";
import { isPlainObject } from "../../core/kinds.js";
import type { Args } from "../../ops/types.js";
import type { Optimizer } from "../optimizer.js";
import { ratesOf } from "../rate.js";
import { LRScheduler, optimizerParam, type SchedulerStateDict } from "./scheduler.js";

/** A factor for the rate, from the number of the step. */
export type LrLambda = (epoch: number) => number;

const params = { optimizer: optimizerParam, lrLambda: anything, lastEpoch: optional(int, -1) };
const lambdaSignature = new Signature("LambdaLR", params);
const multiplicativeSignature = new Signature("MultiplicativeLR", params);

type LambdaArguments = [
  optimizer: Optimizer,
  lrLambda: LrLambda | readonly LrLambda[],
  ...rest: Args<[lastEpoch?: number], ["lastEpoch"]>,
];

/** What the two have in common: a function for each group. */
abstract class ByFunction extends LRScheduler {
  lrLambdas: LrLambda[];

  constructor(signature: Signature<typeof params>, args: readonly unknown[]) {
    const { optimizer, lrLambda, lastEpoch } = signature.parse(args);
    super(optimizer);
    const { length } = optimizer.paramGroups;
    if (Array.isArray(lrLambda) && lrLambda.length !== length) {
      throw new Error(`Expected ${length} lr_lambdas, but got ${lrLambda.length}`);
    }
    const lambdas: unknown[] = Array.isArray(lrLambda) ? [...lrLambda] : new Array(length).fill(lrLambda);
    for (const lambda of lambdas) {
      if (typeof lambda === "function") continue;
      throw new TypeError(`lr_lambda should be a function, but got ${describe(lambda)}`);
    }
    this.lrLambdas = lambdas as LrLambda[];
    this.start(lastEpoch);
  }

  /** Functions are not kept; of one with properties of its own those are. */
  override stateDict(): SchedulerStateDict {
    return { ...super.stateDict(), lr_lambdas: this.lrLambdas.map(propertiesOf) };
  }

  override loadStateDict(dict: SchedulerStateDict): void {
    const { lr_lambdas, ...rest } = dict ?? {};
    if (!Array.isArray(lr_lambdas) || lr_lambdas.length !== this.lrLambdas.length) {
      throw new TypeError(`loadStateDict(): expected \`lr_lambdas\` of ${this.lrLambdas.length} groups`);
    }
    super.loadStateDict(rest);
    lr_lambdas.forEach((properties, i) => {
      if (isPlainObject(properties)) Object.assign(this.lrLambdas[i] as LrLambda, properties);
    });
  }
}

/** The properties that a program gave to a function; null if there are none. */
export function propertiesOf(value: object): Record<string, unknown> | null {
  const properties = { ...value };
  return Object.keys(properties).length > 0 ? properties : null;
}

/**
 * The rate to begin with, times a function of the number of the step.
 *
 * @example new optim.lrScheduler.LambdaLR(optimizer, (epoch) => 0.95 ** epoch);
 * @throws Error for a list with more or fewer functions than groups.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LambdaLR.html
 */
export class LambdaLR extends ByFunction {
  constructor(...args: LambdaArguments) {
    super(lambdaSignature, args);
  }

  override getLr(): number[] {
    this.checkWithinStep();
    return this.baseLrs.map((lr, i) => lr * (this.lrLambdas[i] as LrLambda)(this.lastEpoch));
  }
}

/**
 * The rate of the step before, times a function of the number of the step.
 *
 * @example new optim.lrScheduler.MultiplicativeLR(optimizer, () => 0.95);
 * @throws Error for a list with more or fewer functions than groups.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiplicativeLR.html
 */
export class MultiplicativeLR extends ByFunction {
  constructor(...args: LambdaArguments) {
    super(multiplicativeSignature, args);
  }

  override getLr(): number[] {
    this.checkWithinStep();
    return ratesOf(this.groups).map((lr, i) =>
      this._isInitial ? lr : lr * (this.lrLambdas[i] as LrLambda)(this.lastEpoch),
    );
  }
}
