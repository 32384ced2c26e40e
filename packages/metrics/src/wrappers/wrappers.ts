/**
 * Metrics made of others: by class, by output, with extremes, over a window, or with bootstrapped uncertainty.
 *
 * Source: https://lightning.ai/docs/torchmetrics/stable/wrappers/classwise_wrapper.html and its neighbours
 */
import torch, { nn, type Tensor } from "flambeau";
import {
  flag,
  flagOn,
  int,
  invalid,
  listOf,
  number,
  optional,
  type Param,
  Signature,
  text,
  word,
} from "flambeau/arguments";
import { MeanMetric, type NanStrategy, SumMetric } from "../aggregation/aggregation.js";
import type { MetricCollection } from "../metric/collection.js";
import { book, type Metric } from "../metric/metric.js";
import type { State } from "../metric/state.js";
import { mapTensors } from "../metric/values.js";
import { expectMetric, expectMetricOrCollection, WrapperMetric } from "./wrapper.js";

const freeText: Param<string> = { ...text, endsPositional: false };

const classwiseSignature = new Signature("ClasswiseWrapper", {
  labels: optional(listOf("list of strings", text)),
  prefix: optional(freeText),
  postfix: optional(freeText),
});

/**
 * A metric that gives a value for each class, as an object with a name for each: `{ multiclassaccuracy_0: …, … }`.
 *
 * @param labels the names of the classes; by default their numbers.
 * @param prefix what stands before each name; by default the name of the metric's class.
 * @param postfix what stands after each name.
 * @example
 * new ClasswiseWrapper(new MulticlassAccuracy(3, { average: null }), ["horse", "fish", "dog"], "accuracy_")
 */
export class ClasswiseWrapper extends WrapperMetric<Record<string, Tensor>> {
  readonly metric: Metric;
  readonly labels: readonly string[] | undefined;
  readonly prefix: string | undefined;
  readonly postfix: string | undefined;

  constructor(
    metric: Metric,
    ...args:
      | [labels?: readonly string[], prefix?: string, postfix?: string]
      | [labels?: readonly string[], options?: { prefix?: string; postfix?: string }]
      | [options?: { labels?: readonly string[]; prefix?: string; postfix?: string }]
  ) {
    super();
    this.metric = expectMetric(metric, "ClasswiseWrapper");
    const { labels, prefix, postfix } = classwiseSignature.parse(args);
    this.labels = labels;
    this.prefix = prefix;
    this.postfix = postfix;
    this.higherIsBetter = metric.higherIsBetter;
  }

  protected override inner(): Metric[] {
    return [this.metric];
  }

  private named(values: Tensor): Record<string, Tensor> {
    const { labels, metric, postfix = "" } = this;
    const isBare = !this.prefix && !this.postfix;
    const prefix = isBare ? `${metric.constructor.name.toLowerCase()}_` : (this.prefix ?? "");
    return Object.fromEntries(
      values.unbind(0).map((value, i) => [`${prefix}${labels === undefined ? i : labels[i]}${postfix}`, value]),
    );
  }

  override update(...inputs: unknown[]): void {
    this.metric.update(...inputs);
  }

  override compute(): Record<string, Tensor> {
    return this.named(this.metric.compute());
  }

  override forward(...inputs: unknown[]): Record<string, Tensor> {
    const values = this.metric(...inputs);
    this.updateCount++;
    this[book].computed = null;
    return this.named(values);
  }
}

/** A value with the least and greatest that were computed. */
export interface MinMax {
  raw: Tensor;
  max: Tensor;
  min: Tensor;
}

/**
 * The value of a metric together with the least and the greatest that were ever computed, also across `reset`.
 *
 * @example new MinMaxMetric(new BinaryAccuracy()).compute() // { raw, max, min }
 */
export class MinMaxMetric extends WrapperMetric<MinMax> {
  override fullStateUpdate = true;
  readonly baseMetric: Metric;
  declare minVal: Tensor;
  declare maxVal: Tensor;

