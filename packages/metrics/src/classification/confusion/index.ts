/** Confusion matrices, and metrics that come from them. */
export * from "./jaccard.js";
export * from "./kappa.js";
export * from "./matrix.js";
export * from "./matthews.js";
