/** PNG files: chunks, of which the packed ones hold filtered rows of samples. */
import { crc32, deflateSync, inflateSync } from "node:zlib";
import torch, { type Tensor } from "flambeau";
import { Palette } from "../image/palette.js";
import { checkPixels } from "./limit.js";
import { ByteReader } from "./reader.js";

const { image: kernels } = torch.ops;

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** What a sample is: the colour types of PNG. */
export const ColourType = { Grey: 0, Rgb: 2, Palette: 3, GreyAlpha: 4, Rgba: 6 } as const;
export type ColourType = (typeof ColourType)[keyof typeof ColourType];

const channels: Record<ColourType, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const depths: Record<ColourType, readonly number[]> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

interface Header {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample. */
  readonly depth: number;
  readonly type: ColourType;
  readonly isInterlaced: boolean;
}

export interface PngFile extends Header {
  readonly palette: Palette | undefined;
  /** The colour that is transparent, in files without opacity. */
  readonly transparency: readonly number[] | undefined;
  readonly exif: Uint8Array | undefined;
  /** The samples as they are: [height, width, channels], uint8, or int32 where they have 16 bits. */
  samples(): Tensor;
}

function fail(reason: string): never {
  throw new Error(`decode_png: ${reason}`);
}

/**
 * Opens a PNG file.
 *
 * @throws Error if it is none, or is broken, or larger than images may be.
 */
export function openPng(data: Tensor): PngFile {
  const bytes = data.toTypedArray() as Uint8Array;
  if (bytes.length < 8) fail("Content is too small for png!");
  if (!signature.every((byte, i) => bytes[i] === byte)) fail("Content is not png!");
  const { header, packed, palette, opacities, exif } = readChunks(bytes);
  const { type, depth } = header;
  if (type === ColourType.Palette && palette === undefined) fail("the file has no palette");
  return {
    ...header,
    palette: palette && Palette.fromRgb(palette, type === ColourType.Palette ? opacities : undefined),
    transparency: opacities && type !== ColourType.Palette ? keyColour(opacities, type, depth) : undefined,
    exif,
    samples: () => readSamples(header, packed),
  };
}

interface Chunks {
  readonly header: Header;
  readonly packed: readonly Uint8Array[];
  readonly palette: Uint8Array | undefined;
  readonly opacities: Uint8Array | undefined;
  readonly exif: Uint8Array | undefined;
}

function readChunks(bytes: Uint8Array): Chunks {
  const reader = new ByteReader(bytes, "decode_png");
  reader.at = signature.length;
  const found: Record<string, Uint8Array | undefined> = {};
  const packed: Uint8Array[] = [];
  let header: Header | undefined;
  for (let kind = ""; kind !== "IEND"; ) {
    const size = reader.uint32();
    kind = reader.text(4);
    if (header === undefined && kind !== "IHDR") fail(`expected an IHDR chunk first, got ${JSON.stringify(kind)}`);
    const content = reader.take(size);
    const isCritical = kind.charAt(0) < "a";
    if (reader.uint32() !== crc32(bytes.subarray(reader.at - size - 8, reader.at - 4)) && isCritical)
      fail(`${kind}: CRC error`);
    if (kind === "IHDR") header = readHeader(content);
    else if (kind === "IDAT") packed.push(content);
    else if (["PLTE", "tRNS", "eXIf"].includes(kind)) found[kind] ??= content;
    else if (isCritical && kind !== "IEND") fail(`${JSON.stringify(kind)}: unhandled critical chunk`);
  }
  if (packed.length === 0) fail("the file has no image data");
  return { header: header as Header, packed, palette: found.PLTE, opacities: found.tRNS, exif: found.eXIf };
}

