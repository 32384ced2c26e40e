/**
 * `torch.special`: the functions that are modelled on SciPy's, under the names they have there.
 *
 * Source: https://pytorch.org/docs/stable/special.html
 */
export { logSoftmax, sigmoid as expit, softmax } from "./ops/activation/activation.js";
export { exp2, expm1, log1p } from "./ops/pointwise/exponential.js";
export { round } from "./ops/pointwise/rounding.js";
export {
  digamma,
  digamma as psi,
  erf,
  erfc,
  erfinv,
  i0,
  igamma as gammainc,
  igammac as gammaincc,
  lgamma as gammaln,
  logit,
  mvlgamma as multigammaln,
  polygamma,
  xlogy,
} from "./ops/pointwise/special.js";
export { sinc } from "./ops/pointwise/trigonometry.js";
export { logsumexp } from "./ops/reductions/reductions.js";
export * from "./ops/special/bessel.js";
export * from "./ops/special/normal.js";
export * from "./ops/special/polynomials.js";
