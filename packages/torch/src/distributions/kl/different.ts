/** Divergences of distributions of different families. */
import type { Tensor } from "../../core/tensor.js";
import { fullLike } from "../../ops/functions.js";
import { Bernoulli } from "../bernoulli.js";
import { Beta } from "../beta.js";
import { Binomial } from "../binomial.js";
import { ContinuousBernoulli } from "../continuousBernoulli.js";
import type { Distribution } from "../distribution.js";
import { Exponential } from "../exponential.js";
import { Gamma } from "../gamma.js";
import { Gumbel } from "../gumbel.js";
import { Laplace } from "../laplace.js";
import { Normal } from "../normal.js";
import { Pareto } from "../pareto.js";
import { Poisson } from "../poisson.js";
import { Uniform } from "../uniform.js";
import { eulerConstant, oneMinus } from "../utils.js";
import { registerKl } from "./registry.js";

const xLogX = (x: Tensor) => x.xlogy(x);
/** What the logarithm of the density of a gamma distribution has beside x. */
const gammaNorm = ({ concentration, rate }: Gamma) => concentration.lgamma().sub(concentration.mul(rate.log()));
/** The mean of (x - loc)^2, given the means of x^2 and of x. */
const meanSquare = (square: Tensor, mean: Tensor, { loc }: Normal) =>
  square.mul(0.5).sub(mean.mul(loc)).add(loc.pow(2).mul(0.5));

// Where p has values that q does not have.
// biome-ignore lint/suspicious/noExplicitAny: classes of any arguments
type Classes = readonly (new (...args: any[]) => Distribution)[];
const impossible: readonly [Classes, like: (p: never) => Tensor, of: Classes][] = [
  [[Beta], (p: Beta) => p.concentration1, [Pareto]],
  [[ContinuousBernoulli], (p: ContinuousBernoulli) => p.probs, [Pareto]],
  [[Exponential], (p: Exponential) => p.rate, [Beta, ContinuousBernoulli, Pareto, Uniform]],
  [[Gamma], (p: Gamma) => p.concentration, [Beta, ContinuousBernoulli, Pareto, Uniform]],
  [
    [Gumbel, Laplace, Normal],
    (p: Gumbel | Laplace | Normal) => p.loc,
    [Beta, ContinuousBernoulli, Exponential, Gamma, Pareto, Uniform],
  ],
  [[Pareto], (p: Pareto) => p.scale, [Beta, ContinuousBernoulli, Uniform]],
  [[Poisson], (p: Poisson) => p.rate, [Bernoulli, Binomial]],
];
for (const [ps, like, qs] of impossible) {
  for (const P of ps) for (const Q of qs) registerKl(P, Q)((p) => fullLike(like(p as never), Infinity));
}

registerKl(Bernoulli, Poisson)((p, q) => p.entropy().neg().sub(p.probs.mul(q.rate.log()).sub(q.rate)));

registerKl(
  Beta,
  ContinuousBernoulli,
)((p, q) => p.entropy().neg().sub(p.mean.mul(q.logits)).sub(q.probs.neg().log1p()).sub(q.logNorm()));

registerKl(Beta, Exponential)((p, q) => p.entropy().neg().sub(q.rate.log()).add(q.rate.mul(p.mean)));

registerKl(
  Beta,
  Gamma,
)((p, q) => {
  const log = p.concentration1.digamma().sub(p.concentration1.add(p.concentration0).digamma());
  return p.entropy().neg().add(gammaNorm(q)).sub(q.concentration.sub(1).mul(log)).add(q.rate.mul(p.mean));
});

registerKl(
  Beta,
  Normal,
)((p, q) => {
  const { mean } = p;
  const variance = q.scale.pow(2);
  const square = mean.mul(oneMinus(mean)).div(p.concentration1.add(p.concentration0).add(1)).add(mean.pow(2));
  return p
    .entropy()
    .neg()
    .add(
      variance
        .mul(2 * Math.PI)
        .log()
        .mul(0.5),
    )
    .add(meanSquare(square, mean, q).div(variance));
});

registerKl(
  Beta,
  Uniform,
)((p, q) =>
  p
    .entropy()
    .neg()
    .add(q.high.sub(q.low).log())
    .maskedFill(q.low.gt(0).logicalOr(q.high.lt(1)), Infinity),
);

registerKl(ContinuousBernoulli, Exponential)((p, q) => p.entropy().neg().sub(q.rate.log()).add(q.rate.mul(p.mean)));

registerKl(
  ContinuousBernoulli,
  Normal,
)((p, q) => {
  const log = q.loc
    .div(q.scale)
    .pow(2)
    .add(Math.log(2 * Math.PI))
    .mul(0.5)
    .add(q.scale.log());
  const square = p.variance.add(p.mean.pow(2)).sub(q.loc.mul(2).mul(p.mean));
  return p
    .entropy()
    .neg()
    .add(log)
    .add(square.div(q.scale.pow(2).mul(2)));
});

