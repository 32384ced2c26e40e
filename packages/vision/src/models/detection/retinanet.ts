/**
 * RetinaNet: a class and a box for every anchor, learned with the focal loss.
 *
 * Source: https://arxiv.org/abs/1708.02002
 */
import torch, { F, nn, type Tensor } from "flambeau";
import { instanceOf, int, nullable, number, optional, Signature } from "flambeau/arguments";
import { indicesOf } from "../../ops/boxes.js";
import { completeBoxIouLoss, distanceBoxIouLoss, generalizedBoxIouLoss } from "../../ops/boxLosses.js";
import { Conv2dNormActivation } from "../../ops/convNormActivation.js";
import { LastLevelP6P7 } from "../../ops/featurePyramid.js";
import { sigmoidFocalLoss } from "../../ops/focalLoss.js";
import type { Layer } from "../../ops/layer.js";
import { renameLayer } from "../../stateKeys.js";
import { resnet50 } from "../resnet.js";
import { weightsEnum } from "../weights.js";
import { AnchorGenerator } from "./anchors.js";
import { resnetFpnExtractor } from "./backbones.js";
import { BoxCoder } from "./boxCoder.js";
import { detectorBuilder, withoutEps } from "./builders.js";
import { Detector, type Prepared } from "./detector.js";
import { ofResnet, onImagenet } from "./fasterRcnn.js";
import { ClassificationHead, flatPredictions, initializeNormal } from "./heads.js";
import { Matcher } from "./matching.js";
import {
  averaged,
  firstParams,
  type HeadOutputs,
  matchAnchors,
  type OneStageArguments,
  type OneStageOptions,
  oneHotRows,
  type Selection,
  selectDetections,
  selectionOf,
  selectionParams,
} from "./oneStage.js";
import { batchParams, makeTransform, outChannelsOf } from "./options.js";
import type { Detection, Losses, Target } from "./types.js";

/** Four convolutions of 3×3 with ReLU. */
function fourConvolutions(inChannels: number, normLayer: Layer | null): nn.Sequential {
  const convs = Array.from({ length: 4 }, () => new Conv2dNormActivation(inChannels, inChannels, { normLayer }));
  return new nn.Sequential(...convs);
}

/** Gives the convolutions of a head their places: once, each stood in one row with its ReLU. */
function renameConvolutions(stateDict: nn.StateDict, prefix: string): void {
  for (let i = 0; i < 4; i++) renameLayer(stateDict, `${prefix}conv.${2 * i}`, `${prefix}conv.${i}.0`);
}

/** The logits of classes for every anchor. */
export class RetinaNetClassificationHead extends ClassificationHead {
  constructor(
    inChannels: number,
    numAnchors: number,
    numClasses: number,
    priorProbability = 0.01,
    normLayer: Layer | null = null,
  ) {
    super(fourConvolutions(inChannels, normLayer), inChannels, numAnchors, numClasses, priorProbability);
  }

  /** The focal loss of the logits, by the anchors that stand for a box. */
  computeLoss(targets: readonly Target[], outputs: HeadOutputs, matched: readonly Tensor[]): Tensor {
    const losses = targets.map(({ labels }, i) => {
      const logits = (outputs.cls_logits as Tensor).at(i);
      const own = matched[i] as Tensor;
      const foreground = indicesOf(own.ge(0));
      const wanted = oneHotRows(logits, [foreground], labels.at(own.at(foreground)));
      const valid = indicesOf(own.ne(Matcher.BETWEEN_THRESHOLDS));
      const loss = sigmoidFocalLoss(logits.at(valid), wanted.at(valid), { reduction: "sum" });
      return loss.div(Math.max(1, foreground.numel()));
    });
    return averaged(losses);
  }

  override _loadFromStateDict(stateDict: nn.StateDict, prefix: string): void {
    renameConvolutions(stateDict, prefix);
  }
}

/** How far boxes are from those that are wanted. */
export type BoxLoss = "l1" | "smooth_l1" | "ciou" | "diou" | "giou";

/** The codes of boxes for every anchor. */
export class RetinaNetRegressionHead extends nn.Module {
  declare conv: nn.Sequential;
  declare bboxReg: nn.Conv2d;
  declare boxCoder: BoxCoder;
  declare lossType: BoxLoss;

