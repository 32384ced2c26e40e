/**
 * Values that fall on one place and are combined there: `scatterReduce`, `indexReduce`.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.Tensor.scatter_reduce_.html
 */
import { flag, int, keyword, refusing, tensor, word } from "../../arguments/params.js";
import { indexReduce as indexReduceKernel } from "../../backend/kernels.js";
import { int64 } from "../../core/dtype.js";
import { numelOf, type Shape, wrapDim } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import { cast } from "../pointwise/pointwise.js";
import type { InplaceOp, Out } from "../types.js";
import { checkSource } from "./checks.js";
import { scatterInto } from "./scatterInto.js";
import { changed, firstPart, padded } from "./target.js";

/** Ways to combine values that meet at one place. */
type ScatterReduction = "sum" | "prod" | "mean" | "amax" | "amin";

/** What the gradients of a scattered reduction are made from. */
interface ReducedScatter {
  readonly input: Tensor;
  readonly dim: number;
  readonly index: Tensor;
  /** Of the shape of the index. */
  readonly src: Tensor;
  readonly reduce: ScatterReduction;
  readonly includeSelf: boolean;
  readonly result: Tensor;
}

/** The gradients of the input and of the source of a scattered reduction. */
function reducedGradients(grad: Tensor, args: ReducedScatter): { input: Tensor; src: Tensor } {
  const { dim, index, includeSelf, reduce } = args;
  const gradients = reduce === "prod" ? productGradients(grad, args) : weightedGradients(grad, args);
  return { ...gradients, input: includeSelf ? gradients.input : gradients.input.scatter(dim, index, 0) };
}

/** Sum, mean and extremes: a share of the gradient for each value that takes part. */
function weightedGradients(
  grad: Tensor,
  { input, dim, index, src, reduce, includeSelf, result }: ReducedScatter,
): { input: Tensor; src: Tensor } {
  if (reduce === "sum") return { input: grad, src: grad.gather(dim, index) };
  if (reduce === "mean") {
    const own = includeSelf ? grad.newOnes(grad.sizes) : grad.newZeros(grad.sizes);
    const counts = own.scatterAdd(dim, index, grad.newOnes(index.sizes));
    const share = grad.div(counts.maskedFill(counts.eq(0), 1));
    return { input: share, src: share.gather(dim, index) };
  }
  const isExtreme = input.eq(result).to(grad.dtype);
  const inputWins = includeSelf ? isExtreme : isExtreme.scatter(dim, index, 0);
  const sourceWins = src.eq(result.gather(dim, index)).to(grad.dtype);
  const winners = inputWins.scatterAdd(dim, index, sourceWins);
  const share = grad.div(winners.maskedFill(winners.eq(0), 1));
  return { input: isExtreme.mul(share), src: sourceWins.mul(share.gather(dim, index)) };
}

/** Products: for each value the product of the others, also where zeros are among them. */
function productGradients(
  grad: Tensor,
  { input, dim, index, src, includeSelf, result }: ReducedScatter,
): { input: Tensor; src: Tensor } {
  const options = { includeSelf };
  const inputOrOne = input.maskedFill(input.eq(0), 1);
  const othersOfInput = inputOrOne.scatterReduce(dim, index, src, "prod", options).div(inputOrOne);
  const isZero = src.eq(0);
  const zeros = grad.newZeros(grad.sizes).scatterAdd(dim, index, isZero.to(grad.dtype)).gather(dim, index);
  const isOnlyZero = isZero.logicalAnd(zeros.eq(1));
  const withoutOnlyZero = input.scatterReduce(dim, index, src.maskedFill(isOnlyZero, 1), "prod", options);
  const gradOfOnlyZero = grad.mul(withoutOnlyZero).gather(dim, index);
  const gradOfOthers = grad.mul(result).gather(dim, index).div(src.maskedFill(isZero, 1));
  return { input: grad.mul(othersOfInput), src: gradOfOnlyZero.where(isOnlyZero, gradOfOthers) };
}

