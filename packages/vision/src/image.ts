/** Images, which stand where torchvision has those of Python's PIL. */

import { readFileSync } from "node:fs";
import type { Tensor } from "flambeau";
import torch from "flambeau";
import { anything, flagOn, int, ints, keyword, numbers, optional, Signature, text, word } from "flambeau/arguments";
import { encodeImage, kindForName, readImageFile } from "./image/files.js";
import { asStored, bandsOf, checkMode, type ImageMode, type PixelArray, traitsOf, unsigned16 } from "./image/modes.js";
import { Palette } from "./image/palette.js";
import { filters, type Resample, resizeImage } from "./image/resize.js";
import { readingFile } from "./io/naming.js";
import { writeWhole } from "./io/writeWhole.js";
import { roundHalfEven } from "./rounding.js";

export { bandsOf, type ImageMode } from "./image/modes.js";

const { shareable } = torch.utils.data;
const { convertMode: convertPixels } = torch.ops.torchvision;

/** The modes that are no palettes. */
type PixelMode = Exclude<ImageMode, "P">;

/** Width and height, as PIL gives them. */
export type Size = readonly [width: number, height: number];
/** Left, upper, right and lower edge; the right and lower one are not in the box. */
export type Box = readonly [left: number, upper: number, right: number, lower: number];
/** A pixel: a number, or one for each band. */
export type Pixel = number | readonly number[];

/** What a file said of an image beside its pixels. */
export interface ImageInfo {
  /** The colour of which pixels are transparent, in images without an opacity of their own. */
  transparency?: Pixel;
  /** The bytes of its EXIF record. */
  exif?: Uint8Array;
}

const saveSignature = new Signature("save", {
  fp: text,
  format: optional(text),
  quality: keyword(optional(int, 75)),
  compressLevel: keyword(optional(int, 6)),
});

export interface SaveOptions {
  /** `"JPEG"` or `"PNG"`; by default what the end of the name says. */
  format?: string | undefined;
  /** Of a JPEG file, from 1 to 100; 75 by default. */
  quality?: number;
  /** Of a PNG file, from 0 to 9; 6 by default. */
  compressLevel?: number;
}

const colorsParam = optional(int, 256);

const convertSignature = new Signature("convert", {
  mode: anything,
  dither: flagOn,
  palette: optional(word("web", "adaptive"), "web"),
  colors: keyword(colorsParam),
});

/** How an image is converted to another mode. */
export interface ConvertOptions {
  /** Whether black and white, or the colours of a palette, are chosen so that a neighbourhood stays as it was; true by default. */
  dither?: boolean;
  /** Of mode `P`: that of browsers, which is the default, or one of the image's own colours. */
  palette?: "web" | "adaptive";
  /** Of an adaptive palette: how many colours it has at most, from 1 to 256; 256 by default. */
  colors?: number;
}

/** The words for how the colours of `quantize` are chosen. */
const quantizeMethods = ["mediancut", "maxcoverage", "fastoctree"] as const;

const quantizeSignature = new Signature("quantize", {
  colors: colorsParam,
  method: optional(word(...quantizeMethods)),
  kmeans: keyword(optional(int, 0)),
  palette: keyword(optional(anything)),
  dither: flagOn,
});

/** How an image is brought to few colours. */
export interface QuantizeOptions {
  /** How many colours there are at most, from 1 to 256; 256 by default. */
  colors?: number;
  /** How they are chosen: `"fastoctree"` by default for `RGBA`, which has no other, and `"mediancut"` for all else. */
  method?: (typeof quantizeMethods)[number];
  /** Beyond 0: colours become the means of their pixels, again and again, until fewer pixels than this change. */
  kmeans?: number;
  /** An image of mode `P` whose palette is taken. */
  palette?: Image;
  /** Whether colours of a given palette are chosen so that a neighbourhood stays as it was; true by default. */
  dither?: boolean;
}

/** What `transpose` does to pixels `[height, width, bands]`. */
const transposes = {
  flip_left_right: (pixels: Tensor) => pixels.flip(1),
  flip_top_bottom: (pixels: Tensor) => pixels.flip(0),
  rotate_90: (pixels: Tensor) => pixels.transpose(0, 1).flip(0),
  rotate_180: (pixels: Tensor) => pixels.flip(0, 1),
  rotate_270: (pixels: Tensor) => pixels.transpose(0, 1).flip(1),
  transpose: (pixels: Tensor) => pixels.transpose(0, 1),
  transverse: (pixels: Tensor) => pixels.transpose(0, 1).flip(0, 1),
} as const;

