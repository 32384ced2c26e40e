/** Metrics of several outputs at once, whose second dim counts them. */
import torch, { type Tensor } from "flambeau";
import { checkSameShape } from "../inputs.js";
import { summed } from "../metric/define.js";

/** What is known of errors. */
export const errorTraits = { higherIsBetter: false, isDifferentiable: true, plotLowerBound: 0 };

/** A sum that is 0 at first. */
export const zero = () => summed(torch.tensor(0));

/** @throws RangeError unless there is at least one output. */
export function checkNumOutputs({ numOutputs }: { numOutputs: number }): void {
  if (numOutputs < 1) throw new RangeError(`Expected numOutputs to be a positive integer but got ${numOutputs}`);
}

/** All elements in a row, or for several outputs one column each. */
export function columns(tensor: Tensor, numOutputs: number): Tensor {
  return numOutputs === 1 ? tensor.reshape(-1) : tensor;
}

/** Throws unless predictions and target are both vectors, or matrices with a column for each output. */
export function checkColumns(preds: Tensor, target: Tensor, numOutputs?: number): void {
  checkSameShape(preds, target);
  if (preds.ndim !== 1 && preds.ndim !== 2) {
    throw new Error(
      `Expected both predictions and target to be either 1- or 2-dimensional tensors, but got ${target.ndim} and ${preds.ndim}.`,
    );
  }
  const given = preds.shape[1] ?? 1;
  if (numOutputs !== undefined && given !== numOutputs) {
    throw new Error(
      `Expected argument \`numOutputs\` to match the second dimension of input, but got ${numOutputs} and ${given}.`,
    );
  }
}

/** How the scores of several outputs become one. */
export type Multioutput = "raw_values" | "uniform_average" | "variance_weighted";

export const multioutputs = ["raw_values", "uniform_average", "variance_weighted"] as const;

/** The scores of all outputs, their mean, or their mean weighted by variances. */
export function overOutputs(scores: Tensor, variances: Tensor, multioutput: Multioutput): Tensor {
  if (multioutput === "raw_values") return scores;
  if (multioutput === "uniform_average") return scores.mean();
  return variances.div(variances.sum()).mul(scores).sum();
}

/** For how many outputs, the columns of predictions and target, there is a value each. */
export interface NumOutputs {
  numOutputs?: number;
}
