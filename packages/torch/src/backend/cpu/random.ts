/**
 * Random number kernels: they fill `out` and advance a generator, with PyTorch's numbers in PyTorch's order.
 *
 * A strided output is filled in the order in which its elements lie in memory, as PyTorch does; for outputs made
 * afresh that is row-major. Outputs must not overlap themselves (no stride 0 but where a size is 1).
 */
import { type DType, int64, wholeBitsOf } from "../../core/dtype.js";
import { nearest } from "../../core/scalars.js";
import { numelOf } from "../../core/shape.js";
import type { ArrayView } from "../../core/view.js";
import { Generator } from "../generator.js";
import { type Kernel, kernel } from "./block.js";
import { partsOf } from "./complex.js";
import { inFloat32 } from "./inFloat32.js";
import {
  begin,
  launch,
  put,
  putAddress,
  putDType,
  putLoop,
  putOperand,
  putScalar,
  putStride,
  reachOf,
  status,
} from "./launch.js";

/** Appends what every one of these kernels reads first, and returns the dtype as the kernel knows it. */
function putGenerator(generator: Generator, dtype: DType): DType {
  put(Generator.addressOf(generator));
  return putDType(dtype);
}

/** Runs a kernel that fills an output, given numbers and operands of the same dtype, which broadcast. */
function fillWith(
  kernel: Kernel,
  out: ArrayView,
  generator: Generator,
  numbers: readonly number[],
  a?: ArrayView,
  b?: ArrayView,
): void {
  const list = begin();
  const dtype = putGenerator(generator, out.dtype);
  for (let i = 0; i < numbers.length; i++) put(numbers[i] as number);
  putLoop(out, a, b);
  putOperand(out, dtype);
  if (a !== undefined) putOperand(a, dtype);
  if (b !== undefined) putOperand(b, dtype);
  launch(kernel, list);
}

/** A kernel that fills a floating output, given up to two numbers. */
function filler(name: string): (out: ArrayView, generator: Generator, ...numbers: readonly number[]) => void {
  const run = kernel(name);
  return (out, generator, ...numbers) => fillWith(run, out, generator, numbers);
}

const runUniform = filler("randomUniform");

/** Uniform in [from, to), with the bits that the floating dtype holds; from <= to. Of complex numbers, both parts. */
export function uniform(out: ArrayView, generator: Generator, from: number, to: number): void {
  if (out.dtype.isComplex) return uniform(partsOf(out), generator, from, to);
  runUniform(out, generator, from, to);
}

const runNormal = kernel("randomNormal");

/** Normal; std >= 0. Sixteen contiguous elements or more take other numbers than fewer or strided ones. */
export function normal(out: ArrayView, generator: Generator, mean: number, std: number): void {
  // The variance is that of the number, of which each part has one half.
  if (out.dtype.isComplex) return normal(partsOf(out), generator, mean, std / Math.SQRT2);
  const list = begin();
  const dtype = putGenerator(generator, out.dtype);
  put(mean);
  put(std);
  const isContiguous = out.contiguousFlag;
  put(isContiguous ? 1 : 0);
  putAddress(out, dtype, isContiguous ? numelOf(out.sizes) : 0);
  putLoop(out);
  putOperand(out, dtype);
  launch(runNormal, list);
}

const runLogNormal = filler("randomLogNormal");

/** The exponential of a normal number with this mean and standard deviation; std > 0. */
export function logNormal(out: ArrayView, generator: Generator, mean: number, std: number): void {
  runLogNormal(out, generator, mean, std);
}

const runExponential = filler("randomExponential");

/** Exponential with a rate; lambda >= 0. */
export function exponential(out: ArrayView, generator: Generator, lambda: number): void {
  runExponential(out, generator, lambda);
}

const runGeometric = filler("randomGeometric");

/** The number of trials to the first success, in any dtype but bool; 0 < p < 1. */
export function geometric(out: ArrayView, generator: Generator, p: number): void {
  runGeometric(out, generator, p);
}

const runCauchy = filler("randomCauchy");

export function cauchy(out: ArrayView, generator: Generator, median: number, sigma: number): void {
  runCauchy(out, generator, median, sigma);
}

const runBernoulli = filler("randomBernoulli");

