/** A cursor over the bytes of a file. */

/** Reads numbers one after the other; behind the end there is an error. */
export class ByteReader {
  at = 0;
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  /** @param name whose file it is, for messages. */
  constructor(
    { buffer, byteOffset, byteLength }: Uint8Array,
    readonly name: string,
  ) {
    // A `Buffer` has a `slice` that does not copy.
    this.bytes = new Uint8Array(buffer, byteOffset, byteLength);
    this.#view = new DataView(buffer, byteOffset, byteLength);
  }

  get rest(): number {
    return this.bytes.length - this.at;
  }

  /** Goes on by so many bytes, and returns where they begin. */
  #pass(count: number): number {
    if (count > this.rest) throw new Error(`${this.name}: the image is truncated, after ${this.bytes.length} bytes`);
    const { at } = this;
    this.at += count;
    return at;
  }

  byte(): number {
    return this.bytes[this.#pass(1)] as number;
  }

  uint16(littleEndian = false): number {
    return this.#view.getUint16(this.#pass(2), littleEndian);
  }

  uint32(littleEndian = false): number {
    return this.#view.getUint32(this.#pass(4), littleEndian);
  }

  take(count: number): Uint8Array {
    const begin = this.#pass(count);
    return this.bytes.subarray(begin, begin + count);
  }

  /** The next bytes as text, each a letter. */
  text(count: number): string {
    return String.fromCharCode(...this.take(count));
  }
}
