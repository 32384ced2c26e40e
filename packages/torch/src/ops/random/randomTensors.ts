/**
 * Tensors of random numbers, the same as PyTorch's from the same seed.
 *
 * Source: https://pytorch.org/docs/stable/torch.html#random-sampling
 */
import { bigint, int, ints, optional, type Param, spreadInts, tensor } from "../../arguments/params.js";
import type { Generator } from "../../backend/generator.js";
import * as kernels from "../../backend/kernels.js";
import { bool, getDefaultDtype, int64, wholeBitsOf } from "../../core/dtype.js";
import type { Tensor } from "../../core/tensor.js";
import {
  common,
  dtypeFor,
  emptyLikeWith,
  finish,
  type LikeOptions,
  type SizeArguments,
  type SizedOptions,
  target,
} from "../creation/factory.js";
import { memoryFormat } from "../creation/memoryFormat.js";
import { op } from "../define.js";
import type { FunctionOp } from "../types.js";
import {
  checkDifferentiable,
  type FromGenerator,
  fillIntegers,
  generator,
  normalKernel,
  uniformKernel,
} from "./inplace.js";

type RandomOptions = SizedOptions & FromGenerator;
type Fill = (self: Tensor, source: Generator) => void;

const fillUniform: Fill = (self, source) => kernels.uniform(self, source, 0, 1);
const fillNormal: Fill = (self, source) => kernels.normal(self, source, 0, 1);

function sizedOp(
  name: string,
  kernelName: string,
  fill: Fill,
): FunctionOp<(...args: SizeArguments<RandomOptions>) => Tensor> {
  return op({
    name,
    variants: "function",
    params: { size: spreadInts, generator, ...common },
    out: "cast",
    forward: ({ size, generator: source, dtype, requiresGrad }, out) => {
      const wanted = dtypeFor(dtype, out, getDefaultDtype());
      checkDifferentiable(kernelName, wanted);
      const result = target(size, wanted, out);
      fill(result, source);
      return finish(result, requiresGrad);
    },
  });
}

/**
 * Numbers from the uniform distribution over [0, 1).
 *
 * @example torch.rand(2, 3)
 * @see https://pytorch.org/docs/stable/generated/torch.rand.html
 */
export const rand: FunctionOp<(...args: SizeArguments<RandomOptions>) => Tensor> = sizedOp(
  "rand",
  uniformKernel,
  fillUniform,
);

/**
 * Numbers from the normal distribution with mean 0 and variance 1.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.randn.html
 */
export const randn: FunctionOp<(...args: SizeArguments<RandomOptions>) => Tensor> = sizedOp(
  "randn",
  normalKernel,
  fillNormal,
);

function likeOp(
  name: string,
  kernelName: string,
  fill: Fill,
): FunctionOp<(input: Tensor, options?: LikeOptions & FromGenerator) => Tensor> {
  return op({
    name,
    variants: "function",
    params: { input: tensor, generator, ...common, memoryFormat: optional(memoryFormat) },
    composite: ({ input, generator: source, dtype, memoryFormat: format, requiresGrad }) => {
      checkDifferentiable(kernelName, dtype ?? input.dtype);
      const result = emptyLikeWith(input, dtype, format);
      fill(result, source);
      return finish(result, requiresGrad);
    },
  });
}

/** As `rand`, in the shape and dtype of another tensor. */
export const randLike: FunctionOp<(input: Tensor, options?: LikeOptions & FromGenerator) => Tensor> = likeOp(
  "randLike",
  uniformKernel,
  fillUniform,
);
/** As `randn`, in the shape and dtype of another tensor. */
export const randnLike: FunctionOp<(input: Tensor, options?: LikeOptions & FromGenerator) => Tensor> = likeOp(
  "randnLike",
  normalKernel,
  fillNormal,
);

type Bound = number | bigint;

/** A number, or sizes in the place of the number that is missing. */
const boundOrSize: Param<Bound | readonly number[]> = {
  ...(bigint as Param<Bound | readonly number[]>),
  expected: "int or tuple of ints",
  read: (value) => (Array.isArray(value) ? ints.read(value) : bigint.read(value)),
};

/**
 * Whole numbers in [low, high); `low` is 0 if there is only `high`.
 *
 * @example torch.randint(3, 10, [2, 2])
 * @throws RangeError if `low` is not below `high`.
 * @see https://pytorch.org/docs/stable/generated/torch.randint.html
 */
export const randint: FunctionOp<
  (
    ...args:
      | [high: Bound, size: readonly number[], options?: RandomOptions]
      | [low: Bound, high: Bound, size: readonly number[], options?: RandomOptions]
  ) => Tensor
> = op({
  name: "randint",
  variants: "function",
  params: { low: bigint, high: boundOrSize, size: optional(ints), generator, ...common },
  out: "cast",
  forward: ({ low, high, size, generator: source, dtype, requiresGrad }, out) => {
    const [from, to, sizes] = Array.isArray(high) ? [0, low, high as readonly number[]] : [low, high as Bound, size];
    if (sizes === undefined) throw new TypeError("randint() missing 1 required argument: 'size'");
    const result = target(sizes, dtypeFor(dtype, out, int64), out);
    fillIntegers(result, BigInt(from), BigInt(to), source);
    return finish(result, requiresGrad);
  },
});

/** As `randint`, in the shape and dtype of another tensor. */
export const randintLike: FunctionOp<
  (
    input: Tensor,
    ...args:
      | [high: Bound, options?: LikeOptions & FromGenerator]
      | [low: Bound, high: Bound, options?: LikeOptions & FromGenerator]
  ) => Tensor
> = op({
  name: "randintLike",
  variants: "function",
  params: {
    input: tensor,
    low: bigint,
    high: optional(bigint),
    generator,
    ...common,
    memoryFormat: optional(memoryFormat),
  },
  composite: ({ input, low, high, generator: source, dtype, memoryFormat: format, requiresGrad }) => {
    const result = emptyLikeWith(input, dtype, format);
    fillIntegers(result, high === undefined ? 0n : BigInt(low), BigInt(high ?? low), source);
    return finish(result, requiresGrad);
  },
});

/**
 * The whole numbers from 0 to n - 1 in random order.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.randperm.html
 */
export const randperm: FunctionOp<(n: number, options?: RandomOptions) => Tensor> = op({
  name: "randperm",
  variants: "function",
  params: { n: int, generator, ...common },
  out: "cast",
  forward: ({ n, generator: source, dtype, requiresGrad }, out) => {
    if (n < 0) throw new RangeError(`n must be non-negative, got ${n}`);
    const wanted = dtypeFor(dtype, out, int64);
    if (wanted === bool) throw new TypeError(`"randperm" not implemented for 'Bool'`);
    if (n > 2 ** wholeBitsOf(wanted)) throw new RangeError(`n is too large for result tensor type: '${wanted}'`);
    const result = target([n], wanted, out);
    kernels.randperm(result, source, n);
    return finish(result, requiresGrad);
  },
});
