import { type Operand, operand, optional, tensor } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { warn } from "../arguments/warn.js";
import { finfo } from "../core/limits.js";
import { numelOf, type Shape } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import { arange, diagEmbed, full, trilIndices, where } from "../ops/functions.js";
import { slogdet } from "../ops/linalg/inverse.js";
import { choleskyInverse, choleskySolve } from "../ops/linalg/older.js";
import type { Args } from "../ops/types.js";
import { Chi2 } from "./chi2.js";
import * as constraints from "./constraints.js";
import { type Constraints, type SampleArguments, sampleShapeOf, type Validated, validated } from "./distribution.js";
import { ExponentialFamily } from "./exponentialFamily.js";
import { factorOf, givenMatrix, logDiagonal } from "./gaussian.js";
import { commonShape, formatted, kindOf, lazily, setOwn, shapeOf, standardNormal } from "./utils.js";

const signature = new Signature("Wishart", {
  df: operand,
  covarianceMatrix: optional(tensor),
  precisionMatrix: optional(tensor),
  scaleTril: optional(tensor),
  ...validated,
});

/** How often a sample that is not positive definite is drawn again. */
const mostTries = 10;

/**
 * The Wishart distribution of positive definite matrices: of sums of x xᵀ for `df` normal vectors x, which need be no whole
 * number. Given is one of their covariance, its inverse, and its lower triangular factor.
 *
 * @example new torch.distributions.Wishart(2, torch.eye(2)).sample()
 */
export class Wishart extends ExponentialFamily {
  static override readonly argConstraints: Constraints = {
    covarianceMatrix: constraints.positiveDefinite,
    precisionMatrix: constraints.positiveDefinite,
    scaleTril: constraints.lowerCholesky,
    df: constraints.greaterThan(0),
  };
  static override readonly support = constraints.positiveDefinite;
  static override readonly hasRsample = true;
  declare readonly df: Tensor;
  /** @internal The factor as it was given: without the batch of `df`. */
  declare readonly factor: Tensor;

  constructor(
    ...args: Args<
      [df: Operand, covarianceMatrix?: Tensor | null, precisionMatrix?: Tensor | null, scaleTril?: Tensor | null],
      ["covarianceMatrix", "precisionMatrix", "scaleTril"],
      Validated
    >
  ) {
    const { df: given, validateArgs, ...matrices } = signature.parse(args);
    const { name, matrix } = givenMatrix(matrices);
    if (matrix.dim() < 2) {
      throw new Error("scale_tril must be at least two-dimensional, with optional leading batch dimensions");
    }
    const n = matrix.shape.at(-1) as number;
    const batchShape = commonShape(matrix.shape.slice(0, -2), shapeOf(given));
    const df = given instanceof Tensor ? given.expand([...batchShape]) : full([...batchShape], given, kindOf(matrix));
    if (holds(df.le(n - 1))) {
      throw new Error(`Value of df=${formatted(given)} expected to be greater than ndim - 1 = ${n - 1}.`);
    }
    if (holds(df.lt(n))) {
      warn("Low df values detected. Singular samples are highly likely to occur for ndim - 1 < df < ndim.");
    }
    super(batchShape, matrix.shape.slice(-2), {
      validateArgs,
      parameters: { df, [name]: matrix.expand([...batchShape, -1, -1]) },
    });
    setOwn(this, "factor", factorOf(name, matrix));
  }

  override get argConstraints(): Constraints {
    return { ...Wishart.argConstraints, df: constraints.greaterThan((this.eventShape[1] as number) - 1) };
  }

  get scaleTril(): Tensor {
    return lazily(this, "scaleTril", () => this.factor.expand(this._extendedShape()));
  }

  get covarianceMatrix(): Tensor {
    return lazily(this, "covarianceMatrix", () => this.factor.matmul(this.factor.mT).expand(this._extendedShape()));
  }

  get precisionMatrix(): Tensor {
    return lazily(this, "precisionMatrix", () => choleskyInverse(this.factor).expand(this._extendedShape()));
  }

  /** @internal The degrees of freedom, and the size of matrices. */
  get sizes(): { df: Tensor; n: number } {
    return { df: this.df, n: this.eventShape[1] as number };
  }

  override get mean(): Tensor {
    return asMatrices(this.df).mul(this.covarianceMatrix);
  }

