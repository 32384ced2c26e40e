/** The options from which colours come. */
import type { Data } from "../data.js";
import { data, kind, number } from "../options.js";
import type { Colormap } from "./colormaps.js";
import { type Color, isColor, type Rgba, toRgba } from "./colors.js";
import { Normalize } from "./norms.js";

/** Colours of many things: one for all, one for each, or values that a colormap makes colours of. */
export type Colors = Color | readonly Color[] | Data;

export const colors = data<Colors>();

const cmap = kind<Colormap | string>(
  "Colormap or str",
  (v) => typeof v === "string" || (typeof v === "object" && v !== null),
);

const norm = kind<Normalize>("Normalize", (v) => v instanceof Normalize);

/** The options of everything whose colours stand for values. */
export const mappableTable = { cmap, norm, vmin: number, vmax: number };

/** The norm that was given, or an even one between the limits. */
export function normOf(read: { norm?: Normalize; vmin?: number; vmax?: number }): Normalize {
  return read.norm ?? new Normalize(read.vmin, read.vmax);
}

/** One colour for each item, from one colour or a list of them; `undefined` for what is no colour. */
export function readColors(value: unknown): Rgba[] | undefined {
  if (isColor(value)) return [toRgba(value)];
  if (Array.isArray(value) && value.length > 0 && value.every(isColor)) return value.map((one) => toRgba(one as Color));
  return undefined;
}

/** @throws Error for what is no colour and no list of them; else as `readColors`. */
export function expectColors(functionName: string, value: unknown): Rgba[] {
  const read = readColors(value);
  if (!read) throw new Error(`${functionName}: colors must be a color or a list of colors`);
  return read;
}
