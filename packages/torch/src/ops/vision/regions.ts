/** What the operations on regions of interest share: regions are rows `[image, x1, y1, x2, y2]`, cut into bins. */
import { int, number, tensor } from "../../arguments/params.js";
import { scalarTypeName } from "../../core/dtype.js";
import { checkSizes, formatShape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";

/** The first arguments of all of them. */
export const regionParams = { input: tensor, rois: tensor, spatialScale: number, pooledHeight: int, pooledWidth: int };

/** The arguments of a gradient of theirs. */
export const gradientParams = { grad: tensor, rois: tensor, spatialScale: number };

interface RegionCall {
  readonly input: Tensor;
  readonly rois: Tensor;
  readonly pooledHeight: number;
  readonly pooledWidth: number;
}

/** The sizes of the result, `[regions, channels, rows, columns]`. */
export function binSizes(name: string, { input, rois, pooledHeight, pooledWidth }: RegionCall): number[] {
  if (rois.sizes.length !== 2 || rois.sizes[1] !== 5)
    throw new Error(`${name}: rois must have shape as Tensor[K, 5], got ${formatShape(rois.sizes)}`);
  if (input.sizes.length !== 4)
    throw new Error(`${name}: input must have shape as Tensor[N, C, H, W], got ${formatShape(input.sizes)}`);
  if (input.dtype !== rois.dtype) {
    throw new TypeError(
      `${name}: expected input and rois to have the same dtype, but got ${input.dtype} and ${rois.dtype}`,
    );
  }
  if (!input.dtype.isFloatingPoint)
    throw new TypeError(`"${name}_forward_kernel" not implemented for '${scalarTypeName(input.dtype)}'`);
  const bins = [pooledHeight, pooledWidth];
  if (bins.some((count) => count <= 0))
    throw new RangeError(`${name}: output_size must be greater than zero, got ${formatShape(bins)}`);
  const sizes = [rois.sizes[0] as number, input.sizes[1] as number, ...bins];
  checkSizes(sizes);
  return sizes;
}

/** The same where each bin has channels of its own. */
export function positionalBinSizes(name: string, call: RegionCall): number[] {
  const [count, channels, rows, columns] = binSizes(name, call) as [number, number, number, number];
  if (channels % (rows * columns) !== 0) {
    throw new Error(
      `input channels must be a multiple of pooling height * pooling width, got ${channels} channels for ${rows} x ${columns} bins`,
    );
  }
  return [count, channels / (rows * columns), rows, columns];
}