function readHeader(content: Uint8Array): Header {
  if (content.length !== 13) fail(`IHDR has ${content.length} bytes`);
  const reader = new ByteReader(content, "decode_png");
  const [width, height] = [reader.uint32(), reader.uint32()];
  const [depth, type, compression, filter, interlace] = Array.from({ length: 5 }, () => reader.byte()) as [
    number,
    ColourType,
    number,
    number,
    number,
  ];
  if (width === 0 || height === 0 || width >= 2 ** 31 || height >= 2 ** 31)
    fail(`Invalid image size in IHDR: ${width}x${height}`);
  if (!depths[type]?.includes(depth)) fail(`Invalid color type/bit depth combination in IHDR: ${type} and ${depth}`);
  if (compression !== 0 || filter !== 0 || interlace > 1)
    fail("Unknown compression, filter or interlace method in IHDR");
  checkPixels(width, height);
  return { width, height, depth, type, isInterlaced: interlace === 1 };
}

/** The transparent colour of a `tRNS` chunk, in samples of the file. */
function keyColour(content: Uint8Array, type: ColourType, depth: number): number[] | undefined {
  const count = type === ColourType.Grey ? 1 : type === ColourType.Rgb ? 3 : 0;
  if (count === 0 || content.length < 2 * count) return undefined;
  const reader = new ByteReader(content, "decode_png");
  return Array.from({ length: count }, () => reader.uint16() & (2 ** depth - 1));
}

/** A part of an image: every so many pixels, from a first one on. */
interface Pass {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
}

const wholeImage: readonly Pass[] = [{ x: 0, y: 0, dx: 1, dy: 1 }];
/** The passes of Adam7. */
const interlaced: readonly Pass[] = [
  { x: 0, y: 0, dx: 8, dy: 8 },
  { x: 4, y: 0, dx: 8, dy: 8 },
  { x: 0, y: 4, dx: 4, dy: 8 },
  { x: 2, y: 0, dx: 4, dy: 4 },
  { x: 0, y: 2, dx: 2, dy: 4 },
  { x: 1, y: 0, dx: 2, dy: 2 },
  { x: 0, y: 1, dx: 1, dy: 2 },
];

const sizeOf = (whole: number, first: number, step: number): number => Math.max(0, Math.ceil((whole - first) / step));

function readSamples(header: Header, packed: readonly Uint8Array[]): Tensor {
  const { width, height, depth, type, isInterlaced } = header;
  const bits = depth * channels[type];
  const passes = (isInterlaced ? interlaced : wholeImage)
    .map((pass) => ({ ...pass, columns: sizeOf(width, pass.x, pass.dx), rows: sizeOf(height, pass.y, pass.dy) }))
    .filter(({ columns, rows }) => columns > 0 && rows > 0)
    .map((pass) => ({ ...pass, rowBytes: 1 + Math.ceil((pass.columns * bits) / 8) }));
  const total = passes.reduce((sum, { rows, rowBytes }) => sum + rows * rowBytes, 0);
  const filtered = torch.tensor(unpack(packed, total));
  const dtype = depth === 16 ? torch.int32 : torch.uint8;
  let image: Tensor | undefined;
  let at = 0;
  for (const { x, y, dx, dy, columns, rows, rowBytes } of passes) {
    const part = filtered.narrow(0, at, rows * rowBytes).view(rows, rowBytes);
    at += rows * rowBytes;
    const bytes = kernels.unfilterPng(part, Math.max(1, bits / 8));
    const samples = samplesOf(bytes, depth).narrow(1, 0, columns * channels[type]);
    const pixels = samples.reshape(rows, columns, channels[type]);
    if (!isInterlaced) return pixels;
    image ??= torch.empty(height, width, channels[type], { dtype });
    image.setAt([`${y}::${dy}`, `${x}::${dx}`], pixels);
  }
  return image as Tensor;
}

/** No packed byte stands for more bytes than these. */
const greatestRatio = 1032;

