/** How an optimizer keeps state and options by name: copies of them, and their names in PyTorch's dictionaries. */
import { describe } from "../arguments/parse.js";
import { Tensor } from "../core/tensor.js";
import { countFrom, countKeys } from "./rule.js";

/** What an optimizer keeps for one parameter. */
export type ParamState = Record<string, StateValue>;
export type StateValue = Tensor | number | null | undefined | readonly StateValue[];

/** The dictionary form: parameters are numbered in the order of the groups; keys are PyTorch's. */
export interface OptimizerStateDict {
  state: Map<number, Record<string, unknown>>;
  param_groups: (Record<string, unknown> & { params: number[] })[];
}

/** The same as files may give it: an object has the numbers as its keys. */
export interface LoadableStateDict {
  state: OptimizerStateDict["state"] | Record<number, Record<string, unknown>>;
  param_groups: (Record<string, unknown> & { params: number[] })[];
}

/** The entries of an object under other names, and converted if wanted. */
export function mapKeys<V, W = V>(
  values: Readonly<Record<string, V>> | object,
  rename: (key: string) => string,
  convert: (value: V, key: string) => W = (value) => value as unknown as W,
): Record<string, W> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [rename(key), convert(value as V, key)]));
}

/** A copy of a state's tensor, in the dtype of the parameter where it stands for its elements. */
export function copyState(value: unknown, key: string, param: Tensor): StateValue {
  if (value === null || value === undefined) return undefined;
  if (Array.isArray(value)) return value.map((item) => copyState(item, key, param));
  // Older files have the step as a number.
  if (key === "step" && typeof value === "number") return countFrom(value);
  if (typeof value === "number") return value;
  if (!(value instanceof Tensor)) {
    throw new TypeError(`loadStateDict(): the state '${key}' must be a Tensor or a number, not ${describe(value)}`);
  }
  const converts = !countKeys.has(key) && param.dtype.isFloatingPoint;
  return value.detach().to(converts ? param.dtype : value.dtype, { copy: true });
}

/** Throws for a list with gaps: it may be far longer than it can be copied or printed. */
export function checkLists(options: Record<string, unknown>, where: string): void {
  for (const [name, value] of Object.entries(options)) {
    if (Array.isArray(value) && Object.keys(value).length < value.length) {
      throw new TypeError(`${where}(): option '${name}' must not be a list with gaps`);
    }
  }
}

/** Options under other names, whose lists and tensors are copies; `copies` has a tensor's, which groups may share. */
export function copyOptions(
  options: Record<string, unknown>,
  rename: (key: string) => string,
  copies: Map<Tensor, Tensor>,
): Record<string, unknown> {
  return mapKeys(options, rename, (value) => {
    if (value instanceof Tensor) return copyOnce(value, copies);
    return Array.isArray(value) ? [...value] : value;
  });
}

function copyOnce(tensor: Tensor, copies: Map<Tensor, Tensor>): Tensor {
  const copy = copies.get(tensor) ?? tensor.detach().clone();
  copies.set(tensor, copy);
  return copy;
}
