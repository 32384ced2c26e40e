/** How near numbers are to those that they should be. */
export * from "./correlations.js";
export * from "./distributions.js";
export * from "./meanErrors.js";
export type { Multioutput, NumOutputs } from "./outputs.js";
export * from "./sums.js";
