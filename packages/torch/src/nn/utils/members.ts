/** How utilities put a computed tensor in the place of a parameter, and compute it anew before each call. */
import { toCamelCase } from "../../core/names.js";
import type { Tensor } from "../../core/tensor.js";
import { type Module, preHooks } from "../module.js";
import { members } from "../moduleMembers.js";

/** A tensor of a module by its key or the name of its property. */
export function tensorOf(module: Module, name: string): Tensor | null | undefined {
  return (module as unknown as Record<string, Tensor | null | undefined>)[toCamelCase(name)];
}

/** Puts a tensor in the place of what was computed. */
export function setTensor(module: Module, name: string, tensor: Tensor): void {
  (module as unknown as Record<string, Tensor>)[toCamelCase(name)] = tensor;
}

/** Takes out a member, or what was computed in its place. */
export function takeOut(module: Module, name: string): void {
  delete (module as unknown as Record<string, unknown>)[toCamelCase(name)];
}

/** The parameter or buffer of a name, which may be that of its property. */
export function findTensor(
  module: Module,
  name: string,
): { kind: "parameter" | "buffer"; key: string; value: Tensor } | undefined {
  for (const { kind, key, value } of module[members]()) {
    if (kind !== "module" && (key === name || toCamelCase(key) === name)) return { kind, key, value: value as Tensor };
  }
  return undefined;
}

/** A tensor of a module that is computed from others before each call. */
export abstract class Recomputed {
  /** @param name the key that the tensor had as a member. */
  constructor(public name = "") {}

  /** The tensor. */
  abstract compute(module: Module): Tensor;

  /** Computes the tensor before each call from now on; until then it is that which is given, or computed now. */
  attach(module: Module, first: Tensor = this.compute(module)): void {
    setTensor(module, this.name, first);
    const hook = (called: Module) => setTensor(called, this.name, this.compute(called));
    module.registerForwardPreHook(Object.assign(hook, { recomputed: this }));
  }

  /** Leaves the tensor as it is. */
  detach(module: Module): void {
    for (const [id, hook] of module[preHooks]) if (ofHook(hook) === this) module[preHooks].delete(id);
  }
}

function ofHook(hook: unknown): unknown {
  return (hook as { recomputed?: unknown }).recomputed;
}

/** What is computed before each call of a module. */
export function recomputedOf(module: Module): Recomputed[] {
  return [...module[preHooks].values()].map(ofHook).filter((one) => one instanceof Recomputed);
}
