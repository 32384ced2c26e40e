/** A data set that has estimators of its own, for workers, which look for its class in this file. */
import torch, { type Tensor } from "flambeau";
import type { LabelBinarizer, StandardScaler } from "../src/index.js";

const { Dataset, shareable } = torch.utils.data;

/** Labels as rows, and their places scaled. */
export class Encoded extends Dataset<[Tensor, Tensor]> {
  constructor(
    readonly labels: readonly string[],
    readonly binarizer: LabelBinarizer,
    readonly scaler: StandardScaler,
  ) {
    super();
  }

  override get length(): number {
    return this.labels.length;
  }

  override at(index: number): [Tensor, Tensor] {
    return [this.binarizer.transform([this.labels[index] as string]).at(0), this.scaler.transform([[index]])];
  }
}

shareable(import.meta.url, { Encoded });
