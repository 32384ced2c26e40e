/**
 * Tensors of random numbers, the same as PyTorch's from the same seed.
 *
 * Source: https://pytorch.org/docs/stable/torch.html#random-sampling
 */
import { bigint, flag, int, ints, type Operand, operand, optional, type Param, spreadInts, tensor } from "../arguments/params.js";
import * as kernels from "../backend/cpu/random.js";
import { bool, type DType, getDefaultDtype, int64 } from "../core/dtype.js";
import type { Generator } from "../core/generator.js";
import { broadcastShapes, checkSizes } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import { scalarTypeName } from "./copyInto.js";
import { op } from "./define.js";
import { flat } from "./elementary.js";
import { common, emptyLikeWith, finish, type LikeOptions, type SizeArguments, type SizedOptions } from "./factory.js";
import { memoryFormat } from "./memoryFormat.js";
import { resize } from "./out.js";
import { checkFloating, checkStd, type FromGenerator, fillBernoulli, fillIntegers, generator } from "./randomInplace.js";
import type { Args, FunctionOp, Op, Out } from "./types.js";

type RandomOptions = SizedOptions & FromGenerator;
type Fill = (self: Tensor, source: Generator) => void;

/** The tensor that is to be filled: `out` in the wanted size, or a new one. */
function target(size: readonly number[], dtype: DType, out: Tensor | undefined): Tensor {
  checkSizes(size);
  if (out === undefined) return Tensor.empty([...size], dtype);
  resize(out, size);
  return out;
}

/** The dtype that is asked for, by name or by `out`. */
function dtypeFor(dtype: DType | undefined, out: Tensor | undefined, otherwise: DType): DType {
  if (out !== undefined && dtype !== undefined && dtype !== out.dtype) {
    throw new Error(`dtype ${dtype} does not match dtype of out parameter (${out.dtype})`);
  }
  return out?.dtype ?? dtype ?? otherwise;
}

const fillUniform: Fill = (self, source) => kernels.uniform(self, source, 0, 1);
const fillNormal: Fill = (self, source) => kernels.normal(self, source, 0, 1);
const uniformKernel = "check_uniform_bounds";
const normalKernel = "normal_kernel_cpu";

function sizedOp(name: string, kernelName: string, fill: Fill): FunctionOp<(...args: SizeArguments<RandomOptions>) => Tensor> {
  return op({
    name,
    variants: "function",
    params: { size: spreadInts, generator, ...common },
    out: true,
    forward: ({ size, generator: source, dtype, requiresGrad }, out) => {
      const wanted = dtypeFor(dtype, out, getDefaultDtype());
      checkFloating(kernelName, wanted);
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
export const rand: FunctionOp<(...args: SizeArguments<RandomOptions>) => Tensor> = sizedOp("rand", uniformKernel, fillUniform);

/**
 * Numbers from the normal distribution with mean 0 and variance 1.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.randn.html
 */
export const randn: FunctionOp<(...args: SizeArguments<RandomOptions>) => Tensor> = sizedOp("randn", normalKernel, fillNormal);

function likeOp(name: string, kernelName: string, fill: Fill): FunctionOp<(input: Tensor, options?: LikeOptions & FromGenerator) => Tensor> {
  return op({
    name,
    variants: "function",
    params: { input: tensor, generator, ...common, memoryFormat: optional(memoryFormat) },
    composite: ({ input, generator: source, dtype, memoryFormat: format, requiresGrad }) => {
      checkFloating(kernelName, dtype ?? input.dtype);
      const result = emptyLikeWith(input, dtype, format);
      fill(result, source);
      return finish(result, requiresGrad);
    },
  });
}

/** As `rand`, in the shape and dtype of another tensor. */
export const randLike: FunctionOp<(input: Tensor, options?: LikeOptions & FromGenerator) => Tensor> = likeOp("randLike", uniformKernel, fillUniform);
/** As `randn`, in the shape and dtype of another tensor. */
export const randnLike: FunctionOp<(input: Tensor, options?: LikeOptions & FromGenerator) => Tensor> = likeOp("randnLike", normalKernel, fillNormal);

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
  (...args: [high: Bound, size: readonly number[], options?: RandomOptions] | [low: Bound, high: Bound, size: readonly number[], options?: RandomOptions]) => Tensor
> = op({
  name: "randint",
  variants: "function",
  params: { low: bigint, high: boundOrSize, size: optional(ints), generator, ...common },
  out: true,
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
  (input: Tensor, ...args: [high: Bound, options?: LikeOptions & FromGenerator] | [low: Bound, high: Bound, options?: LikeOptions & FromGenerator]) => Tensor
> = op({
  name: "randintLike",
  variants: "function",
  params: { input: tensor, low: bigint, high: optional(bigint), generator, ...common, memoryFormat: optional(memoryFormat) },
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
  out: true,
  forward: ({ n, generator: source, dtype, requiresGrad }, out) => {
    if (n < 0) throw new RangeError(`n must be non-negative, got ${n}`);
    const wanted = dtypeFor(dtype, out, int64);
    if (wanted === bool) throw new TypeError(`"randperm" not implemented for 'Bool'`);
    const digits = wanted.isFloatingPoint ? (wanted.itemsize === 4 ? 24 : 53) : 8 * wanted.itemsize - (wanted.isSigned ? 1 : 0);
    if (n > 2 ** digits) throw new RangeError(`n is too large for result tensor type: '${wanted}'`);
    const result = target([n], wanted, out);
    kernels.randperm(result, source, n);
    return finish(result, requiresGrad);
  },
});

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
  out: true,
  forward: ({ mean, std, size, generator: source, dtype, requiresGrad }, out) => {
    const given = mean instanceof Tensor ? mean : std;
    if (given instanceof Tensor) return normalLike(given, mean, std, source, out);
    if (size === undefined) throw new TypeError("normal() missing 1 required argument: 'size'");
    const wanted = dtypeFor(dtype, out, getDefaultDtype());
    checkFloating(normalKernel, wanted);
    checkStd("normal", Number(std));
    const result = target(size, wanted, out);
    kernels.normal(result, source, Number(mean), Number(std));
    return finish(result, requiresGrad);
  },
  overload: ({ mean, std }) => (!(mean instanceof Tensor) ? 2 : std instanceof Tensor ? 3 : 1),
  derivative: { mean: flat, std: flat },
});

function normalLike(given: Tensor, mean: Operand, std: Operand, source: Generator, out: Tensor | undefined): Tensor {
  checkFloating(normalKernel, given.dtype);
  const isSpread = std instanceof Tensor;
  if (!isSpread) checkStd("normal", Number(std));
  else if (std.numel() > 0 && std.amin().item() < 0) throw new RangeError("normal expects all elements of std >= 0.0");
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
  out: true,
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
export const multinomial: Op<(input: Tensor, numSamples: number, options?: { replacement?: boolean } & FromGenerator & Out) => Tensor> = op({
  name: "multinomial",
  params: { input: tensor, numSamples: int, replacement: flag, generator },
  out: true,
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
