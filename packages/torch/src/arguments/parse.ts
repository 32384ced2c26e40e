/** Reads the arguments of a call by the description of the parameters, and says clearly what is wrong with them. */

import { Generator } from "../backend/generator.js";
import { DType } from "../core/dtype.js";
import { isPlainObject } from "../core/kinds.js";
import { Tensor } from "../core/tensor.js";
import { invalid, type Param, type Params, type ValuesOf } from "./params.js";
import { type RecordMaker, recordMaker } from "./record.js";

/** A reader of argument lists, made once for each function. */
export class Signature<P extends Params> {
  readonly names: readonly string[];
  readonly #params: readonly Param<unknown>[];
  /** How many parameters may stand in a place of their own; the others are named. */
  readonly positional: number;
  readonly #required: number;
  readonly #lastRequired: number;
  /** The place of the values that may be spread; -1 if there is none. */
  readonly spread: number;
  /** The arguments of a call in which nothing optional is given. */
  readonly #defaults: readonly unknown[];
  #makeRecord: RecordMaker | undefined;

  constructor(
    readonly functionName: string,
    params: P,
  ) {
    this.names = Object.keys(params);
    this.#params = Object.values(params);
    const end = this.#params.findIndex((p) => p.isKeyword || (p.isOptional && p.endsPositional));
    this.positional = end < 0 ? this.#params.length : end;
    this.#required = this.#params.slice(0, this.positional).filter((p) => !p.isOptional).length;
    this.#lastRequired = this.#params.findLastIndex((p) => !p.isOptional);
    this.spread = this.#params.findIndex((p) => p.isSpread);
    this.#defaults = this.#params.map((p) => p.defaultValue);
  }

  /**
   * The arguments by name.
   *
   * @throws TypeError if one is missing, unknown, of the wrong kind or in the wrong place.
   */
  parse(args: readonly unknown[]): ValuesOf<P> {
    return this.byName(this.read(args));
  }

  /** Arguments in the order of the parameters, by name. */
  byName(values: readonly unknown[]): ValuesOf<P> {
    this.#makeRecord ??= recordMaker(this.names);
    return this.#makeRecord(values) as ValuesOf<P>;
  }

  /** The arguments in the order of the parameters; throws as `parse`. */
  read(args: readonly unknown[]): unknown[] {
    const given = this.spread >= 0 ? this.#gatherSpread(args) : args;
    let positional = given.length;
    while (positional > 0 && given[positional - 1] === undefined) positional--;
    let options: Record<string, unknown> | undefined;
    if (positional > this.#required && isPlainObject(given[positional - 1])) {
      options = given[--positional] as Record<string, unknown>;
    }
    if (positional > this.positional) this.#failExtra(given, positional);
    const values = this.#defaults.slice();
    for (let i = 0; i < positional; i++) this.#set(values, i, given[i]);
    if (options !== undefined) this.#takeOptions(values, options, given, positional);
    else for (let i = positional; i <= this.#lastRequired; i++) this.#set(values, i, undefined);
    return values;
  }

  #set(values: unknown[], index: number, value: unknown): void {
    const param = this.#params[index] as Param<unknown>;
    const read = value === undefined || value === null ? invalid : param.read(value);
    values[index] = read === invalid ? this.#readOther(param, this.names[index] as string, value) : read;
  }

