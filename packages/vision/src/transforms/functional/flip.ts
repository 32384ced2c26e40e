/** Mirror images. */
import { Signature } from "flambeau/arguments";
import { Image } from "../../image.js";
import { type AnyImage, checkTensorImage, image } from "./image.js";

const horizontal = new Signature("hflip", { img: image });

/**
 * An image mirrored left to right.
 *
 * @param img an image, or a tensor `[…, H, W]`.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.hflip.html
 */
export function hflip<T extends AnyImage>(...args: [img: T]): T {
  const { img } = horizontal.parse(args);
  if (img instanceof Image) return img.with(img.pixels.flip(1)) as T;
  checkTensorImage(img);
  return img.flip(-1) as T;
}

const vertical = new Signature("vflip", { img: image });

/**
 * An image mirrored upside down.
 *
 * @param img an image, or a tensor `[…, H, W]`.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.vflip.html
 */
export function vflip<T extends AnyImage>(...args: [img: T]): T {
  const { img } = vertical.parse(args);
  if (img instanceof Image) return img.with(img.pixels.flip(0)) as T;
  checkTensorImage(img);
  return img.flip(-2) as T;
}
