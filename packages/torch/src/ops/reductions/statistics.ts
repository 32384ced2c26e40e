/** What is typical of many numbers: median, mode, quantiles, covariance. */

import { flag, int, keyword, number, type Operand, operand, optional, tensor, word } from "../../arguments/params.js";
import { median as medianKernel, mode as modeKernel } from "../../backend/kernels.js";
import { float32, float64, uint8 } from "../../core/dtype.js";
import { floatingType } from "../../core/promotion.js";
import { wrapDim } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { fullLike } from "../creation/filled.js";
import { op } from "../define.js";
import { where } from "../indexing/masks.js";
import { holdsAnywhere } from "../numbers.js";
import { complex } from "../pointwise/complex.js";
import type { Args, FunctionOp, Op, Out, OverloadedOp } from "../types.js";
import { picked, scatterBack, shareEvenly, type ValuesAndIndices } from "./reducing.js";

type Out2 = { out?: readonly [Tensor, Tensor] };

interface MedianFunction {
  (input: Tensor, options?: Out): Tensor;
  (input: Tensor, dim: number, options?: { keepdim?: boolean } & Out2): ValuesAndIndices;
  (input: Tensor, options: { dim: number; keepdim?: boolean } & Out2): ValuesAndIndices;
}

interface MedianMethod {
  (): Tensor;
  (dim: number, options?: { keepdim?: boolean }): ValuesAndIndices;
  (options: { dim: number; keepdim?: boolean }): ValuesAndIndices;
}

function checkSize(name: string, input: Tensor, dim: number): void {
  if (input.sizes[dim] === 0) throw new RangeError(`${name}(): Expected reduction dim ${dim} to have non-zero size.`);
}

function medianAlong(
  name: "median" | "nanmedian",
): FunctionOp<(input: Tensor, dim: number, options?: { keepdim?: boolean }) => ValuesAndIndices> {
  return op({
    name,
    id: `${name}.dim`,
    variants: "function",
    params: { input: tensor, dim: int, keepdim: flag },
    overload: () => 1,
    forward: ({ input, dim, keepdim }) => {
      const d = wrapDim(dim, input.sizes.length);
      checkSize(name, input, d);
      return picked(input, d, keepdim, (values, indices) =>
        medianKernel(values, indices, input, d, name === "nanmedian"),
      );
    },
    saves: ["results"],
    derivative: {
      input: (grad, { input, results, dim, keepdim }) =>
        scatterBack(grad, results[1] as Tensor, input.sizes, dim, keepdim),
    },
  });
}

/** The median of all elements; equal ones share the gradient. */
function medianOfAll(name: "median" | "nanmedian"): FunctionOp<(input: Tensor) => Tensor> {
  return op({
    name,
    id: `${name}.all`,
    variants: "function",
    params: { input: tensor },
    forward: ({ input }) => {
      if (input.numel() === 0) return fullLike(input.newEmpty([]), NaN);
      const flat = input.reshape(-1);
      return picked(flat, 0, false, (values, indices) => medianKernel(values, indices, flat, 0, name === "nanmedian"))
        .values;
    },
    saves: ["input", "result"],
    derivative: {
      input: (grad, { input, result }) => shareEvenly(grad, input, result),
    },
  });
}

function medianOp(name: "median" | "nanmedian"): OverloadedOp<MedianFunction, MedianMethod> {
  const [ofAll, along] = [medianOfAll(name), medianAlong(name)];
  return op({
    name,
    params: { input: tensor, dim: optional(int), keepdim: flag },
    out: "any",
    composite: ({ input, dim, keepdim }) => (dim === undefined ? ofAll(input) : along(input, dim, { keepdim })),
  });
}

/**
 * The median of all elements, or along a dim with its index; the lower one of two. NaN wins.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.median.html
 */
export const median: OverloadedOp<MedianFunction, MedianMethod> = medianOp("median");
/** As `median`, without the NaNs. */
export const nanmedian: OverloadedOp<MedianFunction, MedianMethod> = medianOp("nanmedian");

/**
 * The most frequent element along a dim, and where it is; the smallest of several.
 *
 * @param dim the last one by default.
 * @see https://pytorch.org/docs/stable/generated/torch.mode.html
 */
export const mode: Op<
  (input: Tensor, ...args: Args<[dim?: number], ["dim"], { keepdim?: boolean } & Out2>) => ValuesAndIndices
> = op({
  name: "mode",
  params: { input: tensor, dim: optional(int, -1), keepdim: flag },
  out: 2,
  forward: ({ input, dim, keepdim }) => {
    const d = wrapDim(dim, input.sizes.length);
    checkSize("mode", input, d);
    return picked(input, d, keepdim, (values, indices) => {
      modeKernel(values, indices, input, d);
      if (input.dtype.isFloatingPoint) preferNan(input, values, indices, d);
    });
  },
  saves: ["results"],
  derivative: {
    input: (grad, { input, results, dim, keepdim }) =>
      scatterBack(grad, results[1] as Tensor, input.sizes, dim, keepdim),
  },
});

