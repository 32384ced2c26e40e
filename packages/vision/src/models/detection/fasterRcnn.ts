/**
 * Faster R-CNN: boxes that a network proposes, and classes and better boxes for them.
 *
 * Source: https://arxiv.org/abs/1506.01497
 */
import { F, nn, type Tensor } from "flambeau";
import { int, nullable, number, numbers, optional, Signature, type ValuesOf } from "flambeau/arguments";
import { Conv2dNormActivation } from "../../ops/convNormActivation.js";
import { type Layer, moduleParam } from "../../ops/layer.js";
import { MultiScaleRoIAlign } from "../../ops/poolers.js";
import { MobileNet_V3_Large_Weights, mobilenetV3Large } from "../mobilenetv3.js";
import { ResNet50_Weights, resnet50 } from "../resnet.js";
import { kaimingFanOut } from "../shared.js";
import { type AnyWeightsEnum, weightsEnum } from "../weights.js";
import { AnchorGenerator } from "./anchors.js";
import { type BackboneWithFPN, mobilenetFpnExtractor, resnetFpnExtractor } from "./backbones.js";
import { type BackboneSettings, detectorBuilder, withoutEps } from "./builders.js";
import { GeneralizedRCNN } from "./generalizedRcnn.js";
import {
  anchorGeneratorParam,
  type BatchOptions,
  batchParams,
  makeTransform,
  optionalModule,
  outChannelsOf,
  poolParam,
  type TransformOptions,
  transformParams,
} from "./options.js";
import { RoIHeads } from "./roiHeads.js";
import { RegionProposalNetwork, RPNHead } from "./rpn.js";

export interface FasterRCNNOptions extends TransformOptions, BatchOptions {
  /** How many classes there are, the background among them; none if a predictor is given. */
  numClasses?: number | null;
  rpnAnchorGenerator?: AnchorGenerator | null;
  /** Gives logits and codes of the boxes of all maps. */
  rpnHead?: nn.Module | null;
  /** How many boxes are kept of each map before, and of each image after the suppression of those that overlap. */
  rpnPreNmsTopNTrain?: number;
  rpnPreNmsTopNTest?: number;
  rpnPostNmsTopNTrain?: number;
  rpnPostNmsTopNTest?: number;
  rpnNmsThresh?: number;
  /** An anchor that overlaps by so much with a box stands for it; by less than the other for nothing. */
  rpnFgIouThresh?: number;
  rpnBgIouThresh?: number;
  /** How many anchors are learned from, and the part of them that stands for boxes. */
  rpnBatchSizePerImage?: number;
  rpnPositiveFraction?: number;
  rpnScoreThresh?: number;
  boxRoiPool?: MultiScaleRoIAlign | null;
  boxHead?: nn.Module | null;
  boxPredictor?: nn.Module | null;
  /** Detections with lower scores are left out, and those that overlap with better ones of their class. */
  boxScoreThresh?: number;
  boxNmsThresh?: number;
  boxDetectionsPerImg?: number;
  boxFgIouThresh?: number;
  boxBgIouThresh?: number;
  boxBatchSizePerImage?: number;
  boxPositiveFraction?: number;
  /** By what the codes of boxes are multiplied; 10, 10, 5, 5 by default. */
  bboxRegWeights?: readonly number[] | null;
}