  constructor(inChannels: number, numAnchors: number, normLayer: Layer | null = null) {
    super();
    this.conv = fourConvolutions(inChannels, normLayer);
    this.bboxReg = new nn.Conv2d(inChannels, numAnchors * 4, 3, { padding: 1 });
    initializeNormal(this.bboxReg, 0.01);
    initializeNormal(this.conv, 0.01);
    this.boxCoder = new BoxCoder([1, 1, 1, 1]);
    this.lossType = "l1";
  }

  /** The loss of the boxes of anchors that stand for one. */
  computeLoss(
    targets: readonly Target[],
    outputs: HeadOutputs,
    anchors: readonly Tensor[],
    matched: readonly Tensor[],
  ): Tensor {
    const losses = targets.map(({ boxes }, i) => {
      const own = matched[i] as Tensor;
      const foreground = indicesOf(own.ge(0));
      const codes = (outputs.bbox_regression as Tensor).at(i).at(foreground);
      const loss = boxLoss(
        this.lossType,
        this.boxCoder,
        (anchors[i] as Tensor).at(foreground),
        boxes.at(own.at(foreground)),
        codes,
      );
      return loss.div(Math.max(1, foreground.numel()));
    });
    return averaged(losses);
  }

  override _loadFromStateDict(stateDict: nn.StateDict, prefix: string): void {
    renameConvolutions(stateDict, prefix);
  }

  override forward(maps: readonly Tensor[]): Tensor {
    return torch.cat(
      maps.map((map) => flatPredictions(this.bboxReg(this.conv(map)), 4)),
      1,
    );
  }
}

function boxLoss(type: BoxLoss, coder: BoxCoder, anchors: Tensor, wanted: Tensor, codes: Tensor): Tensor {
  const reduction = "sum";
  if (type === "l1") return F.l1Loss(codes, coder.encodeSingle(wanted, anchors), { reduction });
  if (type === "smooth_l1") return F.smoothL1Loss(codes, coder.encodeSingle(wanted, anchors), { reduction });
  const losses = { ciou: completeBoxIouLoss, diou: distanceBoxIouLoss, giou: generalizedBoxIouLoss };
  return losses[type](coder.decodeSingle(codes, anchors), wanted, { reduction });
}

/** Classes and boxes for every anchor. */
export class RetinaNetHead extends nn.Module {
  declare classificationHead: RetinaNetClassificationHead;
  declare regressionHead: RetinaNetRegressionHead;

  constructor(inChannels: number, numAnchors: number, numClasses: number, normLayer: Layer | null = null) {
    super();
    this.classificationHead = new RetinaNetClassificationHead(inChannels, numAnchors, numClasses, 0.01, normLayer);
    this.regressionHead = new RetinaNetRegressionHead(inChannels, numAnchors, normLayer);
  }

  computeLoss(
    targets: readonly Target[],
    outputs: HeadOutputs,
    anchors: readonly Tensor[],
    matched: readonly Tensor[],
  ): Losses {
    return {
      classification: this.classificationHead.computeLoss(targets, outputs, matched),
      bbox_regression: this.regressionHead.computeLoss(targets, outputs, anchors, matched),
    };
  }

  override forward(maps: readonly Tensor[]): HeadOutputs {
    return { cls_logits: this.classificationHead(maps), bbox_regression: this.regressionHead(maps) };
  }
}

/** A head that gives predictions for all anchors, and their losses. */
type LearningHead = nn.Module & Pick<RetinaNetHead, "computeLoss">;

export interface RetinaNetOptions extends OneStageOptions {
  proposalMatcher?: Matcher | null;
  /** An anchor that overlaps by so much with a box stands for it; by less than the other for nothing. */
  fgIouThresh?: number;
  bgIouThresh?: number;
}

const params = {
  ...firstParams,
  proposalMatcher: optional(nullable(instanceOf("Matcher", Matcher)), null),
  ...selectionParams(0.05, 0.5, 300),
  fgIouThresh: optional(number, 0.5),
  bgIouThresh: optional(number, 0.4),
  topkCandidates: optional(int, 1000),
  ...batchParams,
};

/** Three sizes for each of five maps. */
function defaultAnchors(): AnchorGenerator {
  const sizes = [32, 64, 128, 256, 512].map((size) => [
    size,
    Math.trunc(size * 2 ** (1 / 3)),
    Math.trunc(size * 2 ** (2 / 3)),
  ]);
  return new AnchorGenerator(sizes, [0.5, 1, 2]);
}

