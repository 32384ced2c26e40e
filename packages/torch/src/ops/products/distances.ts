/** Distances between tensors and between rows, and limits on lengths. */
import { int, number, optional, tensor, word } from "../../arguments/params.js";
import { float64 } from "../../core/dtype.js";
import { wrapDim } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { zerosLike } from "../creation/filled.js";
import { op } from "../define.js";
import { where } from "../indexing/masks.js";
import { normGradient } from "../reductions/normGradient.js";
import { triuIndices } from "../shape/diagonals.js";
import type { Args, FunctionOp, InplaceOp, Op, Out } from "../types.js";

/**
 * The p-norm of the difference of two tensors.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.dist.html
 */
export const dist: Op<(input: Tensor, other: Tensor, ...args: Args<[p?: number], ["p"]>) => Tensor> = op({
  name: "dist",
  params: { input: tensor, other: tensor, p: optional(number, 2) },
  composite: ({ input, other, p }) => input.sub(other).norm(p),
});

const computeModes = [
  "use_mm_for_euclid_dist_if_necessary",
  "use_mm_for_euclid_dist",
  "donot_use_mm_for_euclid_dist",
] as const;

/** Whether Euclidean distances are computed by a matrix product. */
export type ComputeMode = (typeof computeModes)[number];

/** From so many rows on a matrix product pays. */
const manyRows = 25;

/**
 * The p-distances between the rows of two matrices or batches of them: [..., P, M] and [..., R, M] give [..., P, R].
 *
 * @see https://pytorch.org/docs/stable/generated/torch.cdist.html
 */
export const cdist: FunctionOp<
  (x1: Tensor, x2: Tensor, ...args: Args<[p?: number], ["p"], { computeMode?: ComputeMode }>) => Tensor
> = op({
  name: "cdist",
  variants: "function",
  params: {
    x1: tensor,
    x2: tensor,
    p: optional(number, 2),
    computeMode: optional(word(...computeModes), computeModes[0]),
  },
  composite: ({ x1, x2, p, computeMode }) => {
    checkRows("x1", x1);
    checkRows("x2", x2);
    if (x1.sizes.at(-1) !== x2.sizes.at(-1)) {
      throw new Error(`X1 and X2 must have the same number of columns. X1: ${x1.sizes.at(-1)} X2: ${x2.sizes.at(-1)}`);
    }
    if (p < 0) throw new RangeError("cdist only supports non-negative p values");
    const many = (x1.sizes.at(-2) as number) > manyRows || (x2.sizes.at(-2) as number) > manyRows;
    const byProduct = computeMode === computeModes[1] || (computeMode === computeModes[0] && many);
    return p === 2 && byProduct ? euclidean(x1, x2) : ofGaps(x1, x2, p);
  },
});

function checkRows(name: string, input: Tensor): void {
  if (!input.dtype.isFloatingPoint)
    throw new TypeError(`cdist only supports floating-point dtypes, ${name.toUpperCase()} got: ${input.dtype}`);
  if (input.sizes.length < 2)
    throw new Error(`cdist only supports at least 2D tensors, ${name.toUpperCase()} got: ${input.sizes.length}D`);
}

/** The norms of all differences between rows. */
const ofGaps: FunctionOp<(x1: Tensor, x2: Tensor, p: number) => Tensor> = op({
  name: "cdist",
  id: "cdist.gaps",
  variants: "function",
  params: { x1: tensor, x2: tensor, p: number },
  forward: ({ x1, x2, p }) => gapsBetween(x1, x2).norm(p, -1),
  saves: ["x1", "x2", "result"],
  backward: ([grad], { x1, x2, p, result }, needs) => {
    const slopes = grad && gapGradient(grad.unsqueeze(-1), gapsBetween(x1, x2), result.unsqueeze(-1), p);
    return { x1: needs.x1 ? slopes?.sum(-2) : undefined, x2: needs.x2 ? slopes?.sum(-3).neg() : undefined };
  },
});

function gapsBetween(x1: Tensor, x2: Tensor): Tensor {
  return x1.unsqueeze(-2).sub(x2.unsqueeze(-3));
}

/** The rows of a matrix that stand first and second in each pair of two, the earlier one first. */
function pairs(rows: number): [first: Tensor, second: Tensor] {
  const places = triuIndices(rows, rows, 1);
  return [places.select(0, 0), places.select(0, 1)];
}

/**
 * The p-distances between all pairs of rows of a matrix `[N, M]`, in one vector: what `cdist` of the matrix with itself
 * has above its diagonal.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.pdist.html
 */
