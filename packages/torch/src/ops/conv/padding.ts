/** The padding of a convolution: numbers, or a word that stands for them. */
import { intOrInts, type Param } from "../../arguments/params.js";
import type { Tensor } from "../../core/tensor.js";
import { constantPadNd } from "../pad/pad.js";
import { expandNumbers } from "./geometry.js";

/** One number for all dims, or one for each. */
export type Sizes = number | readonly number[];
/** How much is added on both sides: numbers, nothing, or as much as keeps the size. */
export type ConvolutionPadding = Sizes | "valid" | "same";

/** How padding is read. */
export const convolutionPadding: Param<readonly number[] | string> = {
  ...(intOrInts as Param<readonly number[] | string>),
  expected: `int, tuple of ints, "valid" or "same"`,
  read: (value) => (typeof value === "string" ? value : intOrInts.read(value)),
};

/** Zeros at the end of dims where the two sides do not get the same. */
function evenOut(input: Tensor, totals: readonly number[]): Tensor {
  if (totals.every((total) => total % 2 === 0)) return input;
  return constantPadNd(
    input,
    [...totals].reverse().flatMap((total) => [0, total % 2]),
  );
}

/** Input and numbers for padding that was given as a word. */
export function padded(
  input: Tensor,
  kernel: readonly number[],
  given: readonly number[] | string,
  stride: readonly number[],
  dilation: readonly number[],
): [input: Tensor, padding: readonly number[]] {
  if (typeof given !== "string") return [input, given];
  if (given === "valid") return [input, [0]];
  if (given !== "same") throw new Error(`Invalid padding string: '${given}'`);
  if (stride.some((step) => step !== 1)) throw new Error("padding='same' is not supported for strided convolutions");
  const steps = expandNumbers("dilation", dilation, kernel.length);
  const totals = kernel.map((size, d) => (steps[d] as number) * (size - 1));
  if (steps.some((step) => step <= 0) || totals.some((total) => total < 0)) return [input, [0]];
  return [evenOut(input, totals), totals.map((total) => Math.floor(total / 2))];
}
