/**
 * Spectral norm: a parameter divided by its largest singular value, which a step of the power method follows.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.spectral_norm.html
 */
import { anything, int, nullable, number, optional, type Param } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { withoutRecording } from "../../autograd/modes.js";
import { wrapDim } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { normalize } from "../../ops/products/vectorDistances.js";
import type { Args } from "../../ops/types.js";
import type { Module } from "../module.js";
import { Parameter } from "../parameter.js";
import { findTensor, Recomputed, recomputedOf, takeOut, tensorOf } from "./members.js";
import { nameParam } from "./weightNorm.js";

/** A weight as a matrix whose rows are its slices along a dim. */
export function asMatrix(weight: Tensor, dim: number): Tensor {
  return weight.movedim(dim, 0).flatten(1);
}

/** A random vector of length 1 for the rows, or the columns, of a matrix. */
export function randomUnit(matrix: Tensor, dim: number, eps: number): Tensor {
  return normalize(matrix.newEmpty(matrix.sizes[dim] as number).normal_(), 2, 0, eps);
}

/** Brings a vector to the direction to which a matrix turns another one. */
export function turn(to: Tensor, matrix: Tensor, from: Tensor, eps: number): void {
  to.copy_(normalize(matrix.mv(from), 2, 0, eps));
}

class SpectralNorm extends Recomputed {
  constructor(
    name: string,
    readonly nPowerIterations: number,
    readonly dim: number,
    readonly eps: number,
  ) {
    super(name);
  }

  override compute(module: Module): Tensor {
    return this.divided(module, module.training);
  }

  /** The weight over its largest singular value, which is followed further if `iterates`. */
  divided(module: Module, iterates: boolean): Tensor {
    const [weight, u, v] = ["orig", "u", "v"].map((part) => tensorOf(module, `${this.name}_${part}`)) as Tensor[];
    const matrix = asMatrix(weight as Tensor, this.dim);
    if (iterates) {
      withoutRecording(() => {
        for (let i = 0; i < this.nPowerIterations; i++) {
          turn(v as Tensor, matrix.t(), u as Tensor, this.eps);
          turn(u as Tensor, matrix, v as Tensor, this.eps);
        }
      });
    }
    // Copies, as the vectors may change before the backward pass.
    return (weight as Tensor).div((u as Tensor).clone().dot(matrix.mv((v as Tensor).clone())));
  }
}

const moduleParam = anything as Param<Module>;
const signature = new Signature("spectralNorm", {
  module: moduleParam,
  name: nameParam,
  nPowerIterations: optional(int, 1),
  eps: optional(number, 1e-12),
  dim: optional(nullable(int)),
});

/**
 * Divides a parameter by its largest singular value before each call of the module. The parameter that is trained is
 * `weight_orig`; in training, each call follows the singular vectors, the buffers `weight_u` and `weight_v`.
 *
 * @param dim the dim of the outputs; 0 by default, or 1 for transposed convolutions.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.spectral_norm.html
 */
export function spectralNorm<M extends Module>(
  ...args: [
    module: M,
    ...rest: Args<
      [name?: string, nPowerIterations?: number, eps?: number, dim?: number | null],
      ["name", "nPowerIterations", "eps", "dim"]
    >,
  ]
): M {
  const { module, name, nPowerIterations, eps, dim } = signature.parse(args);
  if (nPowerIterations <= 0) {
    throw new RangeError(`Expected n_power_iterations to be positive, but got n_power_iterations=${nPowerIterations}`);
  }
  if (recomputedOf(module).some((one) => one instanceof SpectralNorm && one.name === name))
    throw new Error(`Cannot register two spectral_norm hooks on the same parameter ${name}`);
  const found = findTensor(module, name);
  if (found?.kind !== "parameter")
    throw new Error(`\`SpectralNorm\` cannot be applied as parameter \`${name}\` is None`);
  const { key, value } = found;
  const along = wrapDim(dim ?? outputDim(module), value.sizes.length);
  const [u, v] = withoutRecording(() => {
    const matrix = asMatrix(value, along);
    return [randomUnit(matrix, 0, eps), randomUnit(matrix, 1, eps)];
  });
  takeOut(module, key);
  module.registerParameter(`${key}_orig`, value as Parameter);
  module.registerBuffer(`${key}_u`, u);
  module.registerBuffer(`${key}_v`, v);
  new SpectralNorm(key, nPowerIterations, along, eps).attach(module, value.detach());
  return module as M;
}

/** The dim of a weight that stands for the outputs of its layer. */
export function outputDim(module: Module): number {
  return /^ConvTranspose/.test(module.constructor.name) ? 1 : 0;
}

const removeSignature = new Signature("removeSpectralNorm", { module: moduleParam, name: nameParam });

/**
 * Makes a parameter of what `spectralNorm` computed in its place.
 *
 * @throws Error if it computes nothing of that name.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.remove_spectral_norm.html
 */
export function removeSpectralNorm<M extends Module>(
  ...args: [module: M, ...rest: Args<[name?: string], ["name"]>]
): M {
  const { module, name } = removeSignature.parse(args);
  const norm = recomputedOf(module).find((one) => one instanceof SpectralNorm && one.name === name);
  if (!(norm instanceof SpectralNorm)) throw new Error(`spectral_norm of '${name}' not found in ${module}`);
  const weight = withoutRecording(() => norm.divided(module, false));
  norm.detach(module);
  for (const part of ["", "_u", "_v", "_orig"]) takeOut(module, name + part);
  module.registerParameter(name, new Parameter(weight));
  return module as M;
}