export const pdist: FunctionOp<(input: Tensor, ...args: Args<[p?: number], ["p"]>) => Tensor> = op({
  name: "pdist",
  variants: "function",
  params: { input: tensor, p: optional(number, 2) },
  composite: ({ input, p }) => {
    if (input.sizes.length !== 2) throw new Error(`pdist only supports 2D tensors, got: ${input.sizes.length}D`);
    if (!input.dtype.isFloatingPoint)
      throw new TypeError(`pdist only supports floating-point dtypes, got ${input.dtype}`);
    if (p < 0) throw new RangeError(`pdist only supports non-negative p values, got ${p}`);
    return ofPairs(input, p);
  },
});

/** Of a matrix, or of a batch of them. */
const ofPairs: FunctionOp<(input: Tensor, p: number) => Tensor> = op({
  name: "pdist",
  id: "pdist.pairs",
  variants: "function",
  params: { input: tensor, p: number },
  forward: ({ input, p }) => gapsOfPairs(input).norm(p, -1),
  saves: ["input", "result"],
  derivative: {
    input: (grad, { input, p, result }) => {
      const [first, second] = pairs(input.sizes.at(-2) as number);
      const slopes = gapGradient(grad.unsqueeze(-1), gapsOfPairs(input), result.unsqueeze(-1), p);
      return grad.newZeros(input.sizes).indexAdd(-2, first, slopes).indexAdd(-2, second, slopes.neg());
    },
  },
});

function gapsOfPairs(input: Tensor): Tensor {
  const [first, second] = pairs(input.sizes.at(-2) as number);
  return input.indexSelect(-2, first).sub(input.indexSelect(-2, second));
}

/** As the gradient of `norm`, but each of several equal largest gaps has the whole of it. */
function gapGradient(grad: Tensor, gaps: Tensor, distances: Tensor, p: number): Tensor {
  if (p === Infinity) return gaps.sign().mul(grad).maskedFill(gaps.abs().ne(distances), 0);
  return normGradient(grad, gaps, distances, p) ?? zerosLike(gaps);
}

/** sqrt(|a|² + |b|² - 2ab), from one matrix product. */
const euclidean: FunctionOp<(x1: Tensor, x2: Tensor) => Tensor> = op({
  name: "cdist",
  id: "cdist.euclidean",
  variants: "function",
  params: { x1: tensor, x2: tensor },
  forward: ({ x1, x2 }) => {
    const squares = (x: Tensor) => x.mul(x).sum(-1, { keepdim: true });
    return squares(x1)
      .add(squares(x2).transpose(-2, -1))
      .sub(x1.matmul(x2.transpose(-2, -1)), { alpha: 2 })
      .clampMin(0)
      .sqrt();
  },
  saves: ["x1", "x2", "result"],
  derivative: {
    x1: (grad, { x1, x2, result }) => pull(grad, x1, x2, result),
    x2: (grad, { x1, x2, result }) => pull(grad.transpose(-2, -1), x2, x1, result.transpose(-2, -1)),
  },
});

/** The sum over the rows of b of grad (a - b) / distance. */
function pull(grad: Tensor, a: Tensor, b: Tensor, distances: Tensor): Tensor {
  const weights = grad.div(distances).maskedFill(distances.eq(0), 0);
  return a.mul(weights.sum(-1, { keepdim: true })).sub(weights.matmul(b));
}

/**
 * The tensor with each slice along a dim shortened to a p-norm of at most `maxnorm`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.renorm.html
 */
export const renorm: InplaceOp<(input: Tensor, p: number, dim: number, maxnorm: number, options?: Out) => Tensor> = op({
  name: "renorm",
  variants: "function, method, inplace",
  params: { input: tensor, p: number, dim: int, maxnorm: number },
  out: true,
  composite: ({ input, p, dim, maxnorm }) => {
    if (p <= 0) throw new RangeError("renorm: non-positive-norm not supported");
    if (maxnorm < 0) throw new RangeError(`renorm: expected maxnorm to be >= 0 but got ${maxnorm}`);
    const ndim = input.sizes.length;
    if (ndim < 2) throw new Error(`renorm: input needs at least 2 dimensions, got ${ndim} dimensions`);
    const kept = wrapDim(dim, ndim);
    const others = input.sizes.map((_, d) => d).filter((d) => d !== kept);
    const lengths = (of: Tensor) => of.norm(p, others, { keepdim: true, dtype: float64 });
    const tooLong = lengths(input.detach()).gt(maxnorm);
    // What stays as it is takes no part in the division, so that a NaN there does not reach its gradient.
    const long = input.maskedFill(tooLong.logicalNot(), 0);
    const shortened = long.div(lengths(long).add(1e-7)).mul(maxnorm);
    return where(tooLong, shortened.to(input.dtype), input);
  },
});
