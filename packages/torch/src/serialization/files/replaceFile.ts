/**
 * Writing files so that there is always a whole one: the new content goes into a file beside it, is brought to the
 * disk, and takes the old one's name in one step. Whatever happens before that step leaves the old file as it was.
 *
 * A process that is killed leaves its unfinished file behind; the next one that writes the same file takes it away.
 */
import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { crc32, type MemoryPart, writeFile } from "../../backend/arrays.js";
import { readBytes } from "../../backend/reading.js";
import { largestTransfer, type Path, pathOf } from "./source.js";

/** Takes bytes at any place. */
export interface Sink {
  write(position: number, bytes: Uint8Array): void;
  /** Takes bytes of memory, and returns the checksum (CRC-32) of what has the checksum `before` and these behind it. */
  writeMemory(position: number, part: MemoryPart, before: number): number;
}

/** Puts pieces into a sink, one after the other. */
export class Appender {
  /** The checksum of all that was put. */
  checksum = 0;
  #at: number;

  constructor(
    readonly sink: Sink,
    from = 0,
  ) {
    this.#at = from;
  }

  put(bytes: Uint8Array): void {
    this.sink.write(this.#at, bytes);
    this.checksum = crc32(bytes, this.checksum);
    this.#at += bytes.length;
  }

  /** Puts memory, which stays where it is. */
  putMemory(part: MemoryPart): void {
    this.checksum = this.sink.writeMemory(this.#at, part, this.checksum);
    this.#at += part.nbytes;
  }
}

/** Bytes of memory that Node writes at once. */
const pieceSize = 2 ** 20;

class FileSink implements Sink {
  constructor(readonly descriptor: number) {}

  writeMemory(position: number, part: MemoryPart, before: number): number {
    const { storage, start, nbytes } = part;
    let { done, checksum } = writeFile({ descriptor: this.descriptor, position }, part, before);
    // Node says what is wrong where not all of it got there.
    while (done < nbytes) {
      const piece = new Uint8Array(Math.min(pieceSize, nbytes - done));
      readBytes(piece, storage, start + done);
      this.write(position + done, piece);
      checksum = crc32(piece, checksum);
      done += piece.length;
    }
    return checksum;
  }

  write(position: number, bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) {
      const count = Math.min(bytes.length - done, largestTransfer);
      done += writeSync(this.descriptor, bytes, done, count, position + done);
    }
  }
}

/** Gathers bytes in memory. */
export class MemorySink implements Sink {
  #bytes: Uint8Array;
  #length = 0;

  /** @param bytes where they are gathered, as long as there is room. */
  constructor(bytes: Uint8Array = new Uint8Array(2 ** 16)) {
    this.#bytes = bytes;
  }

  write(position: number, bytes: Uint8Array): void {
    this.#room(position, bytes.length).set(bytes);
  }

  writeMemory(position: number, { storage, start, nbytes }: MemoryPart, before: number): number {
    const target = this.#room(position, nbytes);
    readBytes(target, storage, start);
    return crc32(target, before);
  }

  /** Where bytes belong. */
  #room(position: number, count: number): Uint8Array {
    const end = position + count;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#length = Math.max(this.#length, end);
    return this.#bytes.subarray(position, end);
  }

  /** All that was written. */
  result(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

/**
 * Writes a file anew, whole or not at all.
 *
 * @param write puts the content into a sink; if it throws, nothing is changed.
 * @throws Error that says why the file could not be written; it is as it was then.
 */
export function replaceFile(path: Path, write: (sink: Sink) => void): void {
  const target = finalPath(pathOf(path));
  const present = statSync(target, { throwIfNoEntry: false });
  if (present !== undefined && !present.isFile() && !present.isDirectory()) return writeThrough(target, write);
  const folder = dirname(target);
  try {
    if (present?.isDirectory()) throw new Error("it is a folder");
    removeAbandoned(target);
    const unfinished = nameBeside(target);
    try {
      writeWhole(unfinished, write);
      if (present !== undefined) chmodSync(unfinished, present.mode);
      renameSync(unfinished, target);
    } catch (error) {
      rmSync(unfinished, { force: true });
      throw error;
    }
    flushFolder(folder);
  } catch (cause) {
    const { message, code } = cause as NodeJS.ErrnoException;
    const state = present?.isFile() ? "what was there stays as it was" : "nothing is left of it";
    const error = new Error(`${pathOf(path)} could not be written, ${state}: ${message}`, { cause });
    throw code === undefined ? error : Object.assign(error, { code });
  }
}

/** The file that is meant, where the path is a link to it. */
function finalPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Writes to what is no file on a disk, such as a pipe or `/dev/stdout`. */
function writeThrough(path: string, write: (sink: Sink) => void): void {
  const sink = new MemorySink();
  write(sink);
  writeFileSync(path, sink.result());
}

function writeWhole(path: string, write: (sink: Sink) => void): void {
  const descriptor = openSync(path, "wx");
  try {
    write(new FileSink(descriptor));
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Brings to the disk which files a folder has. */
export function flushFolder(folder: string): void {
  // Windows lets nobody open a folder, and needs none of this.
  if (process.platform === "win32") return;
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

const host = hostname().replace(/[^\w-]/g, "_");
let count = 0;

const unfinishedName = /\.([\w-]+)\.(\d+)\.\d+\.part$/;

/** A name for a file that this process is about to make beside another. */
export function nameBeside(path: string): string {
  return join(dirname(path), `.${basename(path)}.${host}.${process.pid}.${count++}.part`);
}

/** Takes away what processes of this machine that are gone left of a file. */
export function removeAbandoned(path: string): void {
  for (const name of abandonedBeside(path)) rmSync(join(dirname(path), name), { force: true });
}

/** The names of the files beside one that processes of this machine made with `nameBeside`, and are gone. */
export function abandonedBeside(path: string): string[] {
  return abandonedIn(dirname(path), `.${basename(path)}.`);
}

/** The same in a folder, of all files whose names there begin in a way. */
export function abandonedIn(folder: string, start: string): string[] {
  return readdirSync(folder).filter((name) => {
    const [, owner, pid] = (name.startsWith(start) && unfinishedName.exec(name)) || [];
    return owner === host && !isRunning(Number(pid));
  });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
