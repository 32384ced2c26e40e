/**
 * Reads pickles of plain data and arrays of numbers, such as CIFAR is published in. No code is run, whatever the file
 * says: a name that is not of NumPy's arrays ends the reading.
 *
 * Texts of Python 2 are read as letters of one byte each, as `pickle.load(file, encoding="latin1")` does.
 */
import { ByteReader } from "../../codecs/reader.js";

/** An array of numbers as it stands in a file. */
export interface PickledArray {
  readonly shape: readonly number[];
  /** NumPy's name of what the numbers are: `u1`, `i8`, … */
  readonly kind: string;
  readonly bytes: Uint8Array;
}

/** What a name in a file stands for. */
class Named {
  constructor(readonly name: string) {}
}

/** An object that was made and waits for its state. */
class Unfinished {
  array: PickledArray | undefined;
  constructor(readonly kind: string) {}
}

const allowed = new Set([
  "numpy.core.multiarray._reconstruct",
  "numpy._core.multiarray._reconstruct",
  "numpy.ndarray",
  "numpy.dtype",
  "_codecs.encode",
]);

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
const utf8 = new TextDecoder();

/**
 * The object of a pickle: dicts as `Map`s, lists and tuples as arrays, arrays of numbers as `PickledArray`s.
 *
 * @param name what to call the file in messages.
 * @throws Error if it is broken, or names anything but NumPy's arrays.
 */
export function readPickle(bytes: Uint8Array, name: string): unknown {
  return new Machine(new ByteReader(bytes, name)).run();
}

/** A pickle is a program for a machine with a stack. */
class Machine {
  #stack: unknown[] = [];
  readonly #outer: unknown[][] = [];
  readonly #memo = new Map<number, unknown>();

  constructor(readonly reader: ByteReader) {}

  run(): unknown {
    for (;;) {
      const code = String.fromCharCode(this.reader.byte());
      if (code === ".") return finished(this.#pop());
      this.#step(code);
    }
  }

  #fail(reason: string): never {
    throw new Error(`${this.reader.name} is no pickle of plain data: ${reason}`);
  }

  #pop(): unknown {
    if (this.#stack.length === 0) this.#fail("it takes something from an empty stack");
    return this.#stack.pop();
  }

