/**
 * Runs `forward` of a module. The library's own layers give back what they made and dropped; a class of the user may
 * keep any tensor that it sees, unless it was said to keep nothing.
 */
import { describe } from "../arguments/parse.js";
import { giveBack } from "../autograd/temporaries.js";
import { beginTrace, endTrace, isTracing, keepingTemporaries } from "../core/storage.js";
import { callWithHooks, type ModuleHooks } from "./hooks.js";
import type { Module } from "./module.js";

type Forward = Module["forward"];

/** What `forward` is in the classes that keep nothing. */
const ownForwards = new WeakMap<object, Forward>();

/**
 * Says of classes of modules, those among the exports of a file, that their `forward` keeps no tensor that it or a layer
 * in it makes, but in what it returns: a tensor, or a plain object or array of such. When it is done the memory of the
 * others goes back at once, rather than when the garbage collector finds them. It is not said of classes derived from
 * them that have a `forward` of their own.
 *
 * Of a class that does keep a tensor, it must not be said: what is in it would change.
 *
 * @throws TypeError for what is no object.
 * @example
 * import * as blocks from "./blocks.js";
 * torch.memory.keepsNothing(blocks);
 */
export function keepsNothing(exported: Readonly<Record<string, unknown>>): void {
  if (typeof exported !== "object" || exported === null) {
    throw new TypeError(`keepsNothing(): argument 'exported' must be an object of classes, not ${describe(exported)}`);
  }
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
