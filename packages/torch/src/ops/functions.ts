/** The operations that are functions of the namespace `torch` (methods without a function are left out). */
export * from "./arithmetic.js";
export * from "./creation.js";
export { emptyPermuted, emptyStrided, eye, linspace, logspace } from "./creationRanges.js";
export * from "./activations.js";
export * from "./comparison.js";
export * from "./exponential.js";
export { clone, detach } from "./memory.js";
export * from "./products.js";
export {
  all,
  amax,
  amin,
  aminmax,
  any,
  argmax,
  argmin,
  countNonzero,
  logsumexp,
  max,
  mean,
  min,
  nanmean,
  nansum,
  norm,
  prod,
  std,
  stdMean,
  sum,
  var,
  varMean,
} from "./reductions.js";
export { indexPut } from "./indexingAdvanced.js";
export * from "./indexingAlong.js";
export { gather, put, scatter, scatterAdd, scatterReduce, take, takeAlongDim } from "./indexingGather.js";
export { argwhere, maskedFill, maskedScatter, maskedSelect, nonzero, where } from "./indexingMasks.js";
export { cat, chunk, concat, concatenate, split, splitWithSizes, stack, unbind } from "./joining.js";
export * from "./joiningStacks.js";
export * from "./shape.js";
export * from "./shapeDiagonals.js";
export * from "./shapeGrids.js";
export { flip, fliplr, flipud, repeatInterleave, roll, rot90, tile } from "./shapeRepeat.js";
export * from "./shapeScatter.js";
export * from "./views.js";
export * from "./extremes.js";
export * from "./random.js";
export * from "./rounding.js";
export * from "./scans.js";
export * from "./sorting.js";
export * from "./special.js";
export * from "./trigonometry.js";
export * from "./unique.js";
