/** The operations that are functions of the namespace `torch`; most are methods as well (the rest: methods.ts). */

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
} from "./creation/creation.js";
export { clone, detach } from "./creation/memory.js";
export { emptyPermuted, emptyStrided, eye, linspace, logspace, range } from "./creation/ranges.js";
export { asarray, frombuffer } from "./creation/sharing.js";
export * from "./creation/windows.js";
export { indexPut } from "./indexing/advanced.js";
export { indexAdd, indexCopy, indexFill, indexSelect } from "./indexing/along.js";
export { gather, put, scatter, scatterAdd, take, takeAlongDim } from "./indexing/gather.js";
export { argwhere, maskedFill, maskedScatter, maskedSelect, nonzero, where } from "./indexing/masks.js";
export { indexReduce, scatterReduce } from "./indexing/reduce.js";
export * from "./pointwise/activations.js";
export * from "./pointwise/arithmetic.js";
export * from "./pointwise/comparison.js";
export * from "./pointwise/exponential.js";
export * from "./pointwise/extremes.js";
export * from "./pointwise/fused.js";
export * from "./pointwise/numbers.js";
export * from "./pointwise/rectifiers.js";
export * from "./pointwise/rounding.js";
export * from "./pointwise/special.js";
export * from "./pointwise/trigonometry.js";
export * from "./products/added.js";
export * from "./products/distances.js";
export * from "./products/einsum.js";
export * from "./products/products.js";
export * from "./products/tensorProducts.js";
export * from "./random/draws.js";
export * from "./random/random.js";
export * from "./reductions/differences.js";
export * from "./reductions/extremes.js";
export { gradient } from "./reductions/gradient.js";
export * from "./reductions/norms.js";
export { all, any, countNonzero, logsumexp, mean, nanmean, nansum, prod, sum } from "./reductions/reductions.js";
export * from "./reductions/scans.js";
export * from "./reductions/statistics.js";
export * from "./reductions/variances.js";
export * from "./shape/diagonals.js";
export * from "./shape/grids.js";
export { cat, chunk, concat, concatenate, split, splitWithSizes, stack, unbind } from "./shape/joining.js";
export * from "./shape/predicates.js";
export { flip, fliplr, flipud, repeatInterleave, roll, rot90, tile } from "./shape/repeat.js";
export * from "./shape/scatter.js";
export * from "./shape/shape.js";
export * from "./shape/stacks.js";
export * from "./shape/unsafe.js";
export * from "./shape/views.js";
export { histogram } from "./sorting/histogram.js";
export * from "./sorting/searching.js";
export * from "./sorting/sorting.js";
export * from "./sorting/unique.js";