/** Where no value comes twice, the mode is the least, which NaN is there, and NaN equals nothing. */
function preferNan(input: Tensor, values: Tensor, indices: Tensor, dim: number): void {
  if (input.sizes.length === 0) return;
  const isNan = input.isnan();
  const found = isNan.any(dim, { keepdim: true });
  if (!holdsAnywhere(found)) return;
  const shape = found.sizes;
  const single = input.eq(values.view(shape)).sum(dim, { keepdim: true }).le(1).logicalAnd(found).view(values.sizes);
  values.maskedFill_(single, NaN);
  indices.copy_(where(single, isNan.to(uint8).argmax(dim, { keepdim: true }).view(values.sizes), indices));
}

/** What a quantile is between two elements. */
export type Interpolation = "linear" | "lower" | "higher" | "midpoint" | "nearest";

type QuantileOptions = { keepdim?: boolean; interpolation?: Interpolation } & Out;
type Quantile = Op<(input: Tensor, q: Operand, ...args: Args<[dim?: number], ["dim"], QuantileOptions>) => Tensor>;

function checkQuantile(input: Tensor, q: Tensor): void {
  if (input.numel() === 0) throw new Error("quantile() input tensor must be non-empty");
  if (q.sizes.length > 1) throw new Error("quantile() q must be a scalar or 1D tensor");
  if (input.dtype !== float32 && input.dtype !== float64)
    throw new TypeError("quantile() input tensor must be either float or double dtype");
  if (q.dtype !== input.dtype) throw new TypeError("quantile() q tensor must be same dtype as the input tensor");
}

/** Places in sorted rows, as fractions, at which the quantiles are. */
function ranksOf(rows: Tensor, q: Tensor, ignoreNan: boolean): Tensor {
  const nan = rows.isnan();
  if (ignoreNan) {
    const last = nan.logicalNot().sum(-1, { keepdim: true }).sub(1);
    return last.mul(q).clampMin(0);
  }
  const last = (rows.sizes.at(-1) as number) - 1;
  // A NaN is sorted to the end, and there every quantile of its row shall be.
  return q
    .mul(last)
    .expand([...rows.sizes.slice(0, -1), q.numel()])
    .maskedFill(nan.any(-1, { keepdim: true }), last);
}

function pick(sorted: Tensor, ranks: Tensor, interpolation: Interpolation): Tensor {
  const at = (places: Tensor) => sorted.gather(-1, places.long());
  if (interpolation === "lower") return at(ranks.floor());
  if (interpolation === "higher") return at(ranks.ceil());
  if (interpolation === "nearest") return at(ranks.round());
  const below = ranks.floor();
  const weights = interpolation === "midpoint" ? fullLike(ranks, 0.5) : ranks.sub(below);
  return at(below).lerp(at(ranks.ceil()), weights);
}

function quantileOp(name: "quantile" | "nanquantile"): Quantile {
  return op({
    name,
    params: {
      input: tensor,
      q: operand,
      dim: optional(int),
      keepdim: flag,
      interpolation: keyword(optional(word("linear", "lower", "higher", "midpoint", "nearest"), "linear")),
    },
    out: true,
    overlap: "any",
    composite: ({ input, q: given, dim, keepdim, interpolation }) => {
      const q = given instanceof Tensor ? given : input.newFull([], given);
      checkQuantile(input, q);
      if (
        given instanceof Tensor
          ? holdsAnywhere(q.ge(0).logicalAnd(q.le(1)).logicalNot())
          : !(Number(given) >= 0 && Number(given) <= 1)
      )
        throw new RangeError(
          given instanceof Tensor
            ? "quantile() q values must be in the range [0, 1]"
            : `quantile() q must be in the range [0, 1] but got ${given}`,
        );
      const ndim = input.sizes.length;
      const d = dim === undefined ? undefined : wrapDim(dim, ndim);
      const rows = d === undefined || ndim === 0 ? input.reshape(-1) : input.movedim(d, -1);
      const ranks = ranksOf(rows, q.reshape(-1), name === "nanquantile");
      const values = pick(rows.sort(-1).values, ranks, interpolation).movedim(-1, 0);
      const kept = input.sizes.map((size, i) => (d === undefined || i === d ? 1 : size));
      const result = keepdim ? values.reshape([q.numel(), ...kept]) : values;
      return q.sizes.length === 0 ? result.squeeze(0) : result;
    },
  });
}

