/**
 * DeepLabV3: convolutions of several dilations side by side.
 *
 * Source: https://arxiv.org/abs/1706.05587
 */
import torch, { nn, type Tensor } from "flambeau";
import { type Builder, builder } from "../builder.js";
import { IntermediateLayerGetter } from "../intermediateLayerGetter.js";
import { type Stage, stagesOf } from "../mobilenetStages.js";
import { MobileNet_V3_Large_Weights, mobilenetV3Large } from "../mobilenetv3.js";
import { ResNet50_Weights, ResNet101_Weights, resnet50, resnet101 } from "../resnet.js";
import { weightsEnum } from "../weights.js";
import {
  backboneWeights,
  FCNHead,
  onResnet,
  resizeTo,
  type SegmentationOptions,
  SimpleSegmentationModel,
  withAux,
} from "./shared.js";

/**
 * A DeepLabV3: images `[N, 3, H, W]` to `{ out, aux }` of shape `[N, numClasses, H, W]`.
 *
 * @see https://pytorch.org/vision/stable/models/deeplabv3.html
 */
export class DeepLabV3 extends SimpleSegmentationModel {}

/** A convolution of 3×3 with a dilation, a norm and a ReLU. */
export class ASPPConv extends nn.Sequential {
  constructor(inChannels: number, outChannels: number, dilation: number) {
    super(
      new nn.Conv2d(inChannels, outChannels, 3, { padding: dilation, dilation, bias: false }),
      new nn.BatchNorm2d(outChannels),
      new nn.ReLU(),
    );
  }
}

/** The mean of the image, in its size. */
export class ASPPPooling extends nn.Sequential {
  constructor(inChannels: number, outChannels: number) {
    super(
      new nn.AdaptiveAvgPool2d(1),
      new nn.Conv2d(inChannels, outChannels, 1, { bias: false }),
      new nn.BatchNorm2d(outChannels),
      new nn.ReLU(),
    );
  }

  override forward(x: Tensor): Tensor {
    return resizeTo(super.forward(x), x);
  }
}

/** A convolution of 1×1, several with a dilation, and the mean of the image, side by side, and what joins them. */
export class ASPP extends nn.Module {
  declare convs: nn.ModuleList;
  declare project: nn.Sequential;

  constructor(inChannels: number, atrousRates: readonly number[], outChannels = 256) {
    super();
    const pointwise = (channels: number) => [
      new nn.Conv2d(channels, outChannels, 1, { bias: false }),
      new nn.BatchNorm2d(outChannels),
      new nn.ReLU(),
    ];
    this.convs = new nn.ModuleList([
      new nn.Sequential(...pointwise(inChannels)),
      ...atrousRates.map((rate) => new ASPPConv(inChannels, outChannels, rate)),
      new ASPPPooling(inChannels, outChannels),
    ]);
    this.project = new nn.Sequential(...pointwise(this.convs.length * outChannels), new nn.Dropout(0.5));
  }

  override forward(x: Tensor): Tensor {
    return this.project(
      torch.cat(
        [...this.convs].map((conv): Tensor => conv(x)),
        1,
      ),
    );
  }
}

/** Features to scores. */
export class DeepLabHead extends nn.Sequential {
  constructor(inChannels: number, numClasses: number) {
    super(
      new ASPP(inChannels, [12, 24, 36]),
      new nn.Conv2d(256, 256, 3, { padding: 1, bias: false }),
      new nn.BatchNorm2d(256),
      new nn.ReLU(),
      new nn.Conv2d(256, numClasses, 1),
    );
  }
}

export const DeepLabV3_ResNet50_Weights = weightsEnum("DeepLabV3_ResNet50_Weights", ["COCO_WITH_VOC_LABELS_V1"]);
export const DeepLabV3_ResNet101_Weights = weightsEnum("DeepLabV3_ResNet101_Weights", ["COCO_WITH_VOC_LABELS_V1"]);
export const DeepLabV3_MobileNet_V3_Large_Weights = weightsEnum("DeepLabV3_MobileNet_V3_Large_Weights", [
  "COCO_WITH_VOC_LABELS_V1",
]);

export type DeepLabV3Builder = Builder<DeepLabV3, SegmentationOptions>;

/** DeepLabV3 on a ResNet-50. */
export const deeplabv3Resnet50: DeepLabV3Builder = onResnet(
  "deeplabv3_resnet50",
  DeepLabV3_ResNet50_Weights,
  resnet50,
  ResNet50_Weights.IMAGENET1K_V1,
  DeepLabV3,
  DeepLabHead,
);
/** DeepLabV3 on a ResNet-101. */
export const deeplabv3Resnet101: DeepLabV3Builder = onResnet(
  "deeplabv3_resnet101",
  DeepLabV3_ResNet101_Weights,
  resnet101,
  ResNet101_Weights.IMAGENET1K_V1,
  DeepLabV3,
  DeepLabHead,
);

/** DeepLabV3 on a MobileNet V3 large. */
export const deeplabv3MobilenetV3Large: DeepLabV3Builder = builder(
  "deeplabv3_mobilenet_v3_large",
  DeepLabV3_MobileNet_V3_Large_Weights,
  (options, hasWeights) => {
    const { numClasses = 21, auxLoss } = options;
    const weights = backboneWeights(options, hasWeights, MobileNet_V3_Large_Weights.IMAGENET1K_V1);
    const backbone = mobilenetV3Large({ weights, dilated: true });
    const [middle, last] = [stagesOf(backbone).at(-4), stagesOf(backbone).at(-1)] as [Stage, Stage];
    const features = new IntermediateLayerGetter(backbone.features, {
      [last.index]: "out",
      ...(auxLoss === true ? { [middle.index]: "aux" } : {}),
    });
    const aux = auxLoss === true ? new FCNHead(middle.outChannels, numClasses) : null;
    return new DeepLabV3(features, new DeepLabHead(last.outChannels, numClasses), aux);
  },
  { prepare: withAux },
);
