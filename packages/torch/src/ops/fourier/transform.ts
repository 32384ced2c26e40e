/** The transforms that all others are made of: of complex numbers, from real ones, and to real ones. */
import { ints, number, requiredFlag, tensor } from "../../arguments/params.js";
import { fourier } from "../../backend/kernels.js";
import { type Shape, withDim } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import { constantPadNd } from "../pad/pad.js";
import type { FunctionOp } from "../types.js";

type Transform = FunctionOp<(input: Tensor, dims: Shape, inverse: boolean, factor: number) => Tensor>;

const params = { input: tensor, dims: ints, inverse: requiredFlag, factor: number };

/** Transforms a tensor along dims in place, without a factor. */
function transformAlong(tensor: Tensor, dims: Shape, inverse: boolean): void {
  for (const dim of dims) fourier("complex", tensor, tensor, dim, inverse, 1);
}

/** All numbers of the transform along dims, times a factor. */
function transformed(input: Tensor, dims: Shape, inverse: boolean, factor: number): Tensor {
  const [first, ...others] = dims;
  const result = Tensor.empty(input.sizes, input.dtype.toComplex());
  const kind = input.dtype.isComplex ? "complex" : "wholeFromReal";
  fourier(kind, result, input, first as number, inverse, factor);
  transformAlong(result, others, inverse);
  return result;
}

/**
 * The transform of complex numbers along dims, times a factor.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.fft.fftn.html
 */
export const transformComplex: Transform = op({
  name: "_fftC2c",
  variants: "function",
  nodeName: "FftC2CBackward0",
  params,
  ownConjugation: true,
  forward: ({ input, dims, inverse, factor }) => transformed(input, dims, inverse, factor),
  derivative: { input: (grad, { dims, inverse, factor }) => transformComplex(grad, dims, !inverse, factor) },
});

/** The same of real numbers. */
export const transformWhole: Transform = op({
  name: "_fftR2cWhole",
  variants: "function",
  nodeName: "FftR2CBackward0",
  params,
  ownConjugation: true,
  forward: ({ input, dims, inverse, factor }) => transformed(input, dims, inverse, factor),
  derivative: {
    input: (grad, { dims, inverse, factor }) => transformComplex(grad, dims, !inverse, factor).real,
  },
});

/** The transform of complex numbers or of real ones. */
export function transformOf(input: Tensor, dims: Shape, inverse: boolean, factor: number): Tensor {
  const transform = input.dtype.isComplex ? transformComplex : transformWhole;
  return transform(input, dims, inverse, factor);
}

/** How many elements the transform of real numbers has along its last dim: the others mirror them. */
export function halfOf(size: number): number {
  return Math.floor(size / 2) + 1;
}

/** The transform of real numbers along dims, of the last of which only the first half is computed. */
export const transformReal: Transform = op({
  name: "_fftR2c",
  variants: "function",
  nodeName: "FftR2CBackward0",
  params,
  ownConjugation: true,
  forward: ({ input, dims, inverse, factor }) => {
    const last = dims.at(-1) as number;
    const result = Tensor.empty(
      withDim(input.sizes, last, halfOf(input.sizes[last] as number)),
      input.dtype.toComplex(),
    );
    fourier("fromReal", result, input, last, inverse, factor);
    transformAlong(result, dims.slice(0, -1), inverse);
    return result;
  },
  derivative: {
    input: (grad, { input, dims, inverse, factor }) => {
      const last = dims.at(-1) as number;
      const missing = (input.sizes[last] as number) - (grad.sizes[last] as number);
      const whole = padEnd(grad, last, missing);
      return transformComplex(whole, dims, !inverse, factor).real;
    },
  },
});

/** The transform to `lastSize` real numbers along the last of the dims, from the first half of what mirrors itself. */
export const transformToReal: FunctionOp<
  (input: Tensor, dims: Shape, inverse: boolean, factor: number, lastSize: number) => Tensor
> = op({
  name: "_fftC2r",
  variants: "function",
  nodeName: "FftC2RBackward0",
  params: { ...params, lastSize: number },
  ownConjugation: true,
  forward: ({ input, dims, inverse, factor, lastSize }) => {
    const last = dims.at(-1) as number;
    const others = dims.slice(0, -1);
    const source = others.length === 0 ? input : transformed(input, others, inverse, 1);
    const result = Tensor.empty(withDim(input.sizes, last, lastSize), input.dtype.toReal());
    fourier("toReal", result, source, last, inverse, factor);
    return result;
  },
  derivative: {
    input: (grad, { dims, inverse, factor }) => {
      // An element that has a mirror image counts twice.
      const last = dims.at(-1) as number;
      const half = transformReal(grad, dims, !inverse, factor);
      const size = half.sizes[last] as number;
      const times = grad.newOnes([size]);
      times.narrow(0, 1, (grad.sizes[last] as number) - size).fill_(2);
      return half.mul(times.view(withDim(new Array(grad.sizes.length).fill(1), last, size)));
    },
  },
});

/** A dim with so many zeros more, or fewer elements, at its end. */
export function padEnd(input: Tensor, dim: number, more: number): Tensor {
  if (more === 0) return input;
  if (more < 0) return input.narrow(dim, 0, (input.sizes[dim] as number) + more);
  const pad = new Array<number>(2 * (input.sizes.length - dim)).fill(0);
  pad[pad.length - 1] = more;
  return constantPadNd(input, pad);
}
