/**
 * Unpacks bzip2 files: blocks of text that was sorted by what follows each letter (Burrows and Wheeler), brought near
 * zero (move to front), with runs counted, in Huffman codes.
 */

const blockMagic = 0x314159265359;
const endMagic = 0x177245385090;
const groupSize = 50;
const longestCode = 20;

class BitReader {
  #at = 0;
  #buffer = 0;
  #available = 0;

  constructor(
    readonly bytes: Uint8Array,
    readonly name: string,
  ) {}

  fail(reason: string): never {
    throw new Error(`${this.name} is no whole bzip2 file: ${reason}`);
  }

  bit(): number {
    if (this.#available === 0) {
      if (this.#at >= this.bytes.length) this.fail("it ends too early");
      this.#buffer = this.bytes[this.#at++] as number;
      this.#available = 8;
    }
    return (this.#buffer >> --this.#available) & 1;
  }

  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 2 + this.bit();
    return value;
  }

  /** Goes on at the next byte, and tells whether there is one. */
  align(): boolean {
    this.#available = 0;
    return this.#at < this.bytes.length;
  }
}

/**
 * The content of a bzip2 file.
 *
 * @param name what to call the file in messages.
 * @param most how many bytes it may have.
 * @throws Error if it is none, or not whole, or has more bytes.
 */
export function unpackBzip2(bytes: Uint8Array, name: string, most: number): Uint8Array {
  const reader = new BitReader(bytes, name);
  const parts: Uint8Array[] = [];
  let total = 0;
  do {
    if (reader.bits(24) !== 0x425a68) reader.fail("it does not begin as one");
    const level = reader.bits(8) - 0x30;
    if (level < 1 || level > 9) reader.fail("it tells no size of its blocks");
    let sum = 0;
    for (let magic = reader.bits(48); magic !== endMagic; magic = reader.bits(48)) {
      if (magic !== blockMagic) reader.fail("a block does not begin as one");
      const checksum = reader.bits(32);
      const part = readBlock(reader, checksum, level * 100000, most - total);
      sum = (((sum << 1) | (sum >>> 31)) ^ checksum) >>> 0;
      total += part.length;
      parts.push(part);
    }
    if (reader.bits(32) !== sum) reader.fail("the checksum of its blocks is wrong");
  } while (reader.align());
  return Buffer.concat(parts);
}

function readBlock(reader: BitReader, checksum: number, capacity: number, most: number): Uint8Array {
  if (reader.bit() === 1) reader.fail("a block of a version that is no longer written");
  const origin = reader.bits(24);
  const letters = readLetters(reader);
  const sorted = readSorted(reader, letters, capacity);
  if (origin >= sorted.length) reader.fail("a block begins outside of itself");
  const result = withoutRuns(inverse(sorted, origin), most, reader);
  if (checksumOf(result) !== checksum) reader.fail("the checksum of a block is wrong");
  return result;
}

/** The bytes that occur in a block. */
function readLetters(reader: BitReader): number[] {
  const groups = reader.bits(16);
  const letters: number[] = [];
  for (let i = 0; i < 16; i++) {
    if (((groups >> (15 - i)) & 1) === 0) continue;
    const used = reader.bits(16);
    for (let j = 0; j < 16; j++) if ((used >> (15 - j)) & 1) letters.push(16 * i + j);
  }
  if (letters.length === 0) reader.fail("a block without bytes");
  return letters;
}

/** Codes: their symbols by growing length, and how many there are of each length. */
interface Codes {
  readonly symbols: readonly number[];
  readonly counts: readonly number[];
}

function readCodes(reader: BitReader, size: number): Codes {
  const lengths: number[] = [];
  let length = reader.bits(5);
  for (let i = 0; i < size; i++) {
    while (reader.bit() === 1) length += reader.bit() === 0 ? 1 : -1;
    if (length < 1 || length > longestCode) reader.fail("a code has no such length");
    lengths.push(length);
  }
  const counts = new Array<number>(longestCode + 1).fill(0);
  for (const one of lengths) (counts[one] as number)++;
  const symbols = lengths.map((_, i) => i).sort((a, b) => (lengths[a] as number) - (lengths[b] as number) || a - b);
  return { symbols, counts };
}

function readSymbol(reader: BitReader, { symbols, counts }: Codes): number {
  let [code, first, place] = [0, 0, 0];
  for (let length = 1; length <= longestCode; length++) {
    code = code * 2 + reader.bit();
    const count = counts[length] as number;
    if (code - first < count) return symbols[place + code - first] as number;
    place += count;
    first = (first + count) * 2;
  }
  return reader.fail("bits that are no code");
}

/** The sorted text of a block. */
function readSorted(reader: BitReader, letters: number[], capacity: number): Uint8Array {
  const tableCount = reader.bits(3);
  const selectorCount = reader.bits(15);
  if (tableCount < 2 || tableCount > 6 || selectorCount < 1) reader.fail("a block has no codes");
  const order = Array.from({ length: tableCount }, (_, i) => i);
  const selectors = Array.from({ length: selectorCount }, () => {
    let place = 0;
    while (reader.bit() === 1) if (++place >= tableCount) reader.fail("a block chooses codes that there are not");
    return toFront(order, place);
  });
  const tables = Array.from({ length: tableCount }, () => readCodes(reader, letters.length + 2));
  const stop = letters.length + 1;
  const text = new Uint8Array(capacity);
  const recent = [...letters];
  let [size, run, weight] = [0, 0, 1];
  for (let i = 0; ; i++) {
    const selector = selectors[Math.floor(i / groupSize)];
    if (selector === undefined) reader.fail("a block does not end");
    const symbol = readSymbol(reader, tables[selector] as Codes);
    // Symbols 0 and 1 are digits of how often the latest byte comes.
    if (symbol <= 1) {
      run += weight << symbol;
      weight *= 2;
      if (run > capacity) reader.fail("a block is too long");
      continue;
    }
    if (size + run + 1 > capacity && symbol !== stop) reader.fail("a block is too long");
    if (size + run > capacity) reader.fail("a block is too long");
    text.fill(recent[0] as number, size, size + run);
    size += run;
    [run, weight] = [0, 1];
    if (symbol === stop) return text.subarray(0, size);
    text[size++] = toFront(recent, symbol - 1);
  }
}

/** Moves what is at a place to the front, and returns it. */
function toFront(list: number[], place: number): number {
  const value = list[place] as number;
  list.copyWithin(1, 0, place);
  list[0] = value;
  return value;
}

/** The text of which this is the sorted one. */
function inverse(sorted: Uint8Array, origin: number): Uint8Array {
  const starts = new Uint32Array(257);
  for (const byte of sorted) (starts[byte + 1] as number)++;
  for (let i = 1; i <= 256; i++) starts[i] = (starts[i] as number) + (starts[i - 1] as number);
  const next = new Uint32Array(sorted.length);
  for (let i = 0; i < sorted.length; i++) {
    const byte = sorted[i] as number;
    const place = starts[byte] as number;
    next[place] = i;
    starts[byte] = place + 1;
  }
  const text = new Uint8Array(sorted.length);
  let at = next[origin] as number;
  for (let i = 0; i < text.length; i++) {
    text[i] = sorted[at] as number;
    at = next[at] as number;
  }
  return text;
}

/** Behind four equal bytes stands how often the byte comes again. */
function withoutRuns(text: Uint8Array, most: number, reader: BitReader): Uint8Array {
  let size = 0;
  forEachRun(text, (_, count) => (size += count));
  if (size > most) reader.fail("it has more bytes than it may");
  const result = new Uint8Array(size);
  let at = 0;
  forEachRun(text, (byte, count) => {
    result.fill(byte, at, at + count);
    at += count;
  });
  return result;
}

function forEachRun(text: Uint8Array, body: (byte: number, count: number) => void): void {
  for (let i = 0; i < text.length; ) {
    const byte = text[i] as number;
    let count = 1;
    while (count < 4 && text[i + count] === byte) count++;
    i += count;
    if (count === 4 && i < text.length) count += text[i++] as number;
    body(byte, count);
  }
}

const table = Uint32Array.from({ length: 256 }, (_, i) => {
  let value = i << 24;
  for (let bit = 0; bit < 8; bit++) value = value < 0 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value;
});

function checksumOf(bytes: Uint8Array): number {
  let sum = -1;
  for (const byte of bytes) sum = (sum << 8) ^ (table[((sum >>> 24) ^ byte) & 255] as number);
  return ~sum >>> 0;
}
