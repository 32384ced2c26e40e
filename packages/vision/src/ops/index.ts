/** `torchvision.ops`: boxes, regions of interest, losses of detection, and blocks of networks. */
export {
  type BoxFormat,
  batchedNms,
  boxArea,
  boxConvert,
  boxIou,
  clipBoxesToImage,
  completeBoxIou,
  distanceBoxIou,
  generalizedBoxIou,
  masksToBoxes,
  nms,
  removeSmallBoxes,
} from "./boxes.js";
export { completeBoxIouLoss, distanceBoxIouLoss, generalizedBoxIouLoss, type LossReduction } from "./boxLosses.js";
export { Conv2dNormActivation, Conv3dNormActivation } from "./convNormActivation.js";
export { DeformConv2d, deformConv2d } from "./deformConv.js";
export { DropBlock2d, DropBlock3d, dropBlock2d, dropBlock3d } from "./dropBlock.js";
export {
  ExtraFPNBlock,
  type FeatureMaps,
  FeaturePyramidNetwork,
  LastLevelMaxPool,
  LastLevelP6P7,
  type NamedFeatures,
} from "./featurePyramid.js";
export { sigmoidFocalLoss } from "./focalLoss.js";
export type { ActivationLayer, Layer, MakeLayer } from "./layer.js";
export { FrozenBatchNorm2d, MLP, Permute, SqueezeExcitation } from "./misc.js";
export { type ImageSize, MultiScaleRoIAlign } from "./poolers.js";
export type { OutputSize, RegionBoxes } from "./regions.js";
export { PSRoIAlign, psRoiAlign, RoIAlign, roiAlign } from "./roiAlign.js";
export { PSRoIPool, psRoiPool, RoIPool, roiPool } from "./roiPool.js";
export { StochasticDepth, type StochasticDepthMode, stochasticDepth } from "./stochasticDepth.js";