  #takeOptions(
    values: unknown[],
    options: Record<string, unknown>,
    given: readonly unknown[],
    positional: number,
  ): void {
    for (const name of Object.keys(options)) {
      if (!this.names.includes(name)) this.#failUnknown(name);
    }
    for (let i = 0; i < this.names.length; i++) {
      const value = options[this.names[i] as string];
      if (i >= positional) this.#set(values, i, value);
      else if (value !== undefined && given[i] !== undefined) {
        throw new TypeError(`${this.functionName}(): argument '${this.names[i]}' was given twice`);
      } else if (value !== undefined) this.#set(values, i, value);
    }
  }

  /** What stands for no value; a value of the wrong kind throws. */
  #readOther(param: Param<unknown>, name: string, value: unknown): unknown {
    if (value === undefined || (value === null && !param.acceptsNull && param.isOptional)) {
      if (param.isOptional) return param.defaultValue;
      throw new TypeError(`${this.functionName}() missing 1 required argument: '${name}'`);
    }
    if (value === null && param.acceptsNull) return null;
    const read = param.read(value);
    if (read !== invalid) return read;
    const wrong = wrongArgument(this.functionName, name, param, value);
    const misplaced = this.#optionFor(param, value);
    throw misplaced === undefined ? wrong : new TypeError(`${wrong.message}; ${misplaced}`);
  }

  /** For a dtype, device, … that stands among sizes: how to name it. */
  #optionFor({ item }: Param<unknown>, value: unknown): string | undefined {
    const wrong = item && Array.isArray(value) ? value.find((one) => item.read(one) === invalid) : value;
    for (let i = this.positional; i < this.names.length; i++) {
      const { endsPositional, read } = this.#params[i] as Param<unknown>;
      if (typeof wrong !== "object" || !endsPositional || read(wrong) === invalid) continue;
      return `${this.names[i]} is a named option: write { ${this.names[i]}: ${show(wrong)} }`;
    }
    return undefined;
  }

  /** Turns `view(2, 3)` into `view([2, 3])`. */
  #gatherSpread(args: readonly unknown[]): readonly unknown[] {
    const at = this.spread;
    const first = args[at];
    if (Array.isArray(first) || first === undefined || isPlainObject(first)) {
      if (first !== undefined && !isPlainObject(first)) return args;
      if (this.#params[at]?.isOptional) return args;
      // No sizes at all is an empty list: `torch.rand()` makes a scalar.
      return [...args.slice(0, at), [], ...args.slice(first === undefined ? at + 1 : at)];
    }
    let end = args.length;
    if (isPlainObject(args[end - 1])) end--;
    return [...args.slice(0, at), args.slice(at, end), ...args.slice(end)];
  }

  #failUnknown(name: string): never {
    const known = this.names.slice(this.#required);
    const meant = closest(name, known);
    throw new TypeError(
      `${this.functionName}() got an unexpected option '${name}'${meant === undefined ? "" : `. Did you mean '${meant}'?`}${known.length > 0 ? ` (options: ${known.join(", ")})` : ""}`,
    );
  }

  #failExtra(given: readonly unknown[], positional: number): never {
    const at = this.positional;
    const name = this.names[at];
    const value = given[at];
    if (name !== undefined && this.#params[at]?.read(value) !== invalid) {
      const before = given.slice(0, at).map((item) => show(item));
      const call = [...before, `{ ${name}: ${show(value)} }`].join(", ");
      throw new TypeError(`${this.functionName}(): '${name}' is a named option; write ${this.functionName}(${call})`);
    }
    throw new TypeError(
      `${this.functionName}() takes at most ${at} positional argument${at === 1 ? "" : "s"} but ${positional} were given`,
    );
  }
}

/**
 * One argument.
 *
 * @throws TypeError if it is of the wrong kind.
 */
export function readArgument<T>(functionName: string, name: string, param: Param<T>, value: unknown): T {
  const read = param.read(value);
  if (read !== invalid) return read;
  throw wrongArgument(functionName, name, param, value);
}

function wrongArgument(functionName: string, name: string, param: Param<unknown>, value: unknown): TypeError {
  const words = `argument '${name}' must be ${param.expected}, ${whatIsWrong(param, value)}`;
  return new TypeError(`${functionName}(): ${words}${cureFor(param, value)}`);
}

