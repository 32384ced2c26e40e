/** Kernels on plain bytes, and between them and files. */
import { byteLengthOf } from "../../core/intrinsics.js";
import type { Storage } from "../../core/storage.js";
import { begin, type Kernel, kernel, launch, put, resultAt } from "./block.js";
import { CpuStorage } from "./memory/storage.js";

const crc32Kernel = kernel("crc32");

/** The checksum that zip archives have (CRC-32), of bytes that follow those with the checksum `before`. */
export function crc32(bytes: Uint8Array, before = 0): number {
  const count = byteLengthOf(bytes);
  const address = CpuStorage.locate(CpuStorage.share(bytes), 0, count, 1);
  const list = begin();
  put(address);
  put(count);
  put(before);
  launch(crc32Kernel, list);
  return resultAt(0);
}

/** A place in an open file. */
export interface FilePlace {
  readonly descriptor: number;
  readonly position: number;
}

/** Bytes in the memory of tensors. */
export interface MemoryPart {
  readonly storage: Storage;
  readonly start: number;
  readonly nbytes: number;
}

/** What came over between a file and memory: the bytes before the first that did not, and a checksum. */
export interface Transferred {
  readonly done: number;
  readonly checksum: number;
}

const readFileKernel = kernel("readFile");
const writeFileKernel = kernel("writeFile");

/** Fills memory of the host from a file, with all threads, as far as it goes; the checksum is 0 unless it is asked for. */
export function readFile(from: FilePlace, target: Storage, sums: boolean): Transferred {
  return transfer(readFileKernel, from, { storage: target, start: 0, nbytes: target.nbytes }, sums, 0);
}

/** Writes memory to a file, as far as it goes; the checksum is that of bytes with the checksum `before` and these. */
export function writeFile(to: FilePlace, part: MemoryPart, before: number): Transferred {
  if (part.storage.device !== "cpu") return { done: 0, checksum: before };
  return transfer(writeFileKernel, to, part, true, before);
}

function transfer(
  run: Kernel,
  { descriptor, position }: FilePlace,
  { storage, start, nbytes }: MemoryPart,
  sums: boolean,
  before: number,
): Transferred {
  const address = CpuStorage.locate(storage, start, nbytes, 1);
  const list = begin();
  put(descriptor);
  put(address);
  put(nbytes);
  put(position);
  put(sums ? 1 : 0);
  put(before);
  launch(run, list);
  return { done: resultAt(0), checksum: resultAt(1) };
}
