/**
 * Methods that overwrite a tensor with random numbers: `uniform_`, `normal_`, `random_`, …
 *
 * Source: https://pytorch.org/docs/stable/torch.html#in-place-random-sampling
 */
import {
  bigint,
  generator as generatorParam,
  keyword,
  nullable,
  number,
  type Operand,
  operand,
  optional,
  type Params,
  tensor,
  type ValuesOf,
} from "../../arguments/params.js";
import { defaultGenerator, type Generator } from "../../backend/generator.js";
import * as kernels from "../../backend/kernels.js";
import { bool, type DType, elementTypeName, largestOf, scalarTypeName } from "../../core/dtype.js";
import { broadcastShapes, sameShape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { type Definition, op } from "../define.js";
import { checkNoInternalOverlap } from "../overlap.js";
import { flat } from "../pointwise/elementary.js";
import type { AnyFunction, Args, MethodOp } from "../types.js";

/** The option that names the source of random numbers. */
export interface FromGenerator {
  generator?: Generator;
}

/** The source of random numbers: named, the default generator if none is given. */
export const generator = keyword(optional(generatorParam, defaultGenerator));

/** A method that overwrites its tensor, with which the gradients of what was there end. */
function filling<P extends Params>(
  name: string,
  params: P,
  fill: (self: Tensor, args: ValuesOf<P>) => void,
): MethodOp<AnyFunction> {
  const definition = {
    name,
    variants: "method",
    params: { input: tensor, ...params },
    changesInput: true,
    forward: (args: { input: Tensor } & ValuesOf<P>) => {
      checkNoInternalOverlap(args.input);
      fill(args.input, args);
      return args.input;
    },
    derivative: { input: flat, p: flat },
  };
  return op(definition as unknown as Definition<Params, never, "method">);
}

/** What PyTorch calls its kernels in messages about dtypes. */
export const uniformKernel = "check_uniform_bounds";
export const normalKernel = "normal_kernel_cpu";

/** Throws for a dtype that PyTorch's kernel of a name does not have. */
export function checkFloating(kernel: string, dtype: DType): void {
  if (!dtype.isFloatingPoint) throw new TypeError(`"${kernel}" not implemented for '${scalarTypeName(dtype)}'`);
}

/** The same for kernels that fill complex numbers too. */
export function checkDifferentiable(kernel: string, dtype: DType): void {
  if (!dtype.isDifferentiable) throw new TypeError(`"${kernel}" not implemented for '${scalarTypeName(dtype)}'`);
}

function checkContinuous(distribution: string, dtype: DType): void {
  if (dtype.isFloatingPoint) return;
  throw new TypeError(
    `${distribution} distribution is a continuous probability distribution. dtype must be a floating point but you specified ${scalarTypeName(dtype)}`,
  );
}

/** Throws unless a condition holds, with the words of PyTorch. */
function expects(holds: boolean, message: string): void {
  if (!holds) throw new RangeError(message);
}

/**
 * Overwrites the elements with numbers from the uniform distribution over [from, to).
 *
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.uniform_.html
 */
export const uniform_: MethodOp<
  (input: Tensor, ...args: Args<[from?: number, to?: number], ["from", "to"], FromGenerator>) => Tensor
> = filling(
  "uniform_",
  { from: optional(number, 0), to: optional(number, 1), generator },
  (self, { from, to, generator: source }) => {
    checkDifferentiable(uniformKernel, self.dtype);
    const limit = largestOf(self.dtype);
    for (const [name, bound] of [
      ["from", from],
      ["to", to],
    ] as const) {
      expects(Math.abs(bound) <= limit, `${name} is out of bounds for ${elementTypeName(self.dtype)}`);
    }
    expects(
      to - from <= limit,
      `uniform_ expects to-from <= std::numeric_limits<Float>::max(), but found to=${to} and from=${from}`,
    );
    expects(from <= to, `uniform_ expects to return a [from, to) range, but found from=${from} > to=${to}`);
    kernels.uniform(self, source, from, to);
  },
);

/** Throws for a standard deviation that is none. */
export function checkStd(name: string, std: number): void {
  expects(std >= 0, `${name} expects std >= 0.0, but found std ${std}`);
}

/**
 * Overwrites the elements with numbers from a normal distribution.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.normal_.html
 */
export const normal_: MethodOp<
  (input: Tensor, ...args: Args<[mean?: number, std?: number], ["mean", "std"], FromGenerator>) => Tensor
> = filling(
  "normal_",
  { mean: optional(number, 0), std: optional(number, 1), generator },
  (self, { mean, std, generator: source }) => {
    checkDifferentiable(normalKernel, self.dtype);
    checkStd("normal", std);
    kernels.normal(self, source, mean, std);
  },
);

/** Overwrites the elements with the exponentials of numbers from a normal distribution. */
export const logNormal_: MethodOp<
  (input: Tensor, ...args: Args<[mean?: number, std?: number], ["mean", "std"], FromGenerator>) => Tensor
> = filling(
  "logNormal_",
  { mean: optional(number, 1), std: optional(number, 2), generator },
  (self, { mean, std, generator: source }) => {
    checkFloating("log_normal_cpu", self.dtype);
    expects(std > 0, `log_normal_ expects std > 0.0, but found std=${std}`);
    kernels.logNormal(self, source, mean, std);
  },
);

/** Overwrites the elements with numbers from an exponential distribution of rate `lambd`. */
export const exponential_: MethodOp<
  (input: Tensor, ...args: Args<[lambd?: number], ["lambd"], FromGenerator>) => Tensor
> = filling("exponential_", { lambd: optional(number, 1), generator }, (self, { lambd, generator: source }) => {
  checkContinuous("Exponential", self.dtype);
  expects(lambd > 0, `exponential_ expects lambda > 0.0, but found lambda=${lambd}`);
  kernels.exponential(self, source, lambd);
});

/** Overwrites the elements with numbers of trials until the first success, which has probability `p`. */
export const geometric_: MethodOp<(input: Tensor, p: number, options?: FromGenerator) => Tensor> = filling(
  "geometric_",
  { p: number, generator },
  (self, { p, generator: source }) => {
    if (self.dtype === bool) throw new TypeError(`"geometric_cpu" not implemented for 'Bool'`);
    expects(p > 0 && p < 1, `geometric_ expects p to be in (0, 1), but got p=${p}`);
    kernels.geometric(self, source, p);
  },
);

/** Overwrites the elements with numbers from a Cauchy distribution. */
export const cauchy_: MethodOp<
  (input: Tensor, ...args: Args<[median?: number, sigma?: number], ["median", "sigma"], FromGenerator>) => Tensor
> = filling(
  "cauchy_",
  { median: optional(number, 0), sigma: optional(number, 1), generator },
  (self, { median, sigma, generator: source }) => {
    checkContinuous("Cauchy", self.dtype);
    expects(sigma > 0, `cauchy_ expects sigma > 0.0, but found sigma=${sigma}`);
    kernels.cauchy(self, source, median, sigma);
  },
);

/** Fills a tensor with 1 where a number is below the probability, else 0; a tensor of probabilities broadcasts. */
export function fillBernoulli(self: Tensor, p: Operand, source: Generator): void {
  if (!(p instanceof Tensor)) {
    const probability = Number(p);
    expects(probability >= 0 && probability <= 1, `bernoulli_ expects p to be in [0, 1], but got p=${probability}`);
    kernels.bernoulli(self, source, probability);
    return;
  }
  checkFloating("bernoulli_tensor_cpu_p_", p.dtype);
  if (!sameShape(broadcastShapes(self.sizes, p.sizes), self.sizes)) {
    throw new Error(
      `probabilities of shape [${p.sizes.join(", ")}] do not broadcast to the shape [${self.sizes.join(", ")}]`,
    );
  }
  kernels.bernoulliTensor(self, source, p);
}

/**
 * Overwrites the elements with 1 at probability `p`, else 0.
 *
 * @param p a number, or a floating tensor that broadcasts.
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.bernoulli_.html
 */
export const bernoulli_: MethodOp<(input: Tensor, ...args: Args<[p?: Operand], ["p"], FromGenerator>) => Tensor> =
  filling("bernoulli_", { p: optional(operand, 0.5), generator }, (self, { p, generator: source }) =>
    fillBernoulli(self, p, source),
  );

type Range = readonly [least: bigint, greatest: bigint];

/** The least and the greatest value of dtypes that do not hold all integers of 64 bits, and of int64. */
const ranges: Readonly<{ int64: Range; [dtype: string]: Range }> = {
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int16: [-(2n ** 15n), 2n ** 15n - 1n],
  int8: [-(2n ** 7n), 2n ** 7n - 1n],
  uint8: [0n, 255n],
  bool: [0n, 1n],
  float16: [-65504n, 65504n],
};

/** Fills a tensor with integers in [from, to), which the dtype has to hold. */
export function fillIntegers(self: Tensor, from: bigint, to: bigint | null, source: Generator): void {
  if (to !== null) expects(from < to, `random_ expects 'from' to be less than 'to', but got from=${from} >= to=${to}`);
  const [least, greatest] = ranges.int64;
  expects(from >= least && (to ?? 0n) <= greatest, "Overflow when unpacking long");
  const range = ranges[self.dtype.name];
  if (range !== undefined) {
    const holds = (value: bigint) => value >= range[0] && value <= range[1];
    expects(holds(from), `from is out of bounds for ${elementTypeName(self.dtype)}`);
    expects(to === null || holds(to - 1n), `to - 1 is out of bounds for ${elementTypeName(self.dtype)}`);
  }
  kernels.randomFrom(self, source, from, to);
}

/**
 * Overwrites the elements with integers: below `to`, in [from, to), or without limits up to the greatest that the dtype
 * holds (2^24 for float32, 2^53 for float64).
 *
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.random_.html
 */
export const random_: MethodOp<
  (
    input: Tensor,
    ...args:
      | [options?: FromGenerator]
      | [to: number | bigint, options?: FromGenerator]
      | [from: number | bigint, to: number | bigint | null, options?: FromGenerator]
  ) => Tensor
> = filling(
  "random_",
  { from: optional(bigint), to: optional(nullable(bigint)), generator },
  (self, { from, to, generator: source }) => {
    if (from === undefined) kernels.randomFull(self, source);
    else if (to === undefined) fillIntegers(self, 0n, BigInt(from), source);
    else fillIntegers(self, BigInt(from), to === null ? null : BigInt(to), source);
  },
);
