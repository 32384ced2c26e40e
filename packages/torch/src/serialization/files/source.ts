/** Where a file's bytes come from: a file that stays open as long as it is needed, or bytes in memory. */
import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bytesOver } from "../../core/intrinsics.js";

/** A path, as Node's functions take one. */
export type Path = string | URL;

/** What a file is read from. */
export type Readable = Path | Uint8Array | ArrayBuffer;

/** Looks at a piece of what is read. */
export type Look = (piece: Uint8Array) => void;

/** Bytes that can be read at any place. */
export interface Source {
  /** What messages call it. */
  readonly name: string;
  readonly size: number;
  /**
   * Bytes in an array of their own. The caller has seen to it that they are inside.
   *
   * @param look is shown each piece right after it came, while it is in the caches.
   */
  read(offset: number, length: number, look?: Look): Uint8Array;
  /** Ends the use of the file. */
  close(): void;
}

/** The most that one call of the system reads or writes. */
export const largestTransfer = 2 ** 30;
/** The size of pieces that are looked at. */
const pieceSize = 2 ** 20;

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

  read(offset: number, length: number, look?: Look): Uint8Array {
    if (!this.#isOpen) throw new Error(`${this.name} was closed`);
    const bytes = uninitialized(length);
    const most = look === undefined ? largestTransfer : pieceSize;
    let done = 0;
    while (done < length) {
      const read = readSync(this.descriptor, bytes, done, Math.min(length - done, most), offset + done);
      if (read === 0) throw new Error(`${this.name} has become shorter while it was read`);
      look?.(bytes.subarray(done, done + read));
      done += read;
    }
    return bytes;
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

  read(offset: number, length: number, look?: Look): Uint8Array {
    const bytes = this.bytes.slice(offset, offset + length);
    look?.(bytes);
    return bytes;
  }

  close(): void {}
}

/** Bytes that nobody else has as a source; what is read of it is a part of them. */
export function sourceOver(name: string, bytes: Uint8Array): Source {
  const read: Source["read"] = (offset, length) => bytes.subarray(offset, offset + length);
  return { name, size: bytes.length, read, close: () => {} };
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
  const read: Source["read"] = (offset, length, look) => source.read(start + offset, length, look);
  return { name: source.name, size, read, close: () => {} };
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
