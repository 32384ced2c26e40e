/** What the transforms of `torch.fft` make of their arguments. */
import { int, intOrInts, nullable, optional, type Param, tensor, text } from "../../arguments/params.js";
import { getDefaultDtype, scalarTypeName } from "../../core/dtype.js";
import { numelOf, type Shape, wrapDim } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { padEnd } from "./transform.js";

/**
 * Where the factor of 1/n is: with the inverse transform (`"backward"`, the default), with the other one (`"forward"`),
 * or its root with both (`"ortho"`).
 */
export type FourierNorm = "backward" | "forward" | "ortho";

const norm = optional(nullable(text as Param<FourierNorm>));

/** One dim and its length. */
export const alongOne = { input: tensor, n: optional(nullable(int)), dim: optional(int, -1), norm };
/** The last two dims unless others are given. */
export const alongTwo = { input: tensor, s: optional(nullable(intOrInts)), dim: optional(intOrInts, [-2, -1]), norm };
/** All dims, or as many of the last ones as there are sizes, unless others are given. */
export const alongAny = {
  input: tensor,
  s: optional(nullable(intOrInts)),
  dim: optional(nullable(intOrInts)),
  norm,
};

/** A tensor in a dtype that can be transformed, of real numbers or complex ones. */
export function floating(input: Tensor): Tensor {
  const { dtype } = input;
  const source = dtype.isFloatingPoint || dtype.isComplex ? input : input.to(getDefaultDtype());
  if (source.dtype.toReal().isHalf) throw new TypeError(`Unsupported dtype ${scalarTypeName(source.dtype)}`);
  return source;
}

/** The same in a complex dtype. */
export function complex(input: Tensor): Tensor {
  const source = floating(input);
  return source.dtype.isComplex ? source : source.to(source.dtype.toComplex());
}

/** Throws if what is to be written has not the kind of numbers that the transform gives. */
export function checkOut(name: string, args: object, isComplex: boolean): void {
  const { out } = args as { readonly out?: Tensor };
  if (out === undefined || out.dtype.isComplex === isComplex) return;
  const wanted = isComplex ? "complex" : "floating point";
  throw new TypeError(`${name} expects a ${wanted} output tensor, but got ${scalarTypeName(out.dtype)}`);
}

/** Throws unless there is a number to transform. */
export function checkCount(count: number): void {
  if (count < 1) throw new Error(`Invalid number of data points (${count}) specified`);
}

/**
 * The dims of a transform of several, and their lengths: with -1 or none those of the input, which may hold half of the
 * last dim.
 */
export function dimsAndSizes(
  input: Tensor,
  s: Shape | null | undefined,
  dim: Shape | null | undefined,
  isHalf = false,
): { readonly dims: Shape; readonly sizes: Shape } {
  const dims = dimsOf(input, s, dim);
  const sizes = dims.map((d, i) => {
    const asked = s?.[i] ?? -1;
    if (asked !== -1) return asked;
    // A tensor without dims has none to transform, though 0 names one elsewhere.
    const own = input.sizes[d] ?? 0;
    return isHalf && i === dims.length - 1 ? 2 * (own - 1) : own;
  });
  sizes.forEach(checkCount);
  return { dims, sizes };
}

function dimsOf(input: Tensor, s: Shape | null | undefined, dim: Shape | null | undefined): Shape {
  const ndim = input.sizes.length;
  if (dim != null) {
    const dims = dim.map((d) => wrapDim(d, ndim));
    if (new Set(dims).size < dims.length) throw new Error("FFT dims must be unique");
    if (s != null && s.length !== dims.length) {
      throw new Error("When given, dim and shape arguments must have the same length");
    }
    checkFits(s?.length ?? 0, ndim);
    return dims;
  }
  const count = s?.length ?? ndim;
  checkFits(count, ndim);
  return Array.from({ length: count }, (_, i) => ndim - count + i);
}

function checkFits(count: number, ndim: number): void {
  if (count <= ndim) return;
  throw new Error(`Got shape with ${count} values but input tensor only has ${ndim} dimensions.`);
}

/** The input with so many elements along its dims: zeros are added at the ends, or elements taken off. */
export function resized(input: Tensor, dims: Shape, lengths: Shape): Tensor {
  return dims.reduce(
    (result, dim, i) => padEnd(result, dim, (lengths[i] as number) - (input.sizes[dim] as number)),
    input,
  );
}

/** The factor of a transform of so many elements. */
export function factorOf(norm: FourierNorm | null | undefined, lengths: Shape, inverse: boolean): number {
  const count = numelOf(lengths);
  switch (norm ?? "backward") {
    case "backward":
      return inverse ? 1 / count : 1;
    case "forward":
      return inverse ? 1 : 1 / count;
    case "ortho":
      return 1 / Math.sqrt(count);
  }
  throw new Error(`Invalid normalization mode: "${norm}"`);
}
