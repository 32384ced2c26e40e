/** Parts of images. */
import type { Tensor } from "flambeau";
import { flag, int, Signature, sizeOrSizes } from "flambeau/arguments";
import { Image } from "../../image.js";
import { roundHalfEven } from "../../rounding.js";
import { hflip, vflip } from "./flip.js";
import { type AnyImage, checkTensorImage, dimensionsOf, image } from "./image.js";
import { pad } from "./pad.js";

/** One size for both edges, or height and width. */
export function twoSizes(size: number | readonly number[], words: string): [height: number, width: number] {
  const [first, second = first, ...more] = typeof size === "number" ? [size] : size;
  if (first === undefined || more.length > 0) throw new Error(words);
  return [first, second as number];
}

export const twoDimensions = "Please provide only two dimensions (h, w) for size.";

function cropTensor(img: Tensor, top: number, left: number, height: number, width: number): Tensor {
  checkTensorImage(img);
  const [, h, w] = dimensionsOf(img);
  const [right, bottom] = [left + width, top + height];
  const [x0, y0] = [Math.max(left, 0), Math.max(top, 0)];
  const inside = img
    .narrow(-2, Math.min(y0, h), Math.max(0, Math.min(bottom, h) - y0))
    .narrow(-1, Math.min(x0, w), Math.max(0, Math.min(right, w) - x0));
  if (left >= 0 && top >= 0 && right <= w && bottom <= h) return inside;
  const padding = [
    Math.max(Math.min(0, right) - left, 0),
    Math.max(Math.min(0, bottom) - top, 0),
    Math.max(right - Math.max(w, left), 0),
    Math.max(bottom - Math.max(h, top), 0),
  ];
  return pad(inside, padding);
}

const cropSignature = new Signature("crop", { img: image, top: int, left: int, height: int, width: int });

/**
 * The part of an image at a place, black where it reaches outside. Of a tensor it is a view.
 *
 * @param img an image, or a tensor `[…, H, W]`.
 * @example functional.crop(image, 10, 20, 100, 80)
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.crop.html
 */
export function crop<T extends AnyImage>(
  ...args: [img: T, top: number, left: number, height: number, width: number]
): T {
  const { img, top, left, height, width } = cropSignature.parse(args);
  if (!(img instanceof Image)) return cropTensor(img, top, left, height, width) as T;
  return img.crop([left, top, left + width, top + height]) as T;
}

const centerSignature = new Signature("centerCrop", { img: image, outputSize: sizeOrSizes });

/**
 * The part of a size in the middle of an image, which is black where the image is smaller.
 *
 * @param outputSize one number for both edges, or `[height, width]`.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.center_crop.html
 */
export function centerCrop<T extends AnyImage>(...args: [img: T, outputSize: number | readonly number[]]): T {
  const { img, outputSize } = centerSignature.parse(args);
  const [height, width] = twoSizes(outputSize, twoDimensions);
  let centered = img as T;
  let [, h, w] = dimensionsOf(img);
  if (width > w || height > h) {
    const [dx, dy] = [Math.max(width - w, 0), Math.max(height - h, 0)];
    centered = pad(centered, [dx >> 1, dy >> 1, (dx + 1) >> 1, (dy + 1) >> 1]);
    [, h, w] = dimensionsOf(centered);
    if (width === w && height === h) return centered;
  }
  return crop(centered, roundHalfEven((h - height) / 2), roundHalfEven((w - width) / 2), height, width);
}

export type Five<T> = [topLeft: T, topRight: T, bottomLeft: T, bottomRight: T, center: T];

const fiveSignature = new Signature("fiveCrop", { img: image, size: sizeOrSizes });

/**
 * The four corners and the middle of an image.
 *
 * @throws Error if the parts are larger than the image.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.five_crop.html
 */
export function fiveCrop<T extends AnyImage>(...args: [img: T, size: number | readonly number[]]): Five<T> {
  const { img, size } = fiveSignature.parse(args);
  const [height, width] = twoSizes(size, twoDimensions);
  const [, h, w] = dimensionsOf(img);
  if (width > w || height > h) {
    throw new Error(`Requested crop size (${height}, ${width}) is bigger than input size (${h}, ${w})`);
  }
  const part = (top: number, left: number) => crop(img as T, top, left, height, width);
  const [bottom, right] = [h - height, w - width];
  return [part(0, 0), part(0, right), part(bottom, 0), part(bottom, right), centerCrop(img as T, [height, width])];
}

const tenSignature = new Signature("tenCrop", { img: image, size: sizeOrSizes, verticalFlip: flag });

/**
 * The four corners and the middle of an image, and the same of its mirror image.
 *
 * @param options.verticalFlip whether the image is mirrored upside down rather than left to right.
 * @throws Error if the parts are larger than the image.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.ten_crop.html
 */
export function tenCrop<T extends AnyImage>(
  ...args: [img: T, size: number | readonly number[], options?: { verticalFlip?: boolean }]
): [...Five<T>, ...Five<T>] {
  const { img, size, verticalFlip } = tenSignature.parse(args);
  const mirrored = verticalFlip ? vflip(img as T) : hflip(img as T);
  return [...fiveCrop(img as T, size), ...fiveCrop(mirrored, size)];
}
