/**
 * Writes values as pickles of protocol 2, with the few instructions that PyTorch reads with `weights_only=True`.
 *
 * What occurs twice is written once and remembered, so that it is one thing again for the reader.
 */

import { Op } from "./opcodes.js";
import { encodeText } from "./text.js";

/** How many items are appended at once, as Python does. */
const batch = 1000;

/** The longest integer, in bytes, of the instruction that has one byte for that. */
const longestInteger = 255;

/** The bytes of a pickle that is being written. */
export class PickleWriter {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  #remembered = 0;
  /** The places of texts and of the names of classes. */
  readonly #texts = new Map<string, number>();
  readonly #globals = new Map<string, number>();

  constructor() {
    this.op(Op.Proto);
    this.#byte(2);
  }

  /** The whole pickle. */
  end(): Uint8Array {
    this.op(Op.Stop);
    return this.#bytes.subarray(0, this.#length);
  }

  #room(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }

  #byte(value: number): void {
    const at = this.#room(1);
    this.#bytes[at] = value;
  }

  #put(bytes: Uint8Array): void {
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
  }

  #word(value: number): void {
    const at = this.#room(4);
    this.#view.setUint32(at, value, true);
  }

  op(op: Op): void {
    this.#byte(op);
  }

  /** Remembers what was written last, and returns the place to recall it from. */
  remember(): number {
    const place = this.#remembered++;
    this.#placed(Op.BinPut, Op.LongBinPut, place);
    return place;
  }

  recall(place: number): void {
    this.#placed(Op.BinGet, Op.LongBinGet, place);
  }

  #placed(short: Op, long: Op, place: number): void {
    const isShort = place < 256;
    this.op(isShort ? short : long);
    if (isShort) this.#byte(place);
    else this.#word(place);
  }

  boolean(value: boolean): void {
    this.op(value ? Op.NewTrue : Op.NewFalse);
  }

  /** A number: an int where it is whole, as far as all whole numbers are there; else a float. */
  number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) return this.#integer(value);
    this.op(Op.BinFloat);
    const at = this.#room(8);
    this.#view.setFloat64(at, value, false);
  }

  #integer(value: number): void {
    if (value >= 0 && value < 256) {
      this.op(Op.BinInt1);
      return this.#byte(value);
    }
    if (value !== (value | 0)) return this.bigint(BigInt(value));
    this.op(Op.BinInt);
    const at = this.#room(4);
    this.#view.setInt32(at, value, true);
  }

  /** @throws RangeError for one that is too long for a file. */
  bigint(value: bigint): void {
    let length = 1;
    while (BigInt.asIntN(8 * length, value) !== value) {
      if (++length > longestInteger) throw new RangeError("a bigint of more than 255 bytes cannot be saved");
    }
    this.op(Op.Long1);
    this.#byte(length);
    const digits = BigInt.asUintN(8 * length, value)
      .toString(16)
      .padStart(2 * length, "0");
    this.#put(Buffer.from(digits, "hex").reverse());
  }

  text(text: string): void {
    const known = this.#texts.get(text);
    if (known !== undefined) return this.recall(known);
    const bytes = encodeText(text);
    this.op(Op.BinUnicode);
    this.#word(bytes.length);
    this.#put(bytes);
    this.#texts.set(text, this.remember());
  }

  /** A class or function by its name, such as `"collections.OrderedDict"`. */
  global(name: string): void {
    const known = this.#globals.get(name);
    if (known !== undefined) return this.recall(known);
    const at = name.lastIndexOf(".");
    this.op(Op.Global);
    this.#put(encodeText(`${name.slice(0, at)}\n${name.slice(at + 1)}\n`));
    this.#globals.set(name, this.remember());
  }

  /** Items of a list or a dict, each written by a function, in batches. */
  items(count: number, append: Op.Appends | Op.SetItems, write: (i: number) => void): void {
    for (let from = 0; from < count; from += batch) {
      this.op(Op.Mark);
      for (let i = from; i < Math.min(count, from + batch); i++) write(i);
      this.op(append);
    }
  }
}
