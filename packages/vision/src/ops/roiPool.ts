/** RoIPool, and its form for channels that belong to the bins of a region. */
import torch, { nn, type Tensor } from "flambeau";
import { type Args, number, optional, Signature, sizeOrSizes } from "flambeau/arguments";
import { pyFloat } from "../python.js";
import { type OutputSize, outputSizes, printedSize, type RegionBoxes, regionParams, regionsOf } from "./regions.js";

const scaled = { ...regionParams, spatialScale: optional(number, 1) };
type Arguments = [
  input: Tensor,
  boxes: RegionBoxes,
  outputSize: OutputSize,
  ...rest: Args<[spatialScale?: number], ["spatialScale"]>,
];

const poolSignature = new Signature("roiPool", scaled);

/**
 * The boxes of images `[N, C, H, W]`, each cut into bins, with the largest element of each bin: `[K, C, rows, columns]`.
 *
 * @param boxes `[L, 4]` for each image, or `[K, 5]` with the index of the image before each.
 * @param outputSize how many bins there are: rows and columns.
 * @param spatialScale by what boxes are multiplied, where the images are smaller than those they were drawn on.
 * @throws RangeError for an image that does not exist.
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.roi_pool.html
 */
export function roiPool(...args: Arguments): Tensor {
  const { input, boxes, outputSize, spatialScale } = poolSignature.parse(args);
  const [rows, columns] = outputSizes(outputSize);
  return torch.ops.torchvision.roiPool(input, regionsOf(boxes), spatialScale, rows, columns).output;
}

const psSignature = new Signature("psRoiPool", scaled);

/**
 * The mean of the elements of each bin, of images `[N, C × rows × columns, H, W]` with channels for each bin:
 * `[K, C, rows, columns]`.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.ps_roi_pool.html
 */
export function psRoiPool(...args: Arguments): Tensor {
  const { input, boxes, outputSize, spatialScale } = psSignature.parse(args);
  const [rows, columns] = outputSizes(outputSize);
  return torch.ops.torchvision.psRoiPool(input, regionsOf(boxes), spatialScale, rows, columns);
}

/** What the two modules have in common. */
abstract class RegionPool extends nn.Module {
  declare outputSize: OutputSize;
  declare spatialScale: number;

  constructor(...args: [outputSize: OutputSize, spatialScale: number]) {
    super();
    Object.assign(this, new Signature(new.target.name, { outputSize: sizeOrSizes, spatialScale: number }).parse(args));
  }

  override extraRepr(): string {
    return `output_size=${printedSize(this.outputSize)}, spatial_scale=${pyFloat(this.spatialScale)}`;
  }
}

/**
 * `roiPool` as a module.
 *
 * @example new ops.RoIPool([7, 7], 1 / 16)(features, [boxes])
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.RoIPool.html
 */
export class RoIPool extends RegionPool {
  override forward(input: Tensor, rois: RegionBoxes): Tensor {
    return roiPool(input, rois, this.outputSize, this.spatialScale);
  }
}

/**
 * `psRoiPool` as a module.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.PSRoIPool.html
 */
export class PSRoIPool extends RegionPool {
  override forward(input: Tensor, rois: RegionBoxes): Tensor {
    return psRoiPool(input, rois, this.outputSize, this.spatialScale);
  }
}
