/** Images from files and back, in PIL's modes. */
import torch, { type Tensor } from "flambeau";
import { readBmp } from "../codecs/bmp.js";
import { type GifFrame, readGif } from "../codecs/gif.js";
import { openJpeg } from "../codecs/jpeg.js";
import { type ImageKind, kindOf } from "../codecs/kind.js";
import { checkPixels } from "../codecs/limit.js";
import { ColourType, encodePngFile, openPng, type PngContent, type PngFile } from "../codecs/png.js";
import { readPnm } from "../codecs/pnm.js";
import { openWebp } from "../codecs/webp.js";
import { pngInMode } from "../io/channels.js";
import type { ImageMode } from "./modes.js";
import type { Palette } from "./palette.js";

/** What a file says of its image. */
export interface ReadImage {
  /** [height, width, bands], or without the last dim. */
  readonly pixels: Tensor;
  readonly mode: ImageMode;
  readonly format: ImageKind;
  readonly palette?: Palette | undefined;
  readonly transparency?: number | readonly number[] | undefined;
  readonly exif?: Uint8Array | undefined;
}

/**
 * Reads an image file.
 *
 * @param name what to call it in messages.
 * @throws Error if it is of no kind that is known, or broken.
 */
export function readImageFile(bytes: Uint8Array, name: string): ReadImage {
  switch (kindOf(bytes)) {
    case "JPEG":
      return fromJpeg(torch.tensor(bytes));
    case "PNG":
      return fromPng(openPng(torch.tensor(bytes)));
    case "GIF":
      return fromGif(bytes);
    case "WEBP":
      return fromWebp(bytes);
    case "BMP":
      return fromBmp(bytes);
    case "PPM":
      return fromPnm(bytes);
    default:
      throw new Error(`cannot identify image file '${name}'`);
  }
}

function fromJpeg(data: Tensor): ReadImage {
  const file = openJpeg(data);
  const { components, exif } = file;
  const pixels = file.pixels(0);
  const mode = ({ 1: "L", 3: "RGB", 4: "CMYK" } as const)[components] as ImageMode;
  return { pixels: inFile(pixels, mode), mode, format: "JPEG", exif };
}

/** Pixels as a JPEG file has them, and back: of inks what they leave of the light. */
function inFile(pixels: Tensor, mode: ImageMode): Tensor {
  return mode === "CMYK" ? pixels.bitwiseXor(255) : pixels;
}

const pngModes: Record<ColourType, ImageMode> = { 0: "L", 2: "RGB", 3: "P", 4: "LA", 6: "RGBA" };

function fromPng(file: PngFile): ReadImage {
  const { depth, type, palette, exif } = file;
  const isGrey = type === ColourType.Grey;
  const mode = isGrey && depth === 1 ? "1" : isGrey && depth === 16 ? "I" : pngModes[type];
  if (mode === "LA" && depth === 16)
    return {
      pixels: pngInMode(file, "RGB_ALPHA").bitwiseRightShift(8).to(torch.uint8),
      mode: "RGBA",
      format: "PNG",
      exif,
    };
  const samples = file.samples();
  // Numbers of 16 bits are kept only where there is one for a pixel.
  const range = 2 ** depth - 1;
  const pixels =
    depth === 16 && mode !== "I"
      ? samples.bitwiseRightShift(8).to(torch.uint8)
      : isGrey && depth < 8
        ? samples.mul(255 / range)
        : samples;
  const key = depth === 16 ? undefined : file.transparency?.map((value) => (isGrey ? (value * 255) / range : value));
  return { pixels, mode, format: "PNG", palette, transparency: key?.length === 1 ? key[0] : key, exif };
}

/** The first image, where it stands on its screen. */
function fromGif(bytes: Uint8Array): ReadImage {
  const { width, height, frames } = readGif(bytes, 1);
  const frame = frames[0] as GifFrame;
  const { left, top, palette, transparency } = frame;
  const places = torch.tensor(frame.places).view(frame.height, frame.width);
  const [rows, columns] = [Math.max(height, top + frame.height), Math.max(width, left + frame.width)];
  // The image was counted; the screen may be larger by far.
  checkPixels(columns, rows);
  const pixels = torch.full([rows, columns], transparency ?? 0, { dtype: torch.uint8 });
  pixels.narrow(0, top, frame.height).narrow(1, left, frame.width).copy_(places);
  if (transparency !== undefined) palette.colours[4 * transparency + 3] = 0;
  return palette.isGrey && transparency === undefined
    ? { pixels, mode: "L", format: "GIF" }
    : { pixels, mode: "P", format: "GIF", palette };
}

