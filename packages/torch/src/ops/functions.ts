/** The operations that are functions of the namespace `torch`; most are methods as well (the rest: methods.ts). */

export * from "./activations.js";
export * from "./arithmetic.js";
export * from "./comparison.js";
export {
  arange,
  asTensor,
  empty,
  emptyLike,
  fromTypedArray,
  full,
  fullLike,
  ones,
  onesLike,
  scalarTensor,
  type TensorData,
  tensor,
  zeros,
  zerosLike,
} from "./creation.js";
export { emptyPermuted, emptyStrided, eye, linspace, logspace } from "./creationRanges.js";
export * from "./differences.js";
export * from "./distances.js";
export * from "./exponential.js";
export * from "./extremes.js";
export * from "./fused.js";
export { indexPut } from "./indexingAdvanced.js";
export { indexAdd, indexCopy, indexFill, indexSelect } from "./indexingAlong.js";
export { gather, put, scatter, scatterAdd, take, takeAlongDim } from "./indexingGather.js";
export { argwhere, maskedFill, maskedScatter, maskedSelect, nonzero, where } from "./indexingMasks.js";
export { indexReduce, scatterReduce } from "./indexingReduce.js";
export { cat, chunk, concat, concatenate, split, splitWithSizes, stack, unbind } from "./joining.js";
export * from "./joiningStacks.js";
export * from "./linearAdded.js";
export * from "./linearEinsum.js";
export * from "./linearProducts.js";
export { clone, detach } from "./memory.js";
export * from "./norms.js";
export * from "./numbers.js";
export * from "./products.js";
export * from "./random.js";
export * from "./randomDraws.js";
export * from "./rectifiers.js";
export * from "./reductionExtremes.js";
export { all, any, countNonzero, logsumexp, mean, nanmean, nansum, prod, sum } from "./reductions.js";
export * from "./rounding.js";
export * from "./scans.js";
export * from "./searching.js";
export * from "./shape.js";
export * from "./shapeDiagonals.js";
export * from "./shapeGrids.js";
export { flip, fliplr, flipud, repeatInterleave, roll, rot90, tile } from "./shapeRepeat.js";
export * from "./shapeScatter.js";
export * from "./sorting.js";
export * from "./special.js";
export * from "./statistics.js";
export * from "./trigonometry.js";
export * from "./unique.js";
export * from "./variances.js";
export * from "./views.js";
