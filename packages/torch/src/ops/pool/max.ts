/**
 * Max pooling, and what else picks one element of each window: adaptive and fractional pooling, and the way back.
 *
 * Source: https://pytorch.org/docs/stable/nn.functional.html#pooling-functions
 */
import { int, ints, requiredFlag, tensor } from "../../arguments/params.js";
import {
  fractionalMaxPool,
  maxPoolBackward as maxPoolBackwardKernel,
  maxPool as maxPoolKernel,
  type PoolWindows,
} from "../../backend/kernels.js";
import { bool, Category, int32, int64, scalarTypeName } from "../../core/dtype.js";
import { numelOf, type Shape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { type Named, named, op } from "../define.js";
import type { FunctionOp } from "../types.js";
import { dense, inOrderOf } from "./dense.js";
import { pooledSizes } from "./geometry.js";

type Numbers = readonly number[];

/** The largest elements, and their places among the elements of the pooled dims. */
export type MaxPoolResult = Named<{ output: Tensor; indices: Tensor }>;

/** The tensor with the elements of its last dims in one. */
function flatPlanes(input: Tensor, ndim: number): Tensor {
  const outer = input.sizes.slice(0, -ndim);
  return input.reshape([...outer, numelOf(input.sizes.slice(-ndim))]);
}

/** Puts gradients of the largest elements where these came from, in an input of a size. */
const maxPoolBackward: FunctionOp<(grad: Tensor, indices: Tensor, size: Numbers, ndim: number) => Tensor> = op({
  name: "maxPoolBackward",
  variants: "function",
  params: { grad: tensor, indices: tensor, size: ints, ndim: int },
  forward: ({ grad, indices, size, ndim }) => {
    const result = Tensor.empty(size, grad.dtype);
    maxPoolBackwardKernel(result, dense(grad), dense(indices), ndim);
    return inOrderOf(grad, result);
  },
  saves: ["indices"],
  derivative: {
    grad: (grad, { indices, ndim }) => flatPlanes(grad, ndim).gather(-1, flatPlanes(indices, ndim)).view(indices.sizes),
  },
});

function spread(grad: Tensor | undefined, indices: Tensor, size: Shape, ndim: number): Tensor | undefined {
  return grad && maxPoolBackward(grad, indices, size, ndim);
}

function isNarrow(input: Tensor): boolean {
  return input.dtype.category === Category.Integer && input.dtype !== int64 && input.dtype !== int32;
}

/** The input in a form that kernels take. */
function asSource(name: string, input: Tensor): Tensor {
  if (input.dtype === bool) throw new TypeError(`"${name}" not implemented for '${scalarTypeName(bool)}'`);
  return dense(isNarrow(input) ? input.to(int32) : input);
}

/** What a kernel has found, in the dtype of the input and as it lies in memory. */
function asOutput(input: Tensor, values: Tensor): Tensor {
  return inOrderOf(input, values.dtype === input.dtype ? values : values.to(input.dtype));
}

/** The result of a kernel that writes values and indices. */
function picked(
  name: string,
  input: Tensor,
  sizes: Shape,
  run: (values: Tensor, indices: Tensor, input: Tensor) => void,
): MaxPoolResult {
  const source = asSource(name, input);
  const values = Tensor.empty(sizes, source.dtype);
  const indices = Tensor.empty(sizes, int64);
  run(values, indices, source);
  return named({ output: asOutput(input, values), indices: inOrderOf(input, indices) });
}

/** `MaxPool2DWithIndicesBackward0`. */
const nodeName = (words: (dims: string) => string) => (args: { kernelSize: Numbers }) =>
  `${words(`${args.kernelSize.length}D`)}Backward0`;

/** The largest element of each window and its place; arguments were checked. */
export const maxPoolWithIndices: FunctionOp<
  (
    input: Tensor,
    kernelSize: Numbers,
    stride: Numbers,
    padding: Numbers,
    dilation: Numbers,
    ceilMode: boolean,
  ) => MaxPoolResult
> = op({
  name: "maxPoolWithIndices",
  variants: "function",
  nodeName: nodeName((dims) => `MaxPool${dims}WithIndices`),
  params: {
    input: tensor,
    kernelSize: ints,
    stride: ints,
    padding: ints,
    dilation: ints,
    ceilMode: requiredFlag,
  },
  forward: ({ input, ceilMode, ...windows }) => {
    const sizes = pooledSizes(input.sizes, windows, ceilMode);
    return picked("max_pool", input, sizes, (values, indices, source) =>
      maxPoolKernel(values, indices, source, windows),
    );
  },
  saves: ["results"],
  backward: ([grad], { input, kernelSize, results: [, indices] }) => ({
    input: spread(grad, indices as Tensor, input.sizes, kernelSize.length),
  }),
});

/** The largest element of each window, where nobody asks for its place; arguments were checked. */
export const maxPoolValues: FunctionOp<
  (
    input: Tensor,
    kernelSize: Numbers,
    stride: Numbers,
    padding: Numbers,
    dilation: Numbers,
    ceilMode: boolean,
  ) => Tensor
> = op({
  name: "maxPoolValues",
  variants: "function",
  differentiable: false,
  params: { input: tensor, kernelSize: ints, stride: ints, padding: ints, dilation: ints, ceilMode: requiredFlag },
  forward: ({ input, ceilMode, ...windows }) => {
    const source = asSource("max_pool", input);
    const values = Tensor.empty(pooledSizes(input.sizes, windows, ceilMode), source.dtype);
    maxPoolKernel(values, undefined, source, windows);
    return asOutput(input, values);
  },
});

/** The windows that share out the input evenly: of one size and beside each other, where that is possible. */
export function adaptiveWindows(inner: Shape, outputSize: Numbers): PoolWindows {
  const [zeros, ones] = [0, 1].map((value) => outputSize.map(() => value)) as [number[], number[]];
  const isEven = outputSize.every((size, d) => size > 0 && (inner[d] as number) % size === 0);
  if (!isEven) return { kernelSize: zeros, stride: ones, padding: zeros, dilation: ones };
  const kernelSize = outputSize.map((size, d) => (inner[d] as number) / size);
  return { kernelSize, stride: kernelSize, padding: zeros, dilation: ones };
}

/** The largest element of each of so many even parts of the last dims and its place; arguments were checked. */
export const adaptiveMaxPool: FunctionOp<(input: Tensor, outputSize: Numbers) => MaxPoolResult> = op({
  name: "adaptiveMaxPool",
  variants: "function",
  nodeName: ({ outputSize }) => `AdaptiveMaxPool${outputSize.length}DBackward0`,
  params: { input: tensor, outputSize: ints },
  forward: ({ input, outputSize }) => {
    const ndim = outputSize.length;
    const sizes = [...input.sizes.slice(0, -ndim), ...outputSize];
    return picked("adaptive_max_pool", input, sizes, (values, indices, source) =>
      maxPoolKernel(values, indices, source, adaptiveWindows(input.sizes.slice(-ndim), outputSize)),
    );
  },
  saves: ["results"],
  backward: ([grad], { input, outputSize, results: [, indices] }) => ({
    input: spread(grad, indices as Tensor, input.sizes, outputSize.length),
  }),
});

/** The largest element of windows at random places and its place; arguments were checked. */
export const fractionalMaxPoolWithIndices: FunctionOp<
  (input: Tensor, kernelSize: Numbers, outputSize: Numbers, samples: Tensor) => MaxPoolResult
> = op({
  name: "fractionalMaxPool",
  variants: "function",
  nodeName: nodeName((dims) => `FractionalMaxPool${dims}`),
  params: { input: tensor, kernelSize: ints, outputSize: ints, samples: tensor },
  forward: ({ input, kernelSize, outputSize, samples }) => {
    const sizes = [...input.sizes.slice(0, -kernelSize.length), ...outputSize];
    return picked("fractional_max_pool", input, sizes, (values, indices, source) =>
      fractionalMaxPool(values, indices, source, dense(samples), kernelSize),
    );
  },
  saves: ["results"],
  backward: ([grad], { input, kernelSize, results: [, indices] }) => ({
    input: spread(grad, indices as Tensor, input.sizes, kernelSize.length),
  }),
});

/** Zeros with elements at places among those of the last dims; sizes were checked. */
export const maxUnpool: FunctionOp<(input: Tensor, indices: Tensor, outputSize: Numbers) => Tensor> = op({
  name: "maxUnpool",
  variants: "function",
  nodeName: ({ outputSize }) => `MaxUnpool${outputSize.length}DBackward0`,
  params: { input: tensor, indices: tensor, outputSize: ints },
  forward: ({ input, indices, outputSize }) => {
    const ndim = outputSize.length;
    const sizes = [...input.sizes.slice(0, -ndim), ...outputSize];
    const zeros = input.newZeros([...sizes.slice(0, -ndim), numelOf(outputSize)]);
    try {
      zeros.scatter_(-1, flatPlanes(indices, ndim), flatPlanes(input, ndim));
    } catch (cause) {
      const [, index] = /index (-?\d+) is out of bounds/.exec(String(cause)) ?? [];
      if (index === undefined) throw cause;
      throw new RangeError(
        `Found an invalid max index: ${index} (output volumes are of size ${outputSize.join("x")})`,
        { cause },
      );
    }
    return inOrderOf(input, zeros.view(sizes));
  },
  saves: ["indices"],
  derivative: {
    input: (grad, { input, indices, outputSize }) => {
      const ndim = outputSize.length;
      return flatPlanes(grad, ndim).gather(-1, flatPlanes(indices, ndim)).view(input.sizes);
    },
  },
});
