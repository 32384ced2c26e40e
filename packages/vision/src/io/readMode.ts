/** As what images are read. */
import { optional, word } from "flambeau/arguments";

/**
 * The modes in which images are read: as they are, grey, grey with opacity, colours, colours with opacity.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.io.ImageReadMode.html
 */
export const ImageReadMode = {
  UNCHANGED: "UNCHANGED",
  GRAY: "GRAY",
  GRAY_ALPHA: "GRAY_ALPHA",
  RGB: "RGB",
  RGB_ALPHA: "RGB_ALPHA",
} as const;
export type ImageReadMode = keyof typeof ImageReadMode;

/** The argument `mode` of the functions that read images. */
export const readMode = optional(word(...(Object.keys(ImageReadMode) as ImageReadMode[])), "UNCHANGED");