  constructor(baseMetric: Metric) {
    super();
    this.baseMetric = expectMetric(baseMetric, "MinMaxMetric", "baseMetric");
    this.addState("minVal", torch.tensor(Number.POSITIVE_INFINITY), { distReduceFx: "min", persistent: true });
    this.addState("maxVal", torch.tensor(Number.NEGATIVE_INFINITY), { distReduceFx: "max", persistent: true });
  }

  protected override inner(): Metric[] {
    return [this.baseMetric];
  }

  override update(...inputs: unknown[]): void {
    this.baseMetric.update(...inputs);
  }

  /** @throws Error unless the metric gives a single number. */
  override compute(): MinMax {
    const raw: unknown = this.baseMetric.compute();
    if (!(raw instanceof torch.Tensor) || raw.numel() !== 1) {
      throw new Error(`Returned value from base metric should be a float or scalar tensor, but got ${raw}.`);
    }
    const value = raw.detach();
    this.maxVal = torch.maximum(this.maxVal, value);
    this.minVal = torch.minimum(this.minVal, value);
    return { raw, max: this.maxVal, min: this.minVal };
  }

  override forward(...inputs: unknown[]): MinMax {
    const raw = this.baseMetric(...inputs);
    this.updateCount++;
    this[book].computed = null;
    this.maxVal = torch.maximum(this.maxVal, raw.detach());
    this.minVal = torch.minimum(this.minVal, raw.detach());
    return { raw, max: this.maxVal.clone(), min: this.minVal.clone() };
  }

  /** Forgets all batches, but not the least and the greatest value. */
  override reset(): void {
    const { minVal, maxVal } = this;
    super.reset();
    Object.assign(this, { minVal, maxVal });
  }
}

const multioutputSignature = new Signature("MultioutputWrapper", {
  numOutputs: int,
  outputDim: optional(int, -1),
  removeNans: flagOn,
  squeezeOutputs: flagOn,
});

/**
 * A metric of one output, for each of several: the values are stacked.
 *
 * @param numOutputs how many outputs there are.
 * @param outputDim the dim that counts them; the last by default.
 * @param options.removeNans leaves out samples of which an input is NaN.
 * @param options.squeezeOutputs drops the dim of the outputs.
 * @example new MultioutputWrapper(new R2Score(), 2)
 */
export class MultioutputWrapper extends WrapperMetric<Tensor> {
  readonly metrics: nn.ModuleList;
  readonly outputDim: number;
  readonly removeNans: boolean;
  readonly squeezeOutputs: boolean;

  constructor(
    baseMetric: Metric,
    ...args:
      | [numOutputs: number, outputDim?: number, options?: { removeNans?: boolean; squeezeOutputs?: boolean }]
      | [numOutputs: number, options?: { outputDim?: number; removeNans?: boolean; squeezeOutputs?: boolean }]
  ) {
    super();
    expectMetric(baseMetric, "MultioutputWrapper", "baseMetric");
    const { numOutputs, outputDim, removeNans, squeezeOutputs } = multioutputSignature.parse(args);
    this.metrics = new nn.ModuleList(Array.from({ length: numOutputs }, () => baseMetric.clone()));
    this.outputDim = outputDim;
    this.removeNans = removeNans;
    this.squeezeOutputs = squeezeOutputs;
    this.higherIsBetter = baseMetric.higherIsBetter;
  }

  protected override inner(): Metric[] {
    return [...this.metrics] as unknown as Metric[];
  }

