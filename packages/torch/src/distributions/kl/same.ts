/** Divergences of two distributions of one family. */
import { sameShape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { softplus } from "../../ops/activation/smooth.js";
import { Bernoulli } from "../bernoulli.js";
import { Beta } from "../beta.js";
import { Binomial } from "../binomial.js";
import { Categorical } from "../categorical.js";
import { Cauchy } from "../cauchy.js";
import { ContinuousBernoulli } from "../continuousBernoulli.js";
import { Dirichlet } from "../dirichlet.js";
import { Exponential } from "../exponential.js";
import { differentiated, ExponentialFamily } from "../exponentialFamily.js";
import { Gamma } from "../gamma.js";
import { Geometric } from "../geometric.js";
import { Gumbel } from "../gumbel.js";
import { HalfNormal } from "../halfNormal.js";
import { Independent } from "../independent.js";
import { Laplace } from "../laplace.js";
import { Normal } from "../normal.js";
import { OneHotCategorical } from "../oneHotCategorical.js";
import { Pareto } from "../pareto.js";
import { Poisson } from "../poisson.js";
import { TransformedDistribution } from "../transformedDistribution.js";
import { sameTransforms } from "../transforms/compose.js";
import { Uniform } from "../uniform.js";
import { eulerConstant, oneMinus, sumRightmost } from "../utils.js";
import { klDivergence, registerKl } from "./registry.js";

registerKl(
  Bernoulli,
  Bernoulli,
)((p, q) => {
  // p log(p / q) + (1 - p) log((1 - p) / (1 - q)), where 0 log 0 is 0.
  const successes = p.probs
    .mul(softplus(q.logits.neg()).sub(softplus(p.logits.neg())))
    .maskedFill(q.probs.eq(0), Infinity)
    .maskedFill(p.probs.eq(0), 0);
  const failures = oneMinus(p.probs)
    .mul(softplus(q.logits).sub(softplus(p.logits)))
    .maskedFill(q.probs.eq(1), Infinity)
    .maskedFill(p.probs.eq(1), 0);
  return successes.add(failures);
});

registerKl(
  Beta,
  Beta,
)((p, q) => {
  const [sumP, sumQ] = [p.concentration1.add(p.concentration0), q.concentration1.add(q.concentration0)];
  const normQ = q.concentration1.lgamma().add(q.concentration0.lgamma()).add(sumP.lgamma());
  const normP = p.concentration1.lgamma().add(p.concentration0.lgamma()).add(sumQ.lgamma());
  return normQ
    .sub(normP)
    .add(p.concentration1.sub(q.concentration1).mul(p.concentration1.digamma()))
    .add(p.concentration0.sub(q.concentration0).mul(p.concentration0.digamma()))
    .add(sumQ.sub(sumP).mul(sumP.digamma()));
});

registerKl(
  Binomial,
  Binomial,
)((p, q) => {
  if (p.totalCount.lt(q.totalCount).any().item() === 1) {
    throw new Error("KL between Binomials where q.total_count > p.total_count is not implemented");
  }
  return p.totalCount
    .mul(p.probs.mul(p.logits.sub(q.logits)).add(p.probs.neg().log1p()).sub(q.probs.neg().log1p()))
    .maskedFill(p.totalCount.gt(q.totalCount), Infinity);
});

function categories(p: Categorical, q: Categorical): Tensor {
  return p.probs.mul(p.logits.sub(q.logits)).maskedFill(q.probs.eq(0), Infinity).maskedFill(p.probs.eq(0), 0).sum(-1);
}
registerKl(Categorical, Categorical)(categories);
registerKl(OneHotCategorical, OneHotCategorical)((p, q) => categories(p.categorical, q.categorical));

registerKl(
  ContinuousBernoulli,
  ContinuousBernoulli,
)((p, q) =>
  p.mean
    .mul(p.logits.sub(q.logits))
    .add(p.logNorm().add(p.probs.neg().log1p()))
    .sub(q.logNorm().add(q.probs.neg().log1p())),
);

registerKl(
  Dirichlet,
  Dirichlet,
)((p, q) => {
  const [sumP, sumQ] = [p.concentration.sum(-1), q.concentration.sum(-1)];
  const logs = p.concentration.digamma().sub(sumP.digamma().unsqueeze(-1));
  return sumP
    .lgamma()
    .sub(sumQ.lgamma())
    .sub(p.concentration.lgamma().sub(q.concentration.lgamma()).sum(-1))
    .add(p.concentration.sub(q.concentration).mul(logs).sum(-1));
});

registerKl(
  Exponential,
  Exponential,
)((p, q) => {
  const ratio = q.rate.div(p.rate);
  return ratio.log().neg().add(ratio).sub(1);
});

registerKl(
  ExponentialFamily,
  ExponentialFamily,
)((p, q) => {
  if (p.constructor !== q.constructor) {
    throw new Error(
      "The cross KL-divergence between different exponential families cannot be computed using Bregman divergences",
    );
  }
  const { value, params, slopes } = differentiated(p);
  const others = q._naturalParams;
  return params.reduce(
    (result, param, i) => {
      const term = (others[i] as Tensor).sub(param).mul(slopes[i] as Tensor);
      return result.sub(sumRightmost(term, q.eventShape.length));
    },
    q._logNormalizer(...others).sub(value),
  );
});

registerKl(
  Gamma,
  Gamma,
)((p, q) =>
  q.concentration
    .mul(p.rate.div(q.rate).log())
    .add(q.concentration.lgamma().sub(p.concentration.lgamma()))
    .add(p.concentration.sub(q.concentration).mul(p.concentration.digamma()))
    .add(q.rate.sub(p.rate).mul(p.concentration.div(p.rate))),
);

registerKl(
  Gumbel,
  Gumbel,
)((p, q) => {
  const ratio = p.scale.div(q.scale);
  const distance = q.loc.div(q.scale).sub(p.loc.div(q.scale));
  return ratio
    .log()
    .neg()
    .sub(distance)
    .add(ratio.mul(eulerConstant))
    .add(distance.add(ratio.add(1).lgamma()).exp())
    .sub(1 + eulerConstant);
});

registerKl(Geometric, Geometric)((p, q) => p.entropy().neg().sub(q.probs.neg().log1p().div(p.probs)).sub(q.logits));

function normals(p: Normal, q: Normal): Tensor {
  const ratio = p.scale.div(q.scale).pow(2);
  const distance = p.loc.sub(q.loc).div(q.scale).pow(2);
  return ratio.add(distance).sub(1).sub(ratio.log()).mul(0.5);
}
registerKl(Normal, Normal)(normals);
registerKl(HalfNormal, HalfNormal)((p, q) => normals(p.baseDist, q.baseDist));

registerKl(
  Laplace,
  Laplace,
)((p, q) => {
  const ratio = p.scale.div(q.scale);
  const distance = p.loc.sub(q.loc).abs();
  return ratio
    .log()
    .neg()
    .add(distance.div(q.scale))
    .add(ratio.mul(distance.neg().div(p.scale).exp()))
    .sub(1);
});

registerKl(
  Cauchy,
  Cauchy,
)((p, q) => {
  const spread = p.scale.add(q.scale).pow(2).add(p.loc.sub(q.loc).pow(2));
  return spread.log().sub(p.scale.mul(4).mul(q.scale).log());
});

registerKl(
  Pareto,
  Pareto,
)((p, q) => {
  const ratio = q.alpha.div(p.alpha);
  return q.alpha
    .mul(p.scale.div(q.scale).log())
    .sub(ratio.log())
    .add(ratio)
    .sub(1)
    .maskedFill(p.scale.lt(q.scale), Infinity);
});

registerKl(Poisson, Poisson)((p, q) => p.rate.mul(p.rate.log().sub(q.rate.log())).sub(p.rate.sub(q.rate)));

registerKl(
  Uniform,
  Uniform,
)((p, q) =>
  q.high
    .sub(q.low)
    .div(p.high.sub(p.low))
    .log()
    .maskedFill(q.low.gt(p.low).logicalOr(q.high.lt(p.high)), Infinity),
);

registerKl(
  TransformedDistribution,
  TransformedDistribution,
)((p, q) => {
  if (!sameTransforms(p.transforms, q.transforms)) {
    throw new Error("KL between distributions of different transforms is not implemented");
  }
  if (!sameShape(p.eventShape, q.eventShape)) {
    throw new Error("KL between distributions of different event shapes is not implemented");
  }
  return klDivergence(p.baseDist, q.baseDist);
});

registerKl(
  Independent,
  Independent,
)((p, q) => {
  if (p.reinterpretedBatchNdims !== q.reinterpretedBatchNdims) {
    throw new Error("KL between distributions of different reinterpreted_batch_ndims is not implemented");
  }
  return sumRightmost(klDivergence(p.baseDist, q.baseDist), p.reinterpretedBatchNdims);
});
