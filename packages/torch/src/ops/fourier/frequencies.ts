/** The frequencies of a transform, and its elements in their order. */
import { int, intOrInts, nullable, number, optional, tensor } from "../../arguments/params.js";
import { type DType, getDefaultDtype } from "../../core/dtype.js";
import { wrapDim } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { common, finish } from "../creation/factory.js";
import { arange } from "../creation/ranges.js";
import { op } from "../define.js";
import { cat } from "../shape/joining.js";
import { roll } from "../shape/rearranging.js";
import type { Args, Dims, FunctionOp, Out, TensorOptions } from "../types.js";
import { halfOf } from "./transform.js";

type Frequencies = FunctionOp<(n: number, ...args: Args<[d?: number], ["d"], TensorOptions & Out>) => Tensor>;

const params = { n: int, d: optional(number, 1), ...common };

interface Wanted {
  readonly n: number;
  readonly d: number;
  readonly dtype: DType | undefined;
  readonly requiresGrad: boolean;
}

/** Whole numbers over n d. */
function frequencies(name: string, wanted: Wanted, whole: (dtype: DType) => Tensor): Tensor {
  const { n, d, dtype = getDefaultDtype(), requiresGrad } = wanted;
  if (!dtype.isFloatingPoint && !dtype.isComplex) {
    throw new TypeError(`${name} requires a floating point or complex dtype`);
  }
  return finish(whole(dtype).mul(1 / (n * d)), requiresGrad);
}

/**
 * The frequencies of the elements of `fft`, in cycles per unit of `d`, the distance between samples:
 * `[0, 1, …, -2, -1] / (n d)`, the negative ones in the second half.
 *
 * @example torch.fft.fftfreq(4) // tensor([ 0.0000,  0.2500, -0.5000, -0.2500])
 * @see https://pytorch.org/docs/stable/generated/torch.fft.fftfreq.html
 */
export const fftfreq: Frequencies = op({
  name: "fftfreq",
  variants: "function",
  params,
  out: "cast",
  composite: (wanted) =>
    frequencies("fftfreq", wanted, (dtype) => {
      const { n } = wanted;
      if (n < 0) throw new RangeError(`Trying to create tensor with negative dimension ${n}: [${n}]`);
      const half = Math.floor((n + 1) / 2);
      return cat([arange(half, { dtype }), arange(half - n, 0, { dtype })]);
    }),
});

/**
 * The frequencies of the elements of `rfft`: `[0, 1, …, n/2] / (n d)`.
 *
 * @example torch.fft.rfftfreq(4) // tensor([0.0000, 0.2500, 0.5000])
 * @see https://pytorch.org/docs/stable/generated/torch.fft.rfftfreq.html
 */
export const rfftfreq: Frequencies = op({
  name: "rfftfreq",
  variants: "function",
  params,
  out: "cast",
  composite: (wanted) => frequencies("rfftfreq", wanted, (dtype) => arange(Math.max(halfOf(wanted.n), 0), { dtype })),
});

type Shift = FunctionOp<(input: Tensor, ...args: Args<[dim?: Dims | null], ["dim"]>) => Tensor>;

const shifted = { input: tensor, dim: optional(nullable(intOrInts)) };

/** Rolls dims, all of them unless some are given, by what a size tells. */
function rollBy(input: Tensor, dim: readonly number[] | null | undefined, shift: (size: number) => number): Tensor {
  const dims = dim == null ? input.sizes.map((_, d) => d) : dim.map((d) => wrapDim(d, input.sizes.length));
  const shifts = dims.map((d) => shift(input.sizes[d] ?? 1));
  return roll(input, shifts, dims);
}

/**
 * The elements in the order of their frequencies, with 0 in the middle.
 *
 * @param args.dim all dims by default.
 * @example torch.fft.fftshift(torch.fft.fftfreq(4)) // tensor([-0.5000, -0.2500,  0.0000,  0.2500])
 * @see https://pytorch.org/docs/stable/generated/torch.fft.fftshift.html
 */
export const fftshift: Shift = op({
  name: "fftshift",
  variants: "function",
  params: shifted,
  composite: ({ input, dim }) => rollBy(input, dim, (size) => Math.floor(size / 2)),
});

/**
 * The inverse of `fftshift`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.fft.ifftshift.html
 */
export const ifftshift: Shift = op({
  name: "ifftshift",
  variants: "function",
  params: shifted,
  composite: ({ input, dim }) => rollBy(input, dim, (size) => Math.floor((size + 1) / 2)),
});
