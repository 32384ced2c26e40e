/** Pictures of arrays. */
import { encodePng } from "../canvas/png.js";
import type { Canvas } from "../canvas/svg.js";
import type { Colormap } from "../color/colormaps.js";
import { type Mappable, mapBytes, type Normalize } from "../color/norms.js";
import { readValues } from "../data.js";
import { Box } from "../geometry.js";
import type { Read } from "../options.js";
import { Artist, type artistTable, type Bounds, type Details, type Frame, mostDetails } from "./artist.js";

/** The names of the ways to smooth an image; all but nearest ones are drawn by the same smooth one. */
export const interpolations = [
  "none",
  "nearest",
  "antialiased",
  "auto",
  "bilinear",
  "bicubic",
  "spline16",
  "spline36",
  "hanning",
  "hamming",
  "hermite",
  "kaiser",
  "quadric",
  "catrom",
  "gaussian",
  "bessel",
  "mitchell",
  "sinc",
  "lanczos",
  "blackman",
] as const;
export type Interpolation = (typeof interpolations)[number];

export interface ImageStyle extends Read<typeof artistTable> {
  readonly cmap: Colormap;
  readonly norm: Normalize;
  readonly origin: "upper" | "lower";
  readonly interpolation: Interpolation;
  readonly extent: readonly [left: number, right: number, bottom: number, top: number];
}

/** Values of shape [rows, columns], or colours of shape [rows, columns, 3 or 4]. */
export interface ImageValues {
  readonly values: Float64Array;
  readonly rows: number;
  readonly columns: number;
  /** Numbers for each pixel: 1 value, or 3 or 4 parts of a colour. */
  readonly parts: number;
  /** The greatest part of a colour: 255 for bytes. */
  readonly most: number;
}

/**
 * What `imshow` takes.
 *
 * @throws TypeError for another shape.
 */
export function readImage(data: unknown): ImageValues {
  const { values, shape } = readValues(data, "Image data");
  const [rows = 0, columns = 0, parts = 1] = shape;
  const isImage = shape.length === 2 || (shape.length === 3 && [1, 3, 4].includes(parts));
  if (!isImage) throw new TypeError(`Invalid shape (${shape.join(", ")}) for image data`);
  return { values, rows, columns, parts, most: parts > 1 && isBytes(data, values) ? 255 : 1 };
}

/** Whether colours are bytes: by their dtype, or, of arrays of numbers, because some are greater than 1. */
function isBytes(data: unknown, values: Float64Array): boolean {
  const dtype = (data as { dtype?: { isFloatingPoint?: boolean } }).dtype;
  if (dtype) return dtype.isFloatingPoint === false;
  return values.some((value) => value > 1);
}

/** Red, green, blue and opacity of each pixel. */
export function imageBytes({ values, rows, columns, parts, most }: ImageValues, colors: Mappable): Uint8Array {
  if (parts === 1) return mapBytes(values, colors);
  const bytes = new Uint8ClampedArray(rows * columns * 4);
  for (let i = 0; i < rows * columns; i++) {
    for (let k = 0; k < 3; k++) bytes[4 * i + k] = (255 * (values[i * parts + k] as number)) / most;
    bytes[4 * i + 3] = 255 * (parts === 4 ? (values[i * parts + 3] as number) / most : (colors.alpha ?? 1));
  }
  return new Uint8Array(bytes.buffer);
}

/** An image over a rectangle of data. */
export class AxesImage extends Artist implements Mappable {
  readonly cmap: Colormap;
  readonly norm: Normalize;
  readonly extent: ImageStyle["extent"];
  readonly interpolation: Interpolation;
  readonly origin: "upper" | "lower";
  #content: ImageValues;
  #png: Buffer | undefined;

  constructor(content: ImageValues, style: ImageStyle) {
    super(style, 0);
    this.#content = content;
    ({ cmap: this.cmap, norm: this.norm, extent: this.extent } = style);
    ({ interpolation: this.interpolation, origin: this.origin } = style);
    if (content.parts === 1) this.norm.autoscaleNone(content.values);
  }

  /** What it shows. */
  get content(): ImageValues {
    return this.#content;
  }

  /** Shows other values of the same kind. */
  setData(data: unknown): this {
    this.#content = readImage(data);
    this.#png = undefined;
    return this;
  }

  /** Sets the values at the ends of the colours. */
  setClim(vmin: number, vmax: number): this {
    [this.norm.vmin, this.norm.vmax] = [vmin, vmax];
    this.#png = undefined;
    return this;
  }

  override draw(canvas: Canvas, { transData }: Frame): void {
    const { rows, columns } = this.#content;
    if (rows === 0 || columns === 0) return;
    this.#png ??= encodePng(imageBytes(this.#content, this), columns, rows);
    const [left, right, bottom, top] = this.extent;
    // The first row is at the top of the extent, or at its bottom where the origin is "lower".
    const [first, last] = this.origin === "upper" ? [top, bottom] : [bottom, top];
    const [x0, y0] = transData.map(left, first);
    const [x1, y1] = transData.map(right, last);
    const area = new Box(Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1));
    const flips = [x1 < x0 ? -1 : 1, y1 < y0 ? -1 : 1];
    const transform = flips.includes(-1)
      ? ` transform="translate(${flips[0] === -1 ? area.left + area.right : 0} ${flips[1] === -1 ? area.top + area.bottom : 0}) scale(${flips.join(" ")})"`
      : "";
    canvas.image(this.#png, area, this.#isSmooth(area, canvas.scale ?? 1), transform);
  }

  /** Whether pixels flow into one another: by choice, or because there are too many for the space. */
  #isSmooth(area: Box, scale: number): boolean {
    if (this.interpolation === "none" || this.interpolation === "nearest") return false;
    if (this.interpolation !== "antialiased" && this.interpolation !== "auto") return true;
    const { rows, columns } = this.#content;
    const zooms = [(area.width * scale) / columns, (area.height * scale) / rows];
    return !zooms.every((zoom) => zoom > 3 || Math.abs(zoom - 1) < 0.01 || Math.abs(zoom - 2) < 0.01);
  }

  override details(): Details | undefined {
    const { values, rows, columns, parts } = this.#content;
    if (parts !== 1 || values.length > mostDetails) return undefined;
    return { image: { extent: this.extent, rows, columns, values, isUpper: this.origin === "upper" } };
  }

  override bounds(): Bounds {
    const [left, right, bottom, top] = this.extent;
    return { x: [left, right], y: [bottom, top], stickyX: [left, right], stickyY: [bottom, top] };
  }
}
