/** `torch.nn`: modules, losses, and what is needed to build more of them. */
export { ModuleDict, type Named, ParameterDict } from "./containers/dict.js";
export { ModuleList, ParameterList, Sequential } from "./containers/list.js";
export * as functional from "./functional/index.js";
export type { BackwardHook, BackwardPreHook, HookGrads, HookOptions } from "./hooks.js";
export * as init from "./init.js";
export { Module } from "./module.js";
export { AlphaDropout, Dropout, Dropout1d, Dropout2d, Dropout3d, FeatureAlphaDropout } from "./modules/dropout.js";
export { Embedding } from "./modules/embedding.js";
export { Flatten, Unflatten } from "./modules/flatten.js";
export { Bilinear, Identity, LazyLinear, Linear, type LinearOptions } from "./modules/linear.js";
export {
  BCELoss,
  BCEWithLogitsLoss,
  CrossEntropyLoss,
  HuberLoss,
  L1Loss,
  MSELoss,
  NLLLoss,
  SmoothL1Loss,
  SoftMarginLoss,
} from "./modules/loss.js";
export {
  CosineEmbeddingLoss,
  CosineSimilarity,
  GaussianNLLLoss,
  HingeEmbeddingLoss,
  KLDivLoss,
  MarginRankingLoss,
  MultiLabelMarginLoss,
  MultiLabelSoftMarginLoss,
  MultiMarginLoss,
  PairwiseDistance,
  PoissonNLLLoss,
  TripletMarginLoss,
  TripletMarginWithDistanceLoss,
} from "./modules/otherLoss.js";
export {
  Hardshrink,
  Hardtanh,
  LeakyReLU,
  PReLU,
  ReLU,
  ReLU6,
  RReLU,
  Softshrink,
  Threshold,
} from "./modules/rectified.js";
export {
  CELU,
  ELU,
  GELU,
  GLU,
  Hardsigmoid,
  Hardswish,
  LogSigmoid,
  Mish,
  SELU,
  Sigmoid,
  SiLU,
  Softplus,
  Softsign,
  Tanh,
  Tanhshrink,
} from "./modules/smooth.js";
export { LogSoftmax, Softmax, Softmax2d, Softmin } from "./modules/softmax.js";
export { Parameter } from "./parameter.js";
export { IncompatibleKeys, type StateDict } from "./stateDict.js";
export * as utils from "./utils.js";
