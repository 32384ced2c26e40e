/** Modes of images: what a pixel is. They are PIL's, with PIL's names. */
import torch, { type DType } from "flambeau";

/** An array of the numbers of an image. */
export type PixelArray = Uint8Array | Int16Array | Int32Array | Float32Array;

/** 16 bits as an unsigned number, and as one of int16, which keeps them: torch has no uint16. */
export const unsigned16 = (bits: number): number => bits & 0xffff;
const signed16 = (bits: number): number => (bits << 16) >> 16;

/** What a pixel of a mode is made of. */
interface ModeTraits {
  /** The letters of its numbers. */
  readonly bands: readonly string[];
  readonly dtype: DType;
  /** Makes an array of its numbers. */
  readonly array: new (
    length: number,
  ) => PixelArray;
  /** The mode by way of which a conversion goes for which there is no rule of its own. */
  readonly base: "L" | "RGB";
}

const modes = {
  "1": { bands: ["1"], dtype: torch.uint8, array: Uint8Array, base: "L" },
  L: { bands: ["L"], dtype: torch.uint8, array: Uint8Array, base: "L" },
  LA: { bands: ["L", "A"], dtype: torch.uint8, array: Uint8Array, base: "L" },
  P: { bands: ["P"], dtype: torch.uint8, array: Uint8Array, base: "RGB" },
  RGB: { bands: ["R", "G", "B"], dtype: torch.uint8, array: Uint8Array, base: "RGB" },
  RGBA: { bands: ["R", "G", "B", "A"], dtype: torch.uint8, array: Uint8Array, base: "RGB" },
  CMYK: { bands: ["C", "M", "Y", "K"], dtype: torch.uint8, array: Uint8Array, base: "RGB" },
  HSV: { bands: ["H", "S", "V"], dtype: torch.uint8, array: Uint8Array, base: "RGB" },
  "I;16": { bands: ["I"], dtype: torch.int16, array: Int16Array, base: "L" },
  I: { bands: ["I"], dtype: torch.int32, array: Int32Array, base: "L" },
  F: { bands: ["F"], dtype: torch.float32, array: Float32Array, base: "L" },
} as const satisfies Record<string, ModeTraits>;

/**
 * What a pixel is: `1` black or white (0 or 255), `L` grey, `LA` grey with opacity, `P` a place in a palette, `RGB`,
 * `RGBA`, `CMYK`, `HSV` colours of a byte each; `I;16` (whose bits are read as unsigned), `I` and `F` one number of 16
 * or 32 bits, or a float.
 */
export type ImageMode = keyof typeof modes;

/** @throws TypeError if there is no such mode. */
export function checkMode(mode: unknown): asserts mode is ImageMode {
  if (typeof mode !== "string" || !Object.hasOwn(modes, mode)) {
    throw new TypeError(`unrecognized image mode '${String(mode)}'; there are ${Object.keys(modes).join(", ")}`);
  }
}

/** What is known of a mode. */
export function traitsOf(mode: ImageMode): ModeTraits {
  return modes[mode];
}

/** How many numbers a pixel has. */
export function bandsOf(mode: ImageMode): number {
  return modes[mode].bands.length;
}

/** A number as a pixel of a mode keeps it, as in PIL: bytes are bounded, numbers of 16 bits begin again from 0. */
export function asStored(value: number, mode: ImageMode): number {
  if (mode === "I;16") return signed16(value);
  return modes[mode].dtype === torch.uint8 ? Math.min(Math.max(value, 0), 255) : value;
}
