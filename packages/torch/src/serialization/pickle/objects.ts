/**
 * What a pickle holds, before it becomes values of JavaScript: a dict may still get keys of any kind, and a tensor may
 * still wait for its memory. Lists and tuples are arrays from the beginning.
 */

const none: ReadonlyMap<unknown, unknown> = new Map();

/** A Python dict, whatever its keys. */
export class Dict {
  #entries: Map<unknown, unknown> | undefined;

  get entries(): ReadonlyMap<unknown, unknown> {
    return this.#entries ?? none;
  }

  set(key: unknown, value: unknown): void {
    this.#entries ??= new Map();
    this.#entries.set(key, value);
  }
}

/** A Python set, which may still get items. */
export class Items {
  readonly items: unknown[] = [];
}

/** A class or function that a pickle names, which runs no code here: what it makes of arguments is known. */
export interface Callee {
  readonly name: string;
  /** What a call makes; undefined for what is named only. */
  readonly call?: (args: readonly unknown[]) => unknown;
}

/** What gets a state after it was made, as Python's `__setstate__` does. */
export abstract class Buildable {
  abstract setState(state: unknown): void;
}

/** Something that a person's own function makes, once all of its arguments are there. */
export class Promised extends Buildable {
  state: unknown;

  constructor(
    readonly make: (...args: unknown[]) => unknown,
    readonly args: readonly unknown[],
  ) {
    super();
  }

  override setState(state: unknown): void {
    this.state = state;
  }
}
