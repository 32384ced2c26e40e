/**
 * Reading zip archives, entry by entry. Nothing that an archive says of itself is believed before it was compared with
 * its size, so that no entry takes more memory than it has bytes, or than they can unpack to.
 *
 * Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
import { crc32, share } from "../../backend/arrays.js";
import type { Storage } from "../../core/storage.js";
import { checkInside, damaged, type Source } from "../files/source.js";
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

/** A file in an archive. */
export interface Entry {
  readonly name: string;
  /** Bytes of its content. */
  readonly size: number;
  /** Bytes that it takes in the archive. */
  readonly packedSize: number;
  readonly method: number;
  readonly crc: number;
  /** Where its header is. */
  readonly headerAt: number;
}

/** The longest comment that can stand behind the end. */
const longestComment = 0xffff;

/** What deflate packs at most into a byte. */
const bestRatio = 1032;

/** What the end of an archive says. */
interface Directory {
  readonly count: number;
  readonly offset: number;
  readonly size: number;
}

/** Whether a file is an archive, by its first bytes: PK. */
export function isZip(start: Uint8Array): boolean {
  return start[0] === 0x50 && start[1] === 0x4b;
}

export class Archive {
  readonly entries = new Map<string, Entry>();
  /** Where headers begin, in order, and the directory behind them. */
  readonly #starts: number[];

  /** @throws Error for what is no archive, or a damaged one. */
  constructor(readonly source: Source) {
    const directory = findDirectory(source);
    this.#readEntries(directory);
    const starts = [...this.entries.values()].map(({ headerAt }) => headerAt);
    this.#starts = [...starts.sort((a, b) => a - b), directory.offset];
    this.#starts.forEach((start, i) => {
      if (start === this.#starts[i + 1]) throw damaged(source, `two of its records begin at ${start}`);
    });
  }

  #readEntries({ count, offset, size }: Directory): void {
    const { source } = this;
    checkInside(source, offset, size, "the list of its records");
    if (count * entrySize > size) throw damaged(source, `a list of ${size} bytes cannot name ${count} records`);
    const bytes = source.read(offset, size);
    let at = 0;
    for (let i = 0; i < count; i++) {
      const [entry, next] = readEntry(source, bytes, at);
      if (this.entries.has(entry.name)) throw damaged(source, `it has two records named '${entry.name}'`);
      this.entries.set(entry.name, entry);
      at = next;
    }
  }

  /** @throws Error if there is no entry of that name. */
  entry(name: string): Entry {
    const entry = this.entries.get(name);
    if (entry === undefined) throw damaged(this.source, `it has no record '${name}'`);
    return entry;
  }

  /** The place of the content, which does not reach into what comes next. */
  #place({ name, headerAt, packedSize }: Entry): number {
    const { source } = this;
    checkInside(source, headerAt, headerSize, `the header of '${name}'`);
    const header = viewOf(source.read(headerAt, headerSize));
    if (header.getUint32(0, true) !== headerTag) throw damaged(source, `the header of '${name}' is no header`);
    const start = headerAt + headerSize + header.getUint16(26, true) + header.getUint16(28, true);
    const next = this.#starts[firstAbove(this.#starts, headerAt)] as number;
    if (start + packedSize > next) throw damaged(source, `the record '${name}' reaches into the next one`);
    return start;
  }

  /**
   * Checks what can be known of an entry without reading it, and returns where its content begins.
   *
   * @throws Error if its sizes cannot be right, or it is packed in an unknown way.
   */
  check(entry: Entry): number {
    const { name, size, packedSize, method } = entry;
    const { source } = this;
    const start = this.#place(entry);
    if (method !== Method.Stored && method !== Method.Deflated) {
      throw new Error(`the record '${name}' of ${source.name} is packed by method ${method}, which is not known here`);
    }
    const largest = method === Method.Stored ? packedSize : bestRatio * packedSize + 64;
    if (size > largest || (method === Method.Stored && size < packedSize)) {
      throw damaged(source, `the record '${name}' has ${packedSize} bytes, which cannot be the ${size} it speaks of`);
    }
    return start;
  }

  /**
   * The content of an entry, in an array of its own.
   *
   * @throws Error if it is damaged.
   */
  read(entry: Entry): Uint8Array {
    const start = this.check(entry);
    const { method, packedSize } = entry;
    const content = method === Method.Stored ? this.source.read(start, packedSize) : this.#unpack(entry, start);
    this.#compare(entry, content.length, crc32(content));
    return content;
  }

  /**
   * The same as memory for a tensor.
   *
   * @param start where it begins, for who has checked the entry before.
   */
  readMemory(entry: Entry, start: number): Storage {
    if (entry.method !== Method.Stored) return share(this.read(entry));
    const { storage, checksum } = this.source.readMemory(start, entry.packedSize, true);
    this.#compare(entry, storage.nbytes, checksum);
    return storage;
  }

  #unpack({ name, size, packedSize }: Entry, start: number): Uint8Array {
    const packed = this.source.read(start, packedSize);
    try {
      return deflation().inflateRawSync(packed, { maxOutputLength: Math.max(size, 1) });
    } catch (cause) {
      throw damaged(this.source, `the record '${name}' cannot be unpacked to ${size} bytes`, { cause });
    }
  }

  #compare({ name, size, crc }: Entry, nbytes: number, checksum: number): void {
    if (nbytes === size && checksum === crc) return;
    throw damaged(this.source, `the record '${name}' is not what was written: its checksum (CRC) is wrong`);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** The index of the first of sorted numbers that is larger than a value. */
