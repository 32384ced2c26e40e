/**
 * FCOS: a class, a box and how central it is for every place of feature maps, without anchors of several sizes.
 *
 * Source: https://arxiv.org/abs/1904.01355
 */
import torch, { F, nn, type Tensor } from "flambeau";
import { int, number, optional, Signature } from "flambeau/arguments";
import { generalizedBoxIouLoss } from "../../ops/boxLosses.js";
import { LastLevelP6P7 } from "../../ops/featurePyramid.js";
import { sigmoidFocalLoss } from "../../ops/focalLoss.js";
import { type Layer, makerOf } from "../../ops/layer.js";
import { resnet50 } from "../resnet.js";
import { weightsEnum } from "../weights.js";
import { AnchorGenerator } from "./anchors.js";
import { resnetFpnExtractor } from "./backbones.js";
import { BoxLinearCoder } from "./boxCoder.js";
import { detectorBuilder } from "./builders.js";
import { Detector, type Prepared } from "./detector.js";
import { onImagenet } from "./fasterRcnn.js";
import { ClassificationHead, flatPredictions, initializeNormal } from "./heads.js";
import {
  firstParams,
  type HeadOutputs,
  type OneStageArguments,
  type OneStageOptions,
  oneHotRows,
  type Selection,
  selectDetections,
  selectionOf,
  selectionParams,
  unmatched,
} from "./oneStage.js";
import { batchParams, makeTransform, outChannelsOf } from "./options.js";
import type { Detection, Losses, Target } from "./types.js";

const groupNorm: Layer = (channels) => new nn.GroupNorm(32, channels);

/** Convolutions of 3×3 with norms and ReLU. */
function convolutions(inChannels: number, count: number, normLayer: Layer): nn.Sequential {
  const layers = Array.from({ length: count }, () => [
    new nn.Conv2d(inChannels, inChannels, 3, { padding: 1 }),
    makerOf(normLayer)(inChannels),
    new nn.ReLU(),
  ]);
  return new nn.Sequential(...layers.flat());
}

/** The logits of classes for every place. */
export class FCOSClassificationHead extends ClassificationHead {
  constructor(
    inChannels: number,
    numAnchors: number,
    numClasses: number,
    numConvs = 4,
    priorProbability = 0.01,
    normLayer: Layer = groupNorm,
  ) {
    super(convolutions(inChannels, numConvs, normLayer), inChannels, numAnchors, numClasses, priorProbability);
  }
}

/** How far the sides of a box are from every place, and how central that is. */
export class FCOSRegressionHead extends nn.Module {
  declare conv: nn.Sequential;
  declare bboxReg: nn.Conv2d;
  declare bboxCtrness: nn.Conv2d;

  constructor(inChannels: number, numAnchors: number, numConvs = 4, normLayer: Layer = groupNorm) {
    super();
    this.conv = convolutions(inChannels, numConvs, normLayer);
    this.bboxReg = new nn.Conv2d(inChannels, numAnchors * 4, 3, { padding: 1 });
    this.bboxCtrness = new nn.Conv2d(inChannels, numAnchors, 3, { padding: 1 });
    for (const part of [this.bboxReg, this.bboxCtrness, this.conv]) initializeNormal(part, 0.01);
  }

  override forward(maps: readonly Tensor[]): [codes: Tensor, centerness: Tensor] {
    const hidden = maps.map((map) => this.conv(map) as Tensor);
    const codes = hidden.map((map) => flatPredictions(F.relu(this.bboxReg(map)), 4));
    const centerness = hidden.map((map) => flatPredictions(this.bboxCtrness(map), 1));
    return [torch.cat(codes, 1), torch.cat(centerness, 1)];
  }
}

/** How central a place is in a box, by its distances from the sides. */
function centernessOf(distances: Tensor): Tensor {
  const [left, top, right, bottom] = distances.unbind(-1) as [Tensor, Tensor, Tensor, Tensor];
  const evenness = (a: Tensor, b: Tensor) => torch.minimum(a, b).div(torch.maximum(a, b));
  return evenness(left, right).mul(evenness(top, bottom)).sqrt();
}

/** Classes, boxes and centerness for every place. */
export class FCOSHead extends nn.Module {
  declare boxCoder: BoxLinearCoder;
  declare classificationHead: FCOSClassificationHead;
  declare regressionHead: FCOSRegressionHead;

