/** The extremes of a value. */
import torch, { type Tensor } from "flambeau";
import type { Metric } from "../metric/metric.js";
import { expectMetric, WrapperMetric } from "./wrapper.js";

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
    this.noteBatch();
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