/** The words for what `transpose` does. */
export type Transpose = keyof typeof transposes;

const transposeSignature = new Signature("transpose", {
  method: word(...(Object.keys(transposes) as Transpose[])),
});

const resizeSignature = new Signature("resize", {
  size: ints,
  resample: optional(word(...filters), "bicubic"),
});

/**
 * An image in memory.
 *
 * Its numbers are those of PIL's image: `convert` gives the same ones. They are in a tensor, which the transforms work
 * on, and which other images may share; `putpixel` and `paste` change it in its place.
 *
 * @example
 * const image = new Image(new Uint8Array(28 * 28), 28, 28, "L");
 * image.convert("RGB").size // [28, 28]
 */
export class Image {
  /** The numbers: `[height, width, bands]`, of the dtype of the mode, without gaps. */
  readonly pixels: Tensor;
  readonly mode: ImageMode;
  /** The colours of mode `P`. */
  palette: Palette | undefined = undefined;
  /** The kind of file that it was read from: `"JPEG"`, `"PNG"`, … */
  format: string | undefined = undefined;
  info: ImageInfo = {};

  /**
   * @param data the numbers, row by row, those of a pixel side by side: bytes from 0 to 255 in most modes.
   * @throws TypeError if there is no such mode, or the numbers are not of its dtype; RangeError if there are more or
   *   fewer of them than the size asks for.
   */
  constructor(data: PixelArray | Tensor, width: number, height: number, mode: ImageMode) {
    checkMode(mode);
    const { dtype, bands } = traitsOf(mode);
    const numbers = data instanceof torch.Tensor ? data.contiguous() : torch.tensor(data);
    if (numbers.dtype !== dtype) {
      throw new TypeError(`an image of mode ${mode} has pixels of ${dtype}, got ${numbers.dtype}`);
    }
    const expected = width * height * bands.length;
    if (numbers.numel() !== expected) {
      throw new RangeError(
        `an image of ${width}x${height} in mode ${mode} has ${expected} bytes, got ${numbers.numel()}`,
      );
    }
    this.pixels = numbers.view(height, width, bands.length);
    this.mode = mode;
    if (mode === "P") this.palette = Palette.grey();
  }

  /**
   * Reads a JPEG, PNG, GIF (its first image) or WebP file.
   *
   * @param fp the path of the file, or its bytes.
   * @throws Error, which names the file, if it is of no kind that is known, broken, not whole, or larger than
   *   `io.setMaxPixels` allows.
   * @example const image = Image.open("cat.jpg").convert("RGB");
   * @see https://pillow.readthedocs.io/en/stable/reference/Image.html#PIL.Image.open
   */
  static open(fp: string | Uint8Array): Image {
    if (typeof fp !== "string" && !(fp instanceof Uint8Array))
      throw new TypeError("open(): argument 'fp' must be the path of a file, or its bytes");
    const { pixels, mode, palette, format, transparency, exif } =
      typeof fp === "string"
        ? readingFile(fp, () => readImageFile(new Uint8Array(readFileSync(fp)), fp))
        : readImageFile(fp, "bytes");
    const image = new Image(pixels, pixels.shape[1] as number, pixels.shape[0] as number, mode);
    image.format = format;
    if (palette !== undefined) image.palette = palette;
    if (transparency !== undefined) image.info.transparency = transparency;
    if (exif !== undefined) image.info.exif = exif;
    return image;
  }

  /**
   * Writes a JPEG or PNG file. Whoever reads it finds the whole file or the old one.
   *
   * @throws Error if the kind of file is not known, or has no images of this mode.
   * @see https://pillow.readthedocs.io/en/stable/reference/Image.html#PIL.Image.Image.save
   */
  save(...args: [fp: string, options?: SaveOptions]): void {
    const { fp, format, ...options } = saveSignature.parse(args);
    writeWhole(fp, encodeImage(this, format?.toUpperCase() ?? kindForName(fp), options));
  }

