/** Colours by matplotlib's names. */
import { color as parseCss } from "d3-color";
import { describe } from "flambeau/arguments";
import { rcParams } from "../rc/rcParams.js";

/** Red, green, blue and opacity, each from 0 to 1. */
export type Rgba = readonly [red: number, green: number, blue: number, alpha: number];

/**
 * A colour: one letter (`"r"`), a place of the cycle (`"C0"`), a grey (`"0.8"`), a name (`"tab:blue"`, `"tomato"`),
 * hex digits (`"#1f77b4"`), `"none"`, or three or four numbers from 0 to 1.
 */
export type Color = string | readonly number[];

const letters: Record<string, Rgba> = {
  b: [0, 0, 1, 1],
  g: [0, 0.5, 0, 1],
  r: [1, 0, 0, 1],
  c: [0, 0.75, 0.75, 1],
  m: [0.75, 0, 0.75, 1],
  y: [0.75, 0.75, 0, 1],
  k: [0, 0, 0, 1],
  w: [1, 1, 1, 1],
};

const tableau: Record<string, string> = {
  blue: "#1f77b4",
  orange: "#ff7f0e",
  green: "#2ca02c",
  red: "#d62728",
  purple: "#9467bd",
  brown: "#8c564b",
  pink: "#e377c2",
  gray: "#7f7f7f",
  grey: "#7f7f7f",
  olive: "#bcbd22",
  cyan: "#17becf",
};

function parse(value: unknown): Rgba | undefined {
  if (Array.isArray(value)) {
    const isColour =
      (value.length === 3 || value.length === 4) && value.every((v) => typeof v === "number" && v >= 0 && v <= 1);
    return isColour ? [value[0], value[1], value[2], value[3] ?? 1] : undefined;
  }
  if (typeof value !== "string") return undefined;
  if (value.toLowerCase() === "none") return [0, 0, 0, 0];
  if (letters[value]) return letters[value];
  if (/^C\d+$/.test(value)) return cycleColor(Number(value.slice(1)));
  if (/^\d*\.?\d+$/.test(value)) {
    const grey = Number(value);
    return grey <= 1 ? [grey, grey, grey, 1] : undefined;
  }
  const name = value.startsWith("tab:") ? tableau[value.slice(4)] : value;
  const css = name === undefined ? null : parseCss(name)?.rgb();
  return css ? [css.r / 255, css.g / 255, css.b / 255, css.opacity] : undefined;
}

/** Whether a value is a colour. */
export function isColor(value: unknown): value is Color {
  return parse(value) !== undefined;
}

/**
 * A colour as four numbers from 0 to 1.
 *
 * @example toRgba("C0") // [0.122, 0.467, 0.706, 1]
 * @throws Error for what is no colour.
 */
export function toRgba(value: Color, alpha?: number): Rgba {
  const rgba = parse(value);
  if (!rgba)
    throw new Error(`${typeof value === "string" ? `'${value}'` : describe(value)} is not a valid value for color`);
  return alpha === undefined || rgba[3] === 0 ? rgba : [rgba[0], rgba[1], rgba[2], alpha];
}

const hex = (part: number): string =>
  Math.round(part * 255)
    .toString(16)
    .padStart(2, "0");

/** A colour as `#rrggbb`; its opacity is left out. */
export function toHex(value: Color): string {
  const [r, g, b] = toRgba(value);
  return `#${hex(r)}${hex(g)}${hex(b)}`;
}

/** The colour at a place of the property cycle. */
export function cycleColor(index: number): Rgba {
  const colors = rcParams["axes.prop_cycle"].color;
  return toRgba(colors[index % colors.length] as Color);
}
