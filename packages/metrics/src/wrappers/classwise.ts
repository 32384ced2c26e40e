/** A value for each class, by name. */
import type { Tensor } from "flambeau";
import { listOf, optional, Signature, text } from "flambeau/arguments";
import type { Metric } from "../metric/metric.js";
import { expectMetric, freeText, WrapperMetric } from "./wrapper.js";

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
    this.noteBatch();
    return this.named(values);
  }
}
