/**
 * Lite R-ASPP: segmentation with few multiplications.
 *
 * Source: https://arxiv.org/abs/1905.02244
 */

import { nn, type Tensor } from "flambeau";
import { type Builder, builder } from "../builder.js";
import { IntermediateLayerGetter } from "../intermediateLayerGetter.js";
import { type Stage, stagesOf } from "../mobilenetStages.js";
import { MobileNet_V3_Large_Weights, mobilenetV3Large } from "../mobilenetv3.js";
import { weightsEnum } from "../weights.js";
import { backboneWeights, resizeTo, type SegmentationOptions, type SegmentationOutput } from "./shared.js";

/** Scores from features of two sizes, `{ low, high }`. */
export class LRASPPHead extends nn.Module {
  declare cbr: nn.Sequential;
  declare scale: nn.Sequential;
  declare lowClassifier: nn.Conv2d;
  declare highClassifier: nn.Conv2d;

  constructor(lowChannels: number, highChannels: number, numClasses: number, interChannels: number) {
    super();
    this.cbr = new nn.Sequential(
      new nn.Conv2d(highChannels, interChannels, 1, { bias: false }),
      new nn.BatchNorm2d(interChannels),
      new nn.ReLU({ inplace: true }),
    );
    this.scale = new nn.Sequential(
      new nn.AdaptiveAvgPool2d(1),
      new nn.Conv2d(highChannels, interChannels, 1, { bias: false }),
      new nn.Sigmoid(),
    );
    this.lowClassifier = new nn.Conv2d(lowChannels, numClasses, 1);
    this.highClassifier = new nn.Conv2d(interChannels, numClasses, 1);
  }

  override forward({ low, high }: { readonly low: Tensor; readonly high: Tensor }): Tensor {
    const weighted = this.cbr(high).mul(this.scale(high));
    return this.lowClassifier(low).add(this.highClassifier(resizeTo(weighted, low)));
  }
}

/**
 * A Lite R-ASPP network: images `[N, 3, H, W]` to `{ out }` of shape `[N, numClasses, H, W]`.
 *
 * @see https://pytorch.org/vision/stable/models/lraspp.html
 */
export class LRASPP extends nn.Module {
  declare backbone: nn.Module;
  declare classifier: LRASPPHead;

  /** @param backbone gives an object of features: `low` and `high`. */
  constructor(backbone: nn.Module, lowChannels: number, highChannels: number, numClasses: number, interChannels = 128) {
    super();
    this.backbone = backbone;
    this.classifier = new LRASPPHead(lowChannels, highChannels, numClasses, interChannels);
  }

  override forward(input: Tensor): SegmentationOutput {
    return { out: resizeTo(this.classifier(this.backbone(input)), input) };
  }
}

export const LRASPP_MobileNet_V3_Large_Weights = weightsEnum("LRASPP_MobileNet_V3_Large_Weights", [
  "COCO_WITH_VOC_LABELS_V1",
]);

/** Lite R-ASPP on a MobileNet V3 large. */
export const lrasppMobilenetV3Large: Builder<LRASPP, Omit<SegmentationOptions, "auxLoss">> = builder(
  "lraspp_mobilenet_v3_large",
  LRASPP_MobileNet_V3_Large_Weights,
  (options: SegmentationOptions, hasWeights) => {
    if (options.auxLoss) throw new Error("This model does not use auxiliary loss");
    const weights = backboneWeights(options, hasWeights, MobileNet_V3_Large_Weights.IMAGENET1K_V1);
    const backbone = mobilenetV3Large({ weights, dilated: true });
    const stages = stagesOf(backbone);
    const [low, high] = [stages.at(-4), stages.at(-1)] as [Stage, Stage];
    const features = new IntermediateLayerGetter(backbone.features, { [low.index]: "low", [high.index]: "high" });
    return new LRASPP(features, low.outChannels, high.outChannels, options.numClasses ?? 21);
  },
);