/** How to write what somebody seems to have meant. */
function cureFor(param: Param<unknown>, value: unknown): string {
  if (param.item?.read(value) !== invalid && param.item !== undefined)
    return `; write it in brackets: [${show(value)}]`;
  if (param.holds === "tensor" && Array.isArray(value)) {
    return value[0] instanceof Tensor
      ? "; make one of them: torch.stack([…]). If a DataLoader gave them, its samples hold arrays of numbers: let the data set make them torch.tensor([…])"
      : "; make a tensor of it: torch.tensor([…])";
  }
  if (param.holds === "tensor" && ArrayBuffer.isView(value))
    return "; make a tensor of it: torch.fromTypedArray(array)";
  if (param.expected === "torch.dtype" && typeof value === "string")
    return `; dtypes are no text: write torch.${value}`;
  return "";
}

/** What people who know other libraries, or how the optimizers' papers name them, write for an option. */
const otherNames: Record<string, string> = { axis: "dim", axes: "dim", learningrate: "lr", keepdims: "keepdim" };

const plain = (name: string) => name.replaceAll("_", "").toLowerCase();

/** The name that one was to be, if it is clear which: it differs in underscores, capitals, or a letter or two. */
function closest(name: string, known: readonly string[]): string | undefined {
  const other = otherNames[plain(name)];
  if (other !== undefined && known.includes(other)) return other;
  const distances = known.map((one) => ({ one, distance: editDistance(plain(name), plain(one)) }));
  const [best] = distances.sort((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= Math.min(2, name.length / 3) ? best.one : undefined;
}

/** How many letters have to be added, dropped or changed to make one word of another. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

/** The element of a list that does not belong there, or what the value is instead. */
function whatIsWrong({ item }: Param<unknown>, value: unknown): string {
  const place = item && Array.isArray(value) ? value.findIndex((one) => item.read(one) === invalid) : -1;
  return place < 0 ? `not ${describe(value)}` : `but element ${place} is ${describe((value as unknown[])[place])}`;
}

/** How many items of a long array are looked at to say what it holds. */
const itemsDescribed = 100;

/** What kind of thing a value is, in PyTorch's words where it has some. */
export function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) {
    // Not deeper: an array may contain itself.
    const kinds = Array.from(value.slice(0, itemsDescribed), (item) =>
      Array.isArray(item) ? "arrays" : describe(item),
    );
    return `array of ${[...new Set(kinds)].join(", ") || "nothing"}`;
  }
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  if (typeof value === "string") return `"${value.length > 40 ? `${value.slice(0, 40)}…` : value}"`;
  if (typeof value === "boolean") return "bool";
  if (value instanceof Tensor) return "Tensor";
  if (value instanceof DType) return value.toString();
  if (typeof value === "object") return className(value) ?? Object.prototype.toString.call(value).slice(8, -1);
  return typeof value === "function" ? describeFunction(value) : typeof value;
}

const foreign = " of another library, or of a second copy of flambeau (import and require may load one each)";

/** The name of the class of an object; undefined for what has none, such as a generator. */
function className(value: object): string | undefined {
  const { constructor } = value;
  const name = typeof constructor === "function" ? constructor.name || undefined : undefined;
  return name === "Tensor" || name === "Parameter" || name === "DType" ? name + foreign : name;
}

/** A function, a class, or a module, which is callable. */
function describeFunction(value: object): string {
  if (/^class\b/.test(Function.prototype.toString.call(value))) return `class ${(value as { name: string }).name}`;
  const name = className(value);
  return name === undefined || name.endsWith("Function") ? "function" : name;
}

/** How many items of an array, and how deep, a suggested call shows. */
const itemsShown = 8;
const depthShown = 3;

/** A value as it stands in a call that is suggested. */
export function show(value: unknown, depth = 0): string {
  if (value instanceof Tensor) return "tensor";
  if (value instanceof DType) return value.toString();
  if (value instanceof Generator) return "generator";
  if (Array.isArray(value)) {
    if (depth === depthShown) return "[…]";
    const items = value.slice(0, itemsShown).map((item) => show(item, depth + 1));
    return `[${items.join(", ")}${value.length > itemsShown ? ", …" : ""}]`;
  }
  if (typeof value === "function" || (typeof value === "object" && value !== null)) return describe(value);
  return typeof value === "string" ? `"${value}"` : String(value);
}
