/** A metric for each of several outputs. */
import torch, { nn, type Tensor } from "flambeau";
import { flagOn, int, optional, readArgument, Signature, tensors } from "flambeau/arguments";
import type { Metric } from "../metric/metric.js";
import { expectMetric, WrapperMetric } from "./wrapper.js";

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
    const place = torch.tensor([at], { dtype: torch.long });
    const all = readArgument("update", "inputs", tensors, inputs);
    let own = all.map((tensor) => tensor.indexSelect(this.outputDim, place));
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
    this.noteBatch();
    return torch.stack(values);
  }
}