function firstAbove(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

function findDirectory(source: Source): Directory {
  const length = Math.min(source.size, endSize + longestComment);
  const start = source.size - length;
  const tail = viewOf(source.read(start, length));
  for (let at = length - endSize; at >= 0; at--) {
    if (tail.getUint32(at, true) !== endTag || at + endSize + tail.getUint16(at + 20, true) !== length) continue;
    const found = {
      count: tail.getUint16(at + 10, true),
      size: tail.getUint32(at + 12, true),
      offset: tail.getUint32(at + 16, true),
    };
    const isWide = found.count === 0xffff || found.size === wide || found.offset === wide;
    const directory = isWide ? (wideDirectory(source, start + at) ?? found) : found;
    if (directory.offset + directory.size <= start + at) return directory;
    throw damaged(source, "the list of its records reaches behind its end");
  }
  throw new Error(`${source.name} is no zip archive, or is cut off: the end of one is missing`);
}

/** The end of an archive in 64 bits, which stands before the other one. */
function wideDirectory(source: Source, endAt: number): Directory | undefined {
  if (endAt < 20) return undefined;
  const locator = viewOf(source.read(endAt - 20, 20));
  if (locator.getUint32(0, true) !== wideTag) return undefined;
  const at = Number(locator.getBigUint64(8, true));
  checkInside(source, at, 56, "the end of the archive");
  const end = viewOf(source.read(at, 56));
  if (end.getUint32(0, true) !== wideEndTag) throw damaged(source, "the end of the archive is no end");
  const number = (from: number) => Number(end.getBigUint64(from, true));
  return { count: number(32), size: number(40), offset: number(48) };
}

/** An entry of the list, and where the next one begins. */
function readEntry(source: Source, list: Uint8Array, at: number): [Entry, next: number] {
  const view = viewOf(list);
  if (at + entrySize > list.length || view.getUint32(at, true) !== entryTag) {
    throw damaged(source, "the list of its records is no list");
  }
  const [nameLength, extraLength, commentLength] = [28, 30, 32].map((from) => view.getUint16(at + from, true)) as [
    number,
    number,
    number,
  ];
  const nameAt = at + entrySize;
  const next = nameAt + nameLength + extraLength + commentLength;
  if (next > list.length) throw damaged(source, "the list of its records is cut off");
  const name = new TextDecoder().decode(list.subarray(nameAt, nameAt + nameLength));
  if (view.getUint16(at + 8, true) & 1) throw new Error(`the record '${name}' of ${source.name} is encrypted`);
  const narrow = [24, 20, 42].map((from) => view.getUint32(at + from, true));
  const extra = list.subarray(nameAt + nameLength, nameAt + nameLength + extraLength);
  const [size, packedSize, headerAt] = widen(narrow, extra) as [number, number, number];
  const entry = {
    name,
    size,
    packedSize,
    headerAt,
    method: view.getUint16(at + 10, true),
    crc: view.getUint32(at + 16, true),
  };
  return [entry, next];
}

/** Numbers of 32 bits, of which those that did not fit stand in the extra field. */
function widen(numbers: readonly number[], extra: Uint8Array): number[] {
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= extra.length; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    let from = at + 4;
    return numbers.map((number) => {
      if (number !== wide || from + 8 > extra.length) return number;
      from += 8;
      return Number(view.getBigUint64(from - 8, true));
    });
  }
  return [...numbers];
}