/**
 * A RetinaNet: images to `{ boxes, labels, scores }`, in training to losses. Options may also stand in torchvision's places.
 *
 * @param backbone gives feature maps, and has `outChannels`.
 * @see https://pytorch.org/vision/stable/models/retinanet.html
 */
export class RetinaNet extends Detector {
  declare anchorGenerator: AnchorGenerator;
  declare head: LearningHead;
  declare proposalMatcher: Matcher;
  declare boxCoder: BoxCoder;
  declare selection: Selection;

  constructor(...args: OneStageArguments<RetinaNetOptions>) {
    super();
    const given = new Signature(new.target.name, params).parse(args);
    const outChannels = outChannelsOf(given.backbone);
    this.backbone = given.backbone;
    this.anchorGenerator = given.anchorGenerator ?? defaultAnchors();
    const [anchors] = this.anchorGenerator.numAnchorsPerLocation() as [number];
    this.head = (given.head as LearningHead | null) ?? new RetinaNetHead(outChannels, anchors, given.numClasses);
    this.proposalMatcher = given.proposalMatcher ?? new Matcher(given.fgIouThresh, given.bgIouThresh, true);
    this.boxCoder = new BoxCoder([1, 1, 1, 1]);
    this.transform = makeTransform(given);
    this.selection = selectionOf(given);
  }

  protected detect({ images, targets, features }: Prepared): Losses | Detection[] {
    const maps = Object.values(features);
    const outputs = this.head(maps) as HeadOutputs;
    const anchors = this.anchorGenerator(images, maps);
    if (this.training) {
      const known = targets as Target[];
      return this.head.computeLoss(known, outputs, anchors, matchAnchors(this.proposalMatcher, anchors, known));
    }
    const counts = this.anchorGenerator
      .numAnchorsPerLocation()
      .map((count, i) => count * (maps[i]?.shape.slice(2).reduce((a, b) => a * b, 1) ?? 0));
    const [logits, codes] = [outputs.cls_logits, outputs.bbox_regression] as [Tensor, Tensor];
    return selectDetections(this.selection, counts, logits.sigmoid(), images.imageSizes, (image, chosen) =>
      this.boxCoder.decodeSingle(codes.at(image).at(chosen), (anchors[image] as Tensor).at(chosen)),
    );
  }
}

export const RetinaNet_ResNet50_FPN_Weights = weightsEnum("RetinaNet_ResNet50_FPN_Weights", ["COCO_V1"]);
export const RetinaNet_ResNet50_FPN_V2_Weights = weightsEnum("RetinaNet_ResNet50_FPN_V2_Weights", ["COCO_V1"]);

/** The last three stages, and two further levels. */
const returnedLayers = [2, 3, 4];

/** RetinaNet with a ResNet-50 and a feature pyramid. */
export const retinanetResnet50Fpn = detectorBuilder(
  "retinanet_resnet50_fpn",
  RetinaNet_ResNet50_FPN_Weights,
  onImagenet,
  ({ numClasses, classifier, normLayer, trainableLayers }, options: RetinaNetOptions) => {
    const classes = resnet50({ ...classifier, normLayer });
    const extractor = { returnedLayers, extraBlocks: new LastLevelP6P7(256, 256) };
    return new RetinaNet(resnetFpnExtractor(classes, trainableLayers, extractor), numClasses, options);
  },
  withoutEps,
);

/** RetinaNet with a ResNet-50 and a feature pyramid: with group norms, and a loss of boxes rather than of codes. */
export const retinanetResnet50FpnV2 = detectorBuilder(
  "retinanet_resnet50_fpn_v2",
  RetinaNet_ResNet50_FPN_V2_Weights,
  { ...ofResnet, weightsBackbone: null },
  ({ numClasses, classifier, trainableLayers }, options: RetinaNetOptions) => {
    const classes = resnet50(classifier);
    const extractor = { returnedLayers, extraBlocks: new LastLevelP6P7(2048, 256) };
    const backbone = resnetFpnExtractor(classes, trainableLayers, extractor);
    const anchorGenerator = defaultAnchors();
    const [anchors] = anchorGenerator.numAnchorsPerLocation() as [number];
    const head = new RetinaNetHead(
      backbone.outChannels,
      anchors,
      numClasses,
      (channels) => new nn.GroupNorm(32, channels),
    );
    head.regressionHead.lossType = "giou";
    return new RetinaNet(backbone, numClasses, { anchorGenerator, head, ...options });
  },
);
