/** How near numbers are to those that they should be. */
export {
  ConcordanceCorrCoef,
  concordanceCorrcoef,
  PearsonCorrCoef,
  pearsonCorrcoef,
  SpearmanCorrCoef,
  spearmanCorrcoef,
} from "./correlations.js";
export * from "./distributions.js";
export * from "./explained.js";
export * from "./forecasts.js";
export * from "./kendall.js";
export * from "./meanErrors.js";
export * from "./minkowski.js";
export type { Multioutput, NumOutputs } from "./outputs.js";
export * from "./relativeErrors.js";
