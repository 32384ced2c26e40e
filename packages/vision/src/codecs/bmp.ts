/** BMP files without packing: rows of 1, 4, 8, 24 or 32 bits a pixel, most from the bottom up. */
import { Palette } from "../image/palette.js";
import { checkPixels } from "./limit.js";
import { ByteReader } from "./reader.js";

/** Pixels of whole bytes: places in a palette, or red, green and blue. */
export interface BmpFile {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
  readonly palette: Palette | undefined;
}

const depths = [1, 4, 8, 24, 32];

/** @throws Error if it is no such file, or is not whole, or larger than images may be. */
export function readBmp(bytes: Uint8Array): BmpFile {
  const reader = new ByteReader(bytes, "bmp");
  reader.at = 10;
  const begin = reader.uint32(true);
  const headerSize = reader.uint32(true);
  if (headerSize < 40) throw new Error(`bmp: a header of ${headerSize} bytes is not known`);
  const [width, tall] = [reader.uint32(true) | 0, reader.uint32(true) | 0];
  reader.at += 2;
  const depth = reader.uint16(true);
  const packing = reader.uint32(true);
  // Colours that are told by masks are read where the masks are the usual ones, as they are in all that write them.
  if (!depths.includes(depth) || !(packing === 0 || (packing === 3 && depth === 32)))
    throw new Error(`bmp: ${depth} bits a pixel, packed in way ${packing}, are not read`);
  const height = Math.abs(tall);
  if (width <= 0 || height === 0) throw new Error(`bmp: an image of ${width}x${height}`);
  checkPixels(width, height);
  const rowBytes = Math.ceil((width * depth) / 32) * 4;
  if (begin + rowBytes * height > bytes.length)
    throw new Error(`bmp: the image is truncated, after ${bytes.length} bytes`);
  reader.at += 12;
  const colours = reader.uint32(true) || 2 ** depth;
  reader.at = 14 + headerSize;
  const palette = depth <= 8 ? readPalette(reader.take(4 * Math.min(colours, 256))) : undefined;
  const data = new Uint8Array(width * height * (depth <= 8 ? 1 : 3));
  for (let y = 0; y < height; y++) {
    const from = begin + (tall < 0 ? y : height - 1 - y) * rowBytes;
    const row = bytes.subarray(from, from + rowBytes);
    if (depth <= 8) unpackRow(row, depth, data.subarray(y * width, (y + 1) * width));
    else swapRow(row, depth / 8, data.subarray(y * width * 3, (y + 1) * width * 3));
  }
  return { width, height, data, palette };
}

/** Colours stand as blue, green, red and a byte that means nothing. */
function readPalette(entries: Uint8Array): Palette {
  return Palette.fromRgb(swapRow(entries, 4, new Uint8Array((entries.length / 4) * 3)));
}

function swapRow(from: Uint8Array, pixelBytes: number, to: Uint8Array): Uint8Array {
  for (let x = 0, at = 0; at < to.length; x += pixelBytes, at += 3) {
    to[at] = from[x + 2] as number;
    to[at + 1] = from[x + 1] as number;
    to[at + 2] = from[x] as number;
  }
  return to;
}

function unpackRow(from: Uint8Array, depth: number, to: Uint8Array): void {
  const perByte = 8 / depth;
  const mask = 2 ** depth - 1;
  for (let x = 0; x < to.length; x++) {
    const shift = 8 - depth * ((x % perByte) + 1);
    to[x] = ((from[Math.floor(x / perByte)] as number) >> shift) & mask;
  }
}
