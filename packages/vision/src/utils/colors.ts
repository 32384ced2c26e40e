/** Colours of what is drawn. */

import { rgb } from "d3-color";
import torch from "flambeau";
import { describe, invalid, type Param, text } from "flambeau/arguments";

/** A name, `"#FF00FF"`, `"rgb(240, 10, 157)"` and the like; or red, green and blue from 0 to 255. */
export type Color = string | readonly [red: number, green: number, blue: number];

/** One colour for all, or one for each. */
export type Colors = Color | readonly Color[];

/** Red, green and blue as bytes. */
export type Ink = readonly [number, number, number];

export const colorsParam: Param<Colors> = {
  ...(text as Param<Colors>),
  expected: "color or list of colors",
  endsPositional: false,
  read: (value) => (typeof value === "string" || Array.isArray(value) ? (value as Colors) : invalid),
};

/** @throws Error for a word that is no colour; TypeError for what is not of three bytes. */
export function inkOf(color: Color): Ink {
  if (typeof color === "string") {
    const { r, g, b } = rgb(color);
    if (Number.isNaN(r + g + b)) throw new Error(`unknown color specifier: '${color}'`);
    return [r, g, b].map((part) => Math.round(Math.min(255, Math.max(0, part)))) as unknown as Ink;
  }
  const isInk = Array.isArray(color) && color.length === 3 && color.every((part) => Number.isInteger(part));
  if (!isInk || color.some((part) => part < 0 || part > 255)) {
    throw new TypeError(
      `colors must be names, or three whole numbers from 0 to 255, got ${Array.isArray(color) ? `[${color.join(", ")}]` : describe(color)}`,
    );
  }
  return color;
}

/** So many colours that are easily told apart. */
function palette(count: number): Ink[] {
  const steps = [2 ** 25 - 1, 2 ** 15 - 1, 2 ** 21 - 1];
  return Array.from({ length: count }, (_, i) => steps.map((step) => (i * step) % 255) as unknown as Ink);
}

/**
 * A colour for each of so many things.
 *
 * @throws Error if there are fewer colours than things.
 */
export function inksFor(name: string, colors: Colors | null, count: number): Ink[] {
  if (colors === null) return palette(count);
  if (typeof colors === "string" || typeof colors[0] === "number")
    return new Array<Ink>(count).fill(inkOf(colors as Color));
  const list = colors as readonly Color[];
  if (list.length < count)
    throw new Error(`Number of colors (${list.length}) is less than number of ${name} (${count}).`);
  return list.slice(0, count).map(inkOf);
}

/** @throws Error unless the tensor is one image of bytes with so many channels. */
export function checkImage(image: torch.Tensor, channels: readonly number[], words: string): void {
  if (image.dtype !== torch.uint8) throw new TypeError(`The image dtype must be uint8, got ${image.dtype}`);
  if (image.ndim !== 3) throw new Error("Pass individual images, not batches");
  if (!channels.includes(image.shape[0] as number)) throw new Error(words);
}
