/** Copies of modules and of whatever holds tensors, as Python's `copy.deepcopy` makes them. */
import { isMap, isPlainObject, isSet } from "../core/kinds.js";
import { Tensor } from "../core/tensor.js";
import { Callable } from "./callable.js";
import type { Module } from "./module.js";
import { Parameter } from "./parameter.js";

/** @internal Makes a copy of a module: `remember` gets it before its properties are copied. */
export const duplicate: unique symbol = Symbol("duplicate");

/**
 * An independent copy: of modules, tensors, arrays, maps, sets and plain objects, with everything in them. What
 * occurs twice occurs twice in the copy. Anything else (functions, objects of other classes) is not copied.
 *
 * A class of modules that has private `#` fields cannot be copied: JavaScript lets nobody but the class see them.
 *
 * @throws Error for a tensor that is not a leaf.
 * @example const average = torch.deepcopy(model);
 */
export function deepcopy<T>(value: T): T {
  const made = new Map<unknown, unknown>();
  const copy = <V>(original: V): V => {
    if (!made.has(original)) copyInto(made, original, copy);
    return made.get(original) as V;
  };
  return copy(value);
}

function copyInto(made: Map<unknown, unknown>, value: unknown, copy: <V>(value: V) => V): void {
  const remember = <V>(twin: V): V => {
    made.set(value, twin);
    return twin;
  };
  if (value instanceof Callable) (value as Module)[duplicate](copy, remember);
  else if (value instanceof Tensor) remember(copyOfTensor(value));
  else if (Array.isArray(value)) fill(remember([] as unknown[]), value, copy);
  else if (isMap(value)) {
    const twin = remember(new Map());
    for (const [key, item] of value) twin.set(copy(key), copy(item));
  } else if (isSet(value)) {
    const twin = remember(new Set());
    for (const item of value) twin.add(copy(item));
  } else if (isPlainObject(value)) {
    const twin = remember({} as Record<string, unknown>);
    for (const [key, item] of Object.entries(value)) twin[key] = copy(item);
  } else remember(value);
}

function fill(twin: unknown[], items: readonly unknown[], copy: <V>(value: V) => V): void {
  twin.length = items.length;
  // Not place by place: an array may be long and have few items.
  for (const place of Object.keys(items) as unknown as number[]) twin[place] = copy(items[place]);
}

function copyOfTensor(tensor: Tensor): Tensor {
  if (!tensor.isLeaf) {
    throw new Error(
      "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.",
    );
  }
  const { requiresGrad, grad } = tensor;
  const data = tensor.detach().clone();
  const twin = tensor instanceof Parameter ? new Parameter(data, { requiresGrad }) : data.requiresGrad_(requiresGrad);
  if (grad !== null) twin.grad = grad.detach().clone();
  return twin;
}
