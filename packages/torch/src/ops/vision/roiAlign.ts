/** RoIAlign: means of samples between elements, in the bins of regions of interest. */
import { int, ints, requiredFlag } from "../../arguments/params.js";
import {
  roiAlignBackward as backwardKernel,
  type RegionSamples,
  roiAlign as roiAlignKernel,
} from "../../backend/kernels.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { FunctionOp } from "../types.js";
import { binSizes, gradientParams, positionalBinSizes, regionParams } from "./regions.js";

type Numbers = readonly number[];

/** As many samples along one side of a bin can be asked for. */
const mostSamples = 2 ** 16;

/** How regions are sampled: with a number of samples, or without one by their size. */
function samples(name: string, scale: number, ratio: number, isAligned: boolean, byPosition: boolean): RegionSamples {
  if (ratio > mostSamples) throw new RangeError(`${name}: sampling_ratio must be at most ${mostSamples}, got ${ratio}`);
  return { scale, ratio: Math.max(ratio, 0), isAligned, byPosition };
}

type RoiAlignBackward = FunctionOp<
  (
    grad: Tensor,
    rois: Tensor,
    spatialScale: number,
    size: Numbers,
    samplingRatio: number,
    aligned: boolean,
    byPosition: boolean,
  ) => Tensor
>;

/** The gradient of images of a size; it is linear, and so the gradient of itself is a `roiAlign`. */
const roiAlignBackward: RoiAlignBackward = op({
  name: "roiAlignBackward",
  variants: "function",
  params: {
    ...gradientParams,
    size: ints,
    samplingRatio: int,
    aligned: requiredFlag,
    byPosition: requiredFlag,
  },
  forward: ({ grad, rois, spatialScale, size, samplingRatio, aligned, byPosition }) => {
    const result = Tensor.empty(size, grad.dtype);
    const how = samples("roi_align", spatialScale, samplingRatio, aligned, byPosition);
    backwardKernel(result, grad.contiguous(), rois.contiguous(), how);
    return result;
  },
  saves: ["rois"],
  derivative: {
    grad: (grad, { rois, spatialScale, samplingRatio, aligned, byPosition, grad: of }) => {
      const [rows, columns] = of.sizes.slice(-2) as [number, number];
      return byPosition
        ? psRoiAlign(grad, rois, spatialScale, rows, columns, samplingRatio)
        : roiAlign(grad, rois, spatialScale, rows, columns, samplingRatio, aligned);
    },
  },
});

/**
 * The mean of samples in each bin of regions `[K, 5]`, rows of an image's index and a box, of images `[N, C, H, W]`:
 * `[K, C, pooledHeight, pooledWidth]`.
 *
 * @param spatialScale by what the boxes are multiplied.
 * @param samplingRatio how many samples there are along each side of a bin; if it is not positive, one for each element.
 * @param aligned whether boxes are moved by half an element, to where elements have their centers.
 * @throws RangeError for an image that does not exist.
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.roi_align.html
 */
export const roiAlign: FunctionOp<
  (
    input: Tensor,
    rois: Tensor,
    spatialScale: number,
    pooledHeight: number,
    pooledWidth: number,
    samplingRatio: number,
    aligned: boolean,
  ) => Tensor
> = op({
  name: "roiAlign",
  id: "torchvision.roiAlign",
  variants: "function",
  params: { ...regionParams, samplingRatio: int, aligned: requiredFlag },
  forward: (call) => {
    const { input, rois, spatialScale, samplingRatio, aligned } = call;
    const how = samples("roi_align", spatialScale, samplingRatio, aligned, false);
    const result = Tensor.empty(binSizes("roi_align", call), input.dtype);
    roiAlignKernel(result, input.contiguous(), rois.contiguous(), how);
    return result;
  },
  saves: ["rois"],
  derivative: {
    input: (grad, { input, rois, spatialScale, samplingRatio, aligned }) =>
      roiAlignBackward(grad, rois, spatialScale, input.sizes, samplingRatio, aligned, false),
  },
});

/**
 * The same for images `[N, C × pooledHeight × pooledWidth, H, W]` with channels for each bin.
 *
 * @throws Error if the channels are no multiple of the bins; RangeError for an image that does not exist.
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.ps_roi_align.html
 */
export const psRoiAlign: FunctionOp<
  (
    input: Tensor,
    rois: Tensor,
    spatialScale: number,
    pooledHeight: number,
    pooledWidth: number,
    samplingRatio: number,
  ) => Tensor
> = op({
  name: "psRoiAlign",
  id: "torchvision.psRoiAlign",
  variants: "function",
  params: { ...regionParams, samplingRatio: int },
  forward: (call) => {
    const { input, rois, spatialScale, samplingRatio } = call;
    const how = samples("ps_roi_align", spatialScale, samplingRatio, true, true);
    const result = Tensor.empty(positionalBinSizes("ps_roi_align", call), input.dtype);
    roiAlignKernel(result, input.contiguous(), rois.contiguous(), how);
    return result;
  },
  saves: ["rois"],
  derivative: {
    input: (grad, { input, rois, spatialScale, samplingRatio }) =>
      roiAlignBackward(grad, rois, spatialScale, input.sizes, samplingRatio, true, true),
  },
});
