/** What functions on images share: images are PIL's or tensors `[…, C, H, W]`. */
import torch, { type DType, type Tensor } from "flambeau";
import { anything, describe, invalid, nullable, number, numbers, type Param } from "flambeau/arguments";
import { bandsOf, Image } from "../../image.js";

export type AnyImage = Image | Tensor;

/** @throws TypeError for anything but an image or a tensor. */
export const image: Param<AnyImage> = {
  ...(anything as Param<AnyImage>),
  expected: "PIL Image or Tensor",
  read: (value) => {
    if (value instanceof Image || value instanceof torch.Tensor) return value;
    throw new TypeError(`img should be PIL Image or Tensor. Got ${describe(value)}`);
  },
};

/** One number for all colours, or one for each; nothing where that means no colour. */
export type Fill = number | readonly number[];

export const fillParam: Param<Fill> = {
  ...(number as Param<Fill>),
  expected: "float or tuple of floats",
  read: (value) => {
    const one = number.read(value);
    return one === invalid ? numbers.read(value) : one;
  },
};

export const openFill: Param<Fill | null> = nullable(fillParam);

/** @throws TypeError for anything but a tensor. */
export function checkTensor(value: unknown): asserts value is Tensor {
  if (!(value instanceof torch.Tensor))
    throw new TypeError(`Input img should be Tensor Image. Got ${describe(value)}.`);
}

export function checkTensorImage({ ndim }: Tensor, least = 2): void {
  if (ndim < 2) throw new TypeError("Tensor is not a torch image.");
  if (ndim < least) {
    throw new TypeError(`Input image tensor should have at least ${least} dimensions, but found ${ndim}`);
  }
}

/** Channels, height and width. */
export function dimensionsOf(img: AnyImage): [channels: number, height: number, width: number] {
  if (img instanceof Image) return [bandsOf(img.mode), img.height, img.width];
  checkTensorImage(img);
  const [height, width] = img.shape.slice(-2) as [number, number];
  return [img.ndim === 2 ? 1 : (img.shape.at(-3) as number), height, width];
}

/** @throws TypeError unless a tensor is an image of one or three colours. */
export function checkColours(img: Tensor): void {
  const [channels] = dimensionsOf(img);
  if (channels !== 1 && channels !== 3) {
    throw new TypeError(`Input image tensor permitted channel values are [1, 3], but found ${channels}`);
  }
}

/** The bytes in their order. */
export const bytes: Tensor = torch.arange(256).to(torch.uint8);

/** The bytes as fractions of 255, in the default dtype. */
export function byteFractions(): Tensor {
  return bytes.to(torch.getDefaultDtype()).div(255);
}

/** The greatest value of a tensor image of a dtype. */
export function boundOf(dtype: DType): number {
  return dtype.isFloatingPoint ? 1 : 255;
}

/** Floats stay as they are; anything else is computed with as float32. */
export function floating(img: Tensor): Tensor {
  return img.dtype.isFloatingPoint ? img : img.float();
}

/** Computed numbers in the dtype of an image: whole ones are rounded. */
function roundedTo(values: Tensor, dtype: DType): Tensor {
  if (values.dtype === dtype) return values;
  return (dtype.isFloatingPoint ? values : values.round()).to(dtype);
}

/** `[…, C, H, W]` as `[N, C, H, W]`. */
export function batched(img: Tensor): Tensor {
  if (img.ndim === 4) return img;
  const [channels, height, width] = dimensionsOf(img);
  const images = img.shape.slice(0, -3).reduce((product, size) => product * size, 1);
  return img.reshape([images, channels, height, width]);
}

/** Computes on `[N, C, H, W]`, in a floating dtype, and gives the result the leading dims and the dtype of the image. */
export function onBatch(img: Tensor, compute: (batch: Tensor) => Tensor): Tensor {
  checkTensorImage(img);
  const result = compute(floating(batched(img)));
  return roundedTo(result, img.dtype).view([...img.shape.slice(0, -2), ...result.shape.slice(-2)]);
}

/** Whether the way that a result is computed has to be recorded. */
export function isRecorded(img: Tensor): boolean {
  return img.requiresGrad && torch.isGradEnabled();
}
