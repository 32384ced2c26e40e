/** What containers share: they hold their members by key, in order, rather than as properties. */
import { describe } from "../../arguments/parse.js";
import { Tensor } from "../../core/tensor.js";
import { Module } from "../module.js";
import {
  checkKeyIsFree,
  checkMember,
  checkName,
  hasKey,
  kindOf,
  type Member,
  type MemberKind,
  members,
} from "../moduleMembers.js";

/** @internal The content of a container. */
export const content: unique symbol = Symbol("content");

/** @internal What a container holds. */
export const holds: unique symbol = Symbol("holds");

/** The properties that show members of containers. */
const shown = new WeakSet<() => unknown>();

/** Lets a member be a property, too, unless its key is a number or the name is taken. */
function show(container: Container<never>, key: string): void {
  if (/^\d/.test(key) || key in container) return;
  const get = function (this: Container<never>) {
    return this[content].get(key);
  };
  const set = function (this: Container<never>, value: unknown) {
    this.put(key, this.accept(key, value));
  };
  shown.add(get);
  Object.defineProperty(container, key, { get, set, configurable: true, enumerable: true });
}

/** Takes the property away with its member. */
function hide(container: Container<never>, key: string): void {
  const get = Object.getOwnPropertyDescriptor(container, key)?.get;
  if (get !== undefined && shown.has(get)) Reflect.deleteProperty(container, key);
}

/**
 * A module that holds others, or parameters, by key. A member whose key is a name is a property, too:
 * `backbone.conv2` is `backbone.at("conv2")`.
 */
export abstract class Container<T> extends Module {
  /** @internal */
  [content] = new Map<string, T>();

  /** @internal */
  abstract get [holds](): MemberKind;

  /** @internal */
  override *[members](): Generator<Member> {
    const held = this[content];
    for (const [key, value] of held) {
      const kind = kindOf(value);
      if (kind !== undefined)
        yield {
          kind,
          key,
          value: value as Member["value"],
          isPersistent: true,
          replace: (next) => held.set(key, next as T),
        };
    }
    yield* super[members]();
  }

  /** @internal */
  override [hasKey](key: string): boolean {
    return this[content].has(key) || super[hasKey](key);
  }

  /** How many there are. */
  override get length(): number {
    return this[content].size;
  }

  /** @internal Holds a value under a key. */
  put(key: string, value: T): void {
    this[content].set(key, value);
    show(this as unknown as Container<never>, key);
  }

  /** @internal Holds nothing under a key any more. */
  drop(key: string): void {
    this[content].delete(key);
    hide(this as unknown as Container<never>, key);
  }

  /** @internal Holds other members. */
  protected replaceAll(entries: Iterable<readonly [string, T]>): void {
    for (const key of [...this[content].keys()]) this.drop(key);
    for (const [key, value] of entries) this.put(key, value);
  }

  /** @internal The value as it is held; throws if it cannot be. */
  accept(key: string, value: unknown): T {
    checkName(this[holds], key);
    // Among parameters may be what is none.
    if (this[holds] === "module" || value instanceof Tensor) checkMember(this[holds], key, value ?? undefined);
    if (!this[content].has(key)) checkKeyIsFree(this, key, key);
    return value as T;
  }
}

/**
 * Where an index of a list points, counted from its end if negative.
 *
 * @throws RangeError if it is out of range.
 */
export function wrapIndex(index: number, length: number): number {
  if (!Number.isInteger(index))
    throw new TypeError(`an index must be an integer, got ${typeof index === "number" ? index : describe(index)}`);
  if (index < -length || index >= length) throw new RangeError(`index ${index} is out of range`);
  return index < 0 ? index + length : index;
}

/** The places of a list that a slice such as `"1:-1"` or `"::2"` names. */
export function sliceIndices(slice: string, length: number): number[] {
  const match = /^\s*(-?\d+)?\s*:\s*(-?\d+)?\s*(?::\s*(-?\d+)?\s*)?$/.exec(slice);
  if (match === null) throw new TypeError(`an index must be an integer or a slice such as "1:3", got "${slice}"`);
  const step = Number(match[3] ?? 1);
  if (step <= 0) throw new RangeError("slice step must be positive");
  const clamp = (text: string | undefined, otherwise: number) => {
    if (text === undefined) return otherwise;
    const index = Number(text);
    return Math.min(Math.max(index < 0 ? index + length : index, 0), length);
  };
  const indices: number[] = [];
  for (let i = clamp(match[1], 0); i < clamp(match[2], length); i += step) indices.push(i);
  return indices;
}
