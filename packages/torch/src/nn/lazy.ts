/**
 * Lazy modules: their tensors have no sizes until the first call, or until a state that has sizes is loaded.
 */
import { withoutRecording } from "../autograd/modes.js";
import type { Tensor } from "../core/tensor.js";
import type { Module } from "./module.js";
import { type Member, members } from "./moduleMembers.js";

/** @internal The keys of a module's tensors that have no sizes yet; a property, so that copies of the module have it. */
export const unsized: unique symbol = Symbol("unsized");

/** The tensors in states that stand for ones without sizes. */
const unsizedStates = new WeakSet<Tensor>();

function tensorsOf(module: Module): Member<Tensor>[] {
  return [...module[members]()].filter((member): member is Member<Tensor> => member.kind !== "module");
}

/** Lets the tensors of a module wait for their sizes; those of no dims, such as a count of batches, have theirs. */
export function awaitSizes(module: Module): void {
  const waiting = tensorsOf(module).filter(({ value }) => value.sizes.length > 0);
  module[unsized] = new Set(waiting.map(({ key }) => key));
}

/** Notes that a tensor of a state is that of a module's tensor without sizes. */
export function markUnsized(state: Tensor): void {
  unsizedStates.add(state);
}

/** Whether a tensor of a state stands for one without sizes. */
export function isUnsized(state: Tensor): boolean {
  return unsizedStates.has(state);
}

/** Gives a tensor that has no sizes those of its first content. */
export function giveSizes(module: Module, key: string, value: Tensor, data: Tensor): void {
  value.data = data;
  unsizedStates.delete(value);
  module[unsized]?.delete(key);
}

/**
 * Gives sizes to the tensors of a module that have none, and draws them. What was loaded before stays as it is.
 *
 * @param sizesOf the sizes of a tensor, by its key.
 */
export function initialize(
  module: Module & { resetParameters(): void },
  sizesOf: (key: string) => readonly number[],
): void {
  const waiting = new Set(module[unsized]);
  if (waiting.size === 0) return;
  withoutRecording(() => {
    const own = tensorsOf(module);
    const loaded = own.filter(({ key }) => !waiting.has(key)).map(({ value }) => [value, value.clone()] as const);
    for (const { key, value } of own) if (waiting.has(key)) giveSizes(module, key, value, value.newEmpty(sizesOf(key)));
    module.resetParameters();
    for (const [value, content] of loaded) value.copy_(content);
  });
}
