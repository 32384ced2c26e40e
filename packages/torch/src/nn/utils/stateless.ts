/**
 * Calls of a module with other parameters and buffers than its own.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.func.functional_call.html
 */
import { anything, flag, flagOn, optional, type Param } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { toCamelCase } from "../../core/names.js";
import { Tensor } from "../../core/tensor.js";
import { lend, type Module } from "../module.js";
import { members } from "../moduleMembers.js";

/** Tensors by the keys that a module has for them. */
export type TensorsByName = Readonly<Record<string, Tensor>>;

export interface FunctionalCallOptions {
  /** Whether a tensor that a module has under several keys is replaced under all of them; true by default. */
  tieWeights?: boolean;
  /** Throw unless exactly all parameters and buffers are given. */
  strict?: boolean;
}

const signature = new Signature("functionalCall", {
  module: anything as Param<Module>,
  parametersAndBuffers: anything,
  args: optional(anything),
  tieWeights: flagOn,
  strict: flag,
});

/** Where a tensor of a module is. */
interface Place {
  readonly owner: Module;
  readonly property: string;
  readonly value: Tensor;
}

function placesOf(module: Module): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const [path, owner] of module.namedModules({ removeDuplicate: false })) {
    for (const { kind, key, value } of owner[members]()) {
      const name = path === "" ? key : `${path}.${key}`;
      if (kind !== "module") places.set(name, { owner, property: toCamelCase(key), value: value as Tensor });
    }
  }
  return places;
}

/**
 * Calls a module with tensors in the places of its parameters and buffers, which are untouched. Gradients flow to these
 * tensors.
 *
 * @param parametersAndBuffers tensors by their keys, or several such objects.
 * @param args the inputs; one that is no list is the only one.
 * @example
 * const weights = Object.fromEntries(model.namedParameters().map(([name, p]) => [name, p.detach().requiresGrad_()]));
 * const loss = torch.func.functionalCall(model, weights, [x]).square().mean();
 * @throws Error for a key that the module does not have.
 * @see https://pytorch.org/docs/stable/generated/torch.func.functional_call.html
 */
export function functionalCall<M extends Module>(
  module: M,
  parametersAndBuffers: TensorsByName | readonly TensorsByName[],
  args: Parameters<M["forward"]> | Parameters<M["forward"]>[0],
  options: FunctionalCallOptions = {},
): ReturnType<M["forward"]> {
  const { tieWeights, strict } = signature.parse([module, parametersAndBuffers, args, options]);
  const given: TensorsByName = Array.isArray(parametersAndBuffers)
    ? Object.assign({}, ...parametersAndBuffers)
    : parametersAndBuffers;
  const places = placesOf(module);
  const unknown = Object.keys(given).filter((name) => !places.has(name));
  if (unknown.length > 0) throw new Error(`Unexpected key(s): ${unknown.join(", ")}.`);
  const missing = [...places.keys()].filter((name) => !Object.hasOwn(given, name));
  if (strict && missing.length > 0) throw new Error(`Missing key(s): ${missing.join(", ")}.`);
  const values = new Map<Module, Map<string, Tensor>>();
  const put = ({ owner, property }: Place, tensor: Tensor) => {
    if (!values.has(owner)) values.set(owner, new Map());
    values.get(owner)?.set(property, tensor);
  };
  for (const [name, tensor] of Object.entries(given)) {
    if (!(tensor instanceof Tensor)) throw new TypeError(`functionalCall(): '${name}' must be Tensor`);
    const place = places.get(name) as Place;
    const same = tieWeights ? [...places.values()].filter(({ value }) => value === place.value) : [place];
    for (const one of same) put(one, tensor);
  }
  const restores = [...values].map(([owner, tensors]) => owner[lend](tensors));
  try {
    return module(...((Array.isArray(args) ? args : [args]) as Parameters<M["forward"]>));
  } finally {
    for (const restore of restores) restore();
  }
}
