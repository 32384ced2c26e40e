import { tensor } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { sameShape } from "../core/shape.js";
import type { Tensor } from "../core/tensor.js";
import { broadcastTensors, diagEmbed } from "../ops/functions.js";
import { cholesky } from "../ops/linalg/cholesky.js";
import { solveTriangular } from "../ops/linalg/triangular.js";
import * as constraints from "./constraints.js";
import {
  type Constraints,
  Distribution,
  type SampleArguments,
  sampleShapeOf,
  type Validated,
  validated,
} from "./distribution.js";
import { batched, logDiagonal, mahalanobis, plusIdentity, timesVector } from "./gaussian.js";
import { setOwn, sizeText, standardNormal } from "./utils.js";

const signature = new Signature("LowRankMultivariateNormal", {
  loc: tensor,
  covFactor: tensor,
  covDiag: tensor,
  ...validated,
});

/**
 * The normal distribution of vectors whose covariance is W Wᵀ + D, with a matrix W of few columns and a diagonal D. Determinant and
 * inverse follow from the small matrix C = I + Wᵀ D⁻¹ W (the identity of Woodbury).
 *
 * @param covFactor W, `[…batch, n, rank]`.
 * @param covDiag the diagonal of D, `[…batch, n]`.
 * @example new torch.distributions.LowRankMultivariateNormal(torch.zeros(2), torch.tensor([[1], [0]]), torch.ones(2))
 */
export class LowRankMultivariateNormal extends Distribution {
  static override readonly argConstraints: Constraints<"loc" | "covFactor" | "covDiag"> = {
    loc: constraints.realVector,
    covFactor: constraints.independent(constraints.real, 2),
    covDiag: constraints.independent(constraints.positive, 1),
  };
  static override readonly support = constraints.realVector;
  static override readonly hasRsample = true;
  declare readonly loc: Tensor;
  declare readonly covFactor: Tensor;
  declare readonly covDiag: Tensor;
  /** @internal W, D and the factor of C without the batch of `loc`. */
  declare readonly parts: LowRank;

  constructor(...args: [loc: Tensor, covFactor: Tensor, covDiag: Tensor, options?: Validated]) {
    const { loc, covFactor: W, covDiag: D, validateArgs } = signature.parse(args);
    if (loc.dim() < 1) throw new Error("loc must be at least one-dimensional.");
    const eventShape = loc.shape.slice(-1);
    if (W.dim() < 2) {
      throw new Error("cov_factor must be at least two-dimensional, with optional leading batch dimensions");
    }
    if (!sameShape(W.shape.slice(-2, -1), eventShape)) {
      throw new Error(`cov_factor must be a batch of matrices with shape ${eventShape[0]} x m`);
    }
    if (!sameShape(D.shape.slice(-1), eventShape)) {
      throw new Error(`cov_diag must be a batch of vectors with shape ${sizeText(eventShape)}`);
    }
    const [means, covFactor, diagonals] = broadcast(loc, W, D);
    super(means.shape.slice(0, -2), eventShape, {
      validateArgs,
      parameters: { loc: means.select(-1, 0), covFactor, covDiag: diagonals.select(-1, 0) },
    });
    setOwn(this, "parts", { W, D, C: capacitance(W, D) });
  }

  get scaleTril(): Tensor {
    const { W, D } = this.parts;
    // The matrix that is factorized has no eigenvalue below 1: W and D are divided by the root of D first.
    const roots = D.sqrt().unsqueeze(-1);
    const divided = W.div(roots);
    return batched(this, roots.mul(cholesky(plusIdentity(divided.matmul(divided.mT)))));
  }

  get covarianceMatrix(): Tensor {
    const { W, D } = this.parts;
    return batched(this, W.matmul(W.mT).add(diagEmbed(D)));
  }

  get precisionMatrix(): Tensor {
    const half = lowRankCorrection(this.parts);
    return batched(this, diagEmbed(this.parts.D.reciprocal()).sub(half.mT.matmul(half)));
  }

  override get mean(): Tensor {
    return this.loc;
  }

  override get mode(): Tensor {
    return this.loc;
  }

  override get variance(): Tensor {
    const { W, D } = this.parts;
    return W.pow(2)
      .sum(-1)
      .add(D)
      .expand([...this.batchShape, ...this.eventShape]);
  }

  override rsample(...args: SampleArguments): Tensor {
    const shape = this._extendedShape(sampleShapeOf(args));
    const { W, D } = this.parts;
    const inFactor = standardNormal([...shape.slice(0, -1), W.shape.at(-1) as number], this.loc);
    const inDiagonal = standardNormal(shape, this.loc);
    return this.loc.add(timesVector(W, inFactor)).add(D.sqrt().mul(inDiagonal));
  }

  override logProb(value: Tensor): Tensor {
    this._validateSample(value);
    const [n] = this.eventShape as [number];
    return lowRankMahalanobis(this.parts, value.sub(this.loc))
      .add(lowRankLogDeterminant(this.parts))
      .add(n * Math.log(2 * Math.PI))
      .mul(-0.5);
  }

  override entropy(): Tensor {
    const [n] = this.eventShape as [number];
    return lowRankLogDeterminant(this.parts)
      .add(n * (1 + Math.log(2 * Math.PI)))
      .mul(0.5)
      .expand([...this.batchShape]);
  }
}

/** W, D, and the lower triangular factor of C. */
export interface LowRank {
  readonly W: Tensor;
  readonly D: Tensor;
  readonly C: Tensor;
}

/** The parameters with one batch, vectors as matrices of one column. */
function broadcast(loc: Tensor, W: Tensor, D: Tensor): [Tensor, Tensor, Tensor] {
  try {
    return broadcastTensors([loc.unsqueeze(-1), W, D.unsqueeze(-1)]) as [Tensor, Tensor, Tensor];
  } catch {
    const shapes = `loc ${sizeText(loc.shape)}, cov_factor ${sizeText(W.shape)}, cov_diag ${sizeText(D.shape)}`;
    throw new Error(`Incompatible batch shapes: ${shapes}`);
  }
}

function capacitance(W: Tensor, D: Tensor): Tensor {
  return cholesky(plusIdentity(W.mT.div(D.unsqueeze(-2)).matmul(W)));
}

/** C⁻¹ Wᵀ D⁻¹ with the triangle C: what is missing of D⁻¹ in the inverse of W Wᵀ + D is this times itself. */
export function lowRankCorrection({ W, D, C }: LowRank): Tensor {
  return solveTriangular(C, W.mT.div(D.unsqueeze(-2)), { upper: false });
}

/** The logarithm of the determinant of W Wᵀ + D. */
export function lowRankLogDeterminant({ D, C }: LowRank): Tensor {
  return logDiagonal(C).mul(2).add(D.log().sum(-1));
}

/** xᵀ (W Wᵀ + D)⁻¹ x. */
export function lowRankMahalanobis({ W, D, C }: LowRank, x: Tensor): Tensor {
  const projected = timesVector(W.mT.div(D.unsqueeze(-2)), x);
  return x.pow(2).div(D).sum(-1).sub(mahalanobis(C, projected));
}