/** The parameters of `FasterRCNN`, in torchvision's order. */
export const fasterParams = {
  backbone: moduleParam,
  numClasses: optional(nullable(int), null),
  ...transformParams,
  rpnAnchorGenerator: anchorGeneratorParam,
  rpnHead: optionalModule,
  rpnPreNmsTopNTrain: optional(int, 2000),
  rpnPreNmsTopNTest: optional(int, 1000),
  rpnPostNmsTopNTrain: optional(int, 2000),
  rpnPostNmsTopNTest: optional(int, 1000),
  rpnNmsThresh: optional(number, 0.7),
  rpnFgIouThresh: optional(number, 0.7),
  rpnBgIouThresh: optional(number, 0.3),
  rpnBatchSizePerImage: optional(int, 256),
  rpnPositiveFraction: optional(number, 0.5),
  rpnScoreThresh: optional(number, 0),
  boxRoiPool: poolParam,
  boxHead: optionalModule,
  boxPredictor: optionalModule,
  boxScoreThresh: optional(number, 0.05),
  boxNmsThresh: optional(number, 0.5),
  boxDetectionsPerImg: optional(int, 100),
  boxFgIouThresh: optional(number, 0.5),
  boxBgIouThresh: optional(number, 0.5),
  boxBatchSizePerImage: optional(int, 512),
  boxPositiveFraction: optional(number, 0.25),
  bboxRegWeights: optional(nullable(numbers), null),
};

type Given = ValuesOf<typeof fasterParams & typeof batchParams>;

/** How constructors of detectors of two stages are called. */
export type RCNNArguments<O> = [
  backbone: nn.Module,
  ...rest: [numClasses?: number | null, options?: Omit<O, "numClasses">] | [options?: O],
];

/** Anchors of one size for each of five maps. */
export function defaultAnchors(): AnchorGenerator {
  return new AnchorGenerator([[32], [64], [128], [256], [512]], [0.5, 1, 2]);
}

/** The pool over the levels of a pyramid that detectors have by default. */
export function defaultPool(outputSize: number): MultiScaleRoIAlign {
  return new MultiScaleRoIAlign(["0", "1", "2", "3"], outputSize, 2);
}

function makeProposals(given: Given, outChannels: number): RegionProposalNetwork {
  const anchors = given.rpnAnchorGenerator ?? defaultAnchors();
  const head = given.rpnHead ?? new RPNHead(outChannels, anchors.numAnchorsPerLocation()[0] as number);
  return new RegionProposalNetwork(anchors, head, {
    fgIouThresh: given.rpnFgIouThresh,
    bgIouThresh: given.rpnBgIouThresh,
    batchSizePerImage: given.rpnBatchSizePerImage,
    positiveFraction: given.rpnPositiveFraction,
    preNmsTopN: { training: given.rpnPreNmsTopNTrain, testing: given.rpnPreNmsTopNTest },
    postNmsTopN: { training: given.rpnPostNmsTopNTrain, testing: given.rpnPostNmsTopNTest },
    nmsThresh: given.rpnNmsThresh,
    scoreThresh: given.rpnScoreThresh,
  });
}

function makeHeads(given: Given, outChannels: number): RoIHeads {
  const width = 1024;
  const pool = given.boxRoiPool ?? defaultPool(7);
  const head = given.boxHead ?? new TwoMLPHead(outChannels * pool.outputSize[0] ** 2, width);
  const predictor = given.boxPredictor ?? new FastRCNNPredictor(width, given.numClasses as number);
  return new RoIHeads(pool, head, predictor, {
    fgIouThresh: given.boxFgIouThresh,
    bgIouThresh: given.boxBgIouThresh,
    batchSizePerImage: given.boxBatchSizePerImage,
    positiveFraction: given.boxPositiveFraction,
    bboxRegWeights: given.bboxRegWeights,
    scoreThresh: given.boxScoreThresh,
    nmsThresh: given.boxNmsThresh,
    detectionsPerImg: given.boxDetectionsPerImg,
  });
}

/**
 * A Faster R-CNN: images to `{ boxes, labels, scores }`, in training to losses. Options may also stand in torchvision's places.
 *
 * @param backbone gives feature maps, and has `outChannels`.
 * @throws Error for a number of classes beside a predictor, or neither.
 * @example
 * const model = new models.detection.FasterRCNN(backbone, 2, { minSize: 320 });
 * const losses = model([image], [{ boxes, labels }]);
 * @see https://pytorch.org/vision/stable/models/faster_rcnn.html
 */
