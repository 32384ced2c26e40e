/**
 * Reads pickles without running any code: what a pickle names is looked up in a list, and whatever is not there ends
 * the reading.
 *
 * A pickle is a program for a machine with a stack. It runs here in a loop, however deep its objects are nested. What
 * it makes is bounded by its length: a step makes no more than its bytes say, or pays for it (`spend`). Objects take
 * more memory than their bytes in the file, so they are counted too, and end the reading before the heap is full.
 */
import { getHeapStatistics } from "node:v8";
import type { Cursor } from "../files/cursor.js";
import { damaged } from "../files/source.js";
import { Buildable, type Callee, Dict, Items } from "./objects.js";
import { Op } from "./opcodes.js";
import { decodeText } from "./text.js";

/** What a pickle may name, and what that is. */
export interface Names {
  /** The class or function of a name such as `"collections.OrderedDict"`; throws for one that is not allowed. */
  find(name: string, machine: Unpickler): unknown;
  /** What stands in a file beside the pickle, such as the memory of a tensor. */
  persistent(id: unknown): unknown;
}

/** The longest whole number, in bytes: larger ones are no numbers of anybody's, and slow to make. */
const longestInteger = 1024;

/** The most values on the stack, and bytes that containers and what is in them take about. */
const mostValues = 2 ** 26;
const containerWeight = 128;
const itemWeight = 64;

const tagOf = (op: number) => `0x${op.toString(16).padStart(2, "0")}`;

export class Unpickler {
  readonly #start: number;
  #stack: unknown[] = [];
  readonly #outer: unknown[][] = [];
  readonly #memo = new Map<number, unknown>();
  #spent = 0;
  #done = false;
  /** About the bytes of the heap that are taken, and those that may be. */
  #weight = 0;
  readonly #limit = getHeapStatistics().heap_size_limit / 4;

  constructor(
    readonly cursor: Cursor,
    readonly names: Names,
  ) {
    this.#start = cursor.offset;
  }

  /** The object of one pickle; the cursor stands behind it then. */
  read(): unknown {
    while (!this.#done) this.#step(this.cursor.uint8());
    return this.#pop();
  }

  /** The error of a pickle that makes no sense. */
  fail(what: string): Error {
    return damaged(this.cursor.source, what);
  }

  /** Counts what is made beyond what a pickle spells out, which cannot be more than that in any that was written. */
  spend(count: number): void {
    this.#spent += count;
    if (this.#spent <= this.cursor.offset - this.#start + 1024) return;
    throw this.fail("it makes more of its bytes than they can say");
  }

  #weigh(bytes: number): void {
    this.#weight += bytes;
    if (this.#weight > this.#limit)
      throw new Error(`${this.cursor.source.name} holds more objects than there is memory for`);
  }

  /** Pushes a container. */
  #hold(container: object): void {
    this.#weigh(containerWeight);
    this.#push(container);
  }

  #pop(): unknown {
    if (this.#stack.length === 0) throw this.fail("a pickle takes something from an empty stack");
    return this.#stack.pop();
  }

  #top(): unknown {
    if (this.#stack.length === 0) throw this.fail("a pickle looks at an empty stack");
    return this.#stack[this.#stack.length - 1];
  }

  #push(value: unknown): void {
    if (this.#stack.push(value) > mostValues) throw this.fail(`it has more than ${mostValues} values in one list`);
  }

  /** What was pushed since the last mark. */
  #popMark(): unknown[] {
    const items = this.#stack;
    const outer = this.#outer.pop();
    if (outer === undefined) throw this.fail("a pickle goes back to a mark that it did not set");
    this.#stack = outer;
    return items;
  }