/** 1 with probability p, else 0, in any dtype; 0 <= p <= 1. Also the mask of dropout, with p the share that is kept. */
export function bernoulli(out: ArrayView, generator: Generator, p: number): void {
  runBernoulli(out, generator, p);
}

const runBernoulliTensor = kernel("randomBernoulliTensor");

/** 1 with the probability at the same place, which broadcasts; its dtype is a floating one. */
export function bernoulliTensor(out: ArrayView, generator: Generator, p: ArrayView): void {
  const list = begin();
  const dtype = putGenerator(generator, out.dtype);
  const probabilityType = putDType(p.dtype);
  putLoop(out, p);
  putOperand(out, dtype);
  putOperand(p, probabilityType);
  launch(runBernoulliTensor, list);
  if (status() !== 0) throw new Error("bernoulli expects every probability to be in [0, 1]");
}

const runInteger = kernel("randomInteger");

/** Codes of kernels/random/random.cpp. */
const enum Integers {
  FromTo,
  Dtype,
  All64,
}

/** Draws of 64 bits, and rounding, are those of a floating dtype also for the half types. */
const fillIntegers = inFloat32(
  "random_kernel_cpu",
  [0],
  (out: ArrayView, generator: Generator, which: Integers, range: bigint, base: bigint): void => {
    const list = begin();
    const dtype = putGenerator(generator, out.dtype);
    put(which);
    putScalar(BigInt.asIntN(64, range), int64);
    putScalar(base, int64);
    putLoop(out);
    putOperand(out, dtype);
    launch(runInteger, list);
  },
);

/** The end of what `randomFrom` gives without `to`; a floating dtype has every integer before its own. */
function endOf(dtype: DType): bigint {
  return 2n ** BigInt(wholeBitsOf(dtype)) + (dtype.isFloatingPoint ? 1n : 0n);
}

/**
 * Integers in [from, to), or from `from` to the dtype's greatest where `to` is null; the dtype holds them. From
 * -2^63 with no `to` (int64 and floating dtypes only) gives all 64-bit integers.
 */
export function randomFrom(
  out: ArrayView,
  generator: Generator,
  from: number | bigint,
  to: number | bigint | null,
): void {
  let first = BigInt(from);
  if (to === null && first === -(2n ** 63n)) return fillIntegers(out, generator, Integers.All64, 0n, 0n);
  let end = to === null ? endOf(out.dtype) : BigInt(to);
  if (first >= end) {
    throw new RangeError(`random_ expects 'from' to be less than 'to', but got from=${first} >= to=${end}`);
  }
  if (out.dtype.isFloatingPoint) {
    first = raiseToRepresentable(first, out.dtype);
    if (to !== null) end = lowerToRepresentable(end, out.dtype);
    if (first >= end) {
      throw new RangeError(
        "random_ expects 'from' casted to dtype to be less than 'to' casted to dtype, " +
          `but got from=${first} >= to=${end}`,
      );
    }
  }
  fillIntegers(out, generator, Integers.FromTo, end - first, first);
}

// Beyond the integers that a floating dtype has all of, the bounds move inwards so that rounding stays within them.

function raiseToRepresentable(from: bigint, dtype: DType): bigint {
  const rounded = BigInt(nearest(Number(from + 1n), dtype));
  return rounded < from ? rounded + spacing(from + 1n, dtype) : from;
}

function lowerToRepresentable(to: bigint, dtype: DType): bigint {
  const rounded = BigInt(nearest(Number(to - 1n), dtype));
  return rounded >= to ? rounded - spacing(to - 1n, dtype) : to;
}

/** The distance between neighbours of a floating dtype near an integer that is beyond its consecutive ones. */
function spacing(value: bigint, dtype: DType): bigint {
  const magnitude = value < 0n ? -value : value;
  const digits = wholeBitsOf(dtype);
  return 2n ** BigInt(Math.max(0, magnitude.toString(2).length - digits));
}

/** Integers from 0 to the greatest that an integer dtype holds, or to 2^24 (float32) and 2^53 (float64). */
export function randomFull(out: ArrayView, generator: Generator): void {
  if (out.dtype.isFloatingPoint) fillIntegers(out, generator, Integers.FromTo, endOf(out.dtype), 0n);
  else fillIntegers(out, generator, Integers.Dtype, 0n, 0n);
}