export class FasterRCNN extends GeneralizedRCNN {
  constructor(...args: RCNNArguments<FasterRCNNOptions>) {
    const given = new Signature(new.target.name, { ...fasterParams, ...batchParams }).parse(args);
    const outChannels = outChannelsOf(given.backbone);
    if ((given.numClasses === null) === (given.boxPredictor === null)) {
      throw new Error(
        given.numClasses === null
          ? "num_classes should not be None when box_predictor is not specified"
          : "num_classes should be None when box_predictor is specified",
      );
    }
    const proposals = makeProposals(given, outChannels);
    super(given.backbone, proposals, makeHeads(given, outChannels), makeTransform(given));
  }
}

/** Two linear layers with ReLU, of what a pool gives. */
export class TwoMLPHead extends nn.Module {
  declare fc6: nn.Linear;
  declare fc7: nn.Linear;

  constructor(inChannels: number, representationSize: number) {
    super();
    this.fc6 = new nn.Linear(inChannels, representationSize);
    this.fc7 = new nn.Linear(representationSize, representationSize);
  }

  override forward(x: Tensor): Tensor {
    return F.relu(this.fc7(F.relu(this.fc6(x.flatten(1)))));
  }
}

/** Convolutions and linear layers with ReLU, of what a pool gives. */
export class FastRCNNConvFCHead extends nn.Sequential {
  constructor(
    inputSize: readonly [channels: number, height: number, width: number],
    convLayers: readonly number[],
    fcLayers: readonly number[],
    normLayer: Layer | null = null,
  ) {
    let [channels] = inputSize;
    const blocks: nn.Module[] = convLayers.map((wide) => {
      const block = new Conv2dNormActivation(channels, wide, { normLayer });
      channels = wide;
      return block;
    });
    blocks.push(new nn.Flatten());
    let features = channels * inputSize[1] * inputSize[2];
    for (const wide of fcLayers) {
      blocks.push(new nn.Linear(features, wide), new nn.ReLU({ inplace: true }));
      features = wide;
    }
    super(...blocks);
    for (const layer of this.modules()) if (layer instanceof nn.Conv2d) kaimingFanOut(layer);
  }
}

/** The logits of all classes, and for each of them the code of a box. */
export class FastRCNNPredictor extends nn.Module {
  declare clsScore: nn.Linear;
  declare bboxPred: nn.Linear;

  constructor(inChannels: number, numClasses: number) {
    super();
    this.clsScore = new nn.Linear(inChannels, numClasses);
    this.bboxPred = new nn.Linear(inChannels, numClasses * 4);
  }

  override forward(x: Tensor): [logits: Tensor, codes: Tensor] {
    if (x.ndim === 4 && (x.shape[2] !== 1 || x.shape[3] !== 1)) {
      throw new Error(
        `x has the wrong shape, expecting the last two dimensions to be [1,1] instead of [${x.shape.slice(2).join(", ")}]`,
      );
    }
    const flat = x.flatten(1);
    return [this.clsScore(flat), this.bboxPred(flat)];
  }
}

export const FasterRCNN_ResNet50_FPN_Weights = weightsEnum("FasterRCNN_ResNet50_FPN_Weights", ["COCO_V1"]);
export const FasterRCNN_ResNet50_FPN_V2_Weights = weightsEnum("FasterRCNN_ResNet50_FPN_V2_Weights", ["COCO_V1"]);
export const FasterRCNN_MobileNet_V3_Large_FPN_Weights = weightsEnum("FasterRCNN_MobileNet_V3_Large_FPN_Weights", [
  "COCO_V1",
]);
export const FasterRCNN_MobileNet_V3_Large_320_FPN_Weights = weightsEnum(
  "FasterRCNN_MobileNet_V3_Large_320_FPN_Weights",
  ["COCO_V1"],
);