  /**
   * Reads an image from a tensor of shape [height, width] or [height, width, bands].
   *
   * @param obj uint8 in most modes, bool for `1`, int32 for `I`, float32 for `F`. It is copied.
   * @throws TypeError if no mode has this dtype and so many bands.
   * @see https://pillow.readthedocs.io/en/stable/reference/Image.html#PIL.Image.fromarray
   */
  static fromArray(obj: Tensor, options: { mode?: ImageMode } = {}): Image {
    if (!(obj instanceof torch.Tensor)) throw new TypeError("fromArray(): expected a tensor");
    const values = obj.dtype === torch.bool ? obj.to(torch.uint8).mul(255) : obj.clone();
    const [height, width, bands = 1] = values.shape as [number, number, number?];
    const mode = options.mode ?? (obj.dtype === torch.bool ? "1" : modeFor(values, bands));
    if (mode === undefined || values.ndim < 2 || values.ndim > 3) {
      throw new TypeError(`Cannot handle this data type: (${values.shape.join(", ")}), ${values.dtype}`);
    }
    return new Image(values, width, height, mode);
  }

  /**
   * An image of one colour.
   *
   * @param color a number for all bands, or one for each; black by default.
   * @example Image.new("RGB", [640, 480], [255, 0, 0])
   * @see https://pillow.readthedocs.io/en/stable/reference/Image.html#PIL.Image.new
   */
  static new(mode: ImageMode, size: Size, color: Pixel = 0): Image {
    checkMode(mode);
    const [width, height] = size;
    const pixels = torch.zeros(height, width, bandsOf(mode), { dtype: traitsOf(mode).dtype });
    const image = new Image(pixels, width, height, mode);
    if (color !== 0) pixels.copy_(image.pixel(color));
    return image;
  }

  /** The images of several bands in one. */
  static merge(mode: ImageMode, bands: readonly Image[]): Image {
    const [first] = bands;
    if (first === undefined || bands.length !== bandsOf(mode)) throw new Error("wrong number of bands");
    if (bands.some(({ width, height }) => width !== first.width || height !== first.height)) {
      throw new Error("size mismatch");
    }
    const pixels = torch.cat(
      bands.map((band) => band.pixels),
      2,
    );
    return new Image(pixels, first.width, first.height, mode);
  }

  get width(): number {
    return this.pixels.shape[1] as number;
  }

  get height(): number {
    return this.pixels.shape[0] as number;
  }

  /** Width and height. */
  get size(): [width: number, height: number] {
    return [this.width, this.height];
  }

  /** A copy of the numbers, row by row, those of a pixel side by side. */
  get data(): PixelArray {
    return this.pixels.toTypedArray() as PixelArray;
  }

  /** The letters of the bands. */
  getbands(): string[] {
    return [...traitsOf(this.mode).bands];
  }

  /** An image with numbers and a palette of its own. */
  copy(): Image {
    return this.with(this.pixels.clone());
  }

  /** An image of the same mode with other numbers, of shape [height, width, bands]. */
  with(pixels: Tensor): Image {
    const [height, width] = pixels.shape as [number, number];
    const image = new Image(pixels, width, height, this.mode);
    image.palette = this.palette?.copy();
    image.info = { ...this.info };
    return image;
  }

  /**
   * The image in another mode.
   *
   * A grey is `(19595 r + 38470 g + 7471 b + 32768) >> 16`. For mode `1` from `L` or `RGB`, and for `P` from colours,
   * pixels are dithered, unless that is switched off. In mode `P` greys have a palette of greys, and colours that of
   * browsers, unless one of their own is asked for; colours with opacity always have one of their own, as `quantize`
   * makes it.
   *
   * @throws Error where no conversion is known.
   * @example image.convert("P", { palette: "adaptive", colors: 16 })
   * @see https://pillow.readthedocs.io/en/stable/reference/Image.html#PIL.Image.Image.convert
   */
  convert(...args: [mode: ImageMode, options?: ConvertOptions]): Image {
    const { mode, dither, palette, colors } = convertSignature.parse(args);
    checkMode(mode);
    if (mode === this.mode) return this.copy();
    const hasOpacity = mode === "RGBA" || mode === "LA";
    if (this.mode === "P") {
      const colours = this.ownPalette().apply(this.pixels);
      return this.converted(convertPixels(colours, "RGBA", mode as PixelMode), mode, hasOpacity);
    }
    if (mode === "P")
      return palette === "adaptive" || this.mode === "RGBA" ? this.quantize(colors) : this.indexed(dither);
    const pixels = convertPixels(this.pixels, this.mode, mode, { dither });
    const { transparency } = this.info;
    const isKeyed = transparency !== undefined && hasOpacity;
    if (isKeyed) pixels.select(2, -1).maskedFill_(this.pixels.eq(this.pixel(transparency)).all(2), 0);
    return this.converted(pixels, mode, isKeyed);
  }

