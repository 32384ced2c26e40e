/**
 * The parameters and buffers of several modules of one kind, stacked: for a call of all of them at once.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.func.stack_module_state.html
 */
import { Tensor } from "../../core/tensor.js";
import { stack } from "../../ops/shape/joining.js";
import { Module } from "../module.js";

/** Tensors of all modules by key, along a new first dim. */
function stacked(all: readonly (readonly (readonly [string, Tensor])[])[]): Record<string, Tensor> {
  const [first] = all as [readonly (readonly [string, Tensor])[]];
  return Object.fromEntries(
    first.map(([key, tensor], i) => {
      const tensors = all.map((list) => list[i]?.[1] as Tensor);
      if (tensors.some(({ requiresGrad }) => requiresGrad !== tensor.requiresGrad)) {
        throw new Error("Expected all parameters to have the same .requires_grad");
      }
      const result = stack(tensors).detach();
      return [key, tensor.requiresGrad ? result.requiresGrad_() : result];
    }),
  );
}

/**
 * The parameters and buffers of modules with a first dim that counts the modules: what `vmap` maps a `functionalCall` over.
 *
 * @param models modules of one class, all in training or all not.
 * @returns `[parameters, buffers]` by their keys: leaves, which require gradients where the modules' own do.
 * @example
 * const [parameters, buffers] = torch.func.stackModuleState(models);
 * const call = (p, b, x) => torch.func.functionalCall(models[0], [p, b], [x]);
 * const outputs = torch.func.vmap(call, [0, 0, null])(parameters, buffers, x);
 * @throws Error for no models, or such of several classes or modes.
 * @see https://pytorch.org/docs/stable/generated/torch.func.stack_module_state.html
 */
export function stackModuleState(
  models: Iterable<Module>,
): [parameters: Record<string, Tensor>, buffers: Record<string, Tensor>] {
  const list = [...models];
  const [first] = list;
  if (first === undefined) throw new Error("stack_module_state: Expected at least one model, got 0.");
  for (const model of list) {
    if (!(model instanceof Module)) throw new TypeError("stackModuleState(): expected a list of modules");
  }
  if (list.some((model) => model.training !== first.training)) {
    throw new Error("stack_module_state: Expected all models to have the same training/eval mode.");
  }
  if (list.some((model) => model.constructor !== first.constructor)) {
    throw new Error("stack_module_state: Expected all models to be of the same class.");
  }
  return [
    stacked(list.map((model) => [...model.namedParameters()])),
    stacked(
      list.map((model) =>
        [...model.namedBuffers()].filter((entry): entry is [string, Tensor] => entry[1] instanceof Tensor),
      ),
    ),
  ];
}
