/**
 * Reads arrays of numbers from MAT files of version 5, MATLAB's, in which some labels are published.
 *
 * A file is a header of 128 bytes, and elements: a type, a size, the content, up to a multiple of 8 bytes. An element may
 * hold others, packed or not.
 */
import { inflateSync } from "node:zlib";
import { ByteReader } from "../../codecs/reader.js";

/** An array as it stands in a file: its columns one after the other. */
export interface MatArray {
  readonly shape: readonly number[];
  readonly data:
    | Uint8Array
    | Int8Array
    | Uint16Array
    | Int16Array
    | Uint32Array
    | Int32Array
    | Float32Array
    | Float64Array;
}

const arrays: Record<number, new (buffer: ArrayBuffer) => MatArray["data"]> = {
  1: Int8Array,
  2: Uint8Array,
  3: Int16Array,
  4: Uint16Array,
  5: Int32Array,
  6: Uint32Array,
  7: Float32Array,
  9: Float64Array,
};

const matrixType = 14;
const packedType = 15;
/** No published file has elements that are larger when unpacked. */
const largest = 2 ** 32;

/**
 * The arrays of numbers in a file, by their names; other variables are left out.
 *
 * @param name what to call the file in messages.
 * @throws Error if it is no MAT file of version 5, or broken.
 */
export function readMat(bytes: Uint8Array, name: string): Map<string, MatArray> {
  const reader = new ByteReader(bytes, name);
  const fail = (reason: string): never => {
    throw new Error(`${name} is no MAT file of version 5: ${reason}`);
  };
  if (bytes.length < 128 || !reader.text(6).startsWith("MATLAB")) fail("it has no such header");
  reader.at = 126;
  const mark = reader.text(2);
  if (mark !== "IM") fail(mark === "MI" ? "it is big-endian" : "it has no such header");
  const found = new Map<string, MatArray>();
  while (reader.rest >= 8) {
    const element = readElement(reader);
    let { type, content } = element;
    if (type === packedType) ({ type, content } = readElement(new ByteReader(unpack(content, name), name)));
    if (type === matrixType) readMatrix(new ByteReader(content, name), found);
  }
  return found;
}

function unpack(content: Uint8Array, name: string): Uint8Array {
  try {
    return inflateSync(content, { maxOutputLength: largest });
  } catch (cause) {
    throw new Error(`${name} is broken: ${(cause as Error).message}`, { cause });
  }
}

interface Element {
  readonly type: number;
  readonly content: Uint8Array;
}

function readElement(reader: ByteReader): Element {
  const first = reader.uint32(true);
  // A small element has its size beside its type, and its content in the four bytes behind.
  if (first >>> 16 !== 0) {
    const content = reader.take(4).subarray(0, first >>> 16);
    return { type: first & 0xffff, content };
  }
  const size = reader.uint32(true);
  const content = reader.take(size);
  if (first !== packedType) reader.at += Math.min(reader.rest, -size & 7);
  return { type: first, content };
}

/** Reads flags, sizes, the name and the numbers of a variable. */
function readMatrix(reader: ByteReader, found: Map<string, MatArray>): void {
  const flags = readElement(reader).content;
  const kind = flags[0] ?? 0;
  const isComplex = ((flags[1] ?? 0) & 8) !== 0;
  // Cells, structures, objects, texts and sparse arrays are of other kinds.
  if (kind < 6 || kind > 13 || isComplex) return;
  const shape = Array.from(numbersOf(readElement(reader), reader.name));
  const name = String.fromCharCode(...readElement(reader).content);
  const data = numbersOf(readElement(reader), reader.name);
  if (shape.reduce((product, size) => product * size, 1) !== data.length)
    throw new Error(
      `${reader.name} is broken: '${name}' of shape (${shape.slice(0, 8).join(", ")}) has ${data.length} numbers`,
    );
  found.set(name, { shape, data });
}

function numbersOf({ type, content }: Element, name: string): MatArray["data"] {
  const make = arrays[type];
  if (make === undefined) throw new Error(`${name} has numbers of a type that is not known (${type})`);
  try {
    return new make(content.slice().buffer);
  } catch (cause) {
    throw new Error(`${name} is broken: ${(cause as Error).message}`, { cause });
  }
}
