/** Images in another size, as PIL makes them. */
import torch, { F } from "flambeau";
import type { Image } from "../image.js";
import { withOpacity } from "./opacity.js";
import { byWideNumbers } from "./wide.js";

const { torchvision } = torch.ops;

/** How the pixels of an image are made of those around their places. */
export const filters = ["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"] as const;
export type Resample = (typeof filters)[number];

/**
 * An image with so many rows and columns.
 *
 * @throws Error for filters that numbers of more than a byte do not have.
 */
export function resizeImage(img: Image, size: readonly [height: number, width: number], filter: Resample): Image {
  const { pixels, mode } = img;
  if (mode === "1" || mode === "P") return img.with(torchvision.pilResize(pixels, size, "nearest"));
  if (pixels.dtype === torch.uint8)
    return withOpacity(img, filter !== "nearest", (all) => torchvision.pilResize(all, size, filter));
  if (mode === "I;16" && filter !== "nearest") return byWideNumbers(img, (wide) => resizeImage(wide, size, filter));
  if (filter !== "nearest" && filter !== "bilinear" && filter !== "bicubic")
    throw new Error(`images of mode ${mode} are resized nearest, bilinear or bicubic, not ${filter}`);
  const planes = pixels.permute(2, 0, 1).unsqueeze(0).double();
  const options = filter === "nearest" ? ({ mode: "nearest-exact" } as const) : { mode: filter, antialias: true };
  const resized = F.interpolate(planes, [...size], options)
    .squeeze(0)
    .permute(1, 2, 0);
  return img.with((pixels.dtype.isFloatingPoint ? resized : resized.round()).to(pixels.dtype));
}
