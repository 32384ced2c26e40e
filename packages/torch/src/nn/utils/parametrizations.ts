/**
 * Parametrizations that are often used: weight norm, spectral norm, orthogonal matrices.
 *
 * Source: https://pytorch.org/docs/stable/nn.html#parametrizing-weights
 */
import { anything, flagOn, int, nullable, number, optional, type Param, word } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { withoutRecording } from "../../autograd/modes.js";
import { formatShape, sameShape, wrapDim } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { zerosLike } from "../../ops/creation/filled.js";
import { matrixExp } from "../../ops/linalg/older.js";
import { normalize } from "../../ops/products/vectorDistances.js";
import { randn } from "../../ops/random/randomTensors.js";
import { cat } from "../../ops/shape/joining.js";
import type { Args } from "../../ops/types.js";
import { Module } from "../module.js";
import { orthonormalColumns } from "../orthonormal.js";
import { findTensor } from "./members.js";
import { NotImplementedError } from "./notImplemented.js";
import { cayley, reflected, reflectorsOf } from "./orthogonalMaps.js";
import { registerParametrization } from "./parametrize.js";
import { asMatrix, outputDim, turn } from "./spectralNorm.js";
import { nameParam, normExceptDim, withLengths } from "./weightNorm.js";

class _WeightNorm extends Module {
  constructor(readonly dim: number | null) {
    super();
  }

  override forward(lengths: Tensor, directions: Tensor): Tensor {
    return withLengths(directions, lengths, this.dim);
  }

  rightInverse(weight: Tensor): readonly Tensor[] {
    return [normExceptDim(weight, this.dim), weight];
  }
}

/** The parameters that all of them begin with. */
const moduleAndName = { module: anything as Param<Module>, name: nameParam };
const weightNormSignature = new Signature("weightNorm", { ...moduleAndName, dim: optional(nullable(int), 0) });

/** The tensor that is to be parametrized. */
function tensorIn(module: Module, name: string): Tensor {
  const found = findTensor(module, name);
  const value = found?.value ?? (module as unknown as Record<string, unknown>)[name];
  if (value instanceof Tensor) return value;
  throw new Error(`Module '${module}' has no parameter or buffer with name '${name}'`);
}

/**
 * Computes a parameter from the lengths of its slices along a dim, `parametrizations.weight.original0`, and their
 * directions, `original1`.
 *
 * @param dim the dim; null for one length of the whole parameter.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrizations.weight_norm.html
 */
export function weightNorm<M extends Module>(
  ...args: [module: M, ...rest: Args<[name?: string, dim?: number | null], ["name", "dim"]>]
): M {
  const { module, name, dim } = weightNormSignature.parse(args);
  return registerParametrization(module as M, name, new _WeightNorm(dim), { unsafe: true });
}

class _SpectralNorm extends Module {
  dim: number;
  eps: number;
  nPowerIterations: number;
  declare _u: Tensor;
  declare _v: Tensor;

  constructor(weight: Tensor, nPowerIterations: number, eps: number, dim: number) {
    super();
    const ndim = weight.sizes.length;
    this.dim = wrapDim(dim, ndim);
    if (nPowerIterations <= 0) {
      throw new RangeError(
        `Expected n_power_iterations to be positive, but got n_power_iterations=${nPowerIterations}`,
      );
    }
    this.eps = eps;
    this.nPowerIterations = nPowerIterations;
    if (ndim < 2) return;
    withoutRecording(() => {
      const matrix = asMatrix(weight, this.dim);
      const [u, v] = [0, 1].map((side) => matrix.newEmpty(matrix.sizes[side] as number).normal_());
      this.registerBuffer("_u", normalize(u as Tensor, 2, 0, eps));
      this.registerBuffer("_v", normalize(v as Tensor, 2, 0, eps));
      follow(this, matrix, 15);
    });
  }

  override forward(weight: Tensor): Tensor {
    if (weight.sizes.length === 1) return normalize(weight, 2, 0, this.eps);
    const matrix = asMatrix(weight, this.dim);
    if (this.training) withoutRecording(() => follow(this, matrix, this.nPowerIterations));
    // Copies, as the vectors may change before the backward pass.
    return weight.div(this._u.clone().dot(matrix.mv(this._v.clone())));
  }

  rightInverse(value: Tensor): Tensor {
    return value;
  }
}

/** Steps of the power method. */
function follow({ _u: u, _v: v, eps }: _SpectralNorm, matrix: Tensor, steps: number): void {
  for (let i = 0; i < steps; i++) {
    turn(u, matrix, v, eps);
    turn(v, matrix.t(), u, eps);
  }
}

