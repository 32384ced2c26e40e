/** Images from the bytes of files, as tensors. */
import torch, { type Tensor } from "flambeau";
import { anything, flag, readArgument, Signature, tensor, text } from "flambeau/arguments";
import { orient, orientationOf } from "../codecs/exif.js";
import { readGif } from "../codecs/gif.js";
import { openJpeg } from "../codecs/jpeg.js";
import { kindOf } from "../codecs/kind.js";
import { openPng } from "../codecs/png.js";
import { openWebp } from "../codecs/webp.js";
import { pngInMode } from "./channels.js";
import { readFile } from "./files.js";
import { readingFile } from "./naming.js";
import { type ImageReadMode, readMode } from "./readMode.js";

export interface DecodeOptions {
  /** As what the image is read: as it is by default. */
  mode?: ImageReadMode;
  /** Whether it is turned as the camera was held, by what its EXIF record tells. */
  applyExifOrientation?: boolean;
}

const options = { mode: readMode, applyExifOrientation: flag };

/** Throws unless a tensor holds the bytes of a file. */
function checkInput(input: Tensor): void {
  if (input.dtype !== torch.uint8) throw new TypeError(`Expected a torch.uint8 tensor, got ${input.dtype}`);
  if (input.ndim !== 1 || input.length === 0)
    throw new Error(`Expected a non empty 1-dimensional tensor, got shape [${input.shape.join(", ")}]`);
}

/** Pixels `[height, width, channels]` as an image `[channels, height, width]`, turned as its EXIF record tells. */
function asImage(pixels: Tensor, exif: Uint8Array | undefined): Tensor {
  const image = pixels.permute(2, 0, 1);
  return exif === undefined ? image : orient(image, orientationOf(exif));
}

const jpegSignature = new Signature("decodeJpeg", { input: anything, ...options });

/**
 * Decodes a JPEG file, or each of a list of them: uint8 of shape [channels, height, width].
 *
 * The bits are those of libjpeg. Files of inks (CMYK) are read as they are, or as grey or RGB.
 *
 * @param input the bytes of the file: uint8 of one dim.
 * @throws Error if the file is broken, not whole, or larger than `setMaxPixels` allows; or for a mode with opacity.
 * @see https://pytorch.org/vision/stable/generated/torchvision.io.decode_jpeg.html
 */
export function decodeJpeg(...args: [input: Tensor, options?: DecodeOptions]): Tensor;
export function decodeJpeg(...args: [input: readonly Tensor[], options?: DecodeOptions]): Tensor[];
export function decodeJpeg(...args: [input: Tensor | readonly Tensor[], options?: DecodeOptions]): Tensor | Tensor[] {
  const { input, mode, applyExifOrientation } = jpegSignature.parse(args as [Tensor]);
  if (Array.isArray(input)) {
    if (input.length === 0) throw new Error("Input list must contain at least one element");
    return input.map((one: Tensor) => decodeJpeg(one, { mode, applyExifOrientation }));
  }
  const data = readArgument("decodeJpeg", "input", tensor, input);
  checkInput(data);
  const channels = ({ UNCHANGED: 0, GRAY: 1, RGB: 3 } as Partial<Record<ImageReadMode, 0 | 1 | 3>>)[mode];
  if (channels === undefined) throw new Error(`The provided mode is not supported for JPEG files: ${mode}`);
  const file = openJpeg(data);
  return asImage(file.pixels(channels), applyExifOrientation ? file.exif : undefined);
}

const pngSignature = new Signature("decodePng", { input: tensor, ...options });

/**
 * Decodes a PNG file: uint8 of shape [channels, height, width], or int32 up to 65535 where the file has 16 bits.
 *
 * `UNCHANGED` gives the places in the palette where there is one.
 *
 * @throws Error if the file is broken, not whole, or larger than `setMaxPixels` allows.
 * @see https://pytorch.org/vision/stable/generated/torchvision.io.decode_png.html
 */
export function decodePng(...args: [input: Tensor, options?: DecodeOptions]): Tensor {
  const { input, mode, applyExifOrientation } = pngSignature.parse(args);
  checkInput(input);
  const file = openPng(input);
  return asImage(pngInMode(file, mode), applyExifOrientation ? file.exif : undefined);
}

