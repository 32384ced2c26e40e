/** Samples of PNG files in the mode that was asked for, with libpng's arithmetic. */
import torch, { type Tensor } from "flambeau";
import { ColourType, type PngFile } from "../codecs/png.js";
import type { Palette } from "../image/palette.js";
import type { ImageReadMode } from "./readMode.js";

/** The weights with which torchvision asks libpng for grey, as multiples of 2^-15. */
const [redWeight, greenWeight, blueWeight] = [9794, 19234, 3740];

/** The samples of a file in a mode: [height, width, channels]. */
export function pngInMode(file: PngFile, mode: ImageReadMode): Tensor {
  const samples = wholeRange(file);
  if (mode === "UNCHANGED") return samples;
  const colours = file.type === ColourType.Palette ? (file.palette as Palette).apply(samples) : samples;
  const isGrey = mode === "GRAY" || mode === "GRAY_ALPHA";
  const hasAlpha = mode === "GRAY_ALPHA" || mode === "RGB_ALPHA";
  const count = colours.shape[2] as number;
  const plain = count === 2 || count === 4 ? colours.narrow(2, 0, count - 1) : colours;
  const changed = isGrey ? toGrey(plain) : plain.shape[2] === 1 ? plain.expand(-1, -1, 3) : plain;
  if (!hasAlpha) return changed.contiguous();
  return torch.cat([changed, plain === colours ? opaque(changed) : colours.narrow(2, count - 1, 1)], 2);
}

/** Samples as fractions of 255 or 65535; places in a palette stay. */
function wholeRange(file: PngFile): Tensor {
  const samples = file.samples();
  if (file.depth >= 8 || file.type === ColourType.Palette) return samples;
  return samples.mul(255 / (2 ** file.depth - 1));
}

function opaque(like: Tensor): Tensor {
  return torch.full([...like.shape.slice(0, 2), 1], like.dtype === torch.uint8 ? 255 : 65535, { dtype: like.dtype });
}

function toGrey(colours: Tensor): Tensor {
  if (colours.shape[2] === 1) return colours;
  const is16 = colours.dtype !== torch.uint8;
  const [red, green, blue] = colours.to(is16 ? torch.int64 : torch.int32).unbind(2) as [Tensor, Tensor, Tensor];
  const weighted = red.mul(redWeight).add(green.mul(greenWeight)).add(blue.mul(blueWeight));
  const grey = (is16 ? weighted.add(16384) : weighted).bitwiseRightShift(15);
  return grey.to(colours.dtype).unsqueeze(-1);
}
