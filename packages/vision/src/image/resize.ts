/** Images in another size, as PIL makes them. */
import torch from "flambeau";
import type { Image } from "../image.js";
import { withOpacity } from "./opacity.js";
import { byWideNumbers } from "./wide.js";
import { resizeNearest, resizeWide } from "./wideNumbers.js";

const { torchvision } = torch.ops;

/** How the pixels of an image are made of those around their places. */
export const filters = ["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"] as const;
export type Resample = (typeof filters)[number];

/** An image with so many rows and columns; one without pixels becomes black. */
export function resizeImage(img: Image, size: readonly [height: number, width: number], filter: Resample): Image {
  const { pixels, mode } = img;
  if (pixels.numel() === 0) return img.with(torch.zeros(...size, pixels.shape[2] as number, { dtype: pixels.dtype }));
  if (mode === "1" || mode === "P") return img.with(torchvision.pilResize(pixels, size, "nearest"));
  if (pixels.dtype === torch.uint8)
    return withOpacity(img, filter !== "nearest", (all) => torchvision.pilResize(all, size, filter));
  if (filter !== "nearest") return byWideNumbers(img, (wide) => wide.with(resizeWide(wide.pixels, size, filter)));
  if (mode === "I;16") return img.with(resizeNearest(pixels, size));
  // The bytes of a number move together.
  return img.with(torchvision.pilResize(pixels.view(torch.uint8), size, filter).view(pixels.dtype));
}