  #step(op: number): void {
    const { cursor } = this;
    switch (op) {
      case Op.Proto:
        if (cursor.uint8() > 5) throw this.fail("it is a pickle of a protocol that is not known");
        return;
      case Op.Frame:
        cursor.bytes(8);
        return;
      case Op.Stop:
        this.#done = true;
        return;
      case Op.Mark:
        this.#weigh(containerWeight);
        this.#outer.push(this.#stack);
        this.#stack = [];
        return;
      case Op.Pop:
        this.#pop();
        return;
      case Op.PopMark:
        this.#popMark();
        return;
      case Op.Dup:
        return this.#push(this.#top());
      case Op.None:
        return this.#push(null);
      case Op.NewTrue:
        return this.#push(true);
      case Op.NewFalse:
        return this.#push(false);
      case Op.BinInt:
        return this.#push(cursor.int32());
      case Op.BinInt1:
        return this.#push(cursor.uint8());
      case Op.BinInt2:
        return this.#push(cursor.uint16());
      case Op.Long1:
        return this.#push(this.#integer(cursor.uint8()));
      case Op.Long4:
        return this.#push(this.#integer(cursor.int32()));
      case Op.BinFloat:
        return this.#push(cursor.float64());
      default:
        this.#stepText(op);
    }
  }

  #stepText(op: number): void {
    const { cursor } = this;
    switch (op) {
      case Op.BinUnicode:
      case Op.BinString:
        return this.#push(this.#text(cursor.uint32()));
      case Op.ShortBinUnicode:
      case Op.ShortBinString:
        return this.#push(this.#text(cursor.uint8()));
      case Op.BinUnicode8:
        return this.#push(this.#text(cursor.int64()));
      case Op.BinBytes:
        return this.#push(cursor.bytes(cursor.uint32()).slice());
      case Op.ShortBinBytes:
        return this.#push(cursor.bytes(cursor.uint8()).slice());
      case Op.BinBytes8:
      case Op.ByteArray8:
        return this.#push(cursor.bytes(cursor.int64()).slice());
      default:
        this.#stepContainer(op);
    }
  }

  #stepContainer(op: number): void {
    switch (op) {
      case Op.EmptyTuple:
      case Op.EmptyList:
        return this.#hold([]);
      case Op.Tuple:
        return this.#hold(this.#popMark());
      case Op.Tuple1:
      case Op.Tuple2:
      case Op.Tuple3:
        return this.#tuple(op - Op.Tuple1 + 1);
      case Op.EmptyDict:
        return this.#hold(new Dict());
      case Op.EmptySet:
        return this.#hold(new Items());
      case Op.FrozenSet: {
        const items = this.#popMark();
        this.#hold(new Items());
        return this.#addItems(items);
      }
      case Op.Append:
        return this.#extend([this.#pop()]);
      case Op.Appends:
        return this.#extend(this.#popMark());
      case Op.AddItems:
        return this.#addItems(this.#popMark());
      case Op.SetItem: {
        const value = this.#pop();
        return this.#setItems([this.#pop(), value]);
      }
      case Op.SetItems:
        return this.#setItems(this.#popMark());
      default:
        this.#stepMemo(op);
    }
  }

  #stepMemo(op: number): void {
    const { cursor } = this;
    switch (op) {
      case Op.BinGet:
        return this.#recall(cursor.uint8());
      case Op.LongBinGet:
        return this.#recall(cursor.uint32());
      case Op.BinPut:
        return this.#remember(cursor.uint8());
      case Op.LongBinPut:
        return this.#remember(cursor.uint32());
      case Op.Memoize:
        return this.#remember(this.#memo.size);
      default:
        this.#stepObject(op);
    }
  }

  #stepObject(op: number): void {
    const { cursor, names } = this;
    switch (op) {
      case Op.Global: {
        const module = cursor.line();
        return this.#push(names.find(`${module}.${cursor.line()}`, this));
      }
      case Op.StackGlobal: {
        const name = this.#pop();
        return this.#push(names.find(`${String(this.#pop())}.${String(name)}`, this));
      }
      case Op.Reduce:
      case Op.NewObj: {
        const args = this.#pop();
        return this.#push(this.#call(this.#pop(), args));
      }
      case Op.NewObjEx: {
        const named = this.#pop();
        if (!(named instanceof Dict) || named.entries.size > 0)
          throw this.fail("it calls a class with named arguments");
        const args = this.#pop();
        return this.#push(this.#call(this.#pop(), args));
      }
      case Op.Build:
        return this.#build(this.#pop());
      case Op.BinPersId:
        return this.#push(names.persistent(this.#pop()));
      default:
        throw this.fail(`torch.save writes no instruction ${tagOf(op)} into a pickle`);
    }
  }

  #integer(length: number): number | bigint {
    if (length < 0 || length > longestInteger) throw this.fail(`it has an integer of ${length} bytes`);
    if (length === 0) return 0;
    const bytes = this.cursor.bytes(length);
    let digits = "";
    for (let i = length - 1; i >= 0; i--) digits += (bytes[i] as number).toString(16).padStart(2, "0");
    const value = BigInt.asIntN(8 * length, BigInt(`0x${digits}`));
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }

  #text(length: number): string {
    try {
      return decodeText(this.cursor.bytes(length));
    } catch (error) {
      if (error instanceof TypeError) throw this.fail("a text in it is not UTF-8");
      throw error;
    }
  }

  #tuple(length: number): void {
    if (this.#stack.length < length) throw this.fail("a pickle takes something from an empty stack");
    this.#hold(this.#stack.splice(-length));
  }

  #extend(items: readonly unknown[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) throw this.fail("it appends to what is no list");
    if (list.length + items.length > mostValues) throw this.fail(`it has more than ${mostValues} values in one list`);
    for (const item of items) list.push(item);
  }

  #addItems(items: readonly unknown[]): void {
    const set = this.#top();
    if (!(set instanceof Items)) throw this.fail("it adds to what is no set");
    this.#weigh(itemWeight * items.length);
    for (const item of items) set.items.push(item);
  }

  #setItems(items: readonly unknown[]): void {
    const dict = this.#top();
    if (!(dict instanceof Dict)) throw this.fail("it sets items of what is no dict");
    if (items.length % 2 !== 0) throw this.fail("a dict in it has a key without a value");
    this.#weigh(itemWeight * items.length);
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i];
      if (dict.entries.has(key)) throw this.fail(`a dict in it has the key ${JSON.stringify(String(key))} twice`);
      dict.set(key, items[i + 1]);
    }
  }

  #remember(place: number): void {
    this.#weigh(itemWeight);
    this.#memo.set(place, this.#top());
  }

  #recall(place: number): void {
    if (!this.#memo.has(place)) throw this.fail(`it asks for what it has not remembered (${place})`);
    this.#push(this.#memo.get(place));
  }

  #call(callee: unknown, args: unknown): unknown {
    const { name, call } = (callee ?? {}) as Partial<Callee>;
    if (!Array.isArray(args) || typeof name !== "string") throw this.fail("it calls what is no function");
    if (call === undefined) throw this.fail(`it calls ${name}, which is not to be called`);
    this.#weigh(containerWeight);
    return call(args);
  }

  #build(state: unknown): void {
    const object = this.#top();
    // Attributes of dicts and of tensors are PyTorch's own (`_metadata`), or a person's; there is no place for them here.
    if (object instanceof Buildable) object.setState(state);
    else if (typeof object !== "object" || object === null || Array.isArray(object)) {
      throw this.fail("it gives a state to what has none");
    }
  }
}
