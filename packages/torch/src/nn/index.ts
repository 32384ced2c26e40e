/** `torch.nn`: modules, losses, and what is needed to build more of them. */
export { ModuleDict, type Named, ParameterDict } from "./containers/dict.js";
export { ModuleList, ParameterList, Sequential } from "./containers/list.js";
export * as functional from "./functional/index.js";
export type { BackwardHook, BackwardPreHook, HookGrads, HookOptions } from "./hooks.js";
export * as init from "./init.js";
export { Module } from "./module.js";
export * from "./modules/adaptive.js";
export * from "./modules/adaptivePool.js";
export { type AttentionCallOptions, MultiheadAttention, type MultiheadAttentionOptions } from "./modules/attention.js";
export * from "./modules/averagePool.js";
export {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  LazyBatchNorm1d,
  LazyBatchNorm2d,
  LazyBatchNorm3d,
  SyncBatchNorm,
} from "./modules/batchNorm.js";
export {
  Conv1d,
  Conv2d,
  Conv3d,
  type ConvOptions,
  LazyConv1d,
  LazyConv2d,
  LazyConv3d,
  type PaddingMode,
} from "./modules/conv.js";
export * from "./modules/convTranspose.js";
export * from "./modules/ctcLoss.js";
export * from "./modules/distance.js";
export * from "./modules/dropout.js";
export * from "./modules/embedding.js";
export * from "./modules/embeddingBag.js";
export * from "./modules/flatten.js";
export * from "./modules/fold.js";
export * from "./modules/instanceNorm.js";
export * from "./modules/likelihoodLoss.js";
export * from "./modules/linear.js";
export * from "./modules/loss.js";
export * from "./modules/marginLoss.js";
export * from "./modules/maxPool.js";
export * from "./modules/normalization.js";
export * from "./modules/padding.js";
export * from "./modules/rectified.js";
export * from "./modules/recurrent.js";
export * from "./modules/recurrentCells.js";
export * from "./modules/shuffle.js";
export * from "./modules/smooth.js";
export * from "./modules/softmax.js";
export * from "./modules/transformer.js";
export {
  type TransformerActivation,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type TransformerOptions,
} from "./modules/transformerLayer.js";
export * from "./modules/upsampling.js";
export { Buffer, Parameter } from "./parameter.js";
export { IncompatibleKeys, type StateDict } from "./stateDict.js";
export * as utils from "./utils/index.js";
