/** Files of images: what is packed in them, and what is to be packed. Bytes lie one after the other. */
import { uint8 } from "../../core/dtype.js";
import { numelOf } from "../../core/shape.js";
import type { ArrayView } from "../../core/view.js";
import { kernel } from "./block.js";
import { begin, checkedSize, errorDetail, launch, put, putAddress, resultAt, status } from "./launch.js";

/** What is wrong with a JPEG file, in the order of jpeg.h. */
const failures = [
  undefined,
  "truncated",
  "notJpeg",
  "structure",
  "process",
  "precision",
  "sampling",
  "colours",
  "huffmanTable",
  "missingTable",
  "progression",
  "noImage",
] as const;
export type JpegFailure = NonNullable<(typeof failures)[number]>;

export interface JpegHeader {
  readonly width: number;
  readonly height: number;
  /** 1 for grey, 3 for colours, 4 for inks. */
  readonly components: number;
}

function putBytes(bytes: ArrayView): void {
  const size = checkedSize(numelOf(bytes.sizes));
  putAddress(bytes, uint8, size);
  put(size);
}

/** Appends the sizes of pixels `[height, width, channels]`, and returns how many numbers they are. */
function putPixelSizes({ sizes }: ArrayView): number {
  for (let d = 0; d < 3; d++) put(checkedSize(sizes[d] as number));
  return checkedSize(numelOf(sizes));
}

const runHeader = kernel("jpegHeader");

/** What the file says of its image, or what is wrong with it. */
export function jpegHeader(file: ArrayView): JpegHeader | JpegFailure {
  const list = begin();
  putBytes(file);
  launch(runHeader, list);
  return failures[status()] ?? { width: resultAt(0), height: resultAt(1), components: resultAt(2) };
}

const runDecode = kernel("decodeJpeg");

/**
 * out `[height, width, channels]` = the image in a file; what is wrong with it if it has none. Channels are 1, 3, or 4 for
 * a file of four components.
 */
export function decodeJpeg(out: ArrayView, file: ArrayView): JpegFailure | undefined {
  const list = begin();
  putBytes(file);
  putAddress(out, uint8, putPixelSizes(out));
  launch(runDecode, list);
  return failures[status()];
}

const runEncode = kernel("encodeJpeg");

/**
 * out = the file of an image `[height, width, channels]` with 1, 3 or 4 channels, as far as there is room; the quality is
 * from 1 to 100. Returns how many bytes the file has.
 */
export function encodeJpeg(out: ArrayView, pixels: ArrayView, quality: number): number {
  const list = begin();
  putAddress(pixels, uint8, checkedSize(numelOf(pixels.sizes)));
  putPixelSizes(pixels);
  put(quality);
  putBytes(out);
  launch(runEncode, list);
  return resultAt(0);
}

/** Appends addresses of filtered and plain rows `[rows, bytes]`, a pixel of which has so many bytes. */
function putRows(from: ArrayView, to: ArrayView, rows: number, size: number, pixelBytes: number): void {
  putAddress(from, uint8, checkedSize(numelOf(from.sizes)));
  put(checkedSize(rows));
  put(checkedSize(size));
  put(checkedSize(pixelBytes));
  putAddress(to, uint8, checkedSize(numelOf(to.sizes)));
}

const runUnfilter = kernel("pngUnfilter");

/** out `[rows, bytes]` = the bytes of filtered rows `[rows, bytes + 1]` of a PNG; a filter that there is not, or undefined. */
export function pngUnfilter(out: ArrayView, filtered: ArrayView, pixelBytes: number): number | undefined {
  const [rows, size] = out.sizes as [number, number];
  if (numelOf(filtered.sizes) !== rows * (size + 1)) throw new RangeError("filtered rows have a byte more");
  const list = begin();
  putRows(filtered, out, rows, size, pixelBytes);
  launch(runUnfilter, list);
  return status() === 0 ? undefined : errorDetail();
}

const runFilter = kernel("pngFilter");

/** out `[rows, bytes + 1]` = rows `[rows, bytes]`, each with the filter after which least is left. */
export function pngFilter(out: ArrayView, plain: ArrayView, pixelBytes: number): void {
  const [rows, size] = plain.sizes as [number, number];
  if (numelOf(out.sizes) !== rows * (size + 1)) throw new RangeError("filtered rows have a byte more");
  const list = begin();
  putRows(plain, out, rows, size, pixelBytes);
  launch(runFilter, list);
}
