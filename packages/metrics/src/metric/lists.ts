/** List states in state dicts, which have only tensors otherwise: each is an array of tensors. */
import torch, { type nn, type Tensor } from "flambeau";
import type { Metric } from "./metric.js";

export type StateDict = ReturnType<nn.Module["stateDict"]>;
export type LoadResult = ReturnType<nn.Module["loadStateDict"]>;

/** @internal The list states of a metric that are persistent: their properties by their keys. */
export const persistentLists: unique symbol = Symbol("persistentLists");

function* listsOf(module: nn.Module): Generator<[key: string, metric: Metric, property: string]> {
  for (const [path, part] of module.namedModules()) {
    const lists = (part as { [persistentLists]?: Record<string, string> })[persistentLists] ?? {};
    for (const [key, property] of Object.entries(lists))
      yield [path === "" ? key : `${path}.${key}`, part as unknown as Metric, property];
  }
}

/** A state with the list states of a module and its children. */
export function withLists(module: nn.Module, state: StateDict, prefix = ""): StateDict {
  const all = state as Record<string, unknown>;
  for (const [key, metric, property] of listsOf(module)) {
    all[prefix + key] = [...(metric.metricState[property] as Tensor[])];
  }
  return state;
}

/** Puts the list states of a state in their places, after `load` has loaded the rest of it. */
export function loadWithLists(module: nn.Module, state: StateDict, load: (rest: StateDict) => LoadResult): LoadResult {
  const rest = { ...state };
  const puts: (() => void)[] = [];
  for (const [key, metric, property] of listsOf(module)) {
    const value: unknown = state[key];
    if (value === undefined) continue;
    if (!Array.isArray(value) || !value.every((one) => one instanceof torch.Tensor)) {
      throw new TypeError(`expected an array of tensors for the list state "${key}"`);
    }
    delete rest[key];
    puts.push(() => Object.assign(metric, { [property]: [...value] }));
  }
  const result = load(rest);
  for (const put of puts) put();
  return result;
}
