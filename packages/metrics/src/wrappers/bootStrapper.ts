/** The uncertainty of a metric, by resampling. */
import torch, { nn, type Tensor } from "flambeau";
import { flag, flagOn, int, invalid, number, optional, type Param, Signature, word } from "flambeau/arguments";
import type { Metric } from "../metric/metric.js";
import { mapTensors } from "../metric/values.js";
import { expectMetric, WrapperMetric } from "./wrapper.js";

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
