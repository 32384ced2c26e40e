/**
 * Boxes of which few are to stay, and regions of interest of images, which are cut into bins.
 *
 * Regions are rows `[image, x1, y1, x2, y2]`. All operands are row-major and of the dtype of the images.
 */
import { bool, int32, int64 } from "../../core/dtype.js";
import { numelOf, type Shape } from "../../core/shape.js";
import type { ArrayView } from "../../core/view.js";
import { kernel } from "./block.js";
import { begin, checkedSize, errorDetail, launch, put, putAddress, putDType, putOptional, status } from "./launch.js";

const runSuppress = kernel("suppressBoxes");

/** kept[i] = whether the box `order[i]` overlaps with none before it, that stays itself, by more than the threshold. */
export function suppressBoxes(kept: ArrayView, boxes: ArrayView, order: ArrayView, threshold: number): void {
  const list = begin();
  const dtype = putDType(boxes.dtype);
  const count = checkedSize(boxes.sizes[0] as number);
  put(count);
  put(threshold);
  putAddress(boxes, dtype, checkedSize(4 * count));
  putAddress(order, int64, count);
  putAddress(kept, bool, count);
  launch(runSuppress, list);
  if (status() !== 0) throw new RangeError(`index ${errorDetail()} is out of bounds for ${count} boxes`);
}

/** How regions become bins. */
export interface RegionBins {
  /** By what coordinates are multiplied. */
  readonly scale: number;
  /** Whether the input has channels for each bin: `channels × rows × columns` of them. */
  readonly byPosition: boolean;
}

/** How bins are sampled. */
export interface RegionSamples extends RegionBins {
  /** Samples along each side of a bin; 0 for as many as it has elements. */
  readonly ratio: number;
  /** Whether coordinates are those of the corners of elements rather than of their centers. */
  readonly isAligned: boolean;
}

/** Appends the sizes of images and bins; returns the number of elements of the regions, of the images and of the bins. */
function putGeometry(images: Shape, bins: Shape, { scale, byPosition }: RegionBins): [number, number, number] {
  const [count, channels, rows, columns] = bins as [number, number, number, number];
  const [batch, , height, width] = images as [number, number, number, number];
  for (const size of [count, batch, channels, height, width, rows, columns]) put(checkedSize(size));
  put(byPosition ? 1 : 0);
  put(scale);
  const inChannels = byPosition ? checkedSize(channels * rows * columns) : channels;
  return [checkedSize(5 * count), checkedSize(batch * inChannels * height * width), checkedSize(numelOf(bins))];
}

function checkImages(images: Shape): void {
  if (status() === 0) return;
  throw new RangeError(`a region is of image ${errorDetail()}, but there are ${images[0]} images`);
}

const runRoiAlign = kernel("roiAlign");

/** out = the mean of the samples of each bin: `[regions, channels, rows, columns]`. */
export function roiAlign(out: ArrayView, input: ArrayView, regions: ArrayView, how: RegionSamples): void {
  const list = begin();
  const dtype = putDType(input.dtype);
  const [boxes, elements, bins] = putGeometry(input.sizes, out.sizes, how);
  put(checkedSize(how.ratio));
  put(how.isAligned ? 1 : 0);
  putAddress(regions, dtype, boxes);
  putAddress(input, dtype, elements);
  putAddress(out, dtype, bins);
  launch(runRoiAlign, list);
  checkImages(input.sizes);
}

const runRoiAlignBackward = kernel("roiAlignBackward");

/** The gradient of the images from that of the bins. */
export function roiAlignBackward(
  gradInput: ArrayView,
  gradOut: ArrayView,
  regions: ArrayView,
  how: RegionSamples,
): void {
  const list = begin();
  const dtype = putDType(gradOut.dtype);
  const [boxes, elements, bins] = putGeometry(gradInput.sizes, gradOut.sizes, how);
  put(checkedSize(how.ratio));
  put(how.isAligned ? 1 : 0);
  putAddress(regions, dtype, boxes);
  putAddress(gradOut, dtype, bins);
  putAddress(gradInput, dtype, elements);
  launch(runRoiAlignBackward, list);
  checkImages(gradInput.sizes);
}

const runRoiPool = kernel("roiPool");

/**
 * out = the largest element of each bin and, where bins have channels of their own, the mean of its elements; `places`
 * (int32) takes where in its plane the largest is, or -1.
 */
export function roiPool(
  out: ArrayView,
  places: ArrayView | undefined,
  input: ArrayView,
  regions: ArrayView,
  how: RegionBins,
): void {
  const list = begin();
  const dtype = putDType(input.dtype);
  const [boxes, elements, bins] = putGeometry(input.sizes, out.sizes, how);
  putAddress(regions, dtype, boxes);
  putAddress(input, dtype, elements);
  putAddress(out, dtype, bins);
  putPlaces(places, bins, how);
  launch(runRoiPool, list);
  checkImages(input.sizes);
}

const runRoiPoolBackward = kernel("roiPoolBackward");

/** The gradient of the images from that of the bins. */
export function roiPoolBackward(
  gradInput: ArrayView,
  gradOut: ArrayView,
  places: ArrayView | undefined,
  regions: ArrayView,
  how: RegionBins,
): void {
  const list = begin();
  const dtype = putDType(gradOut.dtype);
  const [boxes, elements, bins] = putGeometry(gradInput.sizes, gradOut.sizes, how);
  putAddress(regions, dtype, boxes);
  putAddress(gradOut, dtype, bins);
  putAddress(gradInput, dtype, elements);
  putPlaces(places, bins, how);
  launch(runRoiPoolBackward, list);
  checkImages(gradInput.sizes);
}

function putPlaces(places: ArrayView | undefined, bins: number, { byPosition }: RegionBins): void {
  if (places === undefined && !byPosition) throw new TypeError("the places of the largest elements are missing");
  putOptional(places, int32, bins);
}
