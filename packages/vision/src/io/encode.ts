/** Files from images. */
import torch, { type Tensor } from "flambeau";
import { anything, int, optional, readArgument, Signature, tensor, text } from "flambeau/arguments";
import { ColourType, encodePngFile } from "../codecs/png.js";
import { writeWhole } from "./writeWhole.js";

/** An image `[channels, height, width]` as pixels `[height, width, channels]`. */
function pixelsOf(name: string, input: Tensor): Tensor {
  if (input.dtype !== torch.uint8) throw new TypeError(`Input tensor dtype should be uint8, got ${input.dtype}`);
  if (input.ndim !== 3) throw new Error(`Input data should be a 3-dimensional tensor, got ${input.ndim} dims`);
  const [channels] = input.shape;
  if (channels !== 1 && channels !== 3) throw new Error(`The number of channels should be 1 or 3, got: ${channels}`);
  if (input.numel() === 0) throw new Error(`${name}: an image has pixels, got shape [${input.shape.join(", ")}]`);
  return input.permute(1, 2, 0);
}

const quality = optional(int, 75);
const jpegSignature = new Signature("encodeJpeg", { input: anything, quality });

/**
 * A JPEG file of an image, or one of each of a list: the bytes that libjpeg writes, uint8 of one dim.
 *
 * @param input uint8 of shape [1 or 3, height, width].
 * @param quality from 1 to 100.
 * @see https://pytorch.org/vision/stable/generated/torchvision.io.encode_jpeg.html
 */
export function encodeJpeg(
  ...args: [input: Tensor, quality?: number] | [input: Tensor, options: { quality?: number }]
): Tensor;
export function encodeJpeg(...args: [input: readonly Tensor[], quality?: number]): Tensor[];
export function encodeJpeg(...args: unknown[]): Tensor | Tensor[] {
  const { input, quality } = jpegSignature.parse(args as [Tensor]);
  if (quality < 1 || quality > 100)
    throw new RangeError(`Image quality should be a positive number between 1 and 100, got ${quality}`);
  if (Array.isArray(input)) {
    if (input.length === 0) throw new Error("encode_jpeg requires at least one input tensor when a list is passed");
    return input.map((one: Tensor) => encodeJpeg(one, quality));
  }
  return torch.ops.image.encodeJpeg(
    pixelsOf("encodeJpeg", readArgument("encodeJpeg", "input", tensor, input)),
    quality,
  );
}

const levelParams = { compressionLevel: optional(int, 6) };
const pngSignature = new Signature("encodePng", { input: tensor, ...levelParams });

/**
 * A PNG file of an image: uint8 of one dim.
 *
 * @param input uint8 of shape [1 or 3, height, width].
 * @param compressionLevel from 0 to 9.
 * @see https://pytorch.org/vision/stable/generated/torchvision.io.encode_png.html
 */
export function encodePng(
  ...args: [input: Tensor, compressionLevel?: number] | [input: Tensor, options: { compressionLevel?: number }]
): Tensor {
  const { input, compressionLevel } = pngSignature.parse(args as [Tensor]);
  if (compressionLevel < 0 || compressionLevel > 9)
    throw new RangeError(`Compression level should be between 0 and 9, got ${compressionLevel}`);
  const samples = pixelsOf("encodePng", input);
  const type = samples.shape[2] === 1 ? ColourType.Grey : ColourType.Rgb;
  return torch.tensor(encodePngFile({ samples, depth: 8, type }, compressionLevel));
}

const writeJpegSignature = new Signature("writeJpeg", { input: tensor, filename: text, quality });

/**
 * Writes an image to a JPEG file. Whoever reads it finds the whole file or the old one.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.io.write_jpeg.html
 */
export function writeJpeg(
  ...args:
    | [input: Tensor, filename: string, quality?: number]
    | [input: Tensor, filename: string, options: { quality?: number }]
): void {
  const { input, filename, quality } = writeJpegSignature.parse(args as [Tensor, string]);
  writeWhole(filename, encodeJpeg(input, quality).toTypedArray() as Uint8Array);
}

const writePngSignature = new Signature("writePng", { input: tensor, filename: text, ...levelParams });

/**
 * Writes an image to a PNG file. Whoever reads it finds the whole file or the old one.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.io.write_png.html
 */
export function writePng(
  ...args:
    | [input: Tensor, filename: string, compressionLevel?: number]
    | [input: Tensor, filename: string, options: { compressionLevel?: number }]
): void {
  const { input, filename, compressionLevel } = writePngSignature.parse(args as [Tensor, string]);
  writeWhole(filename, encodePng(input, compressionLevel).toTypedArray() as Uint8Array);
}
