/** Divergences of multivariate normal distributions. */
import { sameShape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { solveTriangular } from "../../ops/linalg/triangular.js";
import { logDiagonal, mahalanobis, squareSum } from "../gaussian.js";
import {
  LowRankMultivariateNormal,
  lowRankCorrection,
  lowRankLogDeterminant,
  lowRankMahalanobis,
} from "../lowRankMultivariateNormal.js";
import { MultivariateNormal } from "../multivariateNormal.js";
import { registerKl } from "./registry.js";

type Gaussian = MultivariateNormal | LowRankMultivariateNormal;

/** @throws Error for vectors of different length; otherwise returns their length. */
function lengthOf(p: Gaussian, q: Gaussian, kind: string): number {
  if (!sameShape(p.eventShape, q.eventShape)) {
    throw new Error(`KL-divergence between two ${kind} with different event shapes cannot be computed`);
  }
  return p.eventShape[0] as number;
}

/** Half of log |Q| - log |P| + tr(Q⁻¹ P) + (q - p)ᵀ Q⁻¹ (q - p) - n. */
function halved(logs: Tensor, trace: Tensor, distance: Tensor, n: number): Tensor {
  return logs.add(trace).add(distance).sub(n).mul(0.5);
}

registerKl(
  MultivariateNormal,
  MultivariateNormal,
)((p, q) => {
  const n = lengthOf(p, q, "Multivariate Normals");
  return halved(
    logDiagonal(q.factor).sub(logDiagonal(p.factor)).mul(2),
    squareSum(solveTriangular(q.factor, p.factor, { upper: false })),
    mahalanobis(q.factor, q.loc.sub(p.loc)),
    n,
  );
});

registerKl(
  MultivariateNormal,
  LowRankMultivariateNormal,
)((p, q) => {
  const n = lengthOf(p, q, "(Low Rank) Multivariate Normals");
  const whole = squareSum(p.factor.mul(q.parts.D.rsqrt().unsqueeze(-1)));
  return halved(
    lowRankLogDeterminant(q.parts).sub(logDiagonal(p.factor).mul(2)),
    whole.sub(squareSum(lowRankCorrection(q.parts).matmul(p.factor))),
    lowRankMahalanobis(q.parts, q.loc.sub(p.loc)),
    n,
  );
});

registerKl(
  LowRankMultivariateNormal,
  MultivariateNormal,
)((p, q) => {
  const n = lengthOf(p, q, "(Low Rank) Multivariate Normals");
  const { W, D } = p.parts;
  const solved = (right: Tensor) => squareSum(solveTriangular(q.factor, right, { upper: false }));
  return halved(
    logDiagonal(q.factor).mul(2).sub(lowRankLogDeterminant(p.parts)),
    solved(W).add(solved(D.sqrt().diagEmbed())),
    mahalanobis(q.factor, q.loc.sub(p.loc)),
    n,
  );
});

registerKl(
  LowRankMultivariateNormal,
  LowRankMultivariateNormal,
)((p, q) => {
  const n = lengthOf(p, q, "Low Rank Multivariate Normals");
  const [{ W, D }, { D: other }] = [p.parts, q.parts];
  const half = lowRankCorrection(q.parts);
  const whole = D.div(other)
    .sum(-1)
    .add(squareSum(W.mul(other.rsqrt().unsqueeze(-1))));
  return halved(
    lowRankLogDeterminant(q.parts).sub(lowRankLogDeterminant(p.parts)),
    whole.sub(squareSum(half.mul(D.sqrt().unsqueeze(-2)))).sub(squareSum(half.matmul(W))),
    lowRankMahalanobis(q.parts, q.loc.sub(p.loc)),
    n,
  );
});