  /** NaN where there are too few degrees of freedom for one. */
  override get mode(): Tensor {
    const { df, n } = this.sizes;
    const factor = df.sub(n + 1);
    return asMatrices(factor.maskedFill(factor.le(0), NaN)).mul(this.covarianceMatrix);
  }

  override get variance(): Tensor {
    const V = this.covarianceMatrix;
    const diagonal = V.diagonal(0, -2, -1);
    return asMatrices(this.df).mul(V.pow(2).add(diagonal.unsqueeze(-1).mul(diagonal.unsqueeze(-2))));
  }

  override rsample(...args: SampleArguments): Tensor {
    const sampleShape = sampleShapeOf(args);
    // PyTorch takes good samples for singular ones at first, and draws them again.
    bartlett(this, sampleShape);
    const flat = bartlett(this, [numelOf(sampleShape)]);
    let samples = flat;
    for (let tries = 1; tries < mostTries; tries++) {
      const isBad = this.support.check(samples.detach()).logicalNot();
      const isSingular = this.batchShape.length === 0 ? isBad : isBad.flatten(1).any(-1);
      if (!holds(isSingular)) break;
      warn("Singular sample detected.");
      const chosen = isSingular.view([-1, ...this._extendedShape().map(() => 1)]);
      samples = where(chosen, bartlett(this, [samples.shape[0] as number]), samples);
    }
    return samples.reshape(this._extendedShape(sampleShape));
  }

  override logProb(value: Tensor): Tensor {
    this._validateSample(value);
    const { df, n } = this.sizes;
    const trace = choleskySolve(value, this.factor).diagonal(0, -2, -1).sum(-1);
    return logDiagonal(this.factor)
      .add((n * Math.LN2) / 2)
      .mul(df)
      .neg()
      .sub(df.div(2).mvlgamma(n))
      .add(
        df
          .sub(n + 1)
          .div(2)
          .mul(slogdet(value).logabsdet),
      )
      .sub(trace.div(2));
  }

  override entropy(): Tensor {
    const { df, n } = this.sizes;
    const half = df.div(2);
    const digammas = half
      .unsqueeze(-1)
      .sub(arange(n, kindOf(df)).div(2))
      .digamma()
      .sum(-1);
    return logDiagonal(this.factor)
      .add((n * Math.LN2) / 2)
      .mul(n + 1)
      .add(half.mvlgamma(n))
      .sub(
        df
          .sub(n + 1)
          .div(2)
          .mul(digammas),
      )
      .add(df.mul(n).div(2));
  }

  override get _naturalParams(): readonly Tensor[] {
    const { df, n } = this.sizes;
    return [this.precisionMatrix.neg().div(2), df.sub(n + 1).div(2)];
  }

  override _logNormalizer(x: Tensor, y: Tensor): Tensor {
    const { n } = this.sizes;
    const half = y.add((n + 1) / 2);
    const logs = slogdet(x.mul(-2))
      .logabsdet.neg()
      .add(Math.LN2 * n);
    return half.mul(logs).add(half.mvlgamma(n));
  }

  override get _meanCarrierMeasure(): number {
    return 0;
  }
}

const holds = (condition: Tensor) => condition.any().item() === 1;

/** Numbers as 1×1 matrices. */
const asMatrices = (values: Tensor) => values.unsqueeze(-1).unsqueeze(-1);

/** Bartlett's decomposition: a triangle of normal numbers, with roots of chi-squared ones on the diagonal. */
function bartlett({ sizes: { df, n }, factor, batchShape }: Wishart, sampleShape: Shape): Tensor {
  const freedom = df.unsqueeze(-1).sub(arange(n, kindOf(factor)));
  const squares = new Chi2(freedom, { validateArgs: false }).rsample([...sampleShape]);
  const roots = squares.sqrt().clamp({ min: finfo(squares.dtype).eps });
  const [rows, columns] = trilIndices(n, n, { offset: -1 }).unbind() as [Tensor, Tensor];
  const triangle = diagEmbed(roots);
  const below = standardNormal([...sampleShape, ...batchShape, (n * (n - 1)) / 2], triangle);
  triangle.setAt(["...", rows, columns], below);
  const chol = factor.matmul(triangle);
  return chol.matmul(chol.mT);
}