const runPermutation = kernel("randomPermutation");

/** The integers below n in random order, in any dtype but bool that holds them; `out` has one dim of size n. */
export function randperm(out: ArrayView, generator: Generator, n: number): void {
  const stride = n > 1 ? (out.strides[0] as number) : 1;
  const list = begin();
  const dtype = putGenerator(generator, out.dtype);
  putAddress(out, dtype, reachOf([n], [stride]) + 1);
  put(stride);
  put(n);
  launch(runPermutation, list);
}

const runMultinomial = kernel("randomMultinomial");

const multinomialErrors = [
  "",
  "invalid multinomial distribution (encountering probability entry < 0)",
  "invalid multinomial distribution (encountering probability entry = infinity or NaN)",
  "invalid multinomial distribution (sum of probabilities <= 0)",
];

/**
 * `numSamples` categories for each row of `probs` [m, n] (floating, they need not sum to 1) into `out` [m, numSamples]
 * (int64). Without replacement numSamples <= n.
 */
export function multinomial(
  out: ArrayView,
  generator: Generator,
  probs: ArrayView,
  numSamples: number,
  replacement: boolean,
): void {
  const [rows, columns] = probs.sizes as [number, number];
  if (numSamples <= 0) throw new Error("cannot sample n_sample <= 0 samples");
  if (!replacement && numSamples > columns) {
    throw new Error("cannot sample n_sample > prob_dist.size(-1) samples without replacement");
  }
  const list = begin();
  const dtype = putGenerator(generator, probs.dtype);
  put(replacement ? 1 : 0);
  const [probStrides, outStrides] = [[...probs.strides], [...out.strides]];
  putAddress(probs, dtype, reachOf([rows, columns], probStrides) + 1);
  put(rows);
  put(columns);
  putStride(rows, probStrides[0] as number);
  putStride(columns, probStrides[1] as number);
  putAddress(out, int64, reachOf([rows, numSamples], outStrides) + 1);
  put(numSamples);
  putStride(rows, outStrides[0] as number);
  putStride(numSamples, outStrides[1] as number);
  launch(runMultinomial, list);
  const failure = status();
  if (failure !== 0) throw new Error(multinomialErrors[failure]);
}

const runPoisson = kernel("randomPoisson");

/** Poisson with the rate at the same place, which broadcasts; all of one floating dtype. */
export function poisson(out: ArrayView, generator: Generator, rates: ArrayView): void {
  fillWith(runPoisson, out, generator, [], rates);
  if (status() !== 0) throw new Error("invalid Poisson rate, expected rate to be non-negative");
}

const runBinomial = kernel("randomBinomial");

/** Successes in `count` trials of probability `prob`, which broadcast; all of one floating dtype. */
export function binomial(out: ArrayView, generator: Generator, count: ArrayView, prob: ArrayView): void {
  fillWith(runBinomial, out, generator, [], count, prob);
}

const runGamma = kernel("randomGamma");

/** Gamma with the shape parameter at the same place, which broadcasts, and scale 1; all of one floating dtype. */
export function standardGamma(out: ArrayView, generator: Generator, alpha: ArrayView): void {
  fillWith(runGamma, out, generator, [], alpha);
}

const runGammaGradient = kernel("gammaGradient");

/** How numbers drawn by `standardGamma` move with the shape parameter while their quantile stays. */
export function gammaGradient(out: ArrayView, alpha: ArrayView, numbers: ArrayView): void {
  const list = begin();
  const dtype = putDType(out.dtype);
  putLoop(out, alpha, numbers);
  for (const view of [out, alpha, numbers]) putOperand(view, dtype);
  launch(runGammaGradient, list);
}

const runBetaGradient = kernel("betaGradient");

/** How numbers from beta distributions move with the first parameter while their quantile stays. */
export function betaGradient(out: ArrayView, numbers: ArrayView, alpha: ArrayView, beta: ArrayView): void {
  const list = begin();
  const dtype = putDType(out.dtype);
  putLoop(out, numbers, alpha, beta);
  for (const view of [out, numbers, alpha, beta]) putOperand(view, dtype);
  launch(runBetaGradient, list);
}