  #popMark(): unknown[] {
    const items = this.#stack;
    this.#stack = this.#outer.pop() ?? this.#fail("it goes back to a mark that it did not set");
    return items;
  }

  #top<T extends object>(kind: new () => T): T {
    const top = this.#stack.at(-1);
    return top instanceof kind ? top : this.#fail(`it adds to what is no ${kind.name}`);
  }

  #step(code: string): void {
    const { reader } = this;
    const stack = this.#stack;
    switch (code) {
      case "\x80":
        reader.byte();
        return;
      case "\x95":
        reader.take(8);
        return;
      case "(":
        this.#outer.push(stack);
        this.#stack = [];
        return;
      case "}":
        stack.push(new Map());
        return;
      case "]":
      case ")":
        stack.push([]);
        return;
      case "t":
      case "l": {
        const items = this.#popMark();
        this.#stack.push(items);
        return;
      }
      case "\x85":
      case "\x86":
      case "\x87": {
        const count = code.charCodeAt(0) - 0x84;
        if (stack.length < count) this.#fail("it takes something from an empty stack");
        stack.push(stack.splice(-count));
        return;
      }
      case "a": {
        const item = this.#pop();
        this.#top(Array).push(item);
        return;
      }
      case "e": {
        const items = this.#popMark();
        const list = this.#top(Array);
        for (const item of items) list.push(item);
        return;
      }
      case "s": {
        const value = this.#pop();
        const key = this.#pop();
        this.#top(Map).set(key, value);
        return;
      }
      case "u": {
        const items = this.#popMark();
        const dict = this.#top(Map);
        for (let i = 0; i + 1 < items.length; i += 2) dict.set(items[i], items[i + 1]);
        return;
      }
      case "q":
        this.#memo.set(reader.byte(), stack.at(-1));
        return;
      case "r":
        this.#memo.set(reader.uint32(true), stack.at(-1));
        return;
      case "\x94":
        this.#memo.set(this.#memo.size, stack.at(-1));
        return;
      case "h":
        return this.#recall(reader.byte());
      case "j":
        return this.#recall(reader.uint32(true));
      case "c":
        return this.#name(`${this.#line()}.${this.#line()}`);
      case "\x93": {
        const name = this.#pop();
        return this.#name(`${String(this.#pop())}.${String(name)}`);
      }
      case "R": {
        const args = this.#pop();
        const callee = this.#pop();
        this.#stack.push(this.#call(callee, args));
        return;
      }
      case "b":
        return this.#build(this.#pop());
      default:
        stack.push(this.#value(code));
    }
  }

  /** The value that an instruction spells out. */
  #value(code: string): unknown {
    const { reader } = this;
    switch (code) {
      case "N":
        return null;
      case "\x88":
        return true;
      case "\x89":
        return false;
      case "K":
        return reader.byte();
      case "M":
        return reader.uint16(true);
      case "J":
        return reader.uint32(true) | 0;
      case "I": {
        const text = this.#line();
        return text === "01" ? true : text === "00" ? false : this.#number(text);
      }
      case "L":
        return this.#number(this.#line().replace(/L$/, ""));
      case "\x8a":
        return this.#long(reader.take(reader.byte()));
      case "G":
        return new DataView(reader.take(8).slice().buffer).getFloat64(0);
      case "F":
        return this.#number(this.#line());
      case "U":
        return latin1(reader.take(reader.byte()));
      case "T":
        return latin1(reader.take(reader.uint32(true)));
      case "X":
        return utf8.decode(reader.take(reader.uint32(true)));
      case "\x8c":
        return utf8.decode(reader.take(reader.byte()));
      case "C":
        return reader.take(reader.byte());
      case "B":
        return reader.take(reader.uint32(true));
      default:
        return this.#fail(`it has an unknown instruction 0x${code.charCodeAt(0).toString(16)}`);
    }
  }

  #line(): string {
    const { reader } = this;
    const end = reader.bytes.indexOf(10, reader.at);
    if (end < 0) this.#fail("a line in it does not end");
    const text = latin1(reader.take(end - reader.at));
    reader.at++;
    return text;
  }

  #number(text: string): number {
    const value = Number(text);
    return Number.isNaN(value) || text === "" ? this.#fail(`${JSON.stringify(text)} is no number`) : value;
  }

  #long(bytes: Uint8Array): number {
    const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
      .reverse()
      .join("");
    return digits === "" ? 0 : Number(BigInt.asIntN(8 * bytes.length, BigInt(`0x${digits}`)));
  }

  #recall(place: number): void {
    if (!this.#memo.has(place)) this.#fail(`it asks for what it has not remembered (${place})`);
    this.#stack.push(this.#memo.get(place));
  }

  #name(name: string): void {
    if (!allowed.has(name)) this.#fail(`it names ${name}, and only arrays are read`);
    this.#stack.push(new Named(name));
  }

  #call(callee: unknown, args: unknown): unknown {
    if (!(callee instanceof Named) || !Array.isArray(args)) this.#fail("it calls what is no function");
    if (callee.name.endsWith("_reconstruct")) return new Unfinished("");
    if (callee.name === "numpy.dtype") return new Unfinished(String(args[0]));
    if (callee.name === "_codecs.encode" && typeof args[0] === "string")
      return new Uint8Array(Buffer.from(args[0], "latin1"));
    return this.#fail(`it calls ${callee.name} in an unknown way`);
  }

  /** The state of a dtype is not looked at; that of an array is its version, shape, dtype, order and bytes. */
  #build(state: unknown): void {
    const object = this.#stack.at(-1);
    if (!(object instanceof Unfinished) || !Array.isArray(state)) this.#fail("it gives a state to what has none");
    if (object.kind !== "") {
      if (state[1] === ">") this.#fail("numbers in it are big-endian");
      return;
    }
    const [, shape, dtype, isFortran, content] = state as [unknown, unknown, unknown, unknown, unknown];
    const bytes = typeof content === "string" ? new Uint8Array(Buffer.from(content, "latin1")) : content;
    const isShape = Array.isArray(shape) && shape.every((size) => Number.isInteger(size) && size >= 0);
    if (!isShape || !(dtype instanceof Unfinished) || !(bytes instanceof Uint8Array) || isFortran === true)
      this.#fail("an array in it is of a form that is not known");
    const size = (shape as number[]).reduce(
      (product, one) => product * one,
      Number(/\d+$/.exec(dtype.kind)?.[0] ?? Number.NaN),
    );
    if (size !== bytes.length)
      this.#fail(`an array of shape (${(shape as number[]).join(", ")}) has ${bytes.length} bytes`);
    object.array = { shape: shape as number[], kind: dtype.kind, bytes };
  }
}

/** Arrays in the place of what was made for them. */
function finished(value: unknown): unknown {
  if (value instanceof Unfinished) return value.array;
  if (value instanceof Map)
    return new Map(Array.from(value, ([key, one]) => [key, one instanceof Unfinished ? one.array : one]));
  return value;
}
