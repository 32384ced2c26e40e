/** Mirror images. */
import { Signature } from "flambeau/arguments";
import { Image } from "../../image.js";
import { type AnyImage, checkTensorImage, image } from "./image.js";

function flip<T extends AnyImage>(img: T, dimOfTensor: number, dimOfImage: number): T {
  if (img instanceof Image) return img.with(img.pixels.flip(dimOfImage)) as T;
  checkTensorImage(img);
  return img.flip(dimOfTensor) as T;
}

const horizontal = new Signature("hflip", { img: image });

/**
 * An image mirrored left to right.
 *
 * @param img an image, or a tensor `[…, H, W]`.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.hflip.html
 */
export function hflip<T extends AnyImage>(...args: [img: T]): T {
  return flip(horizontal.parse(args).img as T, -1, 1);
}

const vertical = new Signature("vflip", { img: image });

/**
 * An image mirrored upside down.
 *
 * @param img an image, or a tensor `[…, H, W]`.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.vflip.html
 */
export function vflip<T extends AnyImage>(...args: [img: T]): T {
  return flip(vertical.parse(args).img as T, -2, 0);
}