registerKl(
  ContinuousBernoulli,
  Uniform,
)((p, q) =>
  p
    .entropy()
    .neg()
    .add(q.high.sub(q.low).log())
    .maskedFill(q.low.ge(0).logicalOr(q.high.le(1)), Infinity),
);

registerKl(
  Exponential,
  Gamma,
)((p, q) => {
  const ratio = q.rate.div(p.rate);
  return q.concentration
    .neg()
    .mul(ratio.log())
    .add(ratio)
    .add(q.concentration.lgamma())
    .add(q.concentration.mul(eulerConstant))
    .sub(1 + eulerConstant);
});

registerKl(
  Exponential,
  Gumbel,
)((p, q) => {
  const [product, ratio] = [p.rate.mul(q.scale), q.loc.div(q.scale)];
  return product
    .log()
    .sub(1)
    .sub(ratio)
    .add(ratio.exp().mul(product).div(product.add(1)))
    .add(product.reciprocal());
});

registerKl(
  Exponential,
  Normal,
)((p, q) => {
  const [variance, rates] = [q.scale.pow(2), p.rate.pow(2)];
  const square = rates.reciprocal().sub(q.loc.div(p.rate)).add(q.loc.pow(2).mul(0.5));
  return rates
    .mul(variance)
    .mul(2 * Math.PI)
    .log()
    .mul(0.5)
    .sub(1)
    .add(square.div(variance));
});

registerKl(
  Gamma,
  Exponential,
)((p, q) => p.entropy().neg().sub(q.rate.log()).add(q.rate.mul(p.concentration).div(p.rate)));

registerKl(
  Gamma,
  Gumbel,
)((p, q) => {
  const [product, ratio] = [p.rate.mul(q.scale), q.loc.div(q.scale)];
  const { concentration } = p;
  return concentration
    .sub(1)
    .mul(concentration.digamma())
    .sub(concentration.lgamma())
    .sub(concentration)
    .add(product.log().add(concentration.div(product)))
    .add(ratio.exp().mul(product.reciprocal().add(1).pow(concentration.neg())).sub(ratio));
});

registerKl(
  Gamma,
  Normal,
)((p, q) => {
  const [variance, rates] = [q.scale.pow(2), p.rate.pow(2)];
  const { concentration } = p;
  const square = concentration.pow(2).add(concentration).div(rates);
  return rates
    .mul(variance)
    .mul(2 * Math.PI)
    .log()
    .mul(0.5)
    .sub(concentration)
    .sub(concentration.lgamma())
    .add(concentration.sub(1).mul(concentration.digamma()))
    .add(meanSquare(square, concentration.div(p.rate), q).div(variance));
});

registerKl(
  Gumbel,
  Normal,
)((p, q) => {
  const ratio = p.scale.div(q.scale);
  const distance = p.loc.add(p.scale.mul(eulerConstant)).sub(q.loc).div(q.scale);
  return ratio
    .div(Math.sqrt(2 * Math.PI))
    .log()
    .neg()
    .add(
      ratio
        .mul(Math.PI / 2)
        .pow(2)
        .div(3),
    )
    .add(distance.pow(2).mul(0.5))
    .sub(eulerConstant + 1);
});

registerKl(
  Laplace,
  Normal,
)((p, q) => {
  const variance = q.scale.pow(2);
  const ratio = p.scale.pow(2).div(variance);
  return ratio
    .mul(2 / Math.PI)
    .log()
    .mul(-0.5)
    .add(ratio)
    .add(meanSquare(p.loc.pow(2), p.loc, q).div(variance))
    .sub(1);
});

registerKl(
  Normal,
  Gumbel,
)((p, q) => {
  const ratio = p.scale.div(q.scale).pow(2);
  const distance = p.loc.div(q.scale).sub(q.loc.div(q.scale));
  return ratio
    .log()
    .mul(-0.5)
    .add(distance)
    .add(ratio.mul(0.5).sub(distance).exp())
    .sub(0.5 * (1 + Math.log(2 * Math.PI)));
});

registerKl(
  Normal,
  Laplace,
)((p, q) => {
  const distance = p.loc.sub(q.loc);
  const ratio = distance.div(p.scale);
  const tail = p.scale.mul(Math.sqrt(2 / Math.PI)).mul(ratio.pow(2).mul(-0.5).exp());
  const middle = distance.mul(ratio.mul(Math.SQRT1_2).erf());
  return p.scale
    .div(q.scale)
    .log()
    .neg()
    .add(tail.add(middle).div(q.scale))
    .sub(0.5 * (1 + Math.log(0.5 * Math.PI)));
});