function fromWebp(bytes: Uint8Array): ReadImage {
  const { width, height, hasAlpha, rgba } = openWebp(bytes);
  const pixels = torch.tensor(rgba()).view(height, width, 4);
  return hasAlpha
    ? { pixels, mode: "RGBA", format: "WEBP" }
    : { pixels: pixels.narrow(2, 0, 3), mode: "RGB", format: "WEBP" };
}

function fromBmp(bytes: Uint8Array): ReadImage {
  const { width, height, data, palette } = readBmp(bytes);
  const pixels = torch.tensor(data).view(height, width, -1);
  if (palette === undefined) return { pixels, mode: "RGB", format: "BMP" };
  const { rgb } = palette;
  const isBlackAndWhite = rgb.length === 6 && rgb.every((value, i) => value === (i < 3 ? 0 : 255));
  if (isBlackAndWhite) return { pixels: pixels.mul(255), mode: "1", format: "BMP" };
  return palette.isGrey ? { pixels, mode: "L", format: "BMP" } : { pixels, mode: "P", format: "BMP", palette };
}

function fromPnm(bytes: Uint8Array): ReadImage {
  const { width, height, channels, isBits, most, data } = readPnm(bytes);
  const pixels = torch.tensor(data instanceof Uint8Array ? data : Int32Array.from(data)).view(height, width, channels);
  if (isBits) return { pixels, mode: "1", format: "PPM" };
  // Colours are brought to 255, and greys of more than a byte to 65535.
  const isWide = most > 255 && channels === 1;
  const range = isWide ? 65535 : 255;
  const scaled = most === range ? pixels : pixels.mul(range / most).round();
  return isWide
    ? { pixels: scaled.to(torch.int32), mode: "I", format: "PPM" }
    : { pixels: scaled.to(torch.uint8), mode: channels === 3 ? "RGB" : "L", format: "PPM" };
}

/** The kinds of files that are written, by the ends of their names. */
const extensions: Record<string, ImageKind> = {
  ".jpg": "JPEG",
  ".jpeg": "JPEG",
  ".jpe": "JPEG",
  ".jfif": "JPEG",
  ".png": "PNG",
  ".apng": "PNG",
};

/** The kind of file that a name asks for. */
export function kindForName(path: string): string {
  const extension = /\.[^./\\]*$/.exec(path)?.[0].toLowerCase() ?? "";
  const kind = extensions[extension];
  if (kind === undefined) throw new Error(`unknown file extension: ${extension}`);
  return kind;
}

/** How an image is written. */
export interface EncodeOptions {
  /** Of a JPEG file, from 1 to 100. */
  readonly quality: number;
  /** Of a PNG file, from 0 to 9. */
  readonly compressLevel: number;
}

const pngContents: Partial<Record<ImageMode, Omit<PngContent, "samples">>> = {
  "1": { depth: 1, type: ColourType.Grey },
  L: { depth: 8, type: ColourType.Grey },
  LA: { depth: 8, type: ColourType.GreyAlpha },
  P: { depth: 8, type: ColourType.Palette },
  RGB: { depth: 8, type: ColourType.Rgb },
  RGBA: { depth: 8, type: ColourType.Rgba },
  "I;16": { depth: 16, type: ColourType.Grey },
  I: { depth: 16, type: ColourType.Grey },
};

/** The bytes of a file of an image. */
export function encodeImage(
  image: { readonly pixels: Tensor; readonly mode: ImageMode; readonly palette: Palette | undefined },
  format: string,
  { quality, compressLevel }: EncodeOptions,
): Uint8Array {
  const { pixels, mode, palette } = image;
  if (format === "JPEG") {
    if (mode !== "L" && mode !== "1" && mode !== "RGB" && mode !== "CMYK")
      throw new Error(`cannot write mode ${mode} as JPEG`);
    return torch.ops.image.encodeJpeg(inFile(pixels, mode), quality).toTypedArray() as Uint8Array;
  }
  if (format !== "PNG")
    throw new Error(`unknown or unwritable format ${JSON.stringify(format)}; there are JPEG and PNG`);
  const content = pngContents[mode];
  if (content === undefined) throw new Error(`cannot write mode ${mode} as PNG`);
  const samples = content.depth === 16 ? pixels.to(torch.int32).bitwiseAnd(65535) : pixels;
  return encodePngFile({ samples, ...content, palette: mode === "P" ? palette : undefined }, compressLevel);
}
