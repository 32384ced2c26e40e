/**
 * `torch.fft`: discrete Fourier transforms along one dim, two, or any.
 *
 * Those without an `r` or `h` in their names go between complex numbers. `rfft` and its kin take real numbers, whose
 * transform mirrors itself, and give the first half of it; `hfft` and its kin take the first half of a signal that mirrors
 * itself, whose transform is real. Sizes may be any: zeros are added to what is shorter, and what is longer is cut off.
 *
 * Source: https://pytorch.org/docs/stable/fft.html
 */
import { scalarTypeName } from "../../core/dtype.js";
import { type Shape, wrapDim } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { Args, Dims, FunctionOp, Out } from "../types.js";
import {
  alongAny,
  alongOne,
  alongTwo,
  checkCount,
  checkOut,
  complex,
  dimsAndSizes,
  type FourierNorm,
  factorOf,
  floating,
  resized,
} from "./arguments.js";
import { halfOf, padEnd, transformOf, transformReal, transformToReal } from "./transform.js";

export type { FourierNorm };

type Options = { norm?: FourierNorm | null } & Out;
type AlongOne = FunctionOp<
  (input: Tensor, ...args: Args<[n?: number | null, dim?: number], ["n", "dim"], Options>) => Tensor
>;
type AlongTwo = FunctionOp<
  (input: Tensor, ...args: Args<[s?: Dims | null, dim?: Dims], ["s", "dim"], Options>) => Tensor
>;
type AlongAny = FunctionOp<
  (input: Tensor, ...args: Args<[s?: Dims | null, dim?: Dims | null], ["s", "dim"], Options>) => Tensor
>;

interface One {
  readonly input: Tensor;
  readonly n: number | null | undefined;
  readonly dim: number;
  readonly norm: FourierNorm | null | undefined;
}

interface Several {
  readonly input: Tensor;
  readonly s: Shape | null | undefined;
  readonly dim: Shape | null | undefined;
  readonly norm: FourierNorm | null | undefined;
}

/** The dim and how many elements it has, the only one of a tensor without dims none. */
function oneDim(input: Tensor, dim: number): { readonly d: number; readonly size: number } {
  const d = wrapDim(dim, input.sizes.length);
  if (input.sizes.length === 0) checkCount(0);
  return { d, size: input.sizes[d] as number };
}

function checkReal(name: string, input: Tensor, kind: string): void {
  if (!input.dtype.isComplex) return;
  throw new TypeError(`${name} expects a ${kind} input tensor, but got ${scalarTypeName(input.dtype)}`);
}

function checkAxes(name: string, dims: Shape): void {
  if (dims.length === 0) throw new Error(`${name} must transform at least one axis`);
}

/** To complex numbers along one dim. */
function complexAlong(name: string, inverse: boolean) {
  return (args: One): Tensor => {
    checkOut(name, args, true);
    const input = floating(args.input);
    const { d, size } = oneDim(input, args.dim);
    const n = args.n ?? size;
    checkCount(n);
    const factor = factorOf(args.norm, [n], inverse);
    return transformOf(padEnd(input, d, n - size), [d], inverse, factor);
  };
}

/** From real numbers to half of their transform, along one dim. */
function realAlong(name: string, inverse: boolean) {
  return (args: One): Tensor => {
    checkReal(name, args.input, "real");
    checkOut(name, args, true);
    const input = floating(args.input);
    const { d, size } = oneDim(input, args.dim);
    const n = args.n ?? size;
    checkCount(n);
    return transformReal(padEnd(input, d, n - size), [d], inverse, factorOf(args.norm, [n], inverse));
  };
}

/** From half of what mirrors itself to real numbers, along one dim. */
function toRealAlong(name: string, inverse: boolean) {
  return (args: One): Tensor => {
    checkOut(name, args, false);
    const input = complex(args.input);
    const { d, size } = oneDim(input, args.dim);
    const n = args.n ?? 2 * (size - 1);
    checkCount(n);
    const half = padEnd(input, d, halfOf(n) - size);
    return transformToReal(half, [d], inverse, factorOf(args.norm, [n], inverse), n);
  };
}