registerKl(
  Pareto,
  Exponential,
)((p, q) => {
  const product = p.scale.mul(q.rate);
  return p.alpha
    .div(product)
    .log()
    .sub(p.alpha.reciprocal())
    .add(p.alpha.mul(product).div(p.alpha.sub(1)))
    .sub(1)
    .maskedFill(p.alpha.le(1), Infinity);
});

registerKl(
  Pareto,
  Gamma,
)((p, q) => {
  const log = p.scale.log().add(p.alpha.reciprocal());
  return p.alpha
    .log()
    .sub(log)
    .add(gammaNorm(q))
    .add(oneMinus(q.concentration).mul(log))
    .add(q.rate.mul(p.alpha).mul(p.scale).div(p.alpha.sub(1)))
    .sub(1)
    .maskedFill(p.alpha.le(1), Infinity);
});

registerKl(
  Pareto,
  Normal,
)((p, q) => {
  const excess = p.scale.div(p.alpha.sub(1));
  const square = p.alpha.mul(excess.pow(2)).div(p.alpha.sub(2)).add(p.alpha.mul(excess).sub(q.loc).pow(2));
  return q.scale
    .mul(Math.sqrt(2 * Math.PI))
    .mul(p.alpha)
    .div(p.scale)
    .log()
    .sub(p.alpha.reciprocal())
    .add(square.div(q.scale.pow(2).mul(2)))
    .sub(1)
    .maskedFill(p.alpha.le(2), Infinity);
});

/** The mean of log x times the width, for x uniform in [low, high). */
const logMean = ({ low, high }: Uniform) => xLogX(high).sub(xLogX(low)).sub(high.sub(low));

registerKl(
  Uniform,
  Beta,
)((p, q) => {
  const width = p.high.sub(p.low);
  const logs = q.concentration1.sub(1).mul(logMean(p)).div(width);
  const others = q.concentration0
    .sub(1)
    .mul(
      xLogX(oneMinus(p.high))
        .sub(xLogX(oneMinus(p.low)))
        .add(width),
    )
    .div(width);
  const norm = q.concentration1
    .lgamma()
    .add(q.concentration0.lgamma())
    .sub(q.concentration1.add(q.concentration0).lgamma());
  return others
    .add(norm)
    .sub(width.log())
    .sub(logs)
    .maskedFill(p.high.gt(1).logicalOr(p.low.lt(0)), Infinity);
});

registerKl(
  Uniform,
  ContinuousBernoulli,
)((p, q) =>
  p
    .entropy()
    .neg()
    .sub(p.mean.mul(q.logits))
    .sub(q.probs.neg().log1p())
    .sub(q.logNorm())
    .maskedFill(p.high.ge(1).logicalOr(p.low.le(0)), Infinity),
);

registerKl(
  Uniform,
  Exponential,
)((p, q) =>
  q.rate.mul(p.high.add(p.low)).div(2).sub(p.high.sub(p.low).mul(q.rate).log()).maskedFill(p.low.lt(0), Infinity),
);

registerKl(
  Uniform,
  Gamma,
)((p, q) => {
  const width = p.high.sub(p.low);
  return width
    .log()
    .neg()
    .add(gammaNorm(q))
    .add(oneMinus(q.concentration).mul(logMean(p)).div(width))
    .add(q.rate.mul(p.high.add(p.low)).div(2))
    .maskedFill(p.low.lt(0), Infinity);
});

registerKl(
  Uniform,
  Gumbel,
)((p, q) => {
  const ratio = q.scale.div(p.high.sub(p.low));
  const [high, low] = [p.high.sub(q.loc).div(q.scale), p.low.sub(q.loc).div(q.scale)];
  return ratio
    .log()
    .add(high.add(low).mul(0.5))
    .sub(ratio.mul(high.neg().exp().sub(low.neg().exp())));
});

registerKl(
  Uniform,
  Normal,
)((p, q) => {
  const width = p.high.sub(p.low);
  const distance = p.high.add(p.low).sub(q.loc.mul(2)).div(2);
  return q.scale
    .mul(Math.sqrt(2 * Math.PI))
    .div(width)
    .log()
    .add(width.pow(2).div(12).add(distance.pow(2)).mul(0.5).div(q.scale.pow(2)));
});

registerKl(
  Uniform,
  Pareto,
)((p, q) => {
  const width = p.high.sub(p.low);
  return logMean(p)
    .div(width)
    .mul(q.alpha.add(1))
    .sub(q.alpha.mul(q.scale.pow(q.alpha)).mul(width).log())
    .maskedFill(p.low.lt(q.scale), Infinity);
});
