/**
 * SSD: classes and a box for each of a few default boxes at every place of feature maps.
 *
 * Source: https://arxiv.org/abs/1512.02325
 */
import torch, { F, nn, type Tensor } from "flambeau";
import { instanceOf, int, nullable, number, numbers, optional, Signature } from "flambeau/arguments";
import { clipBoxesToImage, indicesOf } from "../../ops/boxes.js";
import { moduleParam } from "../../ops/layer.js";
import { type VGG, VGG16_Weights, vgg16 } from "../vgg.js";
import { weightsEnum } from "../weights.js";
import { DefaultBoxGenerator } from "./anchors.js";
import { freezeBefore } from "./backbones.js";
import { BoxCoder } from "./boxCoder.js";
import { detectorBuilder } from "./builders.js";
import { Detector, type Prepared } from "./detector.js";
import { bestOf, flatPredictions, initializeXavier } from "./heads.js";
import { SSDMatcher } from "./matching.js";
import { type HeadOutputs, matchAnchors, type Selection, selectionOf, selectionParams } from "./oneStage.js";
import { makeTransform, optionalModule } from "./options.js";
import { sizePair } from "./transform.js";
import type { Detection, FeatureMaps, ImageSize, Losses, Target } from "./types.js";

/** One module for each map, whose predictions are put together: `[N, anchors, columns]`. */
export class SSDScoringHead extends nn.Module {
  declare moduleList: nn.ModuleList;
  declare numColumns: number;

  constructor(moduleList: nn.ModuleList, numColumns: number) {
    super();
    this.moduleList = moduleList;
    this.numColumns = numColumns;
  }

  override forward(maps: readonly Tensor[]): Tensor {
    return torch.cat(
      maps.map((map, i) => flatPredictions(this.moduleList.at(i)(map), this.numColumns)),
      1,
    );
  }
}

/** A convolution of 3×3 for each map. */
function convolutions(inChannels: readonly number[], numAnchors: readonly number[], numColumns: number): nn.ModuleList {
  const convs = inChannels.map(
    (channels, i) => new nn.Conv2d(channels, numColumns * (numAnchors[i] as number), 3, { padding: 1 }),
  );
  const list = new nn.ModuleList(convs);
  initializeXavier(list);
  return list;
}

/** The logits of classes for every default box. */
export class SSDClassificationHead extends SSDScoringHead {
  constructor(inChannels: readonly number[], numAnchors: readonly number[], numClasses: number) {
    super(convolutions(inChannels, numAnchors, numClasses), numClasses);
  }
}

/** The codes of boxes for every default box. */
export class SSDRegressionHead extends SSDScoringHead {
  constructor(inChannels: readonly number[], numAnchors: readonly number[]) {
    super(convolutions(inChannels, numAnchors, 4), 4);
  }
}

/** Classes and boxes for every default box. */
export class SSDHead extends nn.Module {
  declare classificationHead: SSDScoringHead;
  declare regressionHead: SSDScoringHead;

  constructor(inChannels: readonly number[], numAnchors: readonly number[], numClasses: number) {
    super();
    this.classificationHead = new SSDClassificationHead(inChannels, numAnchors, numClasses);
    this.regressionHead = new SSDRegressionHead(inChannels, numAnchors);
  }

  override forward(maps: readonly Tensor[]): HeadOutputs {
    return { bbox_regression: this.regressionHead(maps), cls_logits: this.classificationHead(maps) };
  }
}

export interface SSDOptions {
  /** What is subtracted from colours, and by what they are divided; that of ImageNet by default. */
  imageMean?: readonly number[] | null;
  imageStd?: readonly number[] | null;
  /** Gives predictions for all default boxes. */
  head?: nn.Module | null;
  /** Detections with lower scores are left out, and those that overlap with better ones of their class. */
  scoreThresh?: number;
  nmsThresh?: number;
  detectionsPerImg?: number;
  /** A default box that overlaps by so much with a box stands for it. */
  iouThresh?: number;
  /** How many of each class are looked at. */
  topkCandidates?: number;
  /** The part of the default boxes that are learned from which stand for a box. */
  positiveFraction?: number;
}

