/** Reading a source from a place on, in small pieces, through a window of it in memory. */
import { checkInside, damaged, type Source } from "./source.js";

const windowSize = 2 ** 16;

export class Cursor {
  #window: Uint8Array = new Uint8Array(0);
  #view = new DataView(this.#window.buffer);
  /** Where the window begins in the source, and the next byte in the window. */
  #start: number;
  #at = 0;

  constructor(
    readonly source: Source,
    offset = 0,
  ) {
    this.#start = offset;
  }

  /** The place of the next byte in the source. */
  get offset(): number {
    return this.#start + this.#at;
  }

  set offset(offset: number) {
    checkInside(this.source, offset, 0, "something");
    this.#start = offset;
    this.#at = 0;
    this.#window = new Uint8Array(0);
  }

  /** Sees to it that so many bytes are in the window, and steps over them; the result is where they begin there. */
  #step(count: number): number {
    if (count < 0 || this.#at + count > this.#window.length) this.#fill(count);
    const at = this.#at;
    this.#at += count;
    return at;
  }

  #fill(count: number): void {
    const { offset, source } = this;
    checkInside(source, offset, count, "a value");
    this.#window = source.read(offset, Math.min(Math.max(count, windowSize), source.size - offset));
    this.#view = new DataView(this.#window.buffer, this.#window.byteOffset, this.#window.length);
    this.#start = offset;
    this.#at = 0;
  }

  /** The next bytes, in memory that the caller may not keep. */
  bytes(count: number): Uint8Array {
    const at = this.#step(count);
    return this.#window.subarray(at, at + count);
  }

  uint8(): number {
    const at = this.#step(1);
    return this.#view.getUint8(at);
  }

  uint16(): number {
    const at = this.#step(2);
    return this.#view.getUint16(at, true);
  }

  uint32(): number {
    const at = this.#step(4);
    return this.#view.getUint32(at, true);
  }

  int32(): number {
    const at = this.#step(4);
    return this.#view.getInt32(at, true);
  }

  /** A whole number of 64 bits; beyond 2^53, where no size can be, it is only near. */
  int64(): number {
    const at = this.#step(8);
    return Number(this.#view.getBigInt64(at, true));
  }

  /** A number in big-endian order, as pickles have it. */
  float64(): number {
    const at = this.#step(8);
    return this.#view.getFloat64(at, false);
  }

  /** Text up to the end of a line. */
  line(): string {
    const limit = 1000;
    let text = "";
    for (let byte = this.uint8(); byte !== 10; byte = this.uint8()) {
      text += String.fromCharCode(byte);
      if (text.length > limit) throw damaged(this.source, `a name of more than ${limit} letters`);
    }
    return text;
  }
}
