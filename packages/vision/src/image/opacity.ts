/** Images with opacity: pixels that cannot be seen have no part in those around them. */
import torch, { type Tensor } from "flambeau";
import type { Image } from "../image.js";

/** Colours times opacity, rounded as PIL does it in bytes. */
function multiplied(colours: Tensor, opacity: Tensor): Tensor {
  const product = colours.int().mul(opacity.int()).add(128);
  return product.bitwiseRightShift(8).add(product).bitwiseRightShift(8).to(torch.uint8);
}

/** The way back. */
function divided(colours: Tensor, opacity: Tensor): Tensor {
  const alpha = opacity.int();
  const whole = colours.int().mul(255).div(alpha.clamp(1), { roundingMode: "floor" }).clamp(0, 255).to(torch.uint8);
  return torch.where(alpha.eq(0).logicalOr(alpha.eq(255)), colours, whole);
}

/**
 * An image whose pixels `[H, W, bands]` are computed from others around them. If pixels are mixed, colours count by their
 * opacity.
 */
export function withOpacity(img: Image, isMixed: boolean, compute: (pixels: Tensor) => Tensor): Image {
  const { pixels, mode } = img;
  if (!isMixed || (mode !== "LA" && mode !== "RGBA")) return img.with(compute(pixels));
  const colours = mode === "LA" ? 1 : 3;
  const parts = (all: Tensor) => [all.narrow(2, 0, colours), all.narrow(2, colours, 1)] as const;
  const [given, opacity] = parts(pixels);
  const [mixed, mixedOpacity] = parts(compute(torch.cat([multiplied(given, opacity), opacity], 2)));
  return img.with(torch.cat([divided(mixed, mixedOpacity), mixedOpacity], 2));
}
