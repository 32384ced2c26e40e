/** `models.segmentation`: networks that give a class for every pixel. */

export * as deeplabv3 from "./deeplabv3.js";
export {
  DeepLabV3,
  DeepLabV3_MobileNet_V3_Large_Weights,
  DeepLabV3_ResNet50_Weights,
  DeepLabV3_ResNet101_Weights,
  deeplabv3MobilenetV3Large,
  deeplabv3Resnet50,
  deeplabv3Resnet101,
} from "./deeplabv3.js";
export * as fcn from "./fcn.js";
export { FCN, FCN_ResNet50_Weights, FCN_ResNet101_Weights, fcnResnet50, fcnResnet101 } from "./fcn.js";
export * as lraspp from "./lraspp.js";
export { LRASPP, LRASPP_MobileNet_V3_Large_Weights, lrasppMobilenetV3Large } from "./lraspp.js";
export type { SegmentationOptions, SegmentationOutput } from "./shared.js";