  private indexed(dither: boolean): Image {
    if (traitsOf(this.mode).base === "L") return this.inPalette(this.convert("L").pixels, Palette.grey());
    const palette = Palette.web();
    return this.inPalette(palette.nearest(this.convert("RGB").pixels, dither), palette);
  }

  /** The image in a palette of its own, in which the colour is transparent that it is here. */
  private inPalette(places: Tensor, palette: Palette): Image {
    const { transparency } = this.info;
    if (transparency !== undefined && this.mode !== "P")
      palette.hide(typeof transparency === "number" ? [transparency, transparency, transparency] : transparency);
    const image = this.converted(places, "P", true);
    image.palette = palette;
    return image;
  }

  /**
   * The image in few colours, in mode `P`: those that fit it best, or those of a palette.
   *
   * With `"mediancut"` colours are the means of boxes, which are cut in two at the median of their longest side;
   * `"maxcoverage"` takes the colours that are farthest from each other, `"fastoctree"` the means of cubes of those whose
   * upper bits are the same. For a given palette the pixels of an image of mode `L` are places themselves, as in PIL.
   *
   * @param colors at most so many, from 1 to 256; 256 by default.
   * @throws RangeError for another number of colours; Error for modes that are not `L`, `P`, `RGB` and `RGBA`, and for
   *   `RGBA` with another method than `"fastoctree"` or a given palette.
   * @example image.quantize(16, { kmeans: 1 })
   * @see https://pillow.readthedocs.io/en/stable/reference/Image.html#PIL.Image.Image.quantize
   */
  quantize(...args: [colors?: number, options?: Omit<QuantizeOptions, "colors">] | [options: QuantizeOptions]): Image {
    const { colors, method, kmeans, palette, dither } = quantizeSignature.parse(args);
    const isClear = this.mode === "RGBA";
    if (palette !== undefined) return this.inColoursOf(palette, dither);
    if (isClear && method !== undefined && method !== "fastoctree")
      throw new Error('"fastoctree" is the only method for images of mode RGBA');
    if (!["L", "P", "RGB", "RGBA"].includes(this.mode))
      throw new Error(`image has wrong mode: L, P, RGB and RGBA can be quantized, got ${this.mode}`);
    const { pixels } = isClear ? this : this.convert("RGB");
    const chosen = torch.ops.torchvision.quantizeBytes(
      pixels,
      colors,
      method ?? (isClear ? "fastoctree" : "mediancut"),
      kmeans,
    );
    return this.inPalette(chosen.places, new Palette(chosen.palette.toTypedArray() as Uint8Array));
  }

  private inColoursOf(image: unknown, dither: boolean): Image {
    if (!(image instanceof Image)) throw new TypeError("quantize(): argument 'palette' must be an Image");
    if (image.mode !== "P") throw new Error(`bad mode for palette image: ${image.mode}`);
    if (this.mode !== "RGB" && this.mode !== "L")
      throw new Error(`only RGB or L mode images can be quantized to a palette, got ${this.mode}`);
    const palette = image.ownPalette().copy();
    return this.inPalette(this.mode === "L" ? this.pixels.clone() : palette.nearest(this.pixels, dither), palette);
  }

  private converted(data: PixelArray | Tensor, mode: ImageMode, dropsTransparency = false): Image {
    const image = new Image(data, this.width, this.height, mode);
    image.info = { ...this.info };
    if (dropsTransparency) delete image.info.transparency;
    return image;
  }

  private ownPalette(): Palette {
    return (this.palette ??= Palette.grey());
  }