/** How builders treat a ResNet-50. */
export const ofResnet = { layers: 5, trainableLayers: 3 };
/** The weights with which it begins by default. */
export const onImagenet = { ...ofResnet, weightsBackbone: ResNet50_Weights.IMAGENET1K_V1 };

/** A ResNet-50 with a pyramid over all of its stages. */
export function resnet50Fpn({ classifier, normLayer, trainableLayers }: BackboneSettings): BackboneWithFPN {
  return resnetFpnExtractor(resnet50({ ...classifier, normLayer }), trainableLayers);
}

/** The parts that the second versions of detectors have in common. */
export function secondVersion({ classifier, trainableLayers }: BackboneSettings) {
  const normLayer = nn.BatchNorm2d;
  const backbone = resnetFpnExtractor(resnet50(classifier), trainableLayers, { normLayer });
  const rpnAnchorGenerator = defaultAnchors();
  const anchors = rpnAnchorGenerator.numAnchorsPerLocation()[0] as number;
  const rpnHead = new RPNHead(backbone.outChannels, anchors, 2);
  const boxHead = new FastRCNNConvFCHead([backbone.outChannels, 7, 7], [256, 256, 256, 256], [1024], normLayer);
  return { backbone, rpnAnchorGenerator, rpnHead, boxHead };
}

type Options = Omit<FasterRCNNOptions, "numClasses">;

/** Faster R-CNN with a ResNet-50 and a feature pyramid. */
export const fasterrcnnResnet50Fpn = detectorBuilder(
  "fasterrcnn_resnet50_fpn",
  FasterRCNN_ResNet50_FPN_Weights,
  onImagenet,
  (settings, options: Options) => new FasterRCNN(resnet50Fpn(settings), settings.numClasses, options),
  withoutEps,
);

/** Faster R-CNN with a ResNet-50 and a feature pyramid: deeper heads, with norms. */
export const fasterrcnnResnet50FpnV2 = detectorBuilder(
  "fasterrcnn_resnet50_fpn_v2",
  FasterRCNN_ResNet50_FPN_V2_Weights,
  { ...ofResnet, weightsBackbone: null },
  (settings, options: Options) => {
    const { backbone, ...parts } = secondVersion(settings);
    return new FasterRCNN(backbone, settings.numClasses, { ...parts, ...options });
  },
);

function onMobilenet(modelName: string, weights: AnyWeightsEnum, defaults: Options) {
  const layers = { layers: 6, trainableLayers: 3, weightsBackbone: MobileNet_V3_Large_Weights.IMAGENET1K_V1 };
  return detectorBuilder(modelName, weights, layers, (settings, options: Options) => {
    const { classifier, normLayer, trainableLayers, numClasses } = settings;
    const backbone = mobilenetFpnExtractor(mobilenetV3Large({ ...classifier, normLayer }), trainableLayers);
    const sizes = [32, 64, 128, 256, 512];
    const rpnAnchorGenerator = new AnchorGenerator([sizes, sizes, sizes], [0.5, 1, 2]);
    return new FasterRCNN(backbone, numClasses, { rpnAnchorGenerator, ...defaults, ...options });
  });
}

/** Faster R-CNN with a MobileNet V3 large and a feature pyramid. */
export const fasterrcnnMobilenetV3LargeFpn = onMobilenet(
  "fasterrcnn_mobilenet_v3_large_fpn",
  FasterRCNN_MobileNet_V3_Large_FPN_Weights,
  { rpnScoreThresh: 0.05 },
);

/** Faster R-CNN with a MobileNet V3 large and a feature pyramid, for small images. */
export const fasterrcnnMobilenetV3Large320Fpn = onMobilenet(
  "fasterrcnn_mobilenet_v3_large_320_fpn",
  FasterRCNN_MobileNet_V3_Large_320_FPN_Weights,
  { minSize: 320, maxSize: 640, rpnPreNmsTopNTest: 150, rpnPostNmsTopNTest: 150, rpnScoreThresh: 0.05 },
);
