/**
 * Average pooling over windows of a size, or over so many even parts.
 *
 * Source: https://pytorch.org/docs/stable/nn.functional.html#pooling-functions
 */
import { int, ints, nullable, requiredFlag, tensor } from "../../arguments/params.js";
import {
  averagePoolBackward as averagePoolBackwardKernel,
  averagePool as averagePoolKernel,
  type PoolDivisor,
} from "../../backend/kernels.js";
import { bool, scalarTypeName } from "../../core/dtype.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { FunctionOp } from "../types.js";
import { dense, inOrderOf } from "./dense.js";
import { pooledSizes } from "./geometry.js";
import { adaptiveWindows } from "./max.js";

type Numbers = readonly number[];

function divisorOf(fixed: number | null, countPadding: boolean): PoolDivisor {
  return { fixed: fixed ?? undefined, countPadding };
}

/** The average of each window; arguments were checked. */
export const averagePool: FunctionOp<
  (
    input: Tensor,
    kernelSize: Numbers,
    stride: Numbers,
    padding: Numbers,
    ceilMode: boolean,
    countIncludePad: boolean,
    divisorOverride: number | null,
  ) => Tensor
> = op({
  name: "averagePool",
  variants: "function",
  nodeName: ({ kernelSize }) => `AvgPool${kernelSize.length}DBackward0`,
  params: {
    input: tensor,
    kernelSize: ints,
    stride: ints,
    padding: ints,
    ceilMode: requiredFlag,
    countIncludePad: requiredFlag,
    divisorOverride: nullable(int),
  },
  forward: ({ input, kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride }) => {
    if (input.dtype === bool) throw new TypeError(`"avg_pool" not implemented for '${scalarTypeName(bool)}'`);
    const windows = { kernelSize, stride, padding, dilation: kernelSize.map(() => 1) };
    const result = Tensor.empty(pooledSizes(input.sizes, windows, ceilMode), input.dtype);
    averagePoolKernel(result, dense(input), windows, divisorOf(divisorOverride, countIncludePad));
    return inOrderOf(input, result);
  },
  derivative: {
    input: (grad, { input, kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride }) =>
      averagePoolBackward(grad, input.sizes, kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride),
  },
});

/** The gradient of the input of `averagePool`. */
const averagePoolBackward: FunctionOp<
  (
    grad: Tensor,
    size: Numbers,
    kernelSize: Numbers,
    stride: Numbers,
    padding: Numbers,
    ceilMode: boolean,
    countIncludePad: boolean,
    divisorOverride: number | null,
  ) => Tensor
> = op({
  name: "averagePoolBackward",
  variants: "function",
  nodeName: ({ kernelSize }) => `AvgPool${kernelSize.length}DBackwardBackward0`,
  params: {
    grad: tensor,
    size: ints,
    kernelSize: ints,
    stride: ints,
    padding: ints,
    ceilMode: requiredFlag,
    countIncludePad: requiredFlag,
    divisorOverride: nullable(int),
  },
  forward: ({ grad, size, kernelSize, stride, padding, countIncludePad, divisorOverride }) => {
    const windows = { kernelSize, stride, padding, dilation: kernelSize.map(() => 1) };
    const result = Tensor.empty(size, grad.dtype);
    averagePoolBackwardKernel(result, dense(grad), windows, divisorOf(divisorOverride, countIncludePad));
    return inOrderOf(grad, result);
  },
  derivative: {
    grad: (grad, { kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride }) =>
      averagePool(grad, kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride),
  },
});

/** The averages of so many even parts of the last dims; arguments were checked. */
export const adaptiveAveragePool: FunctionOp<(input: Tensor, outputSize: Numbers) => Tensor> = op({
  name: "adaptiveAveragePool",
  variants: "function",
  nodeName: ({ outputSize }) => `AdaptiveAvgPool${outputSize.length}DBackward0`,
  params: { input: tensor, outputSize: ints },
  forward: ({ input, outputSize }) => {
    const ndim = outputSize.length;
    const result = Tensor.empty([...input.sizes.slice(0, -ndim), ...outputSize], input.dtype);
    averagePoolKernel(
      result,
      dense(input),
      adaptiveWindows(input.sizes.slice(-ndim), outputSize),
      divisorOf(null, true),
    );
    return inOrderOf(input, result);
  },
  derivative: {
    input: (grad, { input, outputSize }) => adaptiveAveragePoolBackward(grad, input.sizes.slice(-outputSize.length)),
  },
});

/** The gradient of the input of `adaptiveAveragePool`, whose last dims have the given sizes. */
const adaptiveAveragePoolBackward: FunctionOp<(grad: Tensor, inputSize: Numbers) => Tensor> = op({
  name: "adaptiveAveragePoolBackward",
  variants: "function",
  nodeName: ({ inputSize }) => `AdaptiveAvgPool${inputSize.length}DBackwardBackward0`,
  params: { grad: tensor, inputSize: ints },
  forward: ({ grad, inputSize }) => {
    const ndim = inputSize.length;
    const result = Tensor.empty([...grad.sizes.slice(0, -ndim), ...inputSize], grad.dtype);
    averagePoolBackwardKernel(
      result,
      dense(grad),
      adaptiveWindows(inputSize, grad.sizes.slice(-ndim)),
      divisorOf(null, true),
    );
    return inOrderOf(grad, result);
  },
  derivative: {
    grad: (grad, { grad: own, inputSize }) => adaptiveAveragePool(grad, own.sizes.slice(-inputSize.length)),
  },
});
