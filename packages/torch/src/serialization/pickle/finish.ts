/** Makes values of JavaScript of what a pickle held. Goes on by a list of what is left to do, however deep it is nested. */
import { setOwn } from "../elements.js";
import { Dict, Items, Promised } from "./objects.js";

/** Objects that may have objects in them which are not finished. */
type Unfinished = () => void;

/** How deep objects of a person's own may stand in each other's arguments. */
const deepest = 200;

export class Finisher {
  readonly #made = new Map<unknown, unknown>();
  #depth = 0;

  /** @param leaf makes a value of what is no container; it returns undefined for what it does not know. */
  constructor(readonly leaf: (object: object) => unknown) {}

  /** The value of an object and of all that is in it; what occurs twice occurs twice in the result. */
  finish(object: unknown): unknown {
    const left: Unfinished[] = [];
    const result = this.#begin(object, left);
    for (let next = left.pop(); next !== undefined; next = left.pop()) next();
    return result;
  }

  /** The value of an object, whose content may still be left to do. */
  #begin(object: unknown, left: Unfinished[]): unknown {
    if (typeof object !== "object" || object === null) return object;
    if (this.#made.has(object)) return this.#made.get(object);
    if (object instanceof Promised) return this.#keepPromise(object);
    const value = this.#make(object, left);
    this.#made.set(object, value);
    return value;
  }

  #make(object: object, left: Unfinished[]): unknown {
    if (Array.isArray(object)) {
      left.push(() => {
        for (let i = 0; i < object.length; i++) object[i] = this.#begin(object[i], left);
      });
      return object;
    }
    if (object instanceof Dict) return this.#dict(object, left);
    if (object instanceof Items) {
      const set = new Set<unknown>();
      left.push(() => {
        for (const item of object.items) set.add(this.#begin(item, left));
      });
      return set;
    }
    return this.leaf(object);
  }

  /** Dicts with texts as keys become plain objects, all others maps. */
  #dict({ entries }: Dict, left: Unfinished[]): object {
    if ([...entries.keys()].every((key) => typeof key === "string")) {
      const object: Record<string, unknown> = {};
      left.push(() => {
        for (const [key, value] of entries) {
          setOwn(object, key as string, this.#begin(value, left));
        }
      });
      return object;
    }
    const map = new Map<unknown, unknown>();
    left.push(() => {
      for (const [key, value] of entries) map.set(this.#begin(key, left), this.#begin(value, left));
    });
    return map;
  }

  #keepPromise(promised: Promised): unknown {
    if (++this.#depth > deepest) throw new Error(`objects stand in each other's arguments more than ${deepest} deep`);
    const args = this.finish([...promised.args]) as unknown[];
    const value = promised.make(...args);
    this.#made.set(promised, value);
    const state = this.finish(promised.state);
    if (state !== undefined && state !== null) giveState(value, state);
    this.#depth--;
    return value;
  }
}

/** Gives an object of a person's own the state that Python's `__setstate__` would get. */
function giveState(object: unknown, state: unknown): void {
  if (typeof object !== "object" || object === null) return;
  const { setState } = object as { setState?: (state: unknown) => void };
  if (typeof setState === "function") setState.call(object, state);
  else for (const [key, value] of Object.entries(state as object)) setOwn(object, key, value);
}
