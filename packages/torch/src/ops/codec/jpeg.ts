/** JPEG files: their pixels, with the bits of libjpeg, and files of pixels, with its bytes. */
import { int, tensor } from "../../arguments/params.js";
import {
  decodeJpeg as decodeKernel,
  encodeJpeg as encodeKernel,
  jpegHeader as headerKernel,
  type JpegFailure,
  type JpegHeader,
} from "../../backend/kernels.js";
import { uint8 } from "../../core/dtype.js";
import { formatShape, numelOf } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import { narrow } from "../shape/views.js";
import type { FunctionOp } from "../types.js";
import { checkOnHost } from "./host.js";

export type { JpegHeader };

const reasons: Record<JpegFailure, string> = {
  truncated: "Image is incomplete or truncated",
  notJpeg: "Not a JPEG file",
  structure: "Bogus marker length or segment",
  process: "Unsupported JPEG process: only sequential and progressive files with Huffman codes can be read",
  precision: "Unsupported JPEG data precision: only files of 8 bits can be read",
  sampling: "Unsupported or bogus sampling factors",
  colours: "Unsupported number of color components",
  huffmanTable: "Bogus Huffman table definition",
  missingTable: "A Huffman or quantization table was not defined",
  progression: "Invalid progressive parameters",
  noImage: "JPEG datastream contains no image",
};

function fail(name: string, reason: JpegFailure): never {
  throw new Error(`${name}: ${reasons[reason]}`);
}

/** Throws unless a tensor holds the bytes of a file. */
export function checkFile(name: string, file: Tensor): void {
  checkOnHost(name, file);
  const { dtype, sizes } = file;
  if (dtype !== uint8) throw new TypeError(`${name}: Expected a torch.uint8 tensor, got ${dtype}`);
  if (sizes.length !== 1 || sizes[0] === 0)
    throw new Error(`${name}: Expected a non empty 1-dimensional tensor, got ${formatShape(sizes)}`);
}

/**
 * What a JPEG file says of its image: width, height, and how many numbers a pixel has.
 *
 * @throws Error if it is no JPEG file, or of a kind that is not known.
 */
export function jpegHeader(data: Tensor): JpegHeader {
  checkFile("decode_jpeg", data);
  const header = headerKernel(data.contiguous());
  return typeof header === "string" ? fail("decode_jpeg", header) : header;
}

/**
 * The pixels of a JPEG file, of shape [height, width, channels].
 *
 * @param channels 1 for grey, 3 for RGB, 4 for the inks of a file that has them, as they are there; 0 for what it has.
 * @throws Error if the file is not whole, or of a kind that is not known.
 */
export const decodeJpeg: FunctionOp<(data: Tensor, channels: number) => Tensor> = op({
  name: "decodeJpeg",
  id: "image.decodeJpeg",
  variants: "function",
  differentiable: false,
  params: { data: tensor, channels: int },
  forward: ({ data, channels }) => {
    const file = data.contiguous();
    const { width, height, components } = jpegHeader(file);
    const count = channels === 0 ? components : channels;
    if (count !== 1 && count !== 3 && (count !== 4 || components !== 4))
      throw new Error(`decode_jpeg: cannot make ${count} channels of ${components}`);
    const out = Tensor.empty([height, width, count], uint8);
    const failure = decodeKernel(out, file);
    return failure === undefined ? out : fail("decode_jpeg", failure);
  },
});

/**
 * A JPEG file of pixels of shape [height, width, channels]: 1 for grey, 3 for RGB, whose chroma has half the size, 4 for
 * inks, which stand in it as they are.
 *
 * @param quality from 1 to 100.
 */
export const encodeJpeg: FunctionOp<(pixels: Tensor, quality: number) => Tensor> = op({
  name: "encodeJpeg",
  id: "image.encodeJpeg",
  variants: "function",
  differentiable: false,
  params: { pixels: tensor, quality: int },
  forward: ({ pixels, quality }) => {
    checkOnHost("encode_jpeg", pixels);
    const { dtype, sizes } = pixels;
    if (dtype !== uint8) throw new TypeError(`encode_jpeg: Input tensor dtype should be uint8, got ${dtype}`);
    if (sizes.length !== 3)
      throw new Error(`encode_jpeg: Input data should be a 3-dimensional tensor, got ${formatShape(sizes)}`);
    const [height, width, channels] = sizes as [number, number, number];
    if (channels !== 1 && channels !== 3 && channels !== 4)
      throw new Error(`encode_jpeg: The number of channels should be 1, 3 or 4, got: ${channels}`);
    if (Math.min(height, width) === 0 || Math.max(height, width) > 65535)
      throw new RangeError(`encode_jpeg: height and width should be from 1 to 65535, got ${height} and ${width}`);
    if (quality < 1 || quality > 100)
      throw new RangeError(`Image quality should be a positive number between 1 and 100, got ${quality}`);
    const source = pixels.contiguous();
    // Most files are smaller than their pixels; where one is not, its size is known then.
    for (let room = numelOf(sizes) + 1024; ; ) {
      const out = Tensor.empty([room], uint8);
      const size = encodeKernel(out, source, quality);
      if (size <= room) return narrow(out, 0, 0, size).clone();
      room = size;
    }
  },
});
