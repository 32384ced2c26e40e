/**
 * Weight norm: a parameter as the product of a direction and a length, which are trained in its place.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.weight_norm.html
 */
import { anything, int, nullable, optional, type Param, text } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { withoutRecording } from "../../autograd/modes.js";
import { wrapDim } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import type { Args } from "../../ops/types.js";
import type { Module } from "../module.js";
import { Parameter } from "../parameter.js";
import { findTensor, Recomputed, recomputedOf, setTensor, takeOut, tensorOf } from "./members.js";

/** Norms over all dims but one, which keep the number of dims; of the whole tensor for null or -1. */
export function normExceptDim(v: Tensor, dim: number | null): Tensor {
  if (dim === null || dim === -1) return v.norm();
  const kept = wrapDim(dim, v.sizes.length);
  return v.norm(
    2,
    v.sizes.map((_, d) => d).filter((d) => d !== kept),
    { keepdim: true },
  );
}

/** Directions with other lengths. */
export function withLengths(v: Tensor, g: Tensor, dim: number | null): Tensor {
  return v.mul(g.div(normExceptDim(v, dim)));
}

class WeightNorm extends Recomputed {
  constructor(
    name: string,
    readonly dim: number | null,
  ) {
    super(name);
  }

  override compute(module: Module): Tensor {
    const { name, dim } = this;
    return withLengths(tensorOf(module, `${name}_v`) as Tensor, tensorOf(module, `${name}_g`) as Tensor, dim);
  }
}

/** The parameters of a utility for a tensor of a module. */
export const nameParam = optional({ ...text, endsPositional: false }, "weight");
const moduleParam = anything as Param<Module>;
const signature = new Signature("weightNorm", {
  module: moduleParam,
  name: nameParam,
  dim: optional(nullable(int), 0),
});

/**
 * Lets two parameters stand for one, `weight_g` with the lengths of its slices along a dim and `weight_v` with their
 * directions. Before each call of the module the parameter is computed from them.
 *
 * @param dim the dim; null for one length of the whole parameter.
 * @example const layer = nn.utils.weightNorm(new nn.Linear(20, 40));
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.weight_norm.html
 */
export function weightNorm<M extends Module>(
  ...args: [module: M, ...rest: Args<[name?: string, dim?: number | null], ["name", "dim"]>]
): M {
  const { module, name, dim } = signature.parse(args);
  const found = findTensor(module, name);
  if (recomputedOf(module).some((one) => one instanceof WeightNorm && one.name === name))
    throw new Error(`Cannot register two weight_norm hooks on the same parameter ${name}`);
  if (found?.kind !== "parameter") throw new Error(`${module.constructor.name} has no parameter '${name}'`);
  const { key, value } = found;
  takeOut(module, key);
  withoutRecording(() => {
    module.registerParameter(`${key}_g`, new Parameter(normExceptDim(value, dim)));
    module.registerParameter(`${key}_v`, new Parameter(value.detach()));
  });
  new WeightNorm(key, dim).attach(module);
  return module as M;
}

const removeSignature = new Signature("removeWeightNorm", { module: moduleParam, name: nameParam });

/**
 * Makes a parameter of what `weightNorm` computed in its place.
 *
 * @throws Error if it computes nothing of that name.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.remove_weight_norm.html
 */
export function removeWeightNorm<M extends Module>(...args: [module: M, ...rest: Args<[name?: string], ["name"]>]): M {
  const { module, name } = removeSignature.parse(args);
  const norm = recomputedOf(module).find((one) => one instanceof WeightNorm && one.name === name);
  if (norm === undefined) throw new Error(`weight_norm of '${name}' not found in ${module}`);
  const weight = withoutRecording(() => norm.compute(module));
  norm.detach(module);
  for (const part of [name, `${name}_g`, `${name}_v`]) takeOut(module, part);
  setTensor(module, name, new Parameter(weight));
  return module as M;
}