  /** A pixel of this image's dtype and number of bands, from a number or a list; what is out of range as PIL keeps it. */
  private pixel(color: Pixel): Tensor {
    const count = bandsOf(this.mode);
    const given = typeof color === "number" ? new Array<number>(count).fill(color) : color;
    if (given.length !== count) throw new TypeError(`color must be int or tuple of ${count}, got ${given.length}`);
    const kept = given.map((value) => asStored(value, this.mode));
    return torch.tensor(kept, { dtype: traitsOf(this.mode).dtype });
  }

  /**
   * The part within a box, black where it reaches outside.
   *
   * @see https://pillow.readthedocs.io/en/stable/reference/Image.html#PIL.Image.Image.crop
   */
  crop(box: Box): Image {
    const [left, upper, right, lower] = readBox("crop", box);
    const [width, height] = [right - left, lower - upper];
    if (width < 0) throw new RangeError("Coordinate 'right' is less than 'left'");
    if (height < 0) throw new RangeError("Coordinate 'lower' is less than 'upper'");
    const [x0, y0] = [Math.max(left, 0), Math.max(upper, 0)];
    const [x1, y1] = [Math.min(right, this.width), Math.min(lower, this.height)];
    if (x0 === left && y0 === upper && x1 === right && y1 === lower) {
      return this.with(this.region(left, upper, width, height).clone());
    }
    const pixels = torch.zeros(height, width, bandsOf(this.mode), { dtype: this.pixels.dtype });
    if (x1 > x0 && y1 > y0) {
      const inside = pixels.narrow(0, y0 - upper, y1 - y0).narrow(1, x0 - left, x1 - x0);
      inside.copy_(this.region(x0, y0, x1 - x0, y1 - y0));
    }
    return this.with(pixels);
  }

  private region(x: number, y: number, width: number, height: number): Tensor {
    return this.pixels.narrow(0, y, height).narrow(1, x, width);
  }

  /**
   * The image in another size.
   *
   * @param options its `resample` is the filter, `"bicubic"` by default; images of modes `1` and `P` are always resized `"nearest"`.
   * @see https://pillow.readthedocs.io/en/stable/reference/Image.html#PIL.Image.Image.resize
   */
  resize(...args: [size: Size, options?: { resample?: Resample }]): Image {
    const { size, resample } = resizeSignature.parse(args);
    const [width, height] = size;
    if (width === undefined || height === undefined || size.length > 2)
      throw new TypeError("resize(): a size is [width, height]");
    if (width === this.width && height === this.height) return this.copy();
    if (width < 1 || height < 1) throw new RangeError("height and width must be > 0");
    return resizeImage(this, [height, width], resample);
  }

  /**
   * The image mirrored, or turned by quarters, counterclockwise.
   *
   * @see https://pillow.readthedocs.io/en/stable/reference/Image.html#PIL.Image.Image.transpose
   */
  transpose(...args: [method: Transpose]): Image {
    const { method } = transposeSignature.parse(args);
    return this.with(transposes[method](this.pixels).contiguous());
  }

  /**
   * Puts an image or a colour into a box, or to the place of its upper left corner; what reaches outside is left out.
   *
   * @see https://pillow.readthedocs.io/en/stable/reference/Image.html#PIL.Image.Image.paste
   */
  paste(source: Image | Pixel, box: Box | readonly [left: number, upper: number] = [0, 0]): void {
    const isImage = source instanceof Image;
    const [left, upper] = box;
    const [width, height] = isImage ? source.size : box.length === 4 ? [box[2] - left, box[3] - upper] : this.size;
    if (box.length === 4 && (box[2] - left !== width || box[3] - upper !== height)) {
      throw new Error("images do not match");
    }
    const [x0, y0] = [Math.max(left, 0), Math.max(upper, 0)];
    const [x1, y1] = [Math.min(left + width, this.width), Math.min(upper + height, this.height)];
    const pasted = isImage
      ? (source.mode === this.mode ? source : source.convert(this.mode)).pixels
      : this.pixel(source);
    if (x1 <= x0 || y1 <= y0) return;
    const visible = isImage ? pasted.narrow(0, y0 - upper, y1 - y0).narrow(1, x0 - left, x1 - x0) : pasted;
    this.region(x0, y0, x1 - x0, y1 - y0).copy_(visible);
  }

