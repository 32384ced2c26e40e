/** RoIPool: the largest element, or the mean of the elements, in the bins of regions of interest. */
import { ints, tensor } from "../../arguments/params.js";
import { roiPoolBackward as backwardKernel, roiPool as roiPoolKernel } from "../../backend/kernels.js";
import { int32 } from "../../core/dtype.js";
import { Tensor } from "../../core/tensor.js";
import { type Named, named, op } from "../define.js";
import type { FunctionOp } from "../types.js";
import { binSizes, gradientParams, positionalBinSizes, regionParams } from "./regions.js";

type Numbers = readonly number[];

const roiPoolBackward: FunctionOp<
  (grad: Tensor, rois: Tensor, spatialScale: number, argmax: Tensor, size: Numbers) => Tensor
> = op({
  name: "roiPoolBackward",
  variants: "function",
  params: { ...gradientParams, argmax: tensor, size: ints },
  forward: ({ grad, rois, spatialScale, argmax, size }) => {
    const result = Tensor.empty(size, grad.dtype);
    const how = { scale: spatialScale, byPosition: false };
    backwardKernel(result, grad.contiguous(), argmax.contiguous(), rois.contiguous(), how);
    return result;
  },
  derivative: {
    grad: () => {
      throw new Error("double backwards on roi_pool not supported");
    },
  },
});

/** The largest elements, and their places in their planes: -1 in a bin that has no elements. */
export type RoiPoolResult = Named<{ output: Tensor; argmax: Tensor }>;

/**
 * The largest element in each bin of regions `[K, 5]`, rows of an image's index and a box, of images `[N, C, H, W]`:
 * `[K, C, pooledHeight, pooledWidth]`, and the places of the elements.
 *
 * @param spatialScale by what the boxes are multiplied.
 * @throws RangeError for an image that does not exist.
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.roi_pool.html
 */
export const roiPool: FunctionOp<
  (input: Tensor, rois: Tensor, spatialScale: number, pooledHeight: number, pooledWidth: number) => RoiPoolResult
> = op({
  name: "roiPool",
  id: "torchvision.roiPool",
  variants: "function",
  params: regionParams,
  forward: (call) => {
    const { input, rois, spatialScale } = call;
    const sizes = binSizes("roi_pool", call);
    const output = Tensor.empty(sizes, input.dtype);
    const argmax = Tensor.empty(sizes, int32);
    const how = { scale: spatialScale, byPosition: false };
    roiPoolKernel(output, argmax, input.contiguous(), rois.contiguous(), how);
    return named({ output, argmax });
  },
  saves: ["rois", "results"],
  savedResults: [1],
  backward: ([grad], { input, rois, spatialScale, results: [, argmax] }) => ({
    input: grad && roiPoolBackward(grad, rois, spatialScale, argmax as Tensor, input.sizes),
  }),
});

/** The gradient of images of a size; it is linear, and so the gradient of itself is a `psRoiPool`. */
const psRoiPoolBackward: FunctionOp<(grad: Tensor, rois: Tensor, spatialScale: number, size: Numbers) => Tensor> = op({
  name: "psRoiPoolBackward",
  variants: "function",
  params: { ...gradientParams, size: ints },
  forward: ({ grad, rois, spatialScale, size }) => {
    const result = Tensor.empty(size, grad.dtype);
    backwardKernel(result, grad.contiguous(), undefined, rois.contiguous(), { scale: spatialScale, byPosition: true });
    return result;
  },
  saves: ["rois"],
  derivative: {
    grad: (grad, { rois, spatialScale, grad: of }) => {
      const [rows, columns] = of.sizes.slice(-2) as [number, number];
      return psRoiPool(grad, rois, spatialScale, rows, columns);
    },
  },
});

/**
 * The mean of the elements in each bin of regions `[K, 5]`, rows of an image's index and a box, of images
 * `[N, C × pooledHeight × pooledWidth, H, W]` with channels for each bin: `[K, C, pooledHeight, pooledWidth]`.
 *
 * @throws Error if the channels are no multiple of the bins; RangeError for an image that does not exist.
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.ps_roi_pool.html
 */
export const psRoiPool: FunctionOp<
  (input: Tensor, rois: Tensor, spatialScale: number, pooledHeight: number, pooledWidth: number) => Tensor
> = op({
  name: "psRoiPool",
  id: "torchvision.psRoiPool",
  variants: "function",
  params: regionParams,
  forward: (call) => {
    const { input, rois, spatialScale } = call;
    const result = Tensor.empty(positionalBinSizes("ps_roi_pool", call), input.dtype);
    roiPoolKernel(result, undefined, input.contiguous(), rois.contiguous(), { scale: spatialScale, byPosition: true });
    return result;
  },
  saves: ["rois"],
  derivative: {
    input: (grad, { input, rois, spatialScale }) => psRoiPoolBackward(grad, rois, spatialScale, input.sizes),
  },
});
