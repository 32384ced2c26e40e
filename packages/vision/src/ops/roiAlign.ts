/** RoIAlign, and its form for channels that belong to the bins of a region. */
import torch, { nn, type Tensor } from "flambeau";
import { type Args, flag, int, number, optional, Signature, sizeOrSizes } from "flambeau/arguments";
import { pyBool, pyFloat } from "../python.js";
import { type OutputSize, outputSizes, printedSize, type RegionBoxes, regionParams, regionsOf } from "./regions.js";

const sampling = { spatialScale: optional(number, 1), samplingRatio: optional(int, -1) };
const alignSignature = new Signature("roiAlign", { ...regionParams, ...sampling, aligned: flag });

type Sampling<O = unknown> = Args<
  [spatialScale?: number, samplingRatio?: number],
  ["spatialScale", "samplingRatio"],
  O
>;

/**
 * The boxes of images `[N, C, H, W]`, each cut into bins, with the mean of samples between the elements of each bin:
 * `[K, C, rows, columns]`.
 *
 * @param boxes `[L, 4]` for each image, or `[K, 5]` with the index of the image before each.
 * @param outputSize how many bins there are: rows and columns.
 * @param spatialScale by what boxes are multiplied, where the images are smaller than those they were drawn on.
 * @param samplingRatio how many samples there are along each side of a bin; one for each element if it is not positive.
 * @param options.aligned whether boxes are moved by half an element, to where elements have their centers.
 * @throws RangeError for an image that does not exist.
 * @example ops.roiAlign(features, [boxes], 7, 1 / 16, 2)
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.roi_align.html
 */
export function roiAlign(
  ...args: [input: Tensor, boxes: RegionBoxes, outputSize: OutputSize, ...rest: Sampling<{ aligned?: boolean }>]
): Tensor {
  const { input, boxes, outputSize, spatialScale, samplingRatio, aligned } = alignSignature.parse(args);
  const [rows, columns] = outputSizes(outputSize);
  return torch.ops.torchvision.roiAlign(input, regionsOf(boxes), spatialScale, rows, columns, samplingRatio, aligned);
}

const psSignature = new Signature("psRoiAlign", { ...regionParams, ...sampling });

/**
 * `roiAlign` of images `[N, C × rows × columns, H, W]` with channels for each bin: `[K, C, rows, columns]`.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.ps_roi_align.html
 */
export function psRoiAlign(
  ...args: [input: Tensor, boxes: RegionBoxes, outputSize: OutputSize, ...rest: Sampling]
): Tensor {
  const { input, boxes, outputSize, spatialScale, samplingRatio } = psSignature.parse(args);
  const [rows, columns] = outputSizes(outputSize);
  return torch.ops.torchvision.psRoiAlign(input, regionsOf(boxes), spatialScale, rows, columns, samplingRatio);
}

const moduleParams = { outputSize: sizeOrSizes, spatialScale: number, samplingRatio: int };

/**
 * `roiAlign` as a module.
 *
 * @example new ops.RoIAlign(7, 1 / 16, 2)(features, [boxes])
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.RoIAlign.html
 */
export class RoIAlign extends nn.Module {
  declare outputSize: OutputSize;
  declare spatialScale: number;
  declare samplingRatio: number;
  declare aligned: boolean;

  constructor(
    ...args: [outputSize: OutputSize, spatialScale: number, samplingRatio: number, options?: { aligned?: boolean }]
  ) {
    super();
    Object.assign(this, new Signature(new.target.name, { ...moduleParams, aligned: flag }).parse(args));
  }

  override forward(input: Tensor, rois: RegionBoxes): Tensor {
    const { outputSize, spatialScale, samplingRatio, aligned } = this;
    return roiAlign(input, rois, outputSize, spatialScale, samplingRatio, { aligned });
  }

  override extraRepr(): string {
    const { outputSize, spatialScale, samplingRatio, aligned } = this;
    return `output_size=${printedSize(outputSize)}, spatial_scale=${pyFloat(spatialScale)}, sampling_ratio=${samplingRatio}, aligned=${pyBool(aligned)}`;
  }
}

/**
 * `psRoiAlign` as a module.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.PSRoIAlign.html
 */
export class PSRoIAlign extends nn.Module {
  declare outputSize: OutputSize;
  declare spatialScale: number;
  declare samplingRatio: number;

  constructor(...args: [outputSize: OutputSize, spatialScale: number, samplingRatio: number]) {
    super();
    Object.assign(this, new Signature(new.target.name, moduleParams).parse(args));
  }

  override forward(input: Tensor, rois: RegionBoxes): Tensor {
    return psRoiAlign(input, rois, this.outputSize, this.spatialScale, this.samplingRatio);
  }

  override extraRepr(): string {
    const { outputSize, spatialScale, samplingRatio } = this;
    return `output_size=${printedSize(outputSize)}, spatial_scale=${pyFloat(spatialScale)}, sampling_ratio=${samplingRatio}`;
  }
}
