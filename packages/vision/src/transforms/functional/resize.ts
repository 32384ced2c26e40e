/** Images in another size. */
import torch, { F, type Tensor } from "flambeau";
import { flagOn, int, nullable, optional, type Param, Signature, sizeOrSizes } from "flambeau/arguments";
import { resizeImage } from "../../image/resize.js";
import { Image } from "../../image.js";
import { bilinearParam, type InterpolationMode } from "../interpolation.js";
import { crop } from "./crop.js";
import { type AnyImage, checkTensorImage, dimensionsOf, image, onBatch } from "./image.js";

const { torchvision } = torch.ops;

export const antialiasParam: Param<boolean | null> = nullable(flagOn) as Param<boolean | null>;

export interface ResizeOptions {
  /** How pixels are interpolated: `"bilinear"` by default. */
  interpolation?: InterpolationMode;
  /** The longest that the other edge may become, where one size is given. */
  maxSize?: number | null;
  /** Whether a smaller tensor is made of all pixels that it stands for; yes by default. Images always are. */
  antialias?: boolean | null;
}

/** The height and width that an image gets. */
export function resizedSize(
  [height, width]: readonly [number, number],
  size: number | readonly number[],
  maxSize?: number | null,
): [height: number, width: number] {
  const sizes = typeof size === "number" ? [size] : size;
  if (sizes.length !== 1 && sizes.length !== 2) {
    throw new Error(`Size must be an int or a 1 or 2 element tuple/list, not a ${sizes.length} element tuple/list`);
  }
  const most = maxSize ?? undefined;
  if (sizes.length === 2) {
    if (most !== undefined) {
      throw new Error(
        "max_size should only be passed if size specifies the length of the smaller edge, i.e. size should be an int or a sequence of length 1 in torchscript mode.",
      );
    }
    return [...sizes] as [number, number];
  }
  const [wanted] = sizes as [number];
  const [short, long] = width <= height ? [width, height] : [height, width];
  let [newShort, newLong] = [wanted, Math.trunc((wanted * long) / short)];
  if (most !== undefined) {
    if (most <= wanted) {
      throw new Error(
        `max_size = ${most} must be strictly greater than the requested size for the smaller edge size = ${wanted}`,
      );
    }
    if (newLong > most) [newShort, newLong] = [Math.trunc((most * newShort) / newLong), most];
  }
  return width <= height ? [newLong, newShort] : [newShort, newLong];
}

/** A tensor in another size: bytes by their own kernel, anything else in floats. */
function resizeTensor(
  img: Tensor,
  size: readonly [number, number],
  mode: InterpolationMode,
  antialias: boolean,
): Tensor {
  checkTensorImage(img);
  if (mode === "box" || mode === "hamming" || mode === "lanczos") {
    throw new Error(`Interpolation mode '${mode}' is unsupported with Tensor input`);
  }
  const isWeighed = mode === "bilinear" || mode === "bicubic";
  if (img.dtype === torch.uint8) return torchvision.resizeBytes(img, size, mode, isWeighed && antialias);
  const options = isWeighed ? { mode, alignCorners: false, antialias } : { mode };
  return onBatch(img, (batch) => F.interpolate(batch, [...size], options));
}

/** Resizes to a height and width. */
export function resizeTo<T extends AnyImage>(
  img: T,
  size: readonly [number, number],
  interpolation: InterpolationMode,
  antialias: boolean,
): T {
  const [, height, width] = dimensionsOf(img);
  if (height === size[0] && width === size[1]) return img;
  const resized =
    img instanceof Image
      ? resizeImage(img, size, interpolation === "nearest-exact" ? "nearest" : interpolation)
      : resizeTensor(img as Tensor, size, interpolation, antialias);
  return resized as T;
}

export const resizeParams = {
  interpolation: bilinearParam,
  maxSize: optional(nullable(int), null),
  antialias: antialiasParam,
};

const resizeSignature = new Signature("resize", { img: image, size: sizeOrSizes, ...resizeParams });

/**
 * An image in another size: `[height, width]`, or one number for its shorter edge.
 *
 * Images are resampled as PIL does it, tensors as `interpolate` does, those of bytes rounded.
 *
 * @param img an image, or a tensor `[…, H, W]`.
 * @throws Error if there are more than two sizes, or a greatest one beside two; for interpolations that tensors do not have.
 * @example functional.resize(image, 256)
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.resize.html
 */
export function resize<T extends AnyImage>(
  ...args: [img: T, size: number | readonly number[], options?: ResizeOptions]
): T {
  const { img, size, interpolation, maxSize, antialias } = resizeSignature.parse(args);
  const [, height, width] = dimensionsOf(img);
  return resizeTo(img as T, resizedSize([height, width], size, maxSize), interpolation, antialias ?? true);
}

const resizedCropSignature = new Signature("resizedCrop", {
  img: image,
  top: int,
  left: int,
  height: int,
  width: int,
  size: sizeOrSizes,
  interpolation: bilinearParam,
  antialias: antialiasParam,
});

/**
 * A part of an image, in another size.
 *
 * @example functional.resizedCrop(image, 10, 20, 100, 80, [224, 224])
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.resized_crop.html
 */
export function resizedCrop<T extends AnyImage>(
  ...args: [
    img: T,
    top: number,
    left: number,
    height: number,
    width: number,
    size: number | readonly number[],
    options?: Omit<ResizeOptions, "maxSize">,
  ]
): T {
  const { img, top, left, height, width, size, interpolation, antialias } = resizedCropSignature.parse(args);
  const part = crop(img as T, top, left, height, width);
  return resizeTo(part, resizedSize([height, width], size), interpolation, antialias ?? true);
}
