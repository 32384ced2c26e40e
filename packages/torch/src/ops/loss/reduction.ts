/** What losses share: how the losses of single elements become one. */
import { optional, refusing, word } from "../../arguments/params.js";
import type { Tensor } from "../../core/tensor.js";

/** How the losses of single elements become one: not at all, by their mean, or by their sum. */
export type Reduction = "none" | "mean" | "sum";

export interface ReductionOption {
  /** `"mean"` by default. */
  reduction?: Reduction;
}

export const reductionParam = optional(
  refusing(
    word("none", "mean", "sum"),
    (given) => `${given} is not a valid value for reduction; it must be one of "none", "mean", "sum"`,
  ),
  "mean",
);

export function reduce(losses: Tensor, reduction: Reduction): Tensor {
  if (reduction === "none") return losses;
  return reduction === "mean" ? losses.mean() : losses.sum();
}