  /** The inputs of one output. */
  private selected(inputs: readonly unknown[], at: number): unknown[] {
    let own = inputs.map((input) =>
      mapTensors(input, (tensor) => tensor.indexSelect(this.outputDim, torch.tensor([at], { dtype: torch.long }))),
    ) as Tensor[];
    if (this.removeNans) {
      const [first] = own as [Tensor];
      const hasNan = own
        .map((tensor) =>
          tensor
            .isnan()
            .reshape([first.shape[0] as number, -1])
            .any(1),
        )
        .reduce((all, one) => all.logicalOr(one));
      const rows = hasNan.logicalNot().nonzero().flatten();
      own = own.map((tensor) => tensor.indexSelect(0, rows));
    }
    return this.squeezeOutputs ? own.map((tensor) => tensor.squeeze(this.outputDim)) : own;
  }

  override update(...inputs: unknown[]): void {
    this.inner().forEach((metric, i) => metric.update(...this.selected(inputs, i)));
  }

  override compute(): Tensor {
    return torch.stack(this.inner().map((metric) => metric.compute()));
  }

  override forward(...inputs: unknown[]): Tensor {
    const values = this.inner().map((metric, i) => metric(...this.selected(inputs, i)));
    this.updateCount++;
    this[book].computed = null;
    return torch.stack(values);
  }
}

/** How samples are drawn: each as often as Poisson's distribution of mean 1 says, or as many as there are, with repeats. */
export type SamplingStrategy = "poisson" | "multinomial";

export interface BootStrapperOptions {
  /** Whether the mean of all copies is given, their deviation, and each of them. */
  mean?: boolean;
  std?: boolean;
  raw?: boolean;
  /** Which quantile is given, if any. */
  quantile?: number | Tensor;
  samplingStrategy?: SamplingStrategy;
}

const quantile: Param<number | Tensor> = {
  ...(number as Param<number | Tensor>),
  expected: "float or Tensor",
  read: (value) => (value instanceof torch.Tensor ? value : (number.read(value) ?? invalid)),
};

const bootSignature = new Signature("BootStrapper", {
  numBootstraps: optional(int, 10),
  mean: flagOn,
  std: flagOn,
  quantile: optional(quantile),
  raw: flag,
  samplingStrategy: optional(word("poisson", "multinomial"), "poisson"),
});

/**
 * The uncertainty of a metric: copies of it see resampled batches, and the mean and deviation of their values are given.
 * The samples come from the generator of `torch.manualSeed`.
 *
 * @example new BootStrapper(new MulticlassAccuracy(5), 20).compute() // { mean, std }
 */
export class BootStrapper extends WrapperMetric<Record<string, Tensor>> {
  override fullStateUpdate = true;
  readonly metrics: nn.ModuleList;
  private readonly wanted: Required<Omit<BootStrapperOptions, "quantile">> & Pick<BootStrapperOptions, "quantile">;

  constructor(
    baseMetric: Metric,
    ...args:
      | [numBootstraps?: number, options?: BootStrapperOptions]
      | [options?: BootStrapperOptions & { numBootstraps?: number }]
  ) {
    super();
    expectMetric(baseMetric, "BootStrapper", "baseMetric");
    const { numBootstraps, ...wanted } = bootSignature.parse(args);
    this.metrics = new nn.ModuleList(Array.from({ length: numBootstraps }, () => baseMetric.clone()));
    this.wanted = wanted;
    this.higherIsBetter = baseMetric.higherIsBetter;
  }

  protected override inner(): Metric[] {
    return [...this.metrics] as unknown as Metric[];
  }

  /** The places of a sample of as many. */
  private sample(size: number): Tensor {
    if (this.wanted.samplingStrategy === "multinomial") {
      return torch.multinomial(torch.ones(size), size, { replacement: true });
    }
    const times = torch.poisson(torch.ones(size)).to(torch.int64);
    return torch.arange(size).repeatInterleave(times, { dim: 0 });
  }

