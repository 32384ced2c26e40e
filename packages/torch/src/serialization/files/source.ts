/** Where a file's bytes come from: a file that stays open as long as it is needed, or bytes in memory. */
import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { crc32, memoryForFile, readFile, share } from "../../backend/arrays.js";
import { bytesOver } from "../../core/intrinsics.js";
import type { Storage } from "../../core/storage.js";

/** A path, as Node's functions take one. */
export type Path = string | URL;

/** What a file is read from. */
export type Readable = Path | Uint8Array | ArrayBuffer;

/** Memory, and the checksum of what is in it if it was asked for. */
export interface SummedMemory {
  readonly storage: Storage;
  readonly checksum: number;
}

/** Bytes that can be read at any place. */
export interface Source {
  /** What messages call it. */
  readonly name: string;
  readonly size: number;
  /** Bytes in an array of their own. The caller has seen to it that they are inside. */
  read(offset: number, length: number): Uint8Array;
  /** The same in memory for a tensor, by all threads; with a checksum (CRC-32) if it is asked for, which costs little. */
  readMemory(offset: number, length: number, sums?: boolean): SummedMemory;
  /** Ends the use of the file. */
  close(): void;
}

/** The most that one call of the system reads or writes. */
export const largestTransfer = 2 ** 30;

/** Closes files that were left open for tensors which nobody has any more. */
const closeWithSource = new FinalizationRegistry<number>((descriptor) => closeSync(descriptor));

/** An array whose content is undefined, until it is read: to fill it with zeros takes as long as to read it. */
function uninitialized(length: number): Uint8Array {
  try {
    return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer, 0, length);
  } catch (cause) {
    throw new RangeError(`not enough memory: ${length} bytes of a file`, { cause });
  }
}

/** Bytes that nobody else has as memory. */
function summed(bytes: Uint8Array, sums: boolean): SummedMemory {
  return { storage: share(bytes), checksum: sums ? crc32(bytes) : 0 };
}

class FileSource implements Source {
  readonly size: number;
  #isOpen = true;

  constructor(
    readonly name: string,
    readonly descriptor: number,
  ) {
    this.size = fstatSync(descriptor).size;
    closeWithSource.register(this, descriptor, this);
  }

  read(offset: number, length: number): Uint8Array {
    this.#checkOpen();
    const bytes = uninitialized(length);
    let done = 0;
    while (done < length) {
      const read = readSync(this.descriptor, bytes, done, Math.min(length - done, largestTransfer), offset + done);
      if (read === 0) throw new Error(`${this.name} has become shorter while it was read`);
      done += read;
    }
    return bytes;
  }

  readMemory(offset: number, length: number, sums = false): SummedMemory {
    this.#checkOpen();
    const storage = memoryForFile(length);
    const { done, checksum } = readFile({ descriptor: this.descriptor, position: offset }, storage, sums);
    // Where not all of it came, Node says what is wrong.
    return done === length ? { storage, checksum } : summed(this.read(offset, length), sums);
  }

  #checkOpen(): void {
    if (!this.#isOpen) throw new Error(`${this.name} was closed`);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeWithSource.unregister(this);
    closeSync(this.descriptor);
  }
}

class BytesSource implements Source {
  readonly name = "the data";
  readonly size: number;

  constructor(readonly bytes: Uint8Array) {
    this.size = bytes.length;
  }

  read(offset: number, length: number): Uint8Array {
    return this.bytes.slice(offset, offset + length);
  }

  readMemory(offset: number, length: number, sums = false): SummedMemory {
    return summed(this.read(offset, length), sums);
  }

  close(): void {}
}

/** Bytes that nobody else has as a source; what is read of it is a part of them. */
export function sourceOver(name: string, bytes: Uint8Array): Source {
  const read: Source["read"] = (offset, length) => bytes.subarray(offset, offset + length);
  const readMemory: Source["readMemory"] = (offset, length, sums = false) => summed(read(offset, length), sums);
  return { name, size: bytes.length, read, readMemory, close: () => {} };
}

/** A path as text. */
export function pathOf(path: Path): string {
  return path instanceof URL ? fileURLToPath(path) : path;
}

/**
 * Opens a file, or bytes in memory.
 *
 * @throws Error if there is no such file, or it is a folder or something else that is no file.
 */
export function openSource(from: Readable): Source {
  if (typeof from !== "string" && !(from instanceof URL)) {
    // Plain bytes, whatever class they came in.
    return new BytesSource(bytesOver(from) as Uint8Array);
  }
  const path = pathOf(from);
  // A pipe would wait for somebody to write into it.
  if (!statSync(path).isFile()) throw new Error(`${path} is not a file`);
  return new FileSource(path, openSync(path, "r"));
}

/** Runs a function with a source, which is closed behind it unless it is kept. */
export function withSource<T>(from: Readable, keep: boolean, body: (source: Source) => T): T {
  const source = openSource(from);
  let kept = false;
  try {
    const result = body(source);
    kept = keep;
    return result;
  } finally {
    if (!kept) source.close();
  }
}

/**
 * Part of a source as one of its own.
 *
 * @throws Error if it is not inside.
 */
export function partOf(source: Source, start: number, size: number): Source {
  checkInside(source, start, size, "a part");
  const read: Source["read"] = (offset, length) => source.read(start + offset, length);
  const readMemory: Source["readMemory"] = (offset, length, sums) => source.readMemory(start + offset, length, sums);
  return { name: source.name, size, read, readMemory, close: () => {} };
}

/** The error of a file that says what cannot be. */
export function damaged(source: Source, what: string, options?: ErrorOptions): Error {
  return new Error(`${source.name} is damaged: ${what}`, options);
}

/** Throws unless bytes that a file speaks of are in it. */
export function checkInside(source: Source, offset: number, length: number, what: string): void {
  if (offset >= 0 && length >= 0 && offset + length <= source.size) return;
  throw new Error(
    `${source.name} is cut off or damaged: ${what} of ${length} bytes at ${offset} is not in its ${source.size} bytes`,
  );
}