const params = {
  backbone: moduleParam,
  anchorGenerator: instanceOf("DefaultBoxGenerator", DefaultBoxGenerator),
  size: sizePair,
  numClasses: int,
  imageMean: optional(nullable(numbers), null),
  imageStd: optional(nullable(numbers), null),
  head: optionalModule,
  ...selectionParams(0.01, 0.45, 200),
  iouThresh: optional(number, 0.5),
  topkCandidates: optional(int, 400),
  positiveFraction: optional(number, 0.25),
};

/** The channels of the maps that a backbone gives of images of a size. */
export function retrieveOutChannels(model: nn.Module, [width, height]: readonly [number, number]): number[] {
  const { training } = model;
  model.eval();
  const [{ device }] = model.parameters() as [nn.Parameter];
  const features = torch.noGrad(() => model(torch.zeros([1, 3, height, width], { device })) as Tensor | FeatureMaps);
  model.train(training);
  const maps = features instanceof torch.Tensor ? [features] : Object.values(features);
  return maps.map(({ shape }) => shape[1] as number);
}

/**
 * An SSD: images to `{ boxes, labels, scores }`, in training to losses. Options may also stand in torchvision's places.
 *
 * @param backbone gives feature maps; the channels of each are its `outChannels`, or else found out.
 * @param size width and height to which images are resized.
 * @throws Error unless there are as many maps as the generator has proportions for.
 * @see https://pytorch.org/vision/stable/models/ssd.html
 */
export class SSD extends Detector {
  declare anchorGenerator: DefaultBoxGenerator;
  declare boxCoder: BoxCoder;
  declare head: nn.Module;
  declare proposalMatcher: SSDMatcher;
  declare selection: Selection;
  declare negToPosRatio: number;

  constructor(
    ...args: [
      backbone: nn.Module,
      anchorGenerator: DefaultBoxGenerator,
      size: readonly [number, number],
      numClasses: number,
      options?: SSDOptions,
    ]
  ) {
    super();
    const given = new Signature(new.target.name, params).parse(args);
    const { backbone, anchorGenerator, size, numClasses, positiveFraction } = given;
    this.backbone = backbone;
    this.anchorGenerator = anchorGenerator;
    this.boxCoder = new BoxCoder([10, 10, 5, 5]);
    this.head = given.head ?? makeHead(backbone, anchorGenerator, size, numClasses);
    this.proposalMatcher = new SSDMatcher(given.iouThresh);
    this.transform = makeTransform({
      minSize: Math.min(...size),
      maxSize: Math.max(...size),
      imageMean: given.imageMean,
      imageStd: given.imageStd,
      sizeDivisible: 1,
      fixedSize: size,
      _skipResize: false,
    });
    this.selection = selectionOf(given);
    this.negToPosRatio = (1 - positiveFraction) / positiveFraction;
  }

  protected detect({ images, targets, features }: Prepared): Losses | Detection[] {
    const maps = Object.values(features);
    const outputs = this.head(maps) as HeadOutputs;
    const anchors = this.anchorGenerator(images, maps);
    if (!this.training) return detections(this, outputs, anchors, images.imageSizes);
    const known = targets as Target[];
    return losses(this, known, outputs, anchors, matchAnchors(this.proposalMatcher, anchors, known));
  }
}

function makeHead(
  backbone: nn.Module,
  generator: DefaultBoxGenerator,
  size: readonly [number, number],
  numClasses: number,
): SSDHead {
  const { outChannels } = backbone as unknown as { outChannels?: readonly number[] };
  const channels = outChannels ?? retrieveOutChannels(backbone, size);
  checkMaps(channels, generator);
  return new SSDHead(channels, generator.numAnchorsPerLocation(), numClasses);
}