function complexOver(name: string, inverse: boolean) {
  return (args: Several): Tensor => {
    checkOut(name, args, true);
    const input = floating(args.input);
    const { dims, sizes } = dimsAndSizes(input, args.s, args.dim);
    if (input.sizes.length === 0) throw new Error("ndim must be >= 1");
    const factor = factorOf(args.norm, sizes, inverse);
    if (dims.length === 0) return complex(input).clone();
    return transformOf(resized(input, dims, sizes), dims, inverse, factor);
  };
}

function realOver(name: string, inverse: boolean) {
  return (args: Several): Tensor => {
    checkReal(name, args.input, "real-valued");
    checkOut(name, args, true);
    const input = floating(args.input);
    const { dims, sizes } = dimsAndSizes(input, args.s, args.dim);
    checkAxes(name, dims);
    return transformReal(resized(input, dims, sizes), dims, inverse, factorOf(args.norm, sizes, inverse));
  };
}

function toRealOver(name: string, inverse: boolean) {
  return (args: Several): Tensor => {
    checkOut(name, args, false);
    const input = complex(args.input);
    const { dims, sizes } = dimsAndSizes(input, args.s, args.dim, true);
    checkAxes(name, dims);
    const lastSize = sizes.at(-1) as number;
    const half = resized(input, dims, [...sizes.slice(0, -1), halfOf(lastSize)]);
    return transformToReal(half, dims, inverse, factorOf(args.norm, sizes, inverse), lastSize);
  };
}

/**
 * The discrete Fourier transform along a dim: element k is the sum of `x[j] e^(-2πi jk/n)` over all j.
 *
 * @param args.n the number of elements: zeros are added at the end, or elements cut off; all of them by default.
 * @param args.dim the last one by default.
 * @param options.norm `"forward"` divides by n, `"ortho"` by its root, `"backward"` (the default) by nothing.
 * @returns complex numbers, of the same size.
 * @throws TypeError for half types; Error for no elements, or another norm.
 * @example torch.fft.fft(torch.tensor([1, 0, 0, 0])) // tensor([1.+0.j, 1.+0.j, 1.+0.j, 1.+0.j])
 * @see https://pytorch.org/docs/stable/generated/torch.fft.fft.html
 */
export const fft: AlongOne = op({
  name: "fft",
  variants: "function",
  params: alongOne,
  out: "cast",
  overlap: "any",
  composite: complexAlong("fft", false),
});

/**
 * The inverse of `fft`: the sum of `x[j] e^(2πi jk/n)`, divided by n unless the norm says otherwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.fft.ifft.html
 */
export const ifft: AlongOne = op({
  name: "ifft",
  variants: "function",
  params: alongOne,
  out: "cast",
  overlap: "any",
  composite: complexAlong("ifft", true),
});

/**
 * The transform of real numbers along a dim, of which only the first n/2 + 1 elements are given: the others are their
 * conjugates, backward.
 *
 * @throws TypeError for complex numbers.
 * @example torch.fft.rfft(torch.tensor([1, 2, 3, 4])) // tensor([10.+0.j, -2.+2.j, -2.+0.j])
 * @see https://pytorch.org/docs/stable/generated/torch.fft.rfft.html
 */
export const rfft: AlongOne = op({
  name: "rfft",
  variants: "function",
  params: alongOne,
  out: "cast",
  overlap: "any",
  composite: realAlong("rfft", false),
});

/**
 * The inverse of `rfft`: real numbers from the first half of their transform.
 *
 * @param args.n how many numbers there are; an even number by default, 2 (m - 1) of m elements.
 * @see https://pytorch.org/docs/stable/generated/torch.fft.irfft.html
 */
export const irfft: AlongOne = op({
  name: "irfft",
  variants: "function",
  params: alongOne,
  out: "cast",
  overlap: "any",
  composite: toRealAlong("irfft", true),
});

/**
 * The transform, which is real, of what mirrors itself, from the first half of it.
 *
 * @param args.n how many numbers the result has; 2 (m - 1) of m elements by default.
 * @see https://pytorch.org/docs/stable/generated/torch.fft.hfft.html
 */
export const hfft: AlongOne = op({
  name: "hfft",
  variants: "function",
  params: alongOne,
  out: "cast",
  overlap: "any",
  composite: toRealAlong("hfft", false),
});

