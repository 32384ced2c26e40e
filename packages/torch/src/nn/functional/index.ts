/** `nn.functional`: the functions behind the modules, also exported as `F`. */
export { sigmoid, tanh } from "../../ops/pointwise/activations.js";
export { hardshrink, prelu } from "../../ops/pointwise/rectifiers.js";
export { binaryCrossEntropy, binaryCrossEntropyWithLogits } from "./binaryCrossEntropy.js";
export { crossEntropy } from "./crossEntropy.js";
export { cosineSimilarity, normalize, pairwiseDistance } from "./distance.js";
export { alphaDropout, dropout, dropout1d, dropout2d, dropout3d, featureAlphaDropout } from "./dropout.js";
export { embedding, oneHot } from "./embedding.js";
export { gaussianNllLoss, klDiv, poissonNllLoss } from "./likelihoodLoss.js";
export { bilinear, linear } from "./linear.js";
export {
  cosineEmbeddingLoss,
  hingeEmbeddingLoss,
  marginRankingLoss,
  multilabelMarginLoss,
  multilabelSoftMarginLoss,
  multiMarginLoss,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
} from "./marginLoss.js";
export { nllLoss } from "./nllLoss.js";
export {
  hardtanh,
  hardtanh_,
  leakyRelu,
  leakyRelu_,
  relu,
  relu_,
  relu6,
  rrelu,
  rrelu_,
  softshrink,
  threshold,
  threshold_,
} from "./rectified.js";
export type { Reduction } from "./reduction.js";
export { huberLoss, l1Loss, mseLoss, smoothL1Loss, softMarginLoss } from "./regressionLoss.js";
export {
  celu,
  celu_,
  elu,
  elu_,
  gelu,
  glu,
  hardsigmoid,
  hardswish,
  logsigmoid,
  mish,
  selu,
  selu_,
  silu,
  softplus,
  softsign,
  tanhshrink,
} from "./smooth.js";
export { gumbelSoftmax, logSoftmax, softmax, softmin } from "./softmax.js";
