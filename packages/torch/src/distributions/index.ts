/**
 * `torch.distributions`: probability distributions, from which can be drawn and whose densities, moments and divergences
 * are known and have gradients.
 *
 * Source: https://pytorch.org/docs/stable/distributions.html
 */
export { Bernoulli } from "./bernoulli.js";
export { Beta } from "./beta.js";
export { Binomial } from "./binomial.js";
export { Categorical } from "./categorical.js";
export { Cauchy } from "./cauchy.js";
export { Chi2 } from "./chi2.js";
export * as constraintRegistry from "./constraintRegistry.js";
export { bijectTo, transformTo } from "./constraintRegistry.js";
export * as constraints from "./constraints.js";
export { ContinuousBernoulli } from "./continuousBernoulli.js";
export { Dirichlet } from "./dirichlet.js";
export { Distribution } from "./distribution.js";
export { Exponential } from "./exponential.js";
export { ExponentialFamily } from "./exponentialFamily.js";
export { FisherSnedecor } from "./fisherSnedecor.js";
export { Gamma } from "./gamma.js";
export { GeneralizedPareto } from "./generalizedPareto.js";
export { Geometric } from "./geometric.js";
export { Gumbel } from "./gumbel.js";
export { HalfCauchy } from "./halfCauchy.js";
export { HalfNormal } from "./halfNormal.js";
export { Independent } from "./independent.js";
export { InverseGamma } from "./inverseGamma.js";
export { klDivergence, registerKl } from "./kl/index.js";
export { Kumaraswamy } from "./kumaraswamy.js";
export { Laplace } from "./laplace.js";
export { LKJCholesky } from "./lkjCholesky.js";
export { LogisticNormal } from "./logisticNormal.js";
export { LogNormal } from "./logNormal.js";
export { LowRankMultivariateNormal } from "./lowRankMultivariateNormal.js";
export { MixtureSameFamily } from "./mixtureSameFamily.js";
export { Multinomial } from "./multinomial.js";
export { MultivariateNormal } from "./multivariateNormal.js";
export { NegativeBinomial } from "./negativeBinomial.js";
export { Normal } from "./normal.js";
export { OneHotCategorical, OneHotCategoricalStraightThrough } from "./oneHotCategorical.js";
export { Pareto } from "./pareto.js";
export { Poisson } from "./poisson.js";
export { LogitRelaxedBernoulli, RelaxedBernoulli } from "./relaxedBernoulli.js";
export { ExpRelaxedCategorical, RelaxedOneHotCategorical } from "./relaxedCategorical.js";
export { StudentT } from "./studentT.js";
export { TransformedDistribution } from "./transformedDistribution.js";
export * as transforms from "./transforms/index.js";
export * from "./transforms/index.js";
export { Uniform } from "./uniform.js";
export { VonMises } from "./vonMises.js";
export { Weibull } from "./weibull.js";
export { Wishart } from "./wishart.js";