/**
 * The q-th quantiles of all elements or along a dim: the value below which the share q of the elements lies.
 *
 * @param q a number from 0 to 1, or a tensor of several, which are then the first dim of the result.
 * @param options.interpolation what to take between two elements; `"linear"` by default.
 * @see https://pytorch.org/docs/stable/generated/torch.quantile.html
 */
export const quantile: Quantile = quantileOp("quantile");
/** As `quantile`, without the NaNs. */
export const nanquantile: Quantile = quantileOp("nanquantile");

type Weights = { correction?: number; fweights?: Tensor | null; aweights?: Tensor | null };

/** The weights of observations: counts times importance. */
function weightsOf(
  observations: Tensor,
  fweights: Tensor | undefined,
  aweights: Tensor | undefined,
): Tensor | undefined {
  const count = observations.sizes[1];
  const check = (name: string, weights: Tensor, floating: boolean) => {
    if (weights.sizes.length > 1)
      throw new Error(
        `cov(): expected ${name} to have one or fewer dimensions but got ${name} with ${weights.sizes.length} dimensions`,
      );
    if (weights.dtype.isFloatingPoint !== floating) {
      throw new TypeError(
        `cov(): expected ${name} to have ${floating ? "floating point" : "integral"} dtype but got ${name} with ${weights.dtype} dtype`,
      );
    }
    if (weights.numel() !== count)
      throw new Error(
        `cov(): expected ${name} to have the same numel as there are observations in the input but got ${weights.numel()} != ${count}`,
      );
    if (holdsAnywhere(weights.lt(0))) throw new Error(`cov(): ${name} cannot be negative`);
  };
  if (fweights !== undefined) check("fweights", fweights, false);
  if (aweights !== undefined) check("aweights", aweights, true);
  return fweights !== undefined && aweights !== undefined ? fweights.mul(aweights) : (fweights ?? aweights);
}

/**
 * The covariance matrix of variables, which are the rows of the input; its columns are observations.
 *
 * @param options.correction is taken off the number of observations before it divides; 1 by default.
 * @param options.fweights how often each observation was made, whole numbers.
 * @param options.aweights how much each observation counts.
 * @see https://pytorch.org/docs/stable/generated/torch.cov.html
 */
export const cov: Op<(input: Tensor, options?: Weights) => Tensor> = op({
  name: "cov",
  params: {
    input: tensor,
    correction: keyword(optional(number, 1)),
    fweights: keyword(optional(tensor)),
    aweights: keyword(optional(tensor)),
  },
  composite: ({ input, correction, fweights, aweights }) => {
    if (input.sizes.length > 2)
      throw new Error(
        `cov(): expected input to have two or fewer dimensions but got an input with ${input.sizes.length} dimensions`,
      );
    const whole = input.to(floatingType(input.dtype));
    const observations = whole.sizes.length < 2 ? whole.reshape([1, -1]) : whole;
    const weights = weightsOf(observations, fweights, aweights);
    const total = weights?.sum();
    if (total !== undefined && holdsAnywhere(total.eq(0)))
      throw new Error("cov(): weights sum to zero, can't be normalized");
    const average = weights
      ? observations
          .mul(weights)
          .sum(1)
          .div(total as Tensor)
      : observations.mean(1);
    const centered = observations.sub(average.unsqueeze(1));
    const normalizer = normalizerOf(observations, weights, aweights, correction);
    const weighted = weights ? centered.mul(weights) : centered;
    return centered.matmul(weighted.t().conj()).div(normalizer).squeeze();
  },
});

/** The number of observations, less the correction, in terms of the weights. */
function normalizerOf(
  observations: Tensor,
  weights: Tensor | undefined,
  aweights: Tensor | undefined,
  correction: number,
): Operand {
  if (weights === undefined) return Math.max((observations.sizes[1] as number) - correction, 0);
  const total = weights.sum();
  if (correction === 0) return total;
  const normalizer = aweights
    ? total.sub(weights.mul(aweights).sum().div(total).mul(correction))
    : total.sub(correction);
  return normalizer.clampMin(0);
}

/**
 * The correlation coefficients of variables, which are the rows of the input; its columns are observations.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.corrcoef.html
 */
export const corrcoef: Op<(input: Tensor) => Tensor> = op({
  name: "corrcoef",
  params: { input: tensor },
  composite: ({ input }) => {
    if (input.sizes.length > 2)
      throw new Error(
        `corrcoef(): expected input to have two or fewer dimensions but got an input with ${input.sizes.length} dimensions`,
      );
    const covariance = cov(input);
    if (covariance.sizes.length === 0) return covariance.div(covariance);
    const deviations = covariance.diagonal().sqrt();
    const correlations = covariance.div(deviations.unsqueeze(1)).div(deviations);
    if (!correlations.dtype.isComplex) return correlations.clamp(-1, 1);
    return complex(correlations.real.clamp(-1, 1), correlations.imag.clamp(-1, 1));
  },
});
