/** `nn.functional`: the functions behind the modules, also exported as `F`. */
export { sigmoid, tanh } from "../../ops/activation/activation.js";
export * from "../../ops/activation/rectified.js";
export * from "../../ops/activation/shrink.js";
export * from "../../ops/activation/smooth.js";
export * from "../../ops/activation/softmax.js";
export * from "../../ops/indexing/embedding.js";
export * from "../../ops/linear/linear.js";
export * from "../../ops/loss/binaryCrossEntropy.js";
export { crossEntropy } from "../../ops/loss/crossEntropy.js";
export * from "../../ops/loss/likelihood.js";
export * from "../../ops/loss/margin.js";
export { nllLoss } from "../../ops/loss/nll.js";
export type { Reduction } from "../../ops/loss/reduction.js";
export { huberLoss, l1Loss, mseLoss, smoothL1Loss, softMarginLoss } from "../../ops/loss/regression.js";
export { type PadMode, pad } from "../../ops/pad/pad.js";
export * from "../../ops/products/vectorDistances.js";
export * from "../../ops/random/dropout.js";
