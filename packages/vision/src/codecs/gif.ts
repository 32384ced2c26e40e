/** GIF files: images of up to 256 colours, packed after Lempel, Ziv and Welch. */
import { Palette } from "../image/palette.js";
import { checkPixels } from "./limit.js";
import { ByteReader } from "./reader.js";

/** One image of a file. */
export interface GifFrame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** The place in the palette of each pixel. */
  readonly places: Uint8Array;
  readonly palette: Palette;
  /** The place that is transparent. */
  readonly transparency: number | undefined;
}

export interface GifFile {
  /** Of the screen on which the images are shown. */
  readonly width: number;
  readonly height: number;
  readonly frames: readonly GifFrame[];
}

const trailer = 0x3b;
const imageDescriptor = 0x2c;
const extension = 0x21;
const graphicControl = 0xf9;

/**
 * Reads a GIF file.
 *
 * @param most how many images to read at most.
 * @throws Error if it is none, or is broken, or its images are together larger than they may be.
 */
export function readGif(bytes: Uint8Array, most = Number.POSITIVE_INFINITY): GifFile {
  const reader = new ByteReader(bytes, "decode_gif");
  if (!/^GIF8[79]a$/.test(reader.text(Math.min(6, bytes.length)))) throw new Error("decode_gif: Content is not gif!");
  const [width, height, flags] = [reader.uint16(true), reader.uint16(true), reader.byte()];
  reader.at += 2;
  const shared = readPalette(reader, flags);
  const frames: GifFrame[] = [];
  let transparency: number | undefined;
  let pixels = 0;
  while (frames.length < most) {
    const kind = reader.byte();
    if (kind === trailer) break;
    if (kind === extension) {
      const label = reader.byte();
      const content = readBlocks(reader);
      if (label === graphicControl && content.length >= 4)
        transparency = (content[0] as number) & 1 ? (content[3] as number) : undefined;
    } else if (kind === imageDescriptor) {
      const frame = readFrame(reader, shared, transparency, (count) => checkPixels((pixels += count), 1));
      frames.push(frame);
      transparency = undefined;
    } else {
      throw new Error(`decode_gif: unknown block 0x${kind.toString(16)}`);
    }
  }
  if (frames.length === 0) throw new Error("decode_gif: the file has no image");
  return { width, height, frames };
}

function readPalette(reader: ByteReader, flags: number): Palette | undefined {
  return flags & 0x80 ? Palette.fromRgb(reader.take(3 * 2 ** ((flags & 7) + 1))) : undefined;
}

/** The content of blocks, up to the empty one. */
function readBlocks(reader: ByteReader): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let size = reader.byte(); size > 0; size = reader.byte()) parts.push(reader.take(size));
  return Buffer.concat(parts);
}

function readFrame(
  reader: ByteReader,
  shared: Palette | undefined,
  transparency: number | undefined,
  count: (pixels: number) => void,
): GifFrame {
  const [left, top, width, height] = Array.from({ length: 4 }, () => reader.uint16(true)) as [
    number,
    number,
    number,
    number,
  ];
  const flags = reader.byte();
  const palette = readPalette(reader, flags) ?? shared;
  if (palette === undefined) throw new Error("decode_gif: Global and local color maps are missing.");
  if (width === 0 || height === 0) throw new Error(`decode_gif: an image of ${width}x${height}`);
  count(width * height);
  const codeSize = reader.byte();
  const packed = readBlocks(reader);
  const places = unpack(packed, codeSize, width * height);
  return {
    left,
    top,
    width,
    height,
    places: flags & 0x40 ? deinterlace(places, width) : places,
    palette,
    transparency,
  };
}

const mostCodes = 4096;
const mostBits = 12;

/** Unpacks so many bytes; each code stands for what an earlier one did and a byte more. */
function unpack(packed: Uint8Array, codeSize: number, count: number): Uint8Array {
  if (codeSize < 1 || codeSize > 8) throw new Error(`decode_gif: codes of ${codeSize} bits`);
  // A code adds one entry, so a text of n codes has at most n (n + 1) / 2 bytes.
  const codes = (packed.length * 8) / (codeSize + 1);
  const truncated = (): never => {
    throw new Error("decode_gif: the image is truncated");
  };
  if (Math.min(codes * mostCodes, (codes * (codes + 1)) / 2) < count) truncated();
  const clear = 1 << codeSize;
  const stop = clear + 1;
  const prefix = new Uint16Array(mostCodes);
  const last = Uint8Array.from({ length: mostCodes }, (_, i) => i);
  const lengths = new Uint16Array(mostCodes).fill(1);
  const result = new Uint8Array(count);
  let [next, bits, at, before, first] = [stop + 1, codeSize + 1, 0, -1, 0];
  let [buffer, available, place] = [0, 0, 0];
  while (place < count) {
    while (available < bits) {
      if (at >= packed.length) truncated();
      buffer |= (packed[at++] as number) << available;
      available += 8;
    }
    const code = buffer & ((1 << bits) - 1);
    buffer >>= bits;
    available -= bits;
    if (code === stop) truncated();
    if (code === clear) {
      [next, bits, before] = [stop + 1, codeSize + 1, -1];
      continue;
    }
    if (code > next || (code === next && before < 0) || (code >= clear && before < 0))
      throw new Error("decode_gif: a code that was not defined");
    // A code that is being defined is the one before, and its first byte again.
    if (before >= 0 && next < mostCodes) {
      prefix[next] = before;
      lengths[next] = (lengths[before] as number) + 1;
      last[next] = first;
    }
    const length = lengths[code] as number;
    let entry = code;
    for (let i = place + length - 1; i >= place; i--) {
      const byte = last[entry] as number;
      if (i < count) result[i] = byte;
      first = byte;
      entry = prefix[entry] as number;
    }
    if (before >= 0 && next < mostCodes) {
      if (code === next) result[place + length - 1] = first;
      last[next++] = first;
      if (next === 1 << bits && bits < mostBits) bits++;
    }
    place += length;
    before = code;
  }
  return result;
}

/** Rows that came in four passes, in their order. */
function deinterlace(places: Uint8Array, width: number): Uint8Array {
  const height = places.length / width;
  const result = new Uint8Array(places.length);
  let from = 0;
  for (const [first, step] of [
    [0, 8],
    [4, 8],
    [2, 4],
    [1, 2],
  ] as const) {
    for (let y = first; y < height; y += step, from += width)
      result.set(places.subarray(from, from + width), y * width);
  }
  return result;
}