/** @throws Error unless there are as many maps as the generator has proportions for. */
export function checkMaps(channels: readonly number[], { aspectRatios }: DefaultBoxGenerator): void {
  if (channels.length === aspectRatios.length) return;
  throw new Error(
    `The length of the output channels from the backbone (${channels.length}) do not match the length of the anchor generator aspect ratios (${aspectRatios.length})`,
  );
}

function losses(
  { boxCoder, negToPosRatio }: SSD,
  targets: readonly Target[],
  outputs: HeadOutputs,
  anchors: readonly Tensor[],
  matched: readonly Tensor[],
): Losses {
  const [codes, logits] = [outputs.bbox_regression, outputs.cls_logits] as [Tensor, Tensor];
  let count = 0;
  const perImage = targets.map(({ boxes, labels }, i) => {
    const own = matched[i] as Tensor;
    const foreground = indicesOf(own.ge(0));
    const chosen = own.at(foreground);
    count += chosen.numel();
    const wanted = boxCoder.encodeSingle(boxes.at(chosen), (anchors[i] as Tensor).at(foreground));
    const boxLoss = F.smoothL1Loss(codes.at(i).at(foreground), wanted, { reduction: "sum" });
    const classes = labels.newZeros([own.shape[0] as number]).indexPut([foreground], labels.at(chosen));
    return { boxLoss, classes };
  });
  const classes = torch.stack(perImage.map((one) => one.classes));
  const flat = F.crossEntropy(logits.view(-1, logits.shape.at(-1) as number), classes.view(-1), { reduction: "none" });
  const loss = flat.view(classes.shape);
  // Of the boxes that stand for nothing those with the greatest losses, so many for each that stands for something.
  const foreground = classes.gt(0);
  const most = foreground.sum(1, { keepdim: true }).mul(negToPosRatio);
  const order = loss.detach().maskedFill(foreground, -Infinity).sort(1, { descending: true }).indices;
  const background = order.argsort(1).lt(most);
  const sum = loss.at(foreground).sum().add(loss.at(background).sum());
  const divisor = Math.max(1, count);
  return {
    bbox_regression: torch
      .stack(perImage.map((one) => one.boxLoss))
      .sum()
      .div(divisor),
    classification: sum.div(divisor),
  };
}

function detections(
  { boxCoder, selection }: SSD,
  outputs: HeadOutputs,
  anchors: readonly Tensor[],
  imageSizes: readonly ImageSize[],
): Detection[] {
  const { scoreThresh, nmsThresh, detectionsPerImg, topkCandidates } = selection;
  const allScores = F.softmax(outputs.cls_logits as Tensor, -1);
  const classes = allScores.shape[2] as number;
  return imageSizes.map((size, i) => {
    const codes = (outputs.bbox_regression as Tensor).at(i);
    const boxes = clipBoxesToImage(boxCoder.decodeSingle(codes, anchors[i] as Tensor), size);
    const found: Detection[] = [];
    // The first class is the background.
    for (let label = 1; label < classes; label++) {
      const scores = allScores.at(i, ":", label);
      const likely = indicesOf(scores.gt(scoreThresh));
      const top = scores.at(likely).topk(Math.min(topkCandidates, likely.numel()));
      const labels = torch.fullLike(top.indices, label);
      found.push({ boxes: boxes.at(likely.at(top.indices)), labels, scores: top.values });
    }
    const all = {
      boxes: torch.cat(found.map((one) => one.boxes)),
      labels: torch.cat(found.map((one) => one.labels)),
      scores: torch.cat(found.map((one) => one.scores)),
    };
    return bestOf(all, nmsThresh, detectionsPerImg);
  });
}

