/**
 * Fully convolutional networks.
 *
 * Source: https://arxiv.org/abs/1411.4038
 */
import type { Builder } from "../builder.js";
import { ResNet50_Weights, ResNet101_Weights, resnet50, resnet101 } from "../resnet.js";
import { weightsEnum } from "../weights.js";
import { FCNHead, onResnet, type SegmentationOptions, SimpleSegmentationModel } from "./shared.js";

export { FCNHead } from "./shared.js";

/**
 * A fully convolutional network: images `[N, 3, H, W]` to `{ out, aux }` of shape `[N, numClasses, H, W]`.
 *
 * @see https://pytorch.org/vision/stable/models/fcn.html
 */
export class FCN extends SimpleSegmentationModel {}

export const FCN_ResNet50_Weights = weightsEnum("FCN_ResNet50_Weights", ["COCO_WITH_VOC_LABELS_V1"]);
export const FCN_ResNet101_Weights = weightsEnum("FCN_ResNet101_Weights", ["COCO_WITH_VOC_LABELS_V1"]);

export type FCNBuilder = Builder<FCN, SegmentationOptions>;

/** A fully convolutional network on a ResNet-50. */
export const fcnResnet50: FCNBuilder = onResnet(
  "fcn_resnet50",
  FCN_ResNet50_Weights,
  resnet50,
  ResNet50_Weights.IMAGENET1K_V1,
  FCN,
  FCNHead,
);
/** A fully convolutional network on a ResNet-101. */
export const fcnResnet101: FCNBuilder = onResnet(
  "fcn_resnet101",
  FCN_ResNet101_Weights,
  resnet101,
  ResNet101_Weights.IMAGENET1K_V1,
  FCN,
  FCNHead,
);
