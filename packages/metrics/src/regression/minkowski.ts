/** Minkowski's distance. */
import type { Tensor } from "flambeau";
import { number } from "flambeau/arguments";
import { checkSameShape, pair } from "../inputs.js";
import { define } from "../metric/define.js";
import { errorTraits, zero } from "./outputs.js";

const minkowski = define<[preds: Tensor, targets: Tensor], [p: number]>()({
  name: "minkowskiDistance",
  inputs: { preds: pair.preds, targets: pair.target },
  params: { p: number },
  traits: errorTraits,
  check: ({ p }) => {
    if (!(p >= 1)) throw new RangeError(`Argument \`p\` must be a float or int greater than 1, but got ${p}`);
  },
  state: () => ({ minkowskiDistSum: zero() }),
  measure: ([preds, targets], { p }) => {
    checkSameShape(preds, targets);
    return { minkowskiDistSum: preds.sub(targets).abs().pow(p).sum() };
  },
  compute: ({ minkowskiDistSum }, { p }) => minkowskiDistSum.pow(1 / p),
});

/**
 * Minkowski's distance, `(Σ |y - ŷ|ᵖ)^(1/p)`.
 *
 * @throws RangeError if p is less than 1.
 * @see https://lightning.ai/docs/torchmetrics/stable/regression/minkowski_distance.html
 */
export const minkowskiDistance = minkowski.function;

/** The metric of `minkowskiDistance`. */
export class MinkowskiDistance extends minkowski.Class {}
