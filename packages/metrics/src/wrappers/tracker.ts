/** The values of a metric over the epochs of a run. */
import type { Axes } from "@flambeau/pyplot";
import torch, { nn, type Tensor } from "flambeau";
import { flag, listOf, readArgument } from "flambeau/arguments";
import { MetricCollection } from "../metric/collection.js";
import type { Metric } from "../metric/metric.js";
import { isPlain } from "../metric/values.js";
import { type Plot, plotValue } from "../plot/plot.js";
import { expectMetricOrCollection } from "./wrapper.js";

type Tracked = Metric | MetricCollection;

/** The metric that is copied for each step, which is no part of the state. */
const base: unique symbol = Symbol("base");

/**
 * A list with a copy of a metric, or a collection, for each step, such as an epoch: `increment` starts one.
 *
 * @example
 * const tracker = new MetricTracker(new MulticlassAccuracy(10));
 * for (let epoch = 0; epoch < 5; epoch++) {
 *   tracker.increment();
 *   for (const [images, labels] of loader) tracker.update(model(images), labels);
 * }
 * const [best, epoch] = tracker.bestMetric({ returnStep: true });
 * @see https://lightning.ai/docs/torchmetrics/stable/wrappers/metric_tracker.html
 */
export class MetricTracker extends nn.ModuleList {
  /** Whether a greater value is the better one; of each metric of a collection. */
  readonly maximize: boolean | readonly boolean[];
  /** @internal */
  private readonly [base]: Tracked;

  /**
   * @param options.maximize by default what `higherIsBetter` of the metric says.
   * @throws TypeError for what is no metric; Error if nothing says what is better.
   */
  constructor(metric: Tracked, options: { maximize?: boolean | readonly boolean[] | null } = {}) {
    super([]);
    expectMetricOrCollection(metric, "MetricTracker");
    this[base] = metric;
    this.maximize = readMaximize(metric, options.maximize ?? undefined);
  }

  /** How many steps there have been. */
  get nSteps(): number {
    return this.length;
  }

  /** Starts a step, with a fresh copy of the metric. */
  increment(): void {
    this.append(torch.deepcopy(this[base]) as unknown as nn.Module);
  }

  private steps(): Tracked[] {
    return [...this] as unknown as Tracked[];
  }

  private current(method: string): Tracked {
    const metric = this.steps().at(-1);
    if (metric === undefined)
      throw new Error(`\`${method}\` cannot be called before \`.increment()\` has been called.`);
    return metric;
  }

  /** Adds a batch to the present step, and gives its value. */
  override forward(...inputs: unknown[]): unknown {
    return this.current("forward")(...inputs);
  }

  /** Adds a batch to the present step. */
  update(...inputs: unknown[]): void {
    this.current("update").update(...inputs);
  }

  /** The value of the present step. */
  // biome-ignore lint/suspicious/noExplicitAny: a metric gives what it gives
  compute(): any {
    return this.current("compute").compute();
  }

  /** The values of all steps: stacked, by name for a collection; a list where they cannot be stacked. */
  // biome-ignore lint/suspicious/noExplicitAny: a metric gives what it gives
  computeAll(): any {
    this.current("computeAll");
    const values: unknown[] = this.steps().map((metric) => metric.compute());
    const [first] = values;
    if (values.every((one) => one instanceof torch.Tensor)) return torch.stack(values);
    if (!isPlain(first) || !Object.values(first).every((one) => one instanceof torch.Tensor)) return values;
    const byName = values as Record<string, Tensor>[];
    return Object.fromEntries(
      Object.keys(first).map((name) => [name, torch.stack(byName.map((one) => one[name] as Tensor))]),
    );
  }

  /** Forgets the batches of the present step. */
  reset(): void {
    this.current("reset").reset();
  }

  /** Forgets the batches of all steps. */
  resetAll(): void {
    for (const metric of this.steps()) metric.reset();
  }

  /** The best value of all steps, as a number: by name for a collection; null where there is no best. */
  bestMetric(options?: { returnStep?: false }): Best;
  /** The best value, and the step that had it. */
  bestMetric(options: { returnStep: true }): [value: Best, step: Best];
  bestMetric({ returnStep = false }: { returnStep?: boolean } = {}): Best | [value: Best, step: Best] {
    const [value, step] = this.best();
    return returnStep ? [value, step] : value;
  }

  /** Draws the values of all steps. */
  plot(value: unknown = this.computeAll(), ax?: Axes): Plot {
    const steps = value instanceof torch.Tensor ? value.unbind(0) : value;
    return plotValue(steps, ax === undefined ? {} : { ax }, { name: this.constructor.name });
  }

  private best(): [value: Best, step: Best] {
    const all: unknown = this.computeAll();
    if (all instanceof torch.Tensor) return bestOf(all, this.maximize === true);
    if (!isPlain(all)) return [null, null];
    const entries = Object.entries(all as Record<string, Tensor>).map(([name, values], i) => {
      const isMaximized = typeof this.maximize === "boolean" ? this.maximize : this.maximize[i] === true;
      return [name, bestOf(values, isMaximized)] as const;
    });
    const at = (place: 0 | 1) => Object.fromEntries(entries.map(([name, best]) => [name, best[place]]));
    return [at(0), at(1)];
  }
}

/** A number, or one for each name. */
// biome-ignore lint/suspicious/noExplicitAny: what it is depends on the metric
type Best = any;

/** The best of several numbers, and its place. */
function bestOf(values: Tensor, isMaximized: boolean): [value: number | null, step: number | null] {
  if (values.ndim !== 1) return [null, null];
  const { values: value, indices } = isMaximized ? values.max(0) : values.min(0);
  return [value.item(), indices.item()];
}

function readMaximize(metric: Tracked, given: unknown): boolean | readonly boolean[] {
  const isCollection = metric instanceof MetricCollection;
  if (given === undefined) {
    if (!isCollection) return known(metric.constructor.name, metric.higherIsBetter);
    return metric.items().map(([name, one]) => known(name, one.higherIsBetter));
  }
  if (!Array.isArray(given)) return readArgument("MetricTracker", "maximize", flag, given);
  const list = readArgument("MetricTracker", "maximize", listOf("bool or list of bools", flag), given);
  if (!isCollection)
    throw new TypeError("Argument `maximize` should be a single bool when `metric` is a single Metric");
  if (list.length !== metric.length) {
    throw new Error("The len of argument `maximize` should match the length of the metric collection");
  }
  return list;
}

function known(name: string, higherIsBetter: boolean | undefined): boolean {
  if (higherIsBetter !== undefined) return higherIsBetter;
  throw new Error(
    `The metric '${name}' does not have a 'higherIsBetter' attribute. Please provide the \`maximize\` argument explicitly.`,
  );
}
