/**
 * Mask R-CNN: Faster R-CNN with a mask for each box.
 *
 * Source: https://arxiv.org/abs/1703.06870
 */
import { nn } from "flambeau";
import { Signature } from "flambeau/arguments";
import { Conv2dNormActivation } from "../../ops/convNormActivation.js";
import type { Layer } from "../../ops/layer.js";
import type { MultiScaleRoIAlign } from "../../ops/poolers.js";
import { renameLayer } from "../../stateKeys.js";
import { kaimingFanOut } from "../shared.js";
import { weightsEnum } from "../weights.js";
import { detectorBuilder, withoutEps } from "./builders.js";
import {
  defaultPool,
  FasterRCNN,
  type FasterRCNNOptions,
  fasterParams,
  ofResnet,
  onImagenet,
  type RCNNArguments,
  resnet50Fpn,
  secondVersion,
} from "./fasterRcnn.js";
import { batchParams, optionalModule, outChannelsOf, poolParam } from "./options.js";

export interface MaskRCNNOptions extends FasterRCNNOptions {
  maskRoiPool?: MultiScaleRoIAlign | null;
  maskHead?: nn.Module | null;
  maskPredictor?: nn.Module | null;
}

const params = {
  ...fasterParams,
  maskRoiPool: poolParam,
  maskHead: optionalModule,
  maskPredictor: optionalModule,
  ...batchParams,
};

/**
 * A Mask R-CNN: images to `{ boxes, labels, scores, masks }`, in training with targets that have masks to losses.
 *
 * @see https://pytorch.org/vision/stable/models/mask_rcnn.html
 */
export class MaskRCNN extends FasterRCNN {
  constructor(...args: RCNNArguments<MaskRCNNOptions>) {
    const given = new Signature(new.target.name, params).parse(args);
    const { backbone, maskRoiPool, maskHead, maskPredictor, ...rest } = given;
    if (rest.numClasses !== null && maskPredictor !== null)
      throw new Error("num_classes should be None when mask_predictor is specified");
    const pool = maskRoiPool ?? defaultPool(14);
    const head = maskHead ?? new MaskRCNNHeads(outChannelsOf(backbone), [256, 256, 256, 256], 1);
    const predictor = maskPredictor ?? new MaskRCNNPredictor(256, 256, rest.numClasses as number);
    super(backbone, rest);
    this.roiHeads.maskRoiPool = pool;
    this.roiHeads.maskHead = head;
    this.roiHeads.maskPredictor = predictor;
  }
}

/** Convolutions with ReLU, of what a pool gives. */
export class MaskRCNNHeads extends nn.Sequential {
  constructor(inChannels: number, layers: readonly number[], dilation: number, normLayer: Layer | null = null) {
    const blocks = layers.map((channels, i) => {
      const before = i === 0 ? inChannels : (layers[i - 1] as number);
      return new Conv2dNormActivation(before, channels, 3, 1, dilation, { dilation, normLayer });
    });
    super(...blocks);
    for (const layer of this.modules()) if (layer instanceof nn.Conv2d) kaimingFanOut(layer);
  }

  override _loadFromStateDict(stateDict: nn.StateDict, prefix: string): void {
    for (let i = 0; i < this.length; i++) renameLayer(stateDict, `${prefix}mask_fcn${i + 1}`, `${prefix}${i}.0`);
  }
}

/** Twice the size, and the logits of a mask for each class. */
export class MaskRCNNPredictor extends nn.Sequential {
  constructor(inChannels: number, dimReduced: number, numClasses: number) {
    super({
      conv5_mask: new nn.ConvTranspose2d(inChannels, dimReduced, 2, 2),
      relu: new nn.ReLU({ inplace: true }),
      mask_fcn_logits: new nn.Conv2d(dimReduced, numClasses, 1),
    });
    for (const [name, parameter] of this.namedParameters()) {
      if (name.includes("weight")) nn.init.kaimingNormal_(parameter, { mode: "fan_out", nonlinearity: "relu" });
    }
  }
}

export const MaskRCNN_ResNet50_FPN_Weights = weightsEnum("MaskRCNN_ResNet50_FPN_Weights", ["COCO_V1"]);
export const MaskRCNN_ResNet50_FPN_V2_Weights = weightsEnum("MaskRCNN_ResNet50_FPN_V2_Weights", ["COCO_V1"]);

type Options = Omit<MaskRCNNOptions, "numClasses">;

/** Mask R-CNN with a ResNet-50 and a feature pyramid. */
export const maskrcnnResnet50Fpn = detectorBuilder(
  "maskrcnn_resnet50_fpn",
  MaskRCNN_ResNet50_FPN_Weights,
  onImagenet,
  (settings, options: Options) => new MaskRCNN(resnet50Fpn(settings), settings.numClasses, options),
  withoutEps,
);

/** Mask R-CNN with a ResNet-50 and a feature pyramid: deeper heads, with norms. */
export const maskrcnnResnet50FpnV2 = detectorBuilder(
  "maskrcnn_resnet50_fpn_v2",
  MaskRCNN_ResNet50_FPN_V2_Weights,
  { ...ofResnet, weightsBackbone: null },
  (settings, options: Options) => {
    const { backbone, ...parts } = secondVersion(settings);
    const maskHead = new MaskRCNNHeads(backbone.outChannels, [256, 256, 256, 256], 1, nn.BatchNorm2d);
    return new MaskRCNN(backbone, settings.numClasses, { ...parts, maskHead, ...options });
  },
);
