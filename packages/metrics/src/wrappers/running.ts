import { int, optional, Signature } from "flambeau/arguments";
import { MeanMetric, type NanStrategy, SumMetric } from "../aggregation/aggregation.js";
import type { Metric } from "../metric/metric.js";
import type { State } from "../metric/state.js";
import { expectMetric, WrapperMetric } from "./wrapper.js";

const runningSignature = new Signature("Running", { window: optional(int, 5) });

/**
 * A metric over the last batches only.
 *
 * @param window how many batches there are in it; 5 by default.
 * @throws TypeError for a metric whose states cannot be joined.
 * @example new Running(new SumMetric(), 3)
 */
export class Running extends WrapperMetric {
  readonly baseMetric: Metric;
  readonly window: number;
  private batches: Record<string, State>[] = [];

  constructor(baseMetric: Metric, ...args: [window?: number] | [options?: { window?: number }]) {
    super();
    this.baseMetric = expectMetric(baseMetric, "Running", "baseMetric");
    this.window = runningSignature.parse(args).window;
    if (this.window < 1) {
      throw new RangeError(`Expected argument \`window\` to be a positive integer but got ${this.window}`);
    }
    if (baseMetric.fullStateUpdate !== false) {
      throw new TypeError(
        `Expected attribute \`fullStateUpdate\` set to \`false\` but got ${baseMetric.fullStateUpdate}`,
      );
    }
  }

  protected override inner(): Metric[] {
    return [this.baseMetric];
  }

  /** Keeps the state of the batch that the metric has just seen. */
  private keep(): void {
    this.batches = [...this.batches, this.baseMetric.metricState].slice(-this.window);
    this.baseMetric.reset();
  }

  override update(...inputs: unknown[]): void {
    this.baseMetric.update(...inputs);
    this.keep();
  }

  override forward(...inputs: unknown[]): unknown {
    const value = this.baseMetric(...inputs);
    this.keep();
    this.noteBatch();
    return value;
  }

  override compute(): unknown {
    const { baseMetric } = this;
    for (const batch of this.batches) baseMetric.mergeState(batch);
    const value = baseMetric.compute();
    baseMetric.reset();
    return value;
  }

  override reset(): void {
    super.reset();
    this.batches = [];
  }
}

type WindowArgs =
  | [window?: number, nanStrategy?: NanStrategy]
  | [window?: number, options?: { nanStrategy?: NanStrategy }]
  | [options?: { window?: number; nanStrategy?: NanStrategy }];

/** The window, and what is left for the metric in it. */
function windowOf(args: WindowArgs): [window: number | undefined, nanStrategy: NanStrategy | undefined] {
  const [first, second] = args;
  if (typeof first === "object") return [first?.window, first?.nanStrategy];
  return [first, typeof second === "object" ? second?.nanStrategy : second];
}

/**
 * The mean of the values of the last batches.
 *
 * @example
 * const metric = new RunningMean(3);
 * for (let i = 0; i < 6; i++) metric.update(i);
 * metric.compute() // tensor(4.)
 */
export class RunningMean extends Running {
  constructor(...args: WindowArgs) {
    const [window, nanStrategy] = windowOf(args);
    super(new MeanMetric(nanStrategy), window);
  }
}

/** The sum of the values of the last batches. */
export class RunningSum extends Running {
  constructor(...args: WindowArgs) {
    const [window, nanStrategy] = windowOf(args);
    super(new SumMetric(nanStrategy), window);
  }
}
