/**
 * Fully convolutional networks.
 *
 * Source: https://arxiv.org/abs/1411.4038
 */
import { nn } from "flambeau";
import { type Builder, builder, withFixed } from "../builder.js";
import { ResNet50_Weights, ResNet101_Weights, type ResNetBuilder, resnet50, resnet101 } from "../resnet.js";
import { type AnyWeightsEnum, type Weights, weightsEnum } from "../weights.js";
import { backboneWeights, resnetFeatures, type SegmentationOptions, SimpleSegmentationModel } from "./shared.js";

/**
 * A fully convolutional network: images `[N, 3, H, W]` to `{ out, aux }` of shape `[N, numClasses, H, W]`.
 *
 * @see https://pytorch.org/vision/stable/models/fcn.html
 */
export class FCN extends SimpleSegmentationModel {}

/** Features to scores: a convolution of 3×3 to a quarter of the channels, and one of 1×1. */
export class FCNHead extends nn.Sequential {
  constructor(inChannels: number, channels: number) {
    const width = Math.floor(inChannels / 4);
    super(
      new nn.Conv2d(inChannels, width, 3, { padding: 1, bias: false }),
      new nn.BatchNorm2d(width),
      new nn.ReLU(),
      new nn.Dropout(0.1),
      new nn.Conv2d(width, channels, 1),
    );
  }
}

export const FCN_ResNet50_Weights = weightsEnum("FCN_ResNet50_Weights", ["COCO_WITH_VOC_LABELS_V1"]);
export const FCN_ResNet101_Weights = weightsEnum("FCN_ResNet101_Weights", ["COCO_WITH_VOC_LABELS_V1"]);

export type FCNBuilder = Builder<FCN, SegmentationOptions>;

function fcn(name: string, weights: AnyWeightsEnum, resnet: ResNetBuilder, published: Weights): FCNBuilder {
  return builder(
    name,
    weights,
    (options: SegmentationOptions, hasWeights) => {
      const { numClasses = 21, auxLoss } = options;
      const backbone = resnet({
        weights: backboneWeights(options, hasWeights, published),
        replaceStrideWithDilation: [false, true, true],
      });
      const features = resnetFeatures(backbone, auxLoss === true);
      const aux = auxLoss === true ? new FCNHead(1024, numClasses) : null;
      return new FCN(features, new FCNHead(2048, numClasses), aux);
    },
    { prepare: (options) => withFixed(options, { auxLoss: true }) },
  );
}

/** A fully convolutional network on a ResNet-50. */
export const fcnResnet50 = fcn("fcn_resnet50", FCN_ResNet50_Weights, resnet50, ResNet50_Weights.IMAGENET1K_V1);
/** A fully convolutional network on a ResNet-101. */
export const fcnResnet101 = fcn("fcn_resnet101", FCN_ResNet101_Weights, resnet101, ResNet101_Weights.IMAGENET1K_V1);
