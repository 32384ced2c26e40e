/** What wrappers share: they hand batches on to the metrics that they hold. */
import { describe, type Param, text } from "flambeau/arguments";
import { MetricCollection } from "../metric/collection.js";
import { Metric } from "../metric/metric.js";

/** A text that is a free name, and keeps its place. */
export const freeText: Param<string> = { ...text, endsPositional: false };

/** @throws TypeError unless a value is a metric. */
export function expectMetric(value: unknown, owner: string, name = "metric"): Metric {
  if (value instanceof Metric) return value;
  throw new TypeError(`${owner}(): expected argument '${name}' to be an instance of Metric, not ${describe(value)}`);
}

/** @throws TypeError unless a value is a metric or a collection. */
export function expectMetricOrCollection(value: unknown, owner: string, name = "metric"): Metric | MetricCollection {
  if (value instanceof MetricCollection) return value;
  return expectMetric(value, owner, name);
}

/**
 * A metric that has others. It keeps no states of its own unless it adds some, and a call calls the others.
 *
 * @typeParam I what `update` takes.
 * @typeParam V what `compute` returns.
 */
// biome-ignore lint/suspicious/noExplicitAny: wrappers take what the metrics in them take
export abstract class WrapperMetric<V = any> extends Metric<any[], V> {
  /** The metrics inside. */
  protected abstract inner(): readonly (Metric | MetricCollection)[];

  /** Decides whether the states are in the state dict, those of the metrics inside too. */
  override persistent(mode = false): void {
    super.persistent(mode);
    for (const metric of this.inner()) metric.persistent(mode);
  }

  override reset(): void {
    super.reset();
    for (const metric of this.inner()) metric.reset();
  }
}
