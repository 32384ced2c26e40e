/** Metrics of several tasks. */
import { nn } from "flambeau";
import { optional, Signature } from "flambeau/arguments";
import type { MetricCollection } from "../metric/collection.js";
import type { Metric } from "../metric/metric.js";
import { expectMetricOrCollection, freeText, WrapperMetric } from "./wrapper.js";

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
    this.noteBatch();
    return values;
  }
}
