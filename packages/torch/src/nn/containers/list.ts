/** Containers whose members stand in a row: `Sequential`, `ModuleList`, `ParameterList`. */
import { isIterable, listItems } from "../../arguments/params.js";
import { isGradEnabled } from "../../autograd/modes.js";
import { handThrough } from "../../autograd/temporaries.js";
import { isMap } from "../../core/kinds.js";
import { Tensor } from "../../core/tensor.js";
import type { Module } from "../module.js";
import { checkAssigned, type MemberKind } from "../moduleMembers.js";
import { joined, type Shortcut, summed } from "../modules/normalizedConv.js";
import { Parameter } from "../parameter.js";
import { block, compactLines, pythonType } from "../repr.js";
import { Container, content, holds, sliceIndices, wrapIndex } from "./container.js";

/** A container whose keys are the places of its members: `"0"`, `"1"`, … */
abstract class ListContainer<T> extends Container<T> {
  [Symbol.iterator](): Iterator<T> {
    return this[content].values();
  }

  /** The member at an index, which may count from the end; or, for a slice such as `"1:3"`, those in it. */
  at(index: number): T;
  at(slice: string): this;
  at(index: number | string): T | this {
    const entries = [...this[content]];
    if (typeof index === "number") return (entries[wrapIndex(index, entries.length)] as [string, T])[1];
    const part = new (this.constructor as new () => this)();
    const chosen = sliceIndices(index, entries.length).map((i) => entries[i] as [string, T]);
    const keeps = this.slicesKeepKeys || !isNumbered(entries);
    part.replaceAll(keeps ? chosen : numbered(chosen.map(([, value]) => value)));
    return part;
  }

  /** Whether the members of a slice have the keys that they had; else they are numbered anew. */
  protected get slicesKeepKeys(): boolean {
    return false;
  }

  /** Puts another in the place of the member at an index. */
  setAt(index: number, value: T): void {
    const key = [...this[content].keys()][wrapIndex(index, this.length)] as string;
    this.put(key, this.accept(key, value));
  }

  /** Adds one at the end. */
  append(value: T): this {
    return this.extend([value]);
  }

  /** Adds several at the end. */
  extend(values: Iterable<T>): this {
    if (!isIterable(values)) {
      throw new TypeError(
        `${this.constructor.name}.extend should be called with an iterable, but got ${typeof values}`,
      );
    }
    const added = numbered(listItems(values), this.length).map(
      ([key, value]) => [key, this.accept(key, value)] as const,
    );
    for (const [key, value] of added) this.put(key, value);
    return this;
  }

  /** Adds one before the index. */
  insert(index: number, value: T): this {
    const { length } = this;
    if (Math.abs(index) > length) throw new RangeError(`Index out of range: ${index}`);
    const at = index === length ? length : wrapIndex(index, length);
    const accepted = this.accept(String(at), value);
    return this.#renumber((values) => values.splice(at, 0, accepted));
  }

  /** Takes the member at an index out, the last by default, and returns it. */
  pop(index = -1): T {
    const value = this.at(index);
    this.delete(index);
    return value;
  }

  /** Takes the member at an index out, or those in a slice such as `"1:3"`. The others keep names that they have. */
  delete(index: number | string): void {
    const entries = [...this[content]];
    const { length } = entries;
    const gone = new Set(typeof index === "number" ? [wrapIndex(index, length)] : sliceIndices(index, length));
    const left = entries.filter((_, i) => !gone.has(i));
    this.replaceAll(isNumbered(entries) ? numbered(left.map(([, value]) => value)) : left);
  }

  /** Goes through the members with their keys. */
  items(): IterableIterator<[key: string, value: T]> {
    return this[content].entries();
  }

  #renumber(change: (values: T[]) => void): this {
    const entries = [...this[content]];
    if (!isNumbered(entries))
      throw new Error(`the members of this ${this.constructor.name} have names; make a new one instead`);
    const values = entries.map(([, value]) => value);
    change(values);
    this.replaceAll(numbered(values));
    return this;
  }
}

function numbered<T>(values: readonly T[], from = 0): [key: string, value: T][] {
  return values.map((value, i) => [String(from + i), value]);
}

function isNumbered(entries: readonly (readonly [string, unknown])[]): boolean {
  return entries.every(([key], i) => key === String(i));
}

/** What stands here in the compiler's words if an array is given, or a class: no value is of these types. */
type Mistakes =
  | "spread the array: new nn.Sequential(...modules)"[]
  | (new (
      ...args: never[]
    ) => "make one of it: new nn.ReLU()");

/** The modules of a sequential: in a row, or by name. */
export type SequentialArguments =
  | [...modules: Module[]]
  | [named: Readonly<Record<string, Module>> | ReadonlyMap<string, Module> | Mistakes];

/** Known to everybody as `Sequential`, whose type says more of what the constructor returns. */
class SequentialModules extends ListContainer<Module> {
  static {
    Object.defineProperty(SequentialModules, "name", { value: "Sequential" });
  }

