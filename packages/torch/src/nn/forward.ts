/**
 * Runs `forward` of a module. The library's own layers give back what they made and dropped; a class of the user may
 * keep any tensor that it sees.
 */
import { giveBack } from "../autograd/temporaries.js";
import { beginTrace, endTrace, isTracing, keepingTemporaries } from "../core/storage.js";
import { callWithHooks, type ModuleHooks } from "./hooks.js";
import type { Module } from "./module.js";

type Forward = Module["forward"];

/** What `forward` is in the classes of the library. */
const ownForwards = new WeakMap<object, Forward>();

/** Names the library's own classes: the modules among some exports. */
export function ownModules(exported: Readonly<Record<string, unknown>>): void {
  for (const value of Object.values(exported)) {
    const forward = (value as { prototype?: Module } | undefined)?.prototype?.forward;
    if (typeof value === "function" && forward !== undefined) ownForwards.set(value, forward);
  }
}

/**
 * Runs `forward` with the hooks of the module, if it has some.
 *
 * @param module where properties are read fast.
 * @param self the same as everybody sees it.
 */
export function runForward(module: Module, self: Module, hooks: ModuleHooks | undefined, inputs: unknown[]): unknown {
  if (hooks !== undefined) return keepingTemporaries(() => callWithHooks(self, hooks, inputs));
  const { forward } = module;
  if (ownForwards.get(module.constructor) !== forward) {
    return isTracing() ? keepingTemporaries(() => forward.apply(self, inputs)) : forward.apply(self, inputs);
  }
  const from = beginTrace();
  try {
    const output = forward.apply(self, inputs);
    giveBack(from, output);
    return output;
  } finally {
    endTrace();
  }
}
