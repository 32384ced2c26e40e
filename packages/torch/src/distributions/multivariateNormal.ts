import { optional, tensor } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { toSnakeCase } from "../core/names.js";
import type { Tensor } from "../core/tensor.js";
import { choleskyInverse } from "../ops/linalg/older.js";
import type { Args } from "../ops/types.js";
import * as constraints from "./constraints.js";
import {
  type Constraints,
  Distribution,
  type SampleArguments,
  sampleShapeOf,
  type Validated,
  validated,
} from "./distribution.js";
import { batched, factorOf, givenMatrix, logDiagonal, mahalanobis, timesVector } from "./gaussian.js";
import { commonShape, lazily, setOwn, standardNormal } from "./utils.js";

const signature = new Signature("MultivariateNormal", {
  loc: tensor,
  covarianceMatrix: optional(tensor),
  precisionMatrix: optional(tensor),
  scaleTril: optional(tensor),
  ...validated,
});

/**
 * The normal distribution of vectors. Given is one of the covariance, its inverse, and its lower triangular factor, which
 * all computations use.
 *
 * @example new torch.distributions.MultivariateNormal(torch.zeros(2), torch.eye(2)).sample()
 */
export class MultivariateNormal extends Distribution {
  static override readonly argConstraints: Constraints = {
    loc: constraints.realVector,
    covarianceMatrix: constraints.positiveDefinite,
    precisionMatrix: constraints.positiveDefinite,
    scaleTril: constraints.lowerCholesky,
  };
  static override readonly support = constraints.realVector;
  static override readonly hasRsample = true;
  declare readonly loc: Tensor;
  /** @internal The factor as it was given: without the batch of `loc`. */
  declare readonly factor: Tensor;

  constructor(
    ...args: Args<
      [loc: Tensor, covarianceMatrix?: Tensor | null, precisionMatrix?: Tensor | null, scaleTril?: Tensor | null],
      ["covarianceMatrix", "precisionMatrix", "scaleTril"],
      Validated
    >
  ) {
    const { loc, validateArgs, ...matrices } = signature.parse(args);
    if (loc.dim() < 1) throw new Error("loc must be at least one-dimensional.");
    const { name, matrix } = givenMatrix(matrices);
    if (matrix.dim() < 2) {
      const what = name === "scaleTril" ? "scale_tril matrix" : toSnakeCase(name);
      throw new Error(`${what} must be at least two-dimensional, with optional leading batch dimensions`);
    }
    const batchShape = commonShape(matrix.shape.slice(0, -2), loc.shape.slice(0, -1));
    const parameters = {
      loc: loc.expand([...batchShape, -1]),
      [name]: matrix.expand([...batchShape, -1, -1]),
    };
    super(batchShape, loc.shape.slice(-1), { validateArgs, parameters });
    setOwn(this, "factor", factorOf(name, matrix));
  }

  get scaleTril(): Tensor {
    return lazily(this, "scaleTril", () => batched(this, this.factor));
  }

  get covarianceMatrix(): Tensor {
    return lazily(this, "covarianceMatrix", () => batched(this, this.factor.matmul(this.factor.mT)));
  }

  get precisionMatrix(): Tensor {
    return lazily(this, "precisionMatrix", () => batched(this, choleskyInverse(this.factor)));
  }

  override get mean(): Tensor {
    return this.loc;
  }

  override get mode(): Tensor {
    return this.loc;
  }

  override get variance(): Tensor {
    return this.factor
      .pow(2)
      .sum(-1)
      .expand([...this.batchShape, ...this.eventShape]);
  }

  override rsample(...args: SampleArguments): Tensor {
    const shape = this._extendedShape(sampleShapeOf(args));
    return this.loc.add(timesVector(this.factor, standardNormal(shape, this.loc)));
  }

  override logProb(value: Tensor): Tensor {
    this._validateSample(value);
    const distances = mahalanobis(this.factor, value.sub(this.loc));
    const [n] = this.eventShape as [number];
    return distances
      .add(n * Math.log(2 * Math.PI))
      .mul(-0.5)
      .sub(logDiagonal(this.factor));
  }

  override entropy(): Tensor {
    const [n] = this.eventShape as [number];
    return logDiagonal(this.factor)
      .add(0.5 * n * (1 + Math.log(2 * Math.PI)))
      .expand([...this.batchShape]);
  }
}
