/**
 * `torch.distributions`: probability distributions, from which can be drawn and whose densities, moments and divergences
 * are known and have gradients.
 *
 * Source: https://pytorch.org/docs/stable/distributions.html
 */
export { Bernoulli } from "./bernoulli.js";
export { Beta } from "./beta.js";
export { Categorical } from "./categorical.js";
export { Cauchy } from "./cauchy.js";
export { Chi2 } from "./chi2.js";
export * as constraintRegistry from "./constraintRegistry.js";
export { bijectTo, transformTo } from "./constraintRegistry.js";
export * as constraints from "./constraints.js";
export { Dirichlet } from "./dirichlet.js";
export { Distribution } from "./distribution.js";
export { Exponential } from "./exponential.js";
export { ExponentialFamily } from "./exponentialFamily.js";
export { Gamma } from "./gamma.js";
export { Laplace } from "./laplace.js";
export { Normal } from "./normal.js";
export { Poisson } from "./poisson.js";
export * as transforms from "./transforms/index.js";
export * from "./transforms/index.js";
export { Uniform } from "./uniform.js";