  override update(...inputs: unknown[]): void {
    const first = inputs.find((one) => one instanceof torch.Tensor);
    if (!(first instanceof torch.Tensor)) {
      throw new TypeError("None of the input contained tensors, so could not determine the sampling size");
    }
    for (const metric of this.inner()) {
      const places = this.sample(first.shape[0] as number);
      if (places.numel() === 0) continue;
      metric.update(...inputs.map((input) => mapTensors(input, (tensor) => tensor.indexSelect(0, places))));
    }
  }

  override compute(): Record<string, Tensor> {
    const values = torch.stack(this.inner().map((metric) => metric.compute()));
    const { mean, std, raw, quantile: at } = this.wanted;
    return {
      ...(mean && { mean: values.mean(0) }),
      ...(std && { std: values.std(0) }),
      ...(at !== undefined && { quantile: torch.quantile(values, at) }),
      ...(raw && { raw: values }),
    };
  }
}

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
    this.updateCount++;
    this[book].computed = null;
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
  if (typeof first === "object") return [first.window, first.nanStrategy];
  return [first, typeof second === "object" ? second.nanStrategy : second];
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

const affixSignature = new Signature("MultitaskWrapper", { prefix: optional(freeText), postfix: optional(freeText) });

/**
 * Metrics of several tasks, each with its own predictions and targets: objects with the same names.
 *
 * @example
 * const metrics = new MultitaskWrapper({ kind: new BinaryAccuracy(), size: new MeanSquaredError() });
 * metrics.update({ kind: a, size: b }, { kind: c, size: d });
 */
export class MultitaskWrapper extends WrapperMetric<Record<string, unknown>> {
  readonly taskMetrics: nn.ModuleDict;
  readonly prefix: string | undefined;
  readonly postfix: string | undefined;

  constructor(
    taskMetrics: { readonly [task: string]: Metric | MetricCollection },
    ...args: [prefix?: string, postfix?: string] | [options?: { prefix?: string; postfix?: string }]
  ) {
    super();
    for (const [task, metric] of Object.entries(taskMetrics)) {
      expectMetricOrCollection(metric, "MultitaskWrapper", task);
    }
    this.taskMetrics = new nn.ModuleDict(taskMetrics as unknown as Record<string, nn.Module>);
    const { prefix, postfix } = affixSignature.parse(args);
    this.prefix = prefix;
    this.postfix = postfix;
  }

  protected override inner(): (Metric | MetricCollection)[] {
    return [...this.taskMetrics.values()] as unknown as (Metric | MetricCollection)[];
  }

  private each(visit: (metric: Metric | MetricCollection, task: string) => unknown): Record<string, unknown> {
    return Object.fromEntries(
      [...this.taskMetrics.items()].map(([task, metric]) => [
        `${this.prefix ?? ""}${task}${this.postfix ?? ""}`,
        visit(metric as unknown as Metric, task),
      ]),
    );
  }

  /** Throws unless both have what the tasks need. */
  private check(preds: Record<string, unknown>, targets: Record<string, unknown>): void {
    const names = (value: object) => Object.keys(value).sort().join(", ");
    const own = [...this.taskMetrics.keys()].sort().join(", ");
    if (names(preds) === own && names(targets) === own) return;
    throw new Error(
      `Expected arguments \`taskPreds\` and \`taskTargets\` to have the same keys as the wrapped \`taskMetrics\`: ${own}. Found ${names(preds)} and ${names(targets)}`,
    );
  }

  override update(taskPreds: Record<string, unknown>, taskTargets: Record<string, unknown>): void {
    this.check(taskPreds, taskTargets);
    this.each((metric, task) => metric.update(taskPreds[task], taskTargets[task]));
  }

  override compute(): Record<string, unknown> {
    return this.each((metric) => metric.compute());
  }

  override forward(taskPreds: Record<string, unknown>, taskTargets: Record<string, unknown>): Record<string, unknown> {
    this.check(taskPreds, taskTargets);
    const values = this.each((metric, task) => metric(taskPreds[task], taskTargets[task]));
    this.updateCount++;
    this[book].computed = null;
    return values;
  }
}
