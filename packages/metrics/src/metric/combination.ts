/** How the values of single samples become one: their mean, their sum, or not at all. */
import torch, { type Tensor } from "flambeau";
import { nullable, optional, word } from "flambeau/arguments";
import { kept, type StateStart, summed } from "./define.js";

/** How the values of single samples become one. */
export type Combination = "mean" | "sum" | "none" | null;

/** The option, and what it is by default. */
export const combination = (start: "mean" | "sum") => optional(nullable(word("mean", "sum", "none")), start);

const keepsAll = (how: string | null) => how === "none" || how === null;

/** The state in which values are added up, or kept if each of them is wanted. */
export function combinedState(how: string | null): StateStart {
  return keepsAll(how) ? kept : summed(torch.tensor(0));
}

/** What the values of a batch add to that state. */
export function combinedValues(values: Tensor, how: string | null): Tensor {
  return keepsAll(how) ? values : values.sum();
}

/** The values of all samples as one, or all of them. */
export function combine(values: Tensor, how: Combination): Tensor {
  if (how === "sum") return values.sum();
  return how === "mean" ? values.mean() : values;
}