const spectralNormSignature = new Signature("spectralNorm", {
  ...moduleAndName,
  nPowerIterations: optional(int, 1),
  eps: optional(number, 1e-12),
  dim: optional(nullable(int), null),
});

/**
 * Divides a parameter by its largest singular value, which each reading in training follows further.
 *
 * @param dim the dim of the outputs; 0 by default, or 1 for transposed convolutions.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrizations.spectral_norm.html
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
  const { module, name, nPowerIterations, eps, dim } = spectralNormSignature.parse(args);
  const norm = new _SpectralNorm(tensorIn(module, name), nPowerIterations, eps, dim ?? outputDim(module));
  return registerParametrization(module as M, name, norm);
}

/** How orthogonal matrices are computed from others. */
export type OrthogonalMap = "matrix_exp" | "cayley" | "householder";

class _Orthogonal extends Module {
  declare base: Tensor | null;

  constructor(
    readonly sizes: readonly number[],
    readonly orthogonalMap: OrthogonalMap,
    readonly useTrivialization: boolean,
  ) {
    super();
    if (useTrivialization) this.registerBuffer("base", null);
  }

  override forward(weight: Tensor): Tensor {
    const [rows, columns] = weight.sizes.slice(-2) as [number, number];
    const isWide = rows < columns;
    const tall = isWide ? weight.mT : weight;
    const [n, k] = isWide ? [columns, rows] : [rows, columns];
    let result: Tensor;
    if (this.orthogonalMap === "householder") result = reflected(tall);
    else {
      const lower = tall.tril();
      const front = lower.sizes.slice(0, -2);
      const square = n === k ? lower : cat([lower, lower.newZeros([...front, n, n - k])], -1);
      const skew = square.sub(square.mT);
      result = (this.orthogonalMap === "cayley" ? cayley(skew) : matrixExp(skew)).narrow(-1, 0, k);
    }
    if (this.useTrivialization && this.base !== null) result = this.base.matmul(result);
    return isWide ? result.mT : result;
  }

  rightInverse(value: Tensor): Tensor {
    if (!sameShape(value.sizes, this.sizes)) {
      throw new Error(
        `Expected a matrix or batch of matrices of shape ${formatShape(this.sizes)}. Got a tensor of shape ${formatShape(value.sizes)}.`,
      );
    }
    const [rows, columns] = value.sizes.slice(-2) as [number, number];
    const isWide = rows < columns;
    const tall = isWide ? value.mT : value;
    if (this.useTrivialization) {
      const [n, k] = [Math.max(rows, columns), Math.min(rows, columns)];
      const rest = n === k ? [] : [randn([...value.sizes.slice(0, -2), n, n - k], { dtype: value.dtype })];
      this.base = orthonormalColumns(cat([tall, ...rest], -1));
      const start = zerosLike(value);
      start.diagonal(0, -2, -1).fill_(-1);
      return start;
    }
    if (this.orthogonalMap !== "householder") {
      throw new NotImplementedError(
        "It is not possible to assign to the matrix exponential or the Cayley parametrizations when use_trivialization=False.",
      );
    }
    const reflectors = reflectorsOf(tall);
    return isWide ? reflectors.mT : reflectors;
  }
}

const orthogonalSignature = new Signature("orthogonal", {
  ...moduleAndName,
  orthogonalMap: optional(word("matrix_exp", "cayley", "householder")),
  useTrivialization: flagOn,
});

/**
 * Computes a matrix, or a batch of them, so that its rows or columns are orthogonal and of length 1.
 *
 * @param options.orthogonalMap how: by default by the matrix exponential for square ones, else by Householder reflections.
 * @param options.useTrivialization whether what is trained stands for the distance from the first matrix; true by default.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrizations.orthogonal.html
 */
export function orthogonal<M extends Module>(
  ...args: [
    module: M,
    ...rest: Args<[name?: string], ["name"], { orthogonalMap?: OrthogonalMap | null; useTrivialization?: boolean }>,
  ]
): M {
  const { module, name, orthogonalMap, useTrivialization } = orthogonalSignature.parse(args);
  const weight = tensorIn(module, name);
  if (weight.sizes.length < 2) {
    throw new Error(`Expected a matrix or batch of matrices. Got a tensor of ${weight.sizes.length} dimensions.`);
  }
  const isSquare = weight.sizes.at(-1) === weight.sizes.at(-2);
  const map = orthogonalMap ?? (isSquare ? "matrix_exp" : "householder");
  const parametrization = new _Orthogonal(weight.sizes, map, useTrivialization);
  return registerParametrization(module as M, name, parametrization, { unsafe: true });
}
