/** `nn.functional`: the functions behind the modules, also exported as `F`. */
export { sigmoid, tanh } from "../../ops/activation/activation.js";
export * from "../../ops/activation/rectified.js";
export * from "../../ops/activation/shrink.js";
export * from "../../ops/activation/smooth.js";
export * from "../../ops/activation/softmax.js";
export { type MultiHeadOptions, multiHeadAttentionForward } from "../../ops/attention/multiHead.js";
export { scaledDotProductAttention } from "../../ops/attention/scaledDotProduct.js";
export * from "../../ops/conv/fold.js";
export * from "../../ops/conv/functions.js";
export { embedding, oneHot } from "../../ops/indexing/embedding.js";
export * from "../../ops/indexing/embeddingBag.js";
export * from "../../ops/linear/linear.js";
export * from "../../ops/loss/binaryCrossEntropy.js";
export { crossEntropy } from "../../ops/loss/crossEntropy.js";
export { ctcLoss, type LengthList } from "../../ops/loss/ctc.js";
export * from "../../ops/loss/likelihood.js";
export * from "../../ops/loss/margin.js";
export { nllLoss } from "../../ops/loss/nll.js";
export type { Reduction } from "../../ops/loss/reduction.js";
export { huberLoss, l1Loss, mseLoss, smoothL1Loss, softMarginLoss } from "../../ops/loss/regression.js";
export * from "../../ops/norm/functional.js";
export { localResponseNorm } from "../../ops/norm/localResponseNorm.js";
export { rmsNorm } from "../../ops/norm/rowNorm.js";
export { type PadMode, pad } from "../../ops/pad/pad.js";
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool1dWithIndices,
  adaptiveMaxPool2d,
  adaptiveMaxPool2dWithIndices,
  adaptiveMaxPool3d,
  adaptiveMaxPool3dWithIndices,
} from "../../ops/pool/adaptivePool.js";
export * from "../../ops/pool/averagePool.js";
export {
  fractionalMaxPool2d,
  fractionalMaxPool2dWithIndices,
  fractionalMaxPool3d,
  fractionalMaxPool3dWithIndices,
} from "../../ops/pool/fractionalPool.js";
export * from "../../ops/pool/maxPool.js";
export * from "../../ops/pool/maxUnpool.js";
export { pdist } from "../../ops/products/distances.js";
export * from "../../ops/products/vectorDistances.js";
export * from "../../ops/random/dropout.js";
export {
  affineGrid,
  type GridSampleMode,
  type GridSamplePaddingMode,
  gridSample,
} from "../../ops/resample/gridSample.js";
export { type InterpolateMode, type InterpolateOptions, interpolate } from "../../ops/resample/interpolate.js";
export { upsample, upsampleBilinear, upsampleNearest } from "../../ops/resample/upsample.js";
export { channelShuffle, pixelShuffle, pixelUnshuffle } from "../../ops/shape/shuffles.js";
