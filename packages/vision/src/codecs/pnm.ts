/** Files of Netpbm with bytes as numbers: PBM (black and white), PGM (grey) and PPM (colours). */
import { checkPixels } from "./limit.js";
import { ByteReader } from "./reader.js";

export interface PnmFile {
  readonly width: number;
  readonly height: number;
  /** 1 for PBM, whose pixels are 0 and 255 here, and PGM; 3 for PPM. */
  readonly channels: 1 | 3;
  readonly isBits: boolean;
  /** The greatest value, up to 65535. */
  readonly most: number;
  readonly data: Uint8Array | Uint16Array;
}

/** @throws Error if it is no such file, or is not whole, or larger than images may be. */
export function readPnm(bytes: Uint8Array): PnmFile {
  const reader = new ByteReader(bytes, "pnm");
  const kind = reader.text(2);
  const [width, height] = [number(reader), number(reader)];
  const isBits = kind === "P4";
  const most = isBits ? 1 : number(reader);
  const channels = kind === "P6" ? 3 : 1;
  if (width === 0 || height === 0 || most < 1 || most > 65535)
    throw new Error(`pnm: an image of ${width}x${height} with values up to ${most}`);
  checkPixels(width, height);
  const count = width * height * channels;
  if (isBits) return { width, height, channels, isBits, most, data: bits(reader, width, height) };
  const isWide = most > 255;
  const content = reader.take(count * (isWide ? 2 : 1));
  const data = isWide
    ? Uint16Array.from({ length: count }, (_, i) => ((content[2 * i] as number) << 8) | (content[2 * i + 1] as number))
    : content.slice();
  return { width, height, channels, isBits, most, data };
}

/** A number in digits, behind spaces and comments; what ends it is passed over. */
function number(reader: ByteReader): number {
  let digits = "";
  for (;;) {
    const letter = reader.text(1);
    if (/\d/.test(letter)) digits += letter;
    else if (/\s/.test(letter) && digits !== "") break;
    else if (letter === "#") while (reader.text(1) !== "\n");
    else if (!/\s/.test(letter)) throw new Error("pnm: a number in the header is none");
    if (digits.length > 9) throw new Error("pnm: a number in the header is too long");
  }
  return Number(digits);
}

/** A bit for each pixel, which is set where it is black. */
function bits(reader: ByteReader, width: number, height: number): Uint8Array {
  const rowBytes = Math.ceil(width / 8);
  const content = reader.take(rowBytes * height);
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const x = i % width;
    const byte = content[Math.floor(i / width) * rowBytes + (x >> 3)] as number;
    return (byte >> (7 - (x & 7))) & 1 ? 0 : 255;
  });
}