  constructor(inChannels: number, numAnchors: number, numClasses: number, numConvs = 4) {
    super();
    this.boxCoder = new BoxLinearCoder(true);
    this.classificationHead = new FCOSClassificationHead(inChannels, numAnchors, numClasses, numConvs);
    this.regressionHead = new FCOSRegressionHead(inChannels, numAnchors, numConvs);
  }

  computeLoss(
    targets: readonly Target[],
    outputs: HeadOutputs,
    anchors: readonly Tensor[],
    matched: readonly Tensor[],
  ): Losses {
    const [logits, codes, centerness] = [outputs.cls_logits, outputs.bbox_regression, outputs.bbox_ctrness] as [
      Tensor,
      Tensor,
      Tensor,
    ];
    const known = targets.map(({ boxes, labels }, i) => {
      const own = matched[i] as Tensor;
      const [count] = own.shape as [number];
      if (labels.numel() === 0) return { boxes: boxes.newZeros([count, 4]), labels: own };
      const chosen = own.clamp(0);
      return { boxes: boxes.at(chosen), labels: torch.where(own.lt(0), -1, labels.at(chosen)) };
    });
    const labels = torch.stack(known.map((one) => one.labels));
    const boxes = torch.stack(known.map((one) => one.boxes));
    const places = torch.stack(anchors);
    const foreground = labels.ge(0);
    const rows = torch.where(foreground);
    const wanted = oneHotRows(logits, rows, labels.at(foreground));
    const found = this.boxCoder.decode(codes, places).at(foreground);
    const central = centernessOf(this.boxCoder.encode(places, boxes).at(foreground));
    const reduction = "sum";
    const losses = {
      classification: sigmoidFocalLoss(logits, wanted, { reduction }),
      bbox_regression: generalizedBoxIouLoss(found, boxes.at(foreground), { reduction }),
      bbox_ctrness: F.binaryCrossEntropyWithLogits(centerness.squeeze(2).at(foreground), central, { reduction }),
    };
    const count = Math.max(1, (rows[0] as Tensor).numel());
    return Object.fromEntries(Object.entries(losses).map(([name, loss]) => [name, loss.div(count)]));
  }

  override forward(maps: readonly Tensor[]): HeadOutputs {
    const logits = this.classificationHead(maps) as Tensor;
    const [codes, centerness] = this.regressionHead(maps);
    return { cls_logits: logits, bbox_regression: codes, bbox_ctrness: centerness };
  }
}

/** A head that gives predictions for all places, and their losses. */
type LearningHead = nn.Module & Pick<FCOSHead, "computeLoss">;

export interface FCOSOptions extends OneStageOptions {
  /** A place stands for a box if it is so close to its center, in units of the map's steps; 1.5 by default. */
  centerSamplingRadius?: number;
}

const params = {
  ...firstParams,
  centerSamplingRadius: optional(number, 1.5),
  ...selectionParams(0.2, 0.6, 100),
  topkCandidates: optional(int, 1000),
  ...batchParams,
};

/** One anchor at each place, as large as the steps of the map. */
function defaultAnchors(): AnchorGenerator {
  return new AnchorGenerator([[8], [16], [32], [64], [128]], [1]);
}

/**
 * An FCOS: images to `{ boxes, labels, scores }`, in training to losses. Options may also stand in torchvision's places.
 *
 * @param backbone gives feature maps, and has `outChannels`.
 * @throws Error unless the anchor generator gives one anchor for each place.
 * @see https://pytorch.org/vision/stable/models/fcos.html
 */
export class FCOS extends Detector {
  declare anchorGenerator: AnchorGenerator;
  declare head: LearningHead;
  declare boxCoder: BoxLinearCoder;
  declare centerSamplingRadius: number;
  declare selection: Selection;

  constructor(...args: OneStageArguments<FCOSOptions>) {
    super();
    const given = new Signature(new.target.name, params).parse(args);
    const outChannels = outChannelsOf(given.backbone);
    this.backbone = given.backbone;
    this.anchorGenerator = given.anchorGenerator ?? defaultAnchors();
    const [anchors] = this.anchorGenerator.numAnchorsPerLocation() as [number];
    if (anchors !== 1)
      throw new Error(`anchor_generator.num_anchors_per_location()[0] should be 1 instead of ${anchors}`);
    this.head = (given.head as LearningHead | null) ?? new FCOSHead(outChannels, anchors, given.numClasses);
    this.boxCoder = new BoxLinearCoder(true);
    this.transform = makeTransform(given);
    this.centerSamplingRadius = given.centerSamplingRadius;
    this.selection = selectionOf(given);
  }

