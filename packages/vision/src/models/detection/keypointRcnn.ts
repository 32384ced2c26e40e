/**
 * Keypoint R-CNN: Faster R-CNN with keypoints for each box, such as the joints of persons.
 *
 * Source: https://arxiv.org/abs/1703.06870
 */
import { F, nn, type Tensor } from "flambeau";
import { int, nullable, optional, Signature, sizeOrSizes } from "flambeau/arguments";
import type { MultiScaleRoIAlign } from "../../ops/poolers.js";
import { kaimingFanOut } from "../shared.js";
import { weightsEnum } from "../weights.js";
import { detectorBuilder, withoutEps } from "./builders.js";
import {
  defaultPool,
  FasterRCNN,
  type FasterRCNNOptions,
  fasterParams,
  onImagenet,
  type RCNNArguments,
  resnet50Fpn,
} from "./fasterRcnn.js";
import { batchParams, optionalModule, outChannelsOf, poolParam } from "./options.js";

export interface KeypointRCNNOptions extends FasterRCNNOptions {
  keypointRoiPool?: MultiScaleRoIAlign | null;
  keypointHead?: nn.Module | null;
  keypointPredictor?: nn.Module | null;
  /** How many keypoints a box has; 17 by default, none if a predictor is given. */
  numKeypoints?: number | null;
}

const params = {
  ...fasterParams,
  minSize: optional(sizeOrSizes, [640, 672, 704, 736, 768, 800]),
  keypointRoiPool: poolParam,
  keypointHead: optionalModule,
  keypointPredictor: optionalModule,
  numKeypoints: optional(nullable(int), null),
  ...batchParams,
};

/**
 * A Keypoint R-CNN: images to `{ boxes, labels, scores, keypoints, keypoints_scores }`, in training with targets that have
 * keypoints `[N, K, 3]` (x, y, whether it is visible) to losses.
 *
 * @see https://pytorch.org/vision/stable/models/keypoint_rcnn.html
 */
export class KeypointRCNN extends FasterRCNN {
  constructor(...args: RCNNArguments<KeypointRCNNOptions>) {
    const given = new Signature(new.target.name, params).parse(args);
    const { backbone, keypointRoiPool, keypointHead, keypointPredictor, numKeypoints, ...rest } = given;
    if (numKeypoints !== null && keypointPredictor !== null)
      throw new Error("num_keypoints should be None when keypoint_predictor is specified");
    const pool = keypointRoiPool ?? defaultPool(14);
    const head = keypointHead ?? new KeypointRCNNHeads(outChannelsOf(backbone), new Array<number>(8).fill(512));
    const predictor = keypointPredictor ?? new KeypointRCNNPredictor(512, numKeypoints ?? 17);
    super(backbone, rest);
    this.roiHeads.keypointRoiPool = pool;
    this.roiHeads.keypointHead = head;
    this.roiHeads.keypointPredictor = predictor;
  }
}

/** Convolutions with ReLU, of what a pool gives. */
export class KeypointRCNNHeads extends nn.Sequential {
  constructor(inChannels: number, layers: readonly number[]) {
    const blocks = layers.flatMap((channels, i) => {
      const before = i === 0 ? inChannels : (layers[i - 1] as number);
      return [new nn.Conv2d(before, channels, 3, { padding: 1 }), new nn.ReLU({ inplace: true })];
    });
    super(...blocks);
    for (const layer of this.children()) if (layer instanceof nn.Conv2d) kaimingFanOut(layer);
  }
}

/** A heatmap for each keypoint, four times the size of what a pool gives. */
export class KeypointRCNNPredictor extends nn.Module {
  declare kpsScoreLowres: nn.ConvTranspose2d;
  declare upScale: number;
  declare outChannels: number;

  constructor(inChannels: number, numKeypoints: number) {
    super();
    this.kpsScoreLowres = new nn.ConvTranspose2d(inChannels, numKeypoints, 4, 2, 1);
    nn.init.kaimingNormal_(this.kpsScoreLowres.weight, { mode: "fan_out", nonlinearity: "relu" });
    nn.init.zeros_(this.kpsScoreLowres.bias as nn.Parameter);
    this.upScale = 2;
    this.outChannels = numKeypoints;
  }

  override forward(x: Tensor): Tensor {
    const options = { mode: "bilinear", alignCorners: false, recomputeScaleFactor: false } as const;
    return F.interpolate(this.kpsScoreLowres(x), null, this.upScale, options);
  }
}

export const KeypointRCNN_ResNet50_FPN_Weights = weightsEnum(
  "KeypointRCNN_ResNet50_FPN_Weights",
  ["COCO_LEGACY", "COCO_V1"],
  "COCO_V1",
);

type Options = Omit<KeypointRCNNOptions, "numClasses">;

/** Keypoint R-CNN with a ResNet-50 and a feature pyramid; two classes by default, persons and none. */
export const keypointrcnnResnet50Fpn = detectorBuilder(
  "keypointrcnn_resnet50_fpn",
  KeypointRCNN_ResNet50_FPN_Weights,
  { ...onImagenet, numClasses: 2 },
  (settings, options: Options) => new KeypointRCNN(resnet50Fpn(settings), settings.numClasses, options),
  withoutEps,
);
