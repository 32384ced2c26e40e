/**
 * Reads IDX files: arrays of numbers with a short header, the form in which MNIST and its like are published.
 *
 * Two zero bytes, a byte for the type, one for the number of dims, the sizes as big-endian 32-bit integers, then the
 * elements in row-major order.
 */
import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

export interface IdxArray {
  readonly sizes: readonly number[];
  readonly data: Uint8Array;
}

/** The types of elements that are read: their codes, sizes, and what to call them. */
const types = { bytes: { code: 8, size: 1 }, integers: { code: 12, size: 4 } } as const;

/**
 * Parses an array of bytes, or of integers of 32 bits, whose bytes it gives then.
 *
 * @param name what to call the file in messages.
 * @throws Error unless the file is whole, has that number of dims, and holds these elements.
 */
export function parseIdx(
  file: Uint8Array,
  ndim: number,
  name: string,
  elements: keyof typeof types = "bytes",
): IdxArray {
  const { code, size } = types[elements];
  const fail = (reason: string): never => {
    throw new Error(`${name} is not a whole IDX file of ${ndim}-dimensional ${elements}: ${reason}`);
  };
  const header = 4 + 4 * ndim;
  if (file.length < 4) fail(`it has ${file.length} bytes`);
  const [zero, alsoZero, type, dims] = file as unknown as [number, number, number, number];
  if (zero !== 0 || alsoZero !== 0) fail("it does not begin with two zero bytes");
  if (type !== code) fail(`its elements have type ${type}, expected ${code}`);
  if (dims !== ndim) fail(`it has ${dims} dims`);
  if (file.length < header) fail(`it ends within its header, after ${file.length} bytes`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const sizes = Array.from({ length: ndim }, (_, dim) => view.getUint32(4 + 4 * dim));
  const expected = header + sizes.reduce((product, one) => product * one, size);
  if (file.length !== expected) fail(`sizes ${sizes.join("x")} make ${expected} bytes, but it has ${file.length}`);
  return { sizes, data: file.subarray(header) };
}

/** No data set has files that are larger when unpacked; a broken one must not fill the memory. */
const largestFile = 2 ** 30;

/** Reads an array of bytes from a file, or from the file of that name with `.gz` behind it. */
export function readIdx(path: string, ndim: number, elements: keyof typeof types = "bytes"): IdxArray {
  if (existsSync(path)) return parseIdx(readFileSync(path), ndim, path, elements);
  const packed = `${path}.gz`;
  return parseIdx(unpack(readFileSync(packed), packed), ndim, packed, elements);
}

/** The same for an array of integers of 32 bits. */
export function readIdxInts(path: string, ndim: number): { sizes: readonly number[]; data: Int32Array } {
  const { sizes, data } = readIdx(path, ndim, "integers");
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return { sizes, data: Int32Array.from({ length: data.length / 4 }, (_, i) => view.getInt32(4 * i)) };
}

/** Unpacks a gzip file; one that is broken or not whole is an error. */
export function unpack(file: Uint8Array, name: string): Uint8Array {
  try {
    return gunzipSync(file, { maxOutputLength: largestFile });
  } catch (cause) {
    throw new Error(`${name} is not a whole gzip file: ${(cause as Error).message}`, { cause });
  }
}

/** Whether `readIdx` finds a file. */
export function hasIdx(path: string): boolean {
  return existsSync(path) || existsSync(`${path}.gz`);
}
