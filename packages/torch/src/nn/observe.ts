/** Watching the calls of modules from outside. */
import type { Module } from "./module.js";

/** Sees the calls of modules; has to return what `run` does. */
export type ModuleObserver = (module: Module, run: () => unknown) => unknown;

/** What sees each call; undefined while nobody looks. */
export let moduleObserver: ModuleObserver | undefined;

/** Lets a function see every call of a module, until the result is disposed of. */
export function observeModules(see: ModuleObserver): Disposable {
  const before = moduleObserver;
  moduleObserver = before === undefined ? see : (module, run) => see(module, () => before(module, run));
  return {
    [Symbol.dispose]: () => {
      moduleObserver = before;
    },
  };
}
