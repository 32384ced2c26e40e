/** Parts of tensors overwritten. */
import type { Tensor } from "flambeau";
import torch from "flambeau";
import { anything, describe, flag, int, Signature, tensor } from "flambeau/arguments";
import { checkTensorImage } from "./image.js";

const signature = new Signature("erase", { img: anything, i: int, j: int, h: int, w: int, v: tensor, inplace: flag });

/**
 * A tensor `[…, C, H, W]` with a value in the part of height `h` and width `w` whose upper left corner is in row `i` and
 * column `j`.
 *
 * @param v what is put there; it broadcasts.
 * @param options.inplace whether the tensor itself is changed.
 * @throws TypeError for anything but a tensor.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.erase.html
 */
export function erase(
  ...args: [img: Tensor, i: number, j: number, h: number, w: number, v: Tensor, options?: { inplace?: boolean }]
): Tensor {
  const { img, i, j, h, w, v, inplace } = signature.parse(args);
  if (!(img instanceof torch.Tensor)) throw new TypeError(`img should be Tensor Image. Got ${describe(img)}`);
  checkTensorImage(img);
  const result = inplace ? img : img.clone();
  const [height, width] = img.shape.slice(-2) as [number, number];
  const part = result
    .narrow(-2, Math.min(i, height), Math.min(h, Math.max(0, height - i)))
    .narrow(-1, Math.min(j, width), Math.min(w, Math.max(0, width - j)));
  part.copy_(v);
  return result;
}