/** Unpacks so many bytes. */
function unpack(packed: readonly Uint8Array[], total: number): Uint8Array {
  const data = Buffer.concat(packed);
  const truncated = "Out of bound read in decode_png. Probably, the input image is corrupted";
  if ((data.length + 1) * greatestRatio < total) fail(truncated);
  try {
    const bytes = inflateSync(data, { maxOutputLength: total + 1024 });
    if (bytes.length >= total) return bytes.subarray(0, total);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE") fail("IDAT: Too much image data");
    throw new Error(`decode_png: ${code === "Z_BUF_ERROR" ? truncated : `IDAT: ${message}`}`, { cause });
  }
  return fail(truncated);
}

/** The samples in rows of bytes, as many as there is room for. */
function samplesOf(bytes: Tensor, depth: number): Tensor {
  const [rows, size] = bytes.shape as [number, number];
  if (depth === 8) return bytes;
  if (depth === 16) {
    const pairs = bytes.view(rows, size / 2, 2).to(torch.int32);
    return pairs.select(2, 0).mul(256).add(pairs.select(2, 1));
  }
  const perByte = 8 / depth;
  const shifts = torch.tensor(Uint8Array.from({ length: perByte }, (_, i) => 8 - depth * (i + 1)));
  const spread = bytes
    .unsqueeze(-1)
    .bitwiseRightShift(shifts)
    .bitwiseAnd(2 ** depth - 1);
  return spread.view(rows, size * perByte);
}

/** What a PNG file is to hold. */
export interface PngContent {
  /** Samples in 8 bits, or of 16 in int32: [height, width, channels]. */
  readonly samples: Tensor;
  /** Bits of a sample: 8 or 16; or 1, of grey that is 0 or 255. */
  readonly depth: 1 | 8 | 16;
  readonly type: ColourType;
  readonly palette?: Palette | undefined;
}

/** The bytes of a PNG file. */
export function encodePngFile({ samples, depth, type, palette }: PngContent, compressionLevel: number): Uint8Array {
  const [height, width, count] = samples.shape as [number, number, number];
  const rows = depth === 8 ? samples : depth === 16 ? bigEndian(samples) : asBits(samples);
  const filtered = kernels.filterPng(rows.reshape(height, -1), Math.max(1, (count * depth) / 8));
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, type], 8);
  const chunks = [chunk("IHDR", header)];
  if (palette !== undefined) {
    chunks.push(chunk("PLTE", palette.rgb));
    if (palette.opacities.some((opacity) => opacity < 255)) chunks.push(chunk("tRNS", palette.opacities));
  }
  chunks.push(
    chunk("IDAT", deflateSync(filtered.toTypedArray() as Uint8Array, { level: compressionLevel })),
    chunk("IEND", new Uint8Array()),
  );
  return Buffer.concat([Uint8Array.from(signature), ...chunks]);
}

function bigEndian(samples: Tensor): Tensor {
  const high = samples.bitwiseRightShift(8);
  return torch.stack([high, samples.bitwiseAnd(255)], -1).to(torch.uint8);
}

/** Eight samples that are 0 or more in each byte, the first one uppermost. */
function asBits(samples: Tensor): Tensor {
  const [height, width] = samples.shape as [number, number];
  const bytes = Math.ceil(width / 8);
  const bits = torch.zeros(height, bytes * 8, { dtype: torch.uint8 });
  bits.narrow(1, 0, width).copy_(samples.squeeze(2).ne(0));
  const weights = torch.tensor(Uint8Array.from({ length: 8 }, (_, i) => 128 >> i));
  return bits.view(height, bytes, 8).mul(weights).sum(2, { dtype: torch.uint8 });
}

function chunk(kind: string, content: Uint8Array): Buffer {
  const result = Buffer.alloc(content.length + 12);
  result.writeUInt32BE(content.length, 0);
  result.write(kind, 4, "latin1");
  result.set(content, 8);
  result.writeUInt32BE(crc32(result.subarray(4, -4)), content.length + 8);
  return result;
}