  protected detect({ images, targets, features }: Prepared): Losses | Detection[] {
    const maps = Object.values(features);
    const outputs = this.head(maps) as HeadOutputs;
    const anchors = this.anchorGenerator(images, maps);
    const counts = maps.map(({ shape }) => (shape[2] as number) * (shape[3] as number));
    if (this.training) {
      const known = targets as Target[];
      const matched = anchors.map((own, i) =>
        matchPlaces(own, (known[i] as Target).boxes, counts, this.centerSamplingRadius),
      );
      return this.head.computeLoss(known, outputs, anchors, matched);
    }
    const [logits, codes, centerness] = [outputs.cls_logits, outputs.bbox_regression, outputs.bbox_ctrness] as [
      Tensor,
      Tensor,
      Tensor,
    ];
    const scores = logits.sigmoid().mul(centerness.sigmoid()).sqrt();
    return selectDetections(this.selection, counts, scores, images.imageSizes, (image, chosen) =>
      this.boxCoder.decode(codes.at(image).at(chosen), (anchors[image] as Tensor).at(chosen)),
    );
  }
}

/**
 * The box for which each place stands, or -1: the smallest of those that it is inside of and central in, and whose size is
 * one for its map.
 */
function matchPlaces(anchors: Tensor, boxes: Tensor, counts: readonly number[], radius: number): Tensor {
  if (boxes.numel() === 0) return unmatched(anchors);
  const center = (all: Tensor) => all.at(":", ":2").add(all.at(":", "2:")).div(2);
  const places = center(anchors);
  const size = anchors.at(":", 2).sub(anchors.at(":", 0));
  const apart = places.unsqueeze(1).sub(center(boxes)).abs().amax(2);
  const isCentral = apart.lt(size.mul(radius).unsqueeze(1));
  const [x, y] = places.unsqueeze(2).unbind(1) as [Tensor, Tensor];
  const [x1, y1, x2, y2] = boxes.unsqueeze(0).unbind(2) as [Tensor, Tensor, Tensor, Tensor];
  const distances = torch.stack([x.sub(x1), y.sub(y1), x2.sub(x), y2.sub(y)], 2);
  const isInside = distances.amin(2).gt(0);
  // Each map has boxes of its sizes; the first those that are smaller too, and the last those that are larger.
  const [lower, upper] = [size.mul(4), size.mul(8)];
  lower.narrow(0, 0, counts[0] as number).fill_(0);
  const last = counts.at(-1) as number;
  upper.narrow(0, (upper.shape[0] as number) - last, last).fill_(Infinity);
  const farthest = distances.amax(2);
  const isOfMap = farthest.gt(lower.unsqueeze(1)).logicalAnd(farthest.lt(upper.unsqueeze(1)));
  const [ax1, ay1, ax2, ay2] = boxes.unbind(1) as [Tensor, Tensor, Tensor, Tensor];
  const smallness = ax2.sub(ax1).mul(ay2.sub(ay1)).neg().add(1e8);
  const isMatch = isCentral.logicalAnd(isInside).logicalAnd(isOfMap).to(torch.float32);
  const { values, indices } = isMatch.mul(smallness.unsqueeze(0)).max(1);
  return torch.where(values.lt(1e-5), -1, indices);
}

export const FCOS_ResNet50_FPN_Weights = weightsEnum("FCOS_ResNet50_FPN_Weights", ["COCO_V1"]);

/** FCOS with a ResNet-50 and a feature pyramid. */
export const fcosResnet50Fpn = detectorBuilder(
  "fcos_resnet50_fpn",
  FCOS_ResNet50_FPN_Weights,
  onImagenet,
  ({ numClasses, classifier, normLayer, trainableLayers }, options: FCOSOptions) => {
    const classes = resnet50({ ...classifier, normLayer });
    const extractor = { returnedLayers: [2, 3, 4], extraBlocks: new LastLevelP6P7(256, 256) };
    return new FCOS(resnetFpnExtractor(classes, trainableLayers, extractor), numClasses, options);
  },
);