/** A convolution of 1×1 and one that makes the map smaller. */
function extraBlock(
  inChannels: number,
  channels: number,
  outChannels: number,
  last: { stride?: number; padding?: number },
) {
  return new nn.Sequential(
    new nn.Conv2d(inChannels, channels, 1),
    new nn.ReLU({ inplace: true }),
    new nn.Conv2d(channels, outChannels, 3, last),
    new nn.ReLU({ inplace: true }),
  );
}

/** The features of a VGG-16 before its fourth pooling, and five further maps. */
export class SSDFeatureExtractorVGG extends nn.Module {
  declare scaleWeight: nn.Parameter;
  declare features: nn.Sequential;
  declare extra: nn.ModuleList;

  constructor(layers: readonly nn.Module[]) {
    super();
    const pools = [...layers.keys()].filter((i) => layers[i] instanceof nn.MaxPool2d);
    const [third, fourth] = pools.slice(2, 4) as [number, number];
    // So that the maps have the sizes of the paper.
    (layers[third] as nn.MaxPool2d).ceilMode = true;
    this.scaleWeight = new nn.Parameter(torch.ones(512).mul(20));
    this.features = new nn.Sequential(...layers.slice(0, fourth));
    const extra = new nn.ModuleList([
      extraBlock(1024, 256, 512, { stride: 2, padding: 1 }),
      extraBlock(512, 128, 256, { stride: 2, padding: 1 }),
      extraBlock(256, 128, 256, {}),
      extraBlock(256, 128, 256, {}),
    ]);
    initializeXavier(extra);
    const fc = new nn.Sequential(
      new nn.MaxPool2d(3, 1, 1),
      new nn.Conv2d(512, 1024, 3, { padding: 6, dilation: 6 }),
      new nn.ReLU({ inplace: true }),
      new nn.Conv2d(1024, 1024, 1),
      new nn.ReLU({ inplace: true }),
    );
    initializeXavier(fc);
    this.extra = new nn.ModuleList([new nn.Sequential(...layers.slice(fourth, -1), fc), ...extra]);
  }

  override forward(x: Tensor): FeatureMaps {
    let map = this.features(x);
    const maps = [this.scaleWeight.view(1, -1, 1, 1).mul(F.normalize(map))];
    for (const block of this.extra) {
      map = block(map);
      maps.push(map);
    }
    return Object.fromEntries(maps.map((one, i) => [`${i}`, one]));
  }
}

function vggExtractor({ features }: VGG, trainableLayers: number): SSDFeatureExtractorVGG {
  const layers = features.children();
  const pools = [...layers.keys()].filter((i) => layers[i] instanceof nn.MaxPool2d);
  freezeBefore(layers, [0, ...pools.slice(0, -1)], trainableLayers);
  return new SSDFeatureExtractorVGG(layers);
}

export const SSD300_VGG16_Weights = weightsEnum("SSD300_VGG16_Weights", ["COCO_V1"]);

/** SSD with a VGG-16, for images of 300×300. */
export const ssd300Vgg16 = detectorBuilder(
  "ssd300_vgg16",
  SSD300_VGG16_Weights,
  { weightsBackbone: VGG16_Weights.IMAGENET1K_FEATURES, layers: 5, trainableLayers: 4 },
  ({ numClasses, classifier, trainableLayers }, options: SSDOptions) => {
    const backbone = vggExtractor(vgg16(classifier), trainableLayers);
    const generator = new DefaultBoxGenerator([[2], [2, 3], [2, 3], [2, 3], [2], [2]], {
      scales: [0.07, 0.15, 0.33, 0.51, 0.69, 0.87, 1.05],
      steps: [8, 16, 32, 64, 100, 300],
    });
    // The backbone was learned on bytes.
    const colours = { imageMean: [0.48235, 0.45882, 0.40784], imageStd: [1 / 255, 1 / 255, 1 / 255] };
    return new SSD(backbone, generator, [300, 300], numClasses, { ...colours, ...options });
  },
);
