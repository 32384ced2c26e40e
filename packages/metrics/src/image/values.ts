/** What metrics of images share: how the values of images, or of their pixels, become one. */
import type { Tensor } from "flambeau";
import { nullable, optional, type Param, type Params, type ValuesOf, word } from "flambeau/arguments";
import { checkSameShape, counter, type Pair, pair, shapeText } from "../inputs.js";
import { combinedState, combinedValues } from "../metric/combination.js";
import { define, type StateStart, summed, type Traits } from "../metric/define.js";

/** How values become one: their mean, their sum, or not at all. */
export type ImageReduction = "elementwise_mean" | "sum" | "none" | null;

export interface ReductionOption {
  /** How the values of the images become one; their mean by default. */
  reduction?: ImageReduction;
}

export const reduction: Param<ImageReduction> = optional<ImageReduction>(
  nullable(word("elementwise_mean", "sum", "none")) as Param<ImageReduction>,
  "elementwise_mean",
);

/** The states of values that are reduced. */
export function reducedState(how: ImageReduction): Record<"score" | "total", StateStart> {
  return { score: combinedState(how), total: summed(counter(0)) };
}

/** What a batch of values adds to the states. */
export function reducedValues(values: Tensor, how: ImageReduction): Record<"score" | "total", Tensor> {
  return { score: combinedValues(values, how), total: counter(values.numel()) };
}

export function reduced({ score, total }: Record<"score" | "total", Tensor>, how: ImageReduction): Tensor {
  return how === "elementwise_mean" ? score.div(total) : score;
}

/** Throws unless two batches of images have the same dtype and shape, with four dims (or five). */
export function checkImages([preds, target]: Pair, dims: readonly number[] = [4]): void {
  if (preds.dtype !== target.dtype) {
    throw new TypeError(
      `Expected \`preds\` and \`target\` to have the same data type. Got preds: ${preds.dtype} and target: ${target.dtype}.`,
    );
  }
  checkSameShape(preds, target);
  if (dims.includes(preds.ndim)) return;
  const shapes = dims.length === 1 ? "BxCxHxW" : "BxCxHxW or BxCxDxHxW";
  throw new Error(
    `Expected \`preds\` and \`target\` to have ${shapes} shape. Got preds: ${shapeText(preds)} and target: ${shapeText(target)}.`,
  );
}

interface ImageMetric<P extends Params> {
  readonly name: string;
  readonly params: P;
  readonly traits: Traits;
  check?(options: ValuesOf<P>): void;
  /** The value of each image, or of each pixel. */
  values(inputs: Pair, options: ValuesOf<P>): Tensor;
}

/** A metric that has a value for each image or pixel. */
export function imageMetric<A extends unknown[]>() {
  return <P extends Params>({ name, params, traits, check, values }: ImageMetric<P>) => {
    const reductionOf = (options: ValuesOf<P>) => (options as unknown as Required<ReductionOption>).reduction;
    return define<Pair, A>()({
      name,
      inputs: pair,
      params,
      traits,
      ...(check && { check }),
      state: (options: ValuesOf<P>) => reducedState(reductionOf(options)),
      measure: (inputs: Pair, options: ValuesOf<P>) => reducedValues(values(inputs, options), reductionOf(options)),
      compute: (state: Record<"score" | "total", Tensor>, options: ValuesOf<P>) => reduced(state, reductionOf(options)),
    });
  };
}
