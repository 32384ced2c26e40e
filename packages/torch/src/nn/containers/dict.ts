/** Containers whose members have names: `ModuleDict`, `ParameterDict`. */

import { listItems } from "../../arguments/params.js";
import { tensorTypeName } from "../../autograd/node.js";
import type { Tensor } from "../../core/tensor.js";
import type { Module } from "../module.js";
import type { MemberKind } from "../moduleMembers.js";
import type { Parameter } from "../parameter.js";
import { Container, content, holds } from "./container.js";
import { type Held, heldLines, heldParameter } from "./list.js";

/** Members by name: an object, a map, pairs, or another container. */
export type Named<T> =
  | Readonly<Record<string, T>>
  | Iterable<readonly [string, T]>
  | { items(): Iterable<[string, T]> };

abstract class DictContainer<T> extends Container<T> {
  /** Goes through the keys. */
  [Symbol.iterator](): Iterator<string> {
    return this.keys();
  }

  /**
   * The member of a key.
   *
   * @throws Error if there is none.
   */
  at(key: string): T {
    const value = this[content].get(key);
    if (value === undefined) throw new Error(`${this.constructor.name} has no key '${key}'`);
    return value;
  }

  /** Adds a member, or puts it in the place of the one with its key. */
  setAt(key: string, value: T): void {
    this.put(key, this.accept(key, value));
  }

  /** Whether there is a member of a key. */
  has(key: string): boolean {
    return this[content].has(key);
  }

  /** Takes the member of a key out. */
  delete(key: string): void {
    this.at(key);
    this.drop(key);
  }

  /** Takes the member of a key out, and returns it. */
  pop(key: string): T {
    const value = this.at(key);
    this.delete(key);
    return value;
  }

  /** Adds members, or puts them in the place of those with their keys. */
  update(members: Named<T>): void {
    const added = this.entriesOf(members).map(([key, value]) => [key, this.accept(key, value)] as const);
    for (const [key, value] of added) this.put(key, value);
  }

  /** Takes all members out. */
  clear(): void {
    this.replaceAll([]);
  }

  keys(): IterableIterator<string> {
    return this[content].keys();
  }

  values(): IterableIterator<T> {
    return this[content].values();
  }

  items(): IterableIterator<[key: string, value: T]> {
    return this[content].entries();
  }

  /** @internal */
  protected entriesOf(members: Named<T>): (readonly [string, T])[] {
    if ((typeof members !== "object" && typeof members !== "function") || members === null) {
      throw new TypeError(
        `${this.constructor.name}.update should be called with an iterable of key/value pairs, but got ${typeof members}`,
      );
    }
    if (members instanceof DictContainer) return [...members.items()];
    if (!(Symbol.iterator in members)) return Object.entries(members as Record<string, T>);
    const entries: (readonly [string, T])[] = [];
    for (const entry of listItems(members as Iterable<readonly [string, T]>)) {
      if (!Array.isArray(entry) || entry.length !== 2) {
        throw new TypeError(
          `${this.constructor.name} update sequence element #${entries.length} should be a key/value pair`,
        );
      }
      entries.push(entry as readonly [string, T]);
    }
    return entries;
  }
}

/**
 * Modules by name. The names are those of the state dict.
 *
 * @example
 * heads = new nn.ModuleDict({ age: new nn.Linear(64, 1), sex: new nn.Linear(64, 2) });
 * this.heads.at("age")(x);
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ModuleDict.html
 */
export class ModuleDict<M extends Module = Module> extends DictContainer<M> {
  constructor(modules: Named<M> = {}) {
    super();
    this.update(modules);
  }

  /** @internal */
  get [holds](): MemberKind {
    return "module";
  }
}

/**
 * Parameters by name. Those of a plain object are sorted by name, as in PyTorch; a map keeps its order. Tensors that are
 * no parameters become such, and values that are no tensors stay what they are.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ParameterDict.html
 */
export class ParameterDict<T = Parameter> extends DictContainer<Held<T>> {
  constructor(parameters?: Named<Tensor>);
  constructor(parameters: Named<T>);
  constructor(parameters: Named<unknown> = {}) {
    super();
    this.update(parameters as Named<Held<T>>);
  }

  /** @internal */
  get [holds](): MemberKind {
    return "parameter";
  }

  /** The value of a key, or the given one if there is none. */
  get<D>(key: string, defaultValue?: D): Held<T> | D | undefined {
    return this.has(key) ? this.at(key) : defaultValue;
  }

  /** The value of a key, which is added if there is none. */
  setdefault<D = null>(key: string, defaultValue: D = null as D): Held<T | D> {
    if (!this.has(key)) this.setAt(key, defaultValue as Held<T>);
    return this.at(key) as Held<T | D>;
  }

  /** Takes the last value out. */
  popitem(): [key: string, value: Held<T>] {
    const last = [...this.items()].at(-1);
    if (last === undefined) throw new Error("popitem(): the dictionary is empty");
    this.delete(last[0]);
    return last;
  }

  /** A dictionary with the same value, or none of its own, under several keys. */
  fromkeys<D = null>(keys: Iterable<string>, defaultValue: D = null as D): ParameterDict<Held<D>> {
    return new ParameterDict<Held<D>>(listItems(keys).map((key) => [key, defaultValue as Held<D>] as const));
  }

  /** Another dictionary of the same parameters. */
  copy(): ParameterDict<T> {
    return new ParameterDict(this.items() as Iterable<[string, T]>);
  }

  override accept(key: string, value: unknown): Held<T> {
    return super.accept(key, heldParameter(this[content].get(key), key, value));
  }

  protected override entriesOf(members: Named<Held<T>>): (readonly [string, Held<T>])[] {
    const entries = super.entriesOf(members);
    const isPlain = Object.getPrototypeOf(members) === Object.prototype;
    return isPlain ? entries.sort(([a], [b]) => (a < b ? -1 : 1)) : entries;
  }

  override extraRepr(): string {
    return heldLines(this.items(), (tensor) => `torch.${tensorTypeName(tensor)}`);
  }
}
