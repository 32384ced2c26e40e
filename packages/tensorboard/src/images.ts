/** Images as PNG files in memory. */
import { create } from "@bufbuild/protobuf";
import { encode } from "fast-png";
import torch, { type Tensor } from "flambeau";
import { type SummaryImage, SummaryImageSchema } from "./proto/tensorboard_pb.js";

/** Pixels of shape [height, width, channels], as bytes: numbers that are not bytes are fractions of 255. */
function toBytes(pixels: Tensor): Tensor {
  if (pixels.dtype === torch.uint8) return pixels;
  return pixels.to(torch.float64).mul(255).clamp(0, 255).to(torch.uint8);
}

/** The axes of an image in the order of letters: `toOrder(x, "CHW", "HWC")`. */
function toOrder(tensor: Tensor, given: string, wanted: string): Tensor {
  return tensor.permute([...wanted].map((letter) => given.indexOf(letter)));
}

/** Images side by side, at most so many in a row; they have shape [n, 3, height, width]. */
export function gridOf(images: Tensor, columns = 8): Tensor {
  const [count, , height, width] = images.shape as [number, number, number, number];
  const perRow = Math.min(count, columns);
  const rows = Math.ceil(count / perRow);
  const canvas = images.newZeros([3, height * rows, width * perRow]);
  for (let i = 0; i < count; i++) {
    const [row, column] = [Math.floor(i / perRow), i % perRow];
    const place = canvas.narrow(1, row * height, height).narrow(2, column * width, width);
    place.copy_(images.at(i));
  }
  return canvas;
}

/**
 * An image, or several as a grid, in the axes that letters name, as [height, width, channels]: one channel becomes three.
 *
 * @throws Error if the letters do not fit the tensor.
 */
export function toPixels(tensor: Tensor, dataformats: string): Tensor {
  const formats = dataformats.toUpperCase();
  if (formats.length !== tensor.ndim || new Set(formats).size !== formats.length || /[^NCHW]/.test(formats)) {
    throw new Error(`dataformats "${dataformats}" do not fit a tensor of shape [${tensor.shape}]`);
  }
  const image = tensor.detach();
  if (formats.length === 2) return toOrder(image, formats, "HW").unsqueeze(2).expand([-1, -1, 3]);
  if (formats.length === 4) {
    const ordered = toOrder(image, formats, "NCHW");
    const coloured = ordered.size(1) === 1 ? ordered.expand([-1, 3, -1, -1]) : ordered;
    if (coloured.size(1) !== 3) throw new Error(`a grid needs images of 1 or 3 channels, got ${coloured.size(1)}`);
    return gridOf(coloured).permute([1, 2, 0]);
  }
  const ordered = toOrder(image, formats, "HWC");
  return ordered.size(2) === 1 ? ordered.expand([-1, -1, 3]) : ordered;
}

/** Pixels as a PNG file. */
export function encodePixels(pixels: Tensor): Uint8Array {
  const [height, width, channels] = pixels.shape as [number, number, number];
  if (channels < 1 || channels > 4) throw new Error(`a PNG has 1 to 4 channels, got ${channels}`);
  const data = toBytes(pixels).contiguous().toTypedArray() as Uint8Array;
  return encode({ width, height, channels, depth: 8, data });
}

/** The message of an image. */
export function imageOf(tensor: Tensor, dataformats: string): SummaryImage {
  const pixels = toPixels(tensor, dataformats);
  const [height, width, colorspace] = pixels.shape as [number, number, number];
  return create(SummaryImageSchema, { height, width, colorspace, encodedImageString: encodePixels(pixels) });
}

/** The message of a PNG file that is there already: its size stands behind its signature. */
export function imageOfPng(png: Uint8Array): SummaryImage {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const size = { width: view.getUint32(16), height: view.getUint32(20) };
  return create(SummaryImageSchema, { ...size, colorspace: 4, encodedImageString: png });
}
