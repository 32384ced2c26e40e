/** Images of mode `I;16`, whose int16 torch would compute with as signed numbers. */
import type { Image } from "../image.js";

/** Computes with an image; with one of mode `I;16` in mode `I`, which has room for its numbers. */
export function byWideNumbers(img: Image, compute: (img: Image) => Image): Image {
  return img.mode === "I;16" ? compute(img.convert("I")).convert("I;16") : compute(img);
}
