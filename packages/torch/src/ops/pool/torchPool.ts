/** Pooling in the namespace `torch`: the functions that PyTorch has there too. */
import { tensor } from "../../arguments/params.js";
import type { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { FunctionOp } from "../types.js";
import { adaptiveAvgPool1d as adaptiveAverage, adaptiveMaxPool1dWithIndices, outputSizeParam } from "./adaptivePool.js";
import { maxPoolParams, type Sizes } from "./geometry.js";
import {
  type MaxPoolArguments,
  maxPool1d as max1d,
  maxPool1dWithIndices as max1dWithIndices,
  maxPool2d as max2d,
  maxPool3d as max3d,
} from "./maxPool.js";
import type { WithIndices } from "./picking.js";

function defineMaxPool(ndim: number, run: typeof max2d): FunctionOp<(...args: MaxPoolArguments) => Tensor> {
  return op({
    name: `maxPool${ndim}d`,
    variants: "function",
    params: maxPoolParams,
    composite: ({ input, kernelSize, stride, padding, dilation, ceilMode }) =>
      run(input, kernelSize, stride ?? null, padding, dilation, { ceilMode }),
  });
}

/** `nn.functional.maxPool1d` without places. */
export const maxPool1d: FunctionOp<(...args: MaxPoolArguments) => Tensor> = defineMaxPool(1, max1d);
/** `nn.functional.maxPool2d` without places. */
export const maxPool2d: FunctionOp<(...args: MaxPoolArguments) => Tensor> = defineMaxPool(2, max2d);
/** `nn.functional.maxPool3d` without places. */
export const maxPool3d: FunctionOp<(...args: MaxPoolArguments) => Tensor> = defineMaxPool(3, max3d);

/** `nn.functional.maxPool1d` with the places of the elements: `[output, indices]`. */
export const maxPool1dWithIndices: FunctionOp<(...args: MaxPoolArguments) => WithIndices> = op({
  name: "maxPool1dWithIndices",
  variants: "function",
  params: maxPoolParams,
  composite: ({ input, kernelSize, stride, padding, dilation, ceilMode }) =>
    max1dWithIndices(input, kernelSize, stride ?? null, padding, dilation, { ceilMode }),
});

export { avgPool1d } from "./averagePool.js";

/** `nn.functional.adaptiveAvgPool1d`. */
export const adaptiveAvgPool1d: FunctionOp<(input: Tensor, outputSize: Sizes) => Tensor> = op({
  name: "adaptiveAvgPool1d",
  variants: "function",
  params: { input: tensor, outputSize: outputSizeParam },
  composite: ({ input, outputSize }) => adaptiveAverage(input, outputSize),
});

/** `nn.functional.adaptiveMaxPool1d` with the places of the elements: `[output, indices]`. */
export const adaptiveMaxPool1d: FunctionOp<(input: Tensor, outputSize: Sizes) => WithIndices> = op({
  name: "adaptiveMaxPool1d",
  variants: "function",
  params: { input: tensor, outputSize: outputSizeParam },
  composite: ({ input, outputSize }) => adaptiveMaxPool1dWithIndices(input, outputSize),
});