/**
 * Combines the values of a source that fall on one place with each other and with the input.
 *
 * @param reduce how: `"sum"`, `"prod"`, `"mean"`, `"amax"` or `"amin"`.
 * @param options.includeSelf whether the elements of the input take part; true by default.
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.scatter_reduce_.html
 */
export const scatterReduce: InplaceOp<
  (
    input: Tensor,
    dim: number,
    index: Tensor,
    src: Tensor,
    reduce: ScatterReduction,
    options?: { includeSelf?: boolean } & Out,
  ) => Tensor
> = op({
  name: "scatterReduce",
  variants: "function, method, inplace",
  params: {
    input: tensor,
    dim: int,
    index: tensor,
    src: tensor,
    reduce: {
      ...refusing(
        word("sum", "prod", "mean", "amax", "amin"),
        (given) => `reduce argument must be either sum, prod, mean, amax or amin, got ${given}.`,
      ),
      endsPositional: false,
    },
    includeSelf: keyword({ ...flag, defaultValue: true }),
  },
  out: true,
  overlap: { index: "none", src: "none" },
  forward: (args, out) => scatterInto("scatter_reduce", args, out, args.reduce, args.includeSelf),
  saves: ["input", "index", "src", "result"],
  backward: ([grad], { input, dim, index, src, reduce, includeSelf, result }) => {
    if (grad === undefined) return {};
    if (numelOf(index.sizes) === 0) return { input: grad, src: grad.newZeros(src.sizes) };
    const part = src.sizes.length === index.sizes.length ? firstPart(src, index.sizes) : src;
    const gradients = reducedGradients(grad, { input, dim, index, src: part, reduce, includeSelf, result });
    return { input: gradients.input, src: padded(gradients.src, src.sizes) };
  },
});

/** The index as it would be for `gather`, with one entry for each element of a source. */
function asScatterIndex(index: Tensor, dim: number, sizes: Shape): Tensor {
  return index.reshape(sizes.map((_, d) => (d === dim ? -1 : 1))).expand(sizes);
}

/**
 * Combines the values of a source with the listed indices of a dim.
 *
 * @param reduce how: `"prod"`, `"mean"`, `"amax"` or `"amin"`.
 * @param options.includeSelf whether the elements of the input take part; true by default.
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.index_reduce_.html
 */
export const indexReduce: InplaceOp<
  (
    input: Tensor,
    dim: number,
    index: Tensor,
    source: Tensor,
    reduce: Exclude<ScatterReduction, "sum">,
    options?: { includeSelf?: boolean } & Out,
  ) => Tensor
> = op({
  name: "indexReduce",
  variants: "function, method, inplace",
  params: {
    input: tensor,
    dim: int,
    index: tensor,
    source: tensor,
    reduce: { ...word("prod", "mean", "amax", "amin"), endsPositional: false },
    includeSelf: keyword({ ...flag, defaultValue: true }),
  },
  out: true,
  overlap: { index: "none", source: "none" },
  forward: ({ input, dim, index, source, reduce, includeSelf }, out) => {
    const d = wrapDim(dim, input.sizes.length);
    checkSource("index_reduce", input, d, index, source);
    return changed(input, out, (target) =>
      indexReduceKernel(target, d, cast(index, int64), source, reduce, { includeSelf }),
    );
  },
  saves: ["input", "index", "source", "result"],
  backward: ([grad], { input, dim, index, source, reduce, includeSelf, result }) => {
    if (grad === undefined) return {};
    const d = wrapDim(dim, input.sizes.length);
    const scattered = asScatterIndex(index.to(int64), d, source.sizes);
    const gradients = reducedGradients(grad, {
      input,
      dim: d,
      index: scattered,
      src: source,
      reduce,
      includeSelf,
      result,
    });
    return { input: gradients.input, source: gradients.src };
  },
});