  /** The numbers of a pixel: one, or an array of several. A negative place counts from the end. */
  getpixel(xy: readonly [x: number, y: number]): number | number[] {
    const [x, y] = this.place(xy);
    const values = this.pixels.at(y, x).tolist() as number[];
    const [first] = values as [number];
    if (this.mode === "I;16") return unsigned16(first);
    return values.length === 1 ? first : values;
  }

  /** Sets a pixel. */
  putpixel(xy: readonly [x: number, y: number], value: Pixel): void {
    const [x, y] = this.place(xy);
    this.pixels.setAt([y, x], this.pixel(value));
  }

  private place([x, y]: readonly [number, number]): [x: number, y: number] {
    const { width, height } = this;
    const isInside =
      Number.isInteger(x) && Number.isInteger(y) && x >= -width && x < width && y >= -height && y < height;
    if (!isInside) throw new RangeError(`image index out of range: (${x}, ${y}) in an image of ${width}x${height}`);
    return [x < 0 ? x + width : x, y < 0 ? y + height : y];
  }

  /** One band, by its number or letter, as an image of its own. */
  getchannel(channel: number | string): Image {
    const bands = this.getbands();
    const index = typeof channel === "string" ? bands.indexOf(channel) : channel;
    if (!Number.isInteger(index) || index < 0 || index >= bands.length) {
      throw new RangeError(`The image has no channel "${channel}"; it has ${bands.join(", ")}`);
    }
    if (bands.length === 1) return this.copy();
    return new Image(this.pixels.narrow(2, index, 1), this.width, this.height, "L");
  }

  /** Every band as an image of its own. */
  split(): Image[] {
    return this.getbands().map((_, index) => this.getchannel(index));
  }

  /**
   * The box around what is not black, or undefined if all is.
   *
   * @see https://pillow.readthedocs.io/en/stable/reference/Image.html#PIL.Image.Image.getbbox
   */
  getbbox(): Box | undefined {
    const isLit = this.pixels.ne(0).any(2);
    const [rows, columns] = [isLit.any(1), isLit.any(0)].map((lit) => lit.nonzero().reshape(-1).tolist() as number[]);
    if (rows === undefined || columns === undefined || rows.length === 0) return undefined;
    return [columns[0] as number, rows[0] as number, (columns.at(-1) as number) + 1, (rows.at(-1) as number) + 1];
  }

  /** Smallest and greatest number of each band: a pair, or an array of pairs; undefined if there are no pixels. */
  getextrema(): [number, number] | [number, number][] | undefined {
    if (this.pixels.numel() === 0) return undefined;
    if (this.mode === "I;16") return this.convert("I").getextrema();
    const bands = this.pixels.view(-1, bandsOf(this.mode));
    const pairs = Array.from({ length: bandsOf(this.mode) }, (_, band): [number, number] => {
      const values = bands.select(1, band);
      return [values.min().item(), values.max().item()];
    });
    return pairs.length === 1 ? (pairs[0] as [number, number]) : pairs;
  }

  toString(): string {
    return `<Image mode=${this.mode} size=${this.width}x${this.height}>`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** The mode of pixels without a mode. */
function modeFor(values: Tensor, bands: number): ImageMode | undefined {
  if (values.dtype === torch.uint8) return ([undefined, "L", "LA", "RGB", "RGBA"] as const)[bands];
  if (bands !== 1) return undefined;
  if (values.dtype === torch.int16) return "I;16";
  if (values.dtype === torch.int32) return "I";
  return values.dtype === torch.float32 ? "F" : undefined;
}

function readBox(name: string, box: Box): [number, number, number, number] {
  const { box: edges } = new Signature(name, { box: numbers }).parse([box as never]);
  if (edges.length !== 4) throw new TypeError(`${name}(): a box has four edges, got ${edges.length}`);
  return edges.map(roundHalfEven) as [number, number, number, number];
}

/**
 * Images of one size, in one tensor: what a data set gives to transforms that work on a whole batch
 * (`Transform.forwardBatch`).
 */
export class ImageBatch {
  /** @param pixels uint8 of shape [images, height, width, colours]. */
  constructor(readonly pixels: Tensor) {}
}

shareable(import.meta.url, { Image, Palette });
