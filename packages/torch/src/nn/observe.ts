/** Watching the calls of modules from outside. */
import type { Module } from "./module.js";

/** Sees the calls of modules, with their inputs; has to return what `run` does. */
export type ModuleObserver = (module: Module, run: () => unknown, inputs: readonly unknown[]) => unknown;

/** What sees each call; undefined while nobody looks. */
export let moduleObserver: ModuleObserver | undefined;

/** Lets a function see every call of a module, until the result is disposed of. */
export function observeModules(see: ModuleObserver): Disposable {
  const before = moduleObserver;
  moduleObserver =
    before === undefined ? see : (module, run, inputs) => see(module, () => before(module, run, inputs), inputs);
  return {
    [Symbol.dispose]: () => {
      moduleObserver = before;
    },
  };
}
