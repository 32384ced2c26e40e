/** Functions that the user adds to be called at some point, and takes out again. */

/** Takes a hook out again; with `using` at the end of the block. */
export interface RemovableHandle extends Disposable {
  remove(): void;
}

let nextId = 0;

/** Adds a function, after the others or before them, and returns the handle that takes it out. */
export function addHook<T>(hooks: Map<number, T>, hook: T, first = false): RemovableHandle {
  const id = nextId++;
  const others = first ? [...hooks] : [];
  if (first) hooks.clear();
  hooks.set(id, hook);
  for (const [key, other] of others) hooks.set(key, other);
  const remove = () => {
    hooks.delete(id);
  };
  return { remove, [Symbol.dispose]: remove };
}
