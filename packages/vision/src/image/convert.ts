/**
 * Conversions between modes, with PIL's integer arithmetic.
 *
 * A rule goes over `count` pixels and reads and writes their numbers side by side. Where two modes have no rule, the
 * conversion goes by way of the base of the first one (`L` or `RGB`), as PIL's does.
 */
import { bandsOf, type ImageMode, type PixelArray, traitsOf, unsigned16 } from "./modes.js";

type Pixels = { [index: number]: number };
type Rule = (from: Pixels, to: Pixels, count: number) => void;

/** 1000 times how bright a colour is. */
const brightness = (r: number, g: number, b: number): number => r * 299 + g * 587 + b * 114;

/** How bright a colour is, from 0 to 255. */
const luma = (r: number, g: number, b: number): number => (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16;

const clip = (value: number, most: number): number => (value <= 0 ? 0 : value >= most ? most : Math.trunc(value));

/** A rule from one number of a pixel to one: copied, or changed. */
function one(change?: (value: number) => number): Rule {
  return (from, to, count) => {
    for (let i = 0; i < count; i++) to[i] = change === undefined ? (from[i] as number) : change(from[i] as number);
  };
}

/** A rule that repeats a grey in the colours, and gives an opacity that is in the pixel or full. */
function spread(fromBands: 1 | 2, toBands: 2 | 3 | 4): Rule {
  const colours = toBands === 2 ? 1 : 3;
  return (from, to, count) => {
    for (let i = 0, a = 0, b = 0; i < count; i++, a += fromBands, b += toBands) {
      const grey = from[a] as number;
      for (let c = 0; c < colours; c++) to[b + c] = grey;
      if (toBands !== 3) to[b + toBands - 1] = fromBands === 2 ? (from[a + 1] as number) : 255;
    }
  };
}

/** A rule from colours to one number, and an opacity behind it if the result has one. */
function merged(fromBands: 3 | 4, toBands: 1 | 2, merge: (r: number, g: number, b: number) => number): Rule {
  return (from, to, count) => {
    for (let i = 0, a = 0, b = 0; i < count; i++, a += fromBands, b += toBands) {
      to[b] = merge(from[a] as number, from[a + 1] as number, from[a + 2] as number);
      if (toBands === 2) to[b + 1] = fromBands === 4 ? (from[a + 3] as number) : 255;
    }
  };
}

/** A rule from colours to colours, which gets places in both arrays. */
function each(
  fromBands: number,
  toBands: number,
  change: (from: Pixels, a: number, to: Pixels, b: number) => void,
): Rule {
  return (from, to, count) => {
    for (let i = 0, a = 0, b = 0; i < count; i++, a += fromBands, b += toBands) change(from, a, to, b);
  };
}

const blackOrWhite = (r: number, g: number, b: number): number => (brightness(r, g, b) >= 128000 ? 255 : 0);
const inThousandths = (r: number, g: number, b: number): number => Math.fround(brightness(r, g, b)) / 1000;

function rgbToCmyk(from: Pixels, a: number, to: Pixels, b: number): void {
  for (let c = 0; c < 3; c++) to[b + c] = 255 - (from[a + c] as number);
  to[b + 3] = 0;
}

/** The product of two bytes as fractions of 255. */
function byteProduct(x: number, y: number): number {
  const product = x * y + 128;
  return ((product >> 8) + product) >> 8;
}

function cmykToRgb(from: Pixels, a: number, to: Pixels, b: number): void {
  const light = 255 - (from[a + 3] as number);
  for (let c = 0; c < 3; c++) to[b + c] = clip(light - byteProduct(from[a + c] as number, light), 255);
}

function rgbToHsv(from: Pixels, a: number, to: Pixels, b: number): void {
  const { fround } = Math;
  const [red, green, blue] = [from[a] as number, from[a + 1] as number, from[a + 2] as number];
  const most = Math.max(red, green, blue);
  const least = Math.min(red, green, blue);
  to[b + 2] = most;
  if (most === least) {
    to[b] = to[b + 1] = 0;
    return;
  }
  const range = most - least;
  const [rc, gc, bc] = [fround((most - red) / range), fround((most - green) / range), fround((most - blue) / range)];
  const sector = red === most ? fround(bc - gc) : green === most ? fround(2 + rc - bc) : fround(4 + gc - rc);
  const hue = fround((sector / 6 + 1) % 1);
  to[b] = clip(hue * 255, 255);
  to[b + 1] = clip(fround(range / most) * 255, 255);
}

function hsvToRgb(from: Pixels, a: number, to: Pixels, b: number): void {
  const { fround } = Math;
  const [hue, saturation, value] = [from[a] as number, from[a + 1] as number, from[a + 2] as number];
  const sector = Math.floor((hue * 6) / 255);
  const rest = fround((hue * 6) / 255 - sector);
  const s = fround(saturation / 255);
  const round = (x: number): number => clip(Math.floor(x + 0.5), 255);
  const p = round(value * (1 - s));
  const q = round(value * (1 - s * rest));
  const t = round(value * (1 - s * (1 - rest)));
  const colour = [
    [value, t, p],
    [q, value, p],
    [p, value, t],
    [p, q, value],
    [t, p, value],
    [value, p, q],
  ][sector % 6] as number[];
  for (let c = 0; c < 3; c++) to[b + c] = colour[c] as number;
}

const greyRules: Record<string, Rule> = {
  L: one(),
  LA: spread(1, 2),
  RGB: spread(1, 3),
  RGBA: spread(1, 4),
  CMYK: each(1, 4, (from, a, to, b) => {
    to[b] = to[b + 1] = to[b + 2] = 0;
    to[b + 3] = 255 - (from[a] as number);
  }),
  HSV: each(1, 3, (from, a, to, b) => {
    to[b] = to[b + 1] = 0;
    to[b + 2] = from[a] as number;
  }),
  I: one(),
  F: one(),
};

/** The rules from `RGB`, or from `RGBA`, whose opacity most of them leave out. */
const colourRules = (bands: 3 | 4): Record<string, Rule> => ({
  "1": merged(bands, 1, blackOrWhite),
  L: merged(bands, 1, luma),
  LA: merged(bands, 2, luma),
  I: merged(bands, 1, luma),
  F: merged(bands, 1, inThousandths),
  CMYK: each(bands, 4, rgbToCmyk),
  HSV: each(bands, 3, rgbToHsv),
});

const toByte = (value: number): number => clip(value, 255);
const colourless = each(1, 3, (from, a, to, b) => {
  to[b] = to[b + 1] = to[b + 2] = toByte(from[a] as number);
});

const rules: Partial<Record<ImageMode, Record<string, Rule>>> = {
  "1": greyRules,
  L: { ...greyRules, "1": one((value) => (value >= 128 ? 255 : 0)), "I;16": one() },
  LA: { L: each(2, 1, copyFirst), RGB: spread(2, 3), RGBA: spread(2, 4) },
  RGB: { ...colourRules(3), RGBA: each(3, 4, copyColour(255)) },
  RGBA: { ...colourRules(4), RGB: each(4, 3, copyColour()) },
  CMYK: { RGB: each(4, 3, cmykToRgb) },
  HSV: { RGB: each(3, 3, hsvToRgb) },
  I: { L: one(toByte), F: one(), RGB: colourless, "I;16": one((value) => clip(value, 65535)) },
  F: { L: one(toByte), I: one(Math.trunc) },
  "I;16": {
    L: one((value) => Math.min(unsigned16(value), 255)),
    I: one(unsigned16),
    F: one(unsigned16),
  },
};

function copyFirst(from: Pixels, a: number, to: Pixels, b: number): void {
  to[b] = from[a] as number;
}

function copyColour(opacity?: number): (from: Pixels, a: number, to: Pixels, b: number) => void {
  return (from, a, to, b) => {
    for (let c = 0; c < 3; c++) to[b + c] = from[a + c] as number;
    if (opacity !== undefined) to[b + 3] = opacity;
  };
}

function emptyPixels(mode: ImageMode, count: number): PixelArray {
  const { array, bands } = traitsOf(mode);
  return new array(count * bands.length);
}

/**
 * Pixels of one mode in another; undefined where no rule leads there. Not from or to `P`.
 *
 * @param dither whether black and white are chosen so that a neighbourhood stays as bright as it was.
 */
export function convertPixels(
  from: PixelArray,
  mode: ImageMode,
  target: ImageMode,
  width: number,
  dither: boolean,
): PixelArray | undefined {
  if (mode === target) return from.slice();
  const count = from.length / bandsOf(mode);
  const to = emptyPixels(target, count);
  if (target === "1" && dither && (mode === "L" || mode === "RGB" || mode === "RGBA")) {
    ditherPixels(from as Pixels, to as Pixels, bandsOf(mode), width, count);
    return to;
  }
  const rule = rules[mode]?.[target];
  if (rule !== undefined) {
    rule(from as Pixels, to as Pixels, count);
    return to;
  }
  const { base } = traitsOf(mode);
  if (base === mode) return undefined;
  const between = convertPixels(from, mode, base, width, dither);
  return between && convertPixels(between, base, target, width, dither);
}

/** Floyd and Steinberg's dithering: what a pixel is too bright or too dark is given to its neighbours. */
function ditherPixels(from: Pixels, to: Pixels, bands: number, width: number, count: number): void {
  const errors = new Int32Array(width + 1);
  for (let row = 0; row < count; row += width) {
    let [error, above, before] = [0, 0, 0];
    for (let x = 0; x < width; x++) {
      const at = (row + x) * bands;
      const grey =
        bands === 1
          ? (from[at] as number)
          : Math.trunc(brightness(from[at] as number, from[at + 1] as number, from[at + 2] as number) / 1000);
      const value = clip(grey + Math.trunc((error + (errors[x + 1] as number)) / 16), 255);
      const chosen = value > 128 ? 255 : 0;
      to[row + x] = chosen;
      const rest = value - chosen;
      errors[x] = 3 * rest + above;
      above = 5 * rest + before;
      before = rest;
      error = 7 * rest;
    }
    errors[width] = above;
  }
}