  constructor(...modules: SequentialArguments) {
    super();
    for (const [key, module] of namedModulesOf(modules)) this.put(key, this.accept(key, module));
  }

  protected override get slicesKeepKeys(): boolean {
    return true;
  }

  /** @internal */
  get [holds](): MemberKind {
    return "module";
  }

  static run(modules: Iterable<Module>, input: Tensor, shortcut?: Shortcut): Tensor {
    if (!isGradEnabled()) return handThrough(input, joined(modules, shortcut));
    const result = handThrough(input, modules);
    return shortcut === undefined ? result : handThrough(result, summed(shortcut));
  }

  override forward(input: Tensor): Tensor {
    return SequentialModules.run(this[content].values(), input);
  }
}

/** What `Sequential` is as a class: what it is given by name, the compiler knows as its members. */
export interface SequentialClass {
  new <M extends Readonly<Record<string, Module>>>(named: M): Sequential & Readonly<M>;
  new (...modules: SequentialArguments): Sequential;
  readonly prototype: Sequential;
  /**
   * Hands an input through modules, one after the other, as the `forward` of a `Sequential` of them does.
   *
   * @param shortcut.added gives what is added to the result.
   * @param shortcut.behind the module behind the sum.
   * @example const hidden = nn.Sequential.run([this.conv1, this.bn1, this.relu], x);
   * @example const out = nn.Sequential.run([this.conv2, this.bn2], hidden, { added: () => x, behind: this.relu });
   */
  run(modules: Iterable<Module>, input: Tensor, shortcut?: Shortcut): Tensor;
}

/**
 * Modules one after another: each gets the output of the one before.
 *
 * @param modules the modules, or one object of modules whose names become those of the state dict.
 * @example
 * const net = new nn.Sequential(new nn.Linear(784, 128), new nn.ReLU(), new nn.Linear(128, 10));
 * const named = new nn.Sequential({ hidden: new nn.Linear(784, 128), relu: new nn.ReLU() });
 * named.hidden.weight;
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Sequential.html
 */
export const Sequential: SequentialClass = SequentialModules as SequentialClass;
export interface Sequential extends SequentialModules {}

function namedModulesOf(modules: SequentialArguments): Iterable<readonly [string, Module]> {
  const [first] = modules;
  if (modules.length === 1 && isMap(first)) return first as ReadonlyMap<string, Module>;
  const isNamed =
    modules.length === 1 &&
    typeof first === "object" &&
    first !== null &&
    Object.getPrototypeOf(first) === Object.prototype;
  return isNamed ? Object.entries(first) : numbered(modules as Module[]);
}

/**
 * Modules in a row, for a `forward` that goes through them itself.
 *
 * @example
 * layers = new nn.ModuleList([new nn.Linear(8, 8), new nn.Linear(8, 8)]);
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ModuleList.html
 */
export class ModuleList<M extends Module = Module> extends ListContainer<M> {
  constructor(modules: Iterable<M> = []) {
    super();
    this.extend(modules);
  }

  /** @internal */
  get [holds](): MemberKind {
    return "module";
  }

  override toString(): string {
    return block(this.constructor.name, compactLines(this));
  }
}

/** What a container of parameters has of a value: tensors become parameters. */
export type Held<T> = T extends Tensor ? Parameter : T;

/**
 * Parameters in a row. Tensors that are no parameters become such, and values that are no tensors stay what they are.
 *
 * @example new nn.ParameterList([torch.zeros(2), "relu"]).at(0) // a parameter
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ParameterList.html
 */
export class ParameterList<T = Parameter> extends ListContainer<Held<T>> {
  constructor(values?: Iterable<Tensor>);
  constructor(values: Iterable<T>);
  constructor(values: Iterable<unknown> = []) {
    super();
    this.extend(values as Iterable<Held<T>>);
  }

  /** @internal */
  get [holds](): MemberKind {
    return "parameter";
  }

  override accept(key: string, value: unknown): Held<T> {
    return super.accept(key, heldParameter(this[content].get(key), key, value));
  }

  override extraRepr(): string {
    return heldLines(this.items(), ({ dtype }) => String(dtype));
  }
}

/**
 * @internal What a container of parameters has of a value.
 *
 * @throws TypeError if it is to take the place of a parameter and is no tensor.
 */
export function heldParameter(before: unknown, key: string, value: unknown): unknown {
  if (value instanceof Tensor) return value instanceof Parameter ? value : new Parameter(value);
  if (before instanceof Parameter) checkAssigned("parameter", key, value);
  return value ?? null;
}

/** @internal The printed form of what a container of parameters has. */
export function heldLines(items: Iterable<[string, unknown]>, typeOf: (tensor: Tensor) => string): string {
  const show = (value: unknown) =>
    value instanceof Tensor
      ? `Parameter containing: [${typeOf(value)} of size ${value.sizes.join("x")}]`
      : `Object of type: ${pythonType(value)}`;
  return [...items].map(([key, value]) => `  (${key}): ${show(value)}`).join("\n");
}