const gifSignature = new Signature("decodeGif", { input: tensor });

/**
 * Decodes a GIF file: uint8 of shape [3, height, width], or [images, 3, height, width] where there are several.
 *
 * @throws Error if the file is broken, not whole, or larger than `setMaxPixels` allows, or the images differ in size.
 * @see https://pytorch.org/vision/stable/generated/torchvision.io.decode_gif.html
 */
export function decodeGif(...args: [input: Tensor]): Tensor {
  const { input } = gifSignature.parse(args);
  checkInput(input);
  const { frames } = readGif(input.toTypedArray() as Uint8Array);
  const [{ width, height }] = frames as [(typeof frames)[0]];
  if (frames.some((frame) => frame.width !== width || frame.height !== height))
    throw new Error("All images in the gif should have the same dimensions.");
  const images = frames.map(({ places, palette }) => palette.apply(torch.tensor(places).view(height, width, 1)));
  const stacked = torch.stack(images).narrow(3, 0, 3);
  return stacked.permute(0, 3, 1, 2).contiguous().squeeze(0);
}

const webpSignature = new Signature("decodeWebp", { input: tensor, mode: readMode });

/**
 * Decodes a WebP file: uint8 of shape [channels, height, width].
 *
 * @param options its `mode` may be `UNCHANGED`, `RGB` or `RGB_ALPHA`.
 * @throws Error if the file is broken, not whole, an animation, or larger than `setMaxPixels` allows.
 * @see https://pytorch.org/vision/stable/generated/torchvision.io.decode_webp.html
 */
export function decodeWebp(...args: [input: Tensor, options?: { mode?: ImageReadMode }]): Tensor {
  const { input, mode } = webpSignature.parse(args);
  checkInput(input);
  if (mode === "GRAY" || mode === "GRAY_ALPHA")
    throw new Error(`The provided mode is not supported for WEBP files: ${mode}`);
  const { width, height, hasAlpha, rgba } = openWebp(input.toTypedArray() as Uint8Array);
  const pixels = torch.tensor(rgba()).view(height, width, 4);
  const keepsAlpha = mode === "RGB_ALPHA" || (mode === "UNCHANGED" && hasAlpha);
  return (keepsAlpha ? pixels : pixels.narrow(2, 0, 3)).permute(2, 0, 1);
}

const imageSignature = new Signature("decodeImage", { input: tensor, ...options });

/**
 * Decodes a JPEG, PNG, GIF or WebP file, whichever it is: uint8 of shape [channels, height, width].
 *
 * @example io.decodeImage(io.readFile("cat.jpg"), { mode: io.ImageReadMode.RGB })
 * @throws Error if it is none of these; else what the decoder of its kind throws.
 * @see https://pytorch.org/vision/stable/generated/torchvision.io.decode_image.html
 */
export function decodeImage(...args: [input: Tensor, options?: DecodeOptions]): Tensor {
  const { input, mode, applyExifOrientation } = imageSignature.parse(args);
  checkInput(input);
  switch (kindOf(input.narrow(0, 0, Math.min(16, input.length)).toTypedArray() as Uint8Array)) {
    case "JPEG":
      return decodeJpeg(input, { mode, applyExifOrientation });
    case "PNG":
      return decodePng(input, { mode, applyExifOrientation });
    case "GIF":
      return decodeGif(input);
    case "WEBP":
      return decodeWebp(input, { mode });
    default:
      throw new Error("Unsupported image file. Only jpeg, png, webp and gif are currently supported.");
  }
}

const readSignature = new Signature("readImage", { path: text, ...options });

/**
 * Reads an image from a JPEG, PNG, GIF or WebP file: uint8 of shape [channels, height, width].
 *
 * @example const image = io.readImage("cat.jpg"); // image.shape is [3, height, width]
 * @throws Error as `decodeImage` does, with the path before its words.
 * @see https://pytorch.org/vision/stable/generated/torchvision.io.read_image.html
 */
export function readImage(...args: [path: string, options?: DecodeOptions]): Tensor {
  const { path, ...rest } = readSignature.parse(args);
  return readingFile(path, () => decodeImage(readFile(path), rest));
}