/**
 * The inverse of `hfft`: half of what mirrors itself, from its transform.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.fft.ihfft.html
 */
export const ihfft: AlongOne = op({
  name: "ihfft",
  variants: "function",
  params: alongOne,
  out: true,
  overlap: "any",
  composite: realAlong("ihfft", true),
});

/**
 * The transform along two dims, the last two unless others are given.
 *
 * @param args.s the number of elements along each; -1 for all that there are.
 * @see https://pytorch.org/docs/stable/generated/torch.fft.fft2.html
 */
export const fft2: AlongTwo = op({
  name: "fft2",
  variants: "function",
  params: alongTwo,
  out: "cast",
  overlap: "any",
  composite: complexOver("fftn", false),
});

/**
 * The inverse of `fft2`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.fft.ifft2.html
 */
export const ifft2: AlongTwo = op({
  name: "ifft2",
  variants: "function",
  params: alongTwo,
  out: "cast",
  overlap: "any",
  composite: complexOver("ifftn", true),
});

/**
 * The transform of real numbers along two dims; half of it along the last one.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.fft.rfft2.html
 */
export const rfft2: AlongTwo = op({
  name: "rfft2",
  variants: "function",
  params: alongTwo,
  out: "cast",
  overlap: "any",
  composite: realOver("rfftn", false),
});

/**
 * The inverse of `rfft2`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.fft.irfft2.html
 */
export const irfft2: AlongTwo = op({
  name: "irfft2",
  variants: "function",
  params: alongTwo,
  out: "cast",
  overlap: "any",
  composite: toRealOver("irfftn", true),
});

/**
 * The real transform along two dims of what mirrors itself, from the first half of it along the last one.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.fft.hfft2.html
 */
export const hfft2: AlongTwo = op({
  name: "hfft2",
  variants: "function",
  params: alongTwo,
  out: "cast",
  overlap: "any",
  composite: toRealOver("hfftn", false),
});

/**
 * The inverse of `hfft2`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.fft.ihfft2.html
 */
export const ihfft2: AlongTwo = op({
  name: "ihfft2",
  variants: "function",
  params: alongTwo,
  out: "cast",
  overlap: "any",
  composite: realOver("ihfftn", true),
});

/**
 * The transform along dims.
 *
 * @param args.s the number of elements along each; -1 for all that there are.
 * @param args.dim all of them by default, or the last ones where there are as many sizes.
 * @throws Error if a dim comes twice, or if there are not as many sizes as dims.
 * @see https://pytorch.org/docs/stable/generated/torch.fft.fftn.html
 */
export const fftn: AlongAny = op({
  name: "fftn",
  variants: "function",
  params: alongAny,
  out: "cast",
  overlap: "any",
  composite: complexOver("fftn", false),
});

/**
 * The inverse of `fftn`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.fft.ifftn.html
 */
export const ifftn: AlongAny = op({
  name: "ifftn",
  variants: "function",
  params: alongAny,
  out: "cast",
  overlap: "any",
  composite: complexOver("ifftn", true),
});

/**
 * The transform of real numbers along dims; half of it along the last one.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.fft.rfftn.html
 */
export const rfftn: AlongAny = op({
  name: "rfftn",
  variants: "function",
  params: alongAny,
  out: "cast",
  overlap: "any",
  composite: realOver("rfftn", false),
});

/**
 * The inverse of `rfftn`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.fft.irfftn.html
 */
export const irfftn: AlongAny = op({
  name: "irfftn",
  variants: "function",
  params: alongAny,
  out: "cast",
  overlap: "any",
  composite: toRealOver("irfftn", true),
});

/**
 * The real transform along dims of what mirrors itself, from the first half of it along the last one.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.fft.hfftn.html
 */
export const hfftn: AlongAny = op({
  name: "hfftn",
  variants: "function",
  params: alongAny,
  out: "cast",
  overlap: "any",
  composite: toRealOver("hfftn", false),
});

/**
 * The inverse of `hfftn`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.fft.ihfftn.html
 */
export const ihfftn: AlongAny = op({
  name: "ihfftn",
  variants: "function",
  params: alongAny,
  out: "cast",
  overlap: "any",
  composite: realOver("ihfftn", true),
});
