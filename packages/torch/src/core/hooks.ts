/** Functions that the user adds to be called at some point, and takes out again. */

/** Takes a hook out again; with `using` at the end of the block. */
export interface RemovableHandle extends Disposable {
  remove(): void;
}

let nextId = 0;

/** Adds a function, and returns the handle that takes it out. */
export function addHook<T>(hooks: Map<number, T>, hook: T): RemovableHandle {
  const id = nextId++;
  hooks.set(id, hook);
  const remove = () => {
    hooks.delete(id);
  };
  return { remove, [Symbol.dispose]: remove };
}
