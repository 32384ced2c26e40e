/**
 * Writing zip archives as PyTorch does: content is stored as it is and begins at a multiple of 64 bytes, so that it can
 * be mapped into memory. Sizes and counts that need 64 bits get them.
 */
import { crc32 } from "../../backend/arrays.js";
import { Appender, type Sink } from "../files/replaceFile.js";
import {
  deflation,
  endSize,
  endTag,
  entrySize,
  entryTag,
  headerSize,
  headerTag,
  Method,
  wide,
  wideEndTag,
  wideTag,
} from "./format.js";

const alignment = 64;

/** The 1st of January 1980, the first day that the format knows. */
const date = 0x21;
/** Names are UTF-8. */
const flags = 0x800;

interface Written {
  readonly name: Uint8Array;
  readonly size: number;
  readonly packedSize: number;
  readonly method: Method;
  readonly crc: number;
  readonly headerAt: number;
}

export class ArchiveWriter {
  readonly #written: Written[] = [];
  #at = 0;

  constructor(readonly sink: Sink) {}

  /** Adds an entry of a known size, whose content is put piece by piece. */
  addPieces(name: string, size: number, pieces: (to: Appender) => void): void {
    this.#add(name, size, size, Method.Stored, (start) => {
      const appender = new Appender(this.sink, start);
      pieces(appender);
      return appender.checksum;
    });
  }

  /** Adds an entry. */
  add(name: string, content: Uint8Array): void {
    this.addPieces(name, content.length, (to) => to.put(content));
  }

  /** Adds an entry that is compressed. */
  addCompressed(name: string, content: Uint8Array): void {
    const packed = deflation().deflateRawSync(content);
    this.#add(name, content.length, packed.length, Method.Deflated, (start) => {
      this.sink.write(start, packed);
      return crc32(content);
    });
  }

  #add(text: string, size: number, packedSize: number, method: Method, write: (start: number) => number): void {
    const name = new TextEncoder().encode(text);
    const headerAt = this.#at;
    const extraSize = extraSizeFor(headerAt + headerSize + name.length, size >= wide);
    const start = headerAt + headerSize + name.length + extraSize;
    const crc = write(start);
    const entry = { name, size, packedSize, method, crc, headerAt };
    this.sink.write(headerAt, headerOf(entry, extraSize));
    this.#written.push(entry);
    this.#at = start + packedSize;
  }

  /** Writes what stands behind the entries. */
  end(): void {
    const entries = this.#written.map(entryOf);
    const offset = this.#at;
    for (const bytes of entries) this.#append(bytes);
    const size = this.#at - offset;
    const count = entries.length;
    const isWide = count >= 0xffff || offset >= wide || size >= wide;
    if (isWide) this.#append(wideEnd(count, size, offset));
    this.#append(end(count, size, offset));
  }

  #append(bytes: Uint8Array): void {
    this.sink.write(this.#at, bytes);
    this.#at += bytes.length;
  }
}

/** Writes numbers one after the other, each in so many bytes. */
function numbers(
  target: Uint8Array,
  from: number,
  list: readonly (readonly [bytes: 2 | 4 | 8, value: number])[],
): void {
  const view = new DataView(target.buffer, target.byteOffset, target.length);
  let at = from;
  for (const [bytes, value] of list) {
    if (bytes === 2) view.setUint16(at, value, true);
    else if (bytes === 4) view.setUint32(at, value, true);
    else view.setBigUint64(at, BigInt(value), true);
    at += bytes;
  }
}

/** Bytes of the extra field behind a name that ends there, with which the content begins at a round place. */
function extraSizeFor(nameEnd: number, isWide: boolean): number {
  const least = (isWide ? 20 : 0) + 4;
  return least + ((alignment - ((nameEnd + least) % alignment)) % alignment);
}

const narrowed = (value: number) => Math.min(value, wide);

function headerOf({ name, size, packedSize, method, crc }: Written, extraSize: number): Uint8Array {
  const header = new Uint8Array(headerSize + name.length + extraSize).fill(0x5a);
  const isWide = size >= wide;
  numbers(header, 0, [
    [4, headerTag],
    [2, isWide ? 45 : 20],
    [2, flags],
    [2, method],
    [2, 0],
    [2, date],
    [4, crc],
    [4, isWide ? wide : packedSize],
    [4, narrowed(size)],
    [2, name.length],
    [2, extraSize],
  ]);
  header.set(name, headerSize);
  let at = headerSize + name.length;
  if (isWide) {
    numbers(header, at, [
      [2, 1],
      [2, 16],
      [8, size],
      [8, packedSize],
    ]);
    at += 20;
  }
  // PyTorch marks what fills up to a round place with these two letters.
  header.set([0x46, 0x42], at);
  numbers(header, at + 2, [[2, header.length - at - 4]]);
  return header;
}

function entryOf({ name, size, packedSize, method, crc, headerAt }: Written): Uint8Array {
  const large = [size, packedSize, headerAt].filter((value) => value >= wide);
  const extraSize = large.length > 0 ? 4 + 8 * large.length : 0;
  const entry = new Uint8Array(entrySize + name.length + extraSize);
  const version = large.length > 0 ? 45 : 20;
  numbers(entry, 0, [
    [4, entryTag],
    [2, version],
    [2, version],
    [2, flags],
    [2, method],
    [2, 0],
    [2, date],
    [4, crc],
    [4, narrowed(packedSize)],
    [4, narrowed(size)],
    [2, name.length],
    [2, extraSize],
    [2, 0],
    [2, 0],
    [2, 0],
    [4, 0],
    [4, narrowed(headerAt)],
  ]);
  entry.set(name, entrySize);
  if (extraSize > 0) {
    numbers(entry, entrySize + name.length, [
      [2, 1],
      [2, 8 * large.length],
      ...large.map((value) => [8, value] as const),
    ]);
  }
  return entry;
}

function wideEnd(count: number, size: number, offset: number): Uint8Array {
  const bytes = new Uint8Array(76);
  numbers(bytes, 0, [
    [4, wideEndTag],
    [8, 44],
    [2, 45],
    [2, 45],
    [4, 0],
    [4, 0],
    [8, count],
    [8, count],
    [8, size],
    [8, offset],
    [4, wideTag],
    [4, 0],
    [8, offset + size],
    [4, 1],
  ]);
  return bytes;
}

function end(count: number, size: number, offset: number): Uint8Array {
  const bytes = new Uint8Array(endSize);
  const few = Math.min(count, 0xffff);
  numbers(bytes, 0, [
    [4, endTag],
    [2, 0],
    [2, 0],
    [2, few],
    [2, few],
    [4, narrowed(size)],
    [4, narrowed(offset)],
    [2, 0],
  ]);
  return bytes;
}
