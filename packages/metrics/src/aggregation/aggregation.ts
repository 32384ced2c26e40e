/**
 * Aggregation: metrics of single values, such as losses, which are added up, averaged, or kept.
 *
 * Source: https://lightning.ai/docs/torchmetrics/stable/aggregation/mean.html
 */
import torch, { type Tensor } from "flambeau";
import { invalid, number, operand, optional, type Param, warn } from "flambeau/arguments";
import { define, kept, type StateStart, summed } from "../metric/define.js";

/**
 * What happens to NaN: `"error"` throws, `"warn"` drops it with a warning, `"ignore"` drops it, `"disable"` looks for
 * none, and a number takes its place.
 */
export type NanStrategy = "error" | "warn" | "ignore" | "disable" | number;

/** A number, or a tensor of any shape. */
export type Value = Tensor | number;

const strategies = ["error", "warn", "ignore", "disable"];

const nanStrategy: Param<NanStrategy> = optional(
  {
    ...(number as Param<NanStrategy>),
    expected: 'a float or one of "error", "warn", "ignore", "disable"',
    read: (value: unknown) =>
      typeof value === "number" || strategies.includes(value as string) ? (value as NanStrategy) : invalid,
  },
  "warn",
);

function asTensor(value: Value): Tensor {
  const tensor = value instanceof torch.Tensor ? value : torch.tensor(value);
  return tensor.dtype.isFloatingPoint ? tensor : tensor.to(torch.getDefaultDtype());
}

/** Values and their weights, where NaN was dealt with. */
function cleaned(value: Value, weight: Value, strategy: NanStrategy): [value: Tensor, weight: Tensor] {
  const values = asTensor(value);
  const weights = torch.broadcastTo(asTensor(weight), values.shape);
  if (strategy === "disable") return [values, weights];
  const isNan = values.isnan().logicalOr(weights.isnan());
  if (!isNan.any().item()) return [values, weights];
  if (strategy === "error") throw new Error("Encountered `nan` values in tensor");
  if (typeof strategy === "number") return [values.maskedFill(isNan, strategy), weights.maskedFill(isNan, 1)];
  if (strategy === "warn") warn("Encountered `nan` values in tensor. Will be removed.");
  const isFine = isNan.logicalNot();
  return [values.maskedSelect(isFine), weights.maskedSelect(isFine)];
}

type AggregatorArgs = [nanStrategy?: NanStrategy] | [options?: { nanStrategy?: NanStrategy }];

interface Aggregator {
  readonly name: string;
  /** The name of the state. */
  readonly state: string;
  readonly start: StateStart;
  /** What a batch of values becomes. */
  reduce(values: Tensor): Tensor;
}

function aggregator({ name, state, start, reduce }: Aggregator) {
  return define<[value: Value], AggregatorArgs>()({
    name,
    inputs: { value: operand },
    params: { nanStrategy },
    state: () => ({ [state]: start }),
    measure: ([value], options) => ({ [state]: reduce(cleaned(value, 1, options.nanStrategy)[0]) }),
    compute: (states) => states[state] as Tensor,
  }).Class;
}

/**
 * The sum of all values.
 *
 * @example
 * const metric = new SumMetric();
 * metric.update(1);
 * metric.update(torch.tensor([2, 3]));
 * metric.compute() // tensor(6.)
 */
export class SumMetric extends aggregator({
  name: "sum",
  state: "sumValue",
  start: summed(torch.tensor(0)),
  reduce: (values) => values.sum(),
}) {}

const infinite = torch.tensor(Number.POSITIVE_INFINITY);

/** The greatest of all values. */
export class MaxMetric extends aggregator({
  name: "max",
  state: "maxValue",
  start: { start: infinite.neg(), reduction: "max" },
  reduce: (values) => torch.cat([infinite.neg().to(values.dtype).view(1), values.flatten()]).amax(0),
}) {}

/** The least of all values. */
export class MinMetric extends aggregator({
  name: "min",
  state: "minValue",
  start: { start: infinite, reduction: "min" },
  reduce: (values) => torch.cat([infinite.to(values.dtype).view(1), values.flatten()]).amin(0),
}) {}

/** All values, one after the other; before the first an empty tensor. */
export class CatMetric extends aggregator({
  name: "cat",
  state: "value",
  start: kept,
  reduce: (values) => (values.ndim === 0 ? values.unsqueeze(0) : values),
}) {
  override compute(): Tensor {
    const { value } = this.metricState;
    return (value as Tensor[]).length === 0 ? torch.zeros(0) : super.compute();
  }
}

const mean = define<[value: Value, weight?: Value], AggregatorArgs>()({
  name: "mean",
  inputs: { value: operand, weight: optional(operand, 1) },
  params: { nanStrategy },
  state: () => ({ meanValue: summed(torch.tensor(0)), weight: summed(torch.tensor(0)) }),
  measure: ([value, weight = 1], options) => {
    const [values, weights] = cleaned(value, weight, options.nanStrategy);
    return { meanValue: values.mul(weights).sum(), weight: weights.sum() };
  },
  compute: ({ meanValue, weight }) => meanValue.div(weight),
});

/**
 * The mean of all values, weighted where weights are given, such as the loss of a data set:
 * `metric.update(loss, batch.length)`.
 */
export class MeanMetric extends mean.Class {}
