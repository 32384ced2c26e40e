/**
 * Numbers drawn from distributions that tensors describe: `normal`, `bernoulli`, `multinomial`, `poisson`.
 *
 * Source: https://pytorch.org/docs/stable/torch.html#random-sampling
 */

import { flag, int, ints, type Operand, operand, optional, tensor } from "../../arguments/params.js";
import type { Generator } from "../../backend/generator.js";
import * as kernels from "../../backend/kernels.js";
import { getDefaultDtype, int64, scalarTypeName } from "../../core/dtype.js";
import { broadcastShapes } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { common, dtypeFor, finish, type SizedOptions, target } from "../creation/factory.js";
import { op } from "../define.js";
import { holdsAnywhere } from "../numbers.js";
import { flat } from "../pointwise/elementary.js";
import type { Args, FunctionOp, Op, Out } from "../types.js";
import {
  checkDifferentiable,
  checkFloating,
  checkStd,
  type FromGenerator,
  fillBernoulli,
  generator,
  normalKernel,
} from "./inplace.js";

type RandomOptions = SizedOptions & FromGenerator;

interface NormalFunction {
  (mean: Tensor, std?: Operand, options?: FromGenerator & Out): Tensor;
  (mean: number, std: Tensor, options?: FromGenerator & Out): Tensor;
  (mean: number, std: number, size: readonly number[], options?: RandomOptions): Tensor;
}

/**
 * Numbers from normal distributions: with a mean and a standard deviation for each element, or one for all elements of
 * a size.
 *
 * @throws RangeError for a negative standard deviation.
 * @example torch.normal(2, 0.5, [2, 3])
 * @see https://pytorch.org/docs/stable/generated/torch.normal.html
 */
export const normal: FunctionOp<NormalFunction> = op({
  name: "normal",
  variants: "function",
  params: { mean: operand, std: optional(operand, 1), size: optional(ints), generator, ...common },
  out: "cast",
  forward: ({ mean, std, size, generator: source, dtype, requiresGrad }, out) => {
    const given = mean instanceof Tensor ? mean : std;
    if (given instanceof Tensor) return normalLike(given, mean, std, source, out);
    if (size === undefined) throw new TypeError("normal() missing 1 required argument: 'size'");
    const wanted = dtypeFor(dtype, out, getDefaultDtype());
    checkDifferentiable(normalKernel, wanted);
    checkStd("normal", Number(std));
    const result = target(size, wanted, out);
    kernels.normal(result, source, Number(mean), Number(std));
    return finish(result, requiresGrad);
  },
  overload: ({ mean, std }) => (!(mean instanceof Tensor) ? 2 : std instanceof Tensor ? 3 : 1),
  derivative: { mean: flat, std: flat },
});

function normalLike(given: Tensor, mean: Operand, std: Operand, source: Generator, out: Tensor | undefined): Tensor {
  checkDifferentiable(normalKernel, given.dtype);
  const isSpread = std instanceof Tensor;
  if (isSpread && std.dtype.isComplex) throw new TypeError("normal expects standard deviation to be non-complex");
  if (!isSpread) checkStd("normal", Number(std));
  else if (holdsAnywhere(std.lt(0))) throw new RangeError("normal expects all elements of std >= 0.0");
  const shape = mean instanceof Tensor && isSpread ? broadcastShapes(mean.sizes, std.sizes) : given.sizes;
  const result = target(shape, out?.dtype ?? given.dtype, out);
  kernels.normal(result, source, 0, isSpread ? 1 : Number(std));
  return (isSpread ? result.mul_(std) : result).add_(mean);
}

/**
 * 1 where a number is below the probability, else 0.
 *
 * @param input the probabilities, unless `p` is given, which then holds for all elements.
 * @see https://pytorch.org/docs/stable/generated/torch.bernoulli.html
 */
export const bernoulli: Op<(input: Tensor, ...args: Args<[p?: number], ["p"], FromGenerator & Out>) => Tensor> = op({
  name: "bernoulli",
  params: { input: tensor, p: optional(operand), generator },
  out: "cast",
  forward: ({ input, p, generator: source }, out) => {
    if (p === undefined) checkFloating("bernoulli_tensor_cpu_p_", input.dtype);
    const result = target(input.sizes, out?.dtype ?? input.dtype, out);
    fillBernoulli(result, p ?? input, source);
    return result;
  },
  derivative: { input: flat, p: flat },
});

/**
 * For each row of weights, which need not sum to 1, the numbers of `numSamples` drawn columns.
 *
 * @param input floating, with one dim or two.
 * @param options.replacement whether a column can be drawn again; false by default.
 * @see https://pytorch.org/docs/stable/generated/torch.multinomial.html
 */
export const multinomial: Op<
  (input: Tensor, numSamples: number, options?: { replacement?: boolean } & FromGenerator & Out) => Tensor
> = op({
  name: "multinomial",
  params: { input: tensor, numSamples: int, replacement: flag, generator },
  out: true,
  overlap: "any",
  forward: ({ input, numSamples, replacement, generator: source }) => {
    const { sizes, dtype } = input;
    if (sizes.length === 0 || sizes.length > 2) throw new Error("prob_dist must be 1 or 2 dim");
    if (!dtype.isFloatingPoint) {
      throw new TypeError(`multinomial only supports floating-point dtypes for input, got: ${scalarTypeName(dtype)}`);
    }
    const columns = sizes.at(-1) as number;
    if (columns > 2 ** 24) throw new Error("number of categories cannot exceed 2^24");
    if (columns === 0) throw new Error("invalid multinomial distribution (sum of probabilities <= 0)");
    const rows = sizes.length === 1 ? input.viewOf([1, columns], [0, input.strides[0] as number], input.offset) : input;
    const samples = Tensor.empty([rows.sizes[0] as number, Math.max(numSamples, 0)], int64);
    kernels.multinomial(samples, source, rows, numSamples, replacement);
    return sizes.length === 1 ? samples.viewOf([numSamples], [1], 0) : samples;
  },
});

/**
 * Numbers from Poisson distributions, one for each rate in `input`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.poisson.html
 */
export const poisson: FunctionOp<(input: Tensor, options?: FromGenerator) => Tensor> = op({
  name: "poisson",
  variants: "function",
  params: { input: tensor, generator },
  forward: ({ input, generator: source }) => {
    checkFloating("poisson_cpu", input.dtype);
    const result = Tensor.empty(input.sizes, input.dtype);
    kernels.poisson(result, source, input);
    return result;
  },
  derivative: { input: flat },
});

/**
 * Numbers of successes from binomial distributions: in `count` trials, each with probability `prob`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.binomial.html
 */
export const binomial: FunctionOp<(count: Tensor, prob: Tensor, options?: FromGenerator) => Tensor> = op({
  name: "binomial",
  variants: "function",
  params: { count: tensor, prob: tensor, generator },
  forward: ({ count, prob, generator: source }) => {
    checkFloating("binomial_cpu", count.dtype);
    if (count.dtype !== prob.dtype) {
      throw new TypeError(
        `Found dtype ${scalarTypeName(prob.dtype)} but expected ${scalarTypeName(count.dtype)}: binomial() takes two tensors of one dtype`,
      );
    }
    const result = Tensor.empty(broadcastShapes(count.sizes, prob.sizes), count.dtype);
    kernels.binomial(result, source, count, prob);
    return result;
  },
  derivative: { count: flat, prob: flat },
});
