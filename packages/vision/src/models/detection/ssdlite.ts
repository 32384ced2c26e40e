/**
 * SSDlite: SSD with a MobileNet, and convolutions of each channel for itself.
 *
 * Source: https://arxiv.org/abs/1801.04381
 */
import { nn, type Tensor } from "flambeau";
import { Conv2dNormActivation } from "../../ops/convNormActivation.js";
import { type Layer, makerOf } from "../../ops/layer.js";
import type { Stage } from "../mobilenetStages.js";
import { InvertedResidual, MobileNet_V3_Large_Weights, mobilenetV3Large } from "../mobilenetv3.js";
import { weightsEnum } from "../weights.js";
import { DefaultBoxGenerator } from "./anchors.js";
import { frozenStages } from "./backbones.js";
import { detectorBuilder } from "./builders.js";
import { initializeNormal } from "./heads.js";
import type { HeadOutputs } from "./oneStage.js";
import { checkMaps, retrieveOutChannels, SSD, type SSDOptions, SSDScoringHead } from "./ssd.js";
import type { FeatureMaps } from "./types.js";

const activationLayer = nn.ReLU6;
const deviation = 0.03;

/** A convolution of each channel for itself, and one of 1×1. */
function predictionBlock(inChannels: number, outChannels: number, normLayer: Layer): nn.Sequential {
  return new nn.Sequential(
    new Conv2dNormActivation(inChannels, inChannels, 3, { groups: inChannels, normLayer, activationLayer }),
    new nn.Conv2d(inChannels, outChannels, 1),
  );
}

/** Channels are halved, filtered each for itself with stride 2, and widened. */
function extraBlock(inChannels: number, outChannels: number, normLayer: Layer): nn.Sequential {
  const channels = Math.floor(outChannels / 2);
  const options = { normLayer, activationLayer };
  return new nn.Sequential(
    new Conv2dNormActivation(inChannels, channels, 1, options),
    new Conv2dNormActivation(channels, channels, 3, { stride: 2, groups: channels, ...options }),
    new Conv2dNormActivation(channels, outChannels, 1, options),
  );
}

/** A block of predictions for each map. */
function predictionBlocks(
  inChannels: readonly number[],
  numAnchors: readonly number[],
  numColumns: number,
  normLayer: Layer,
): nn.ModuleList {
  const blocks = inChannels.map((channels, i) =>
    predictionBlock(channels, numColumns * (numAnchors[i] as number), normLayer),
  );
  const list = new nn.ModuleList(blocks);
  initializeNormal(list, deviation);
  return list;
}

/** The logits of classes for every default box. */
export class SSDLiteClassificationHead extends SSDScoringHead {
  constructor(inChannels: readonly number[], numAnchors: readonly number[], numClasses: number, normLayer: Layer) {
    super(predictionBlocks(inChannels, numAnchors, numClasses, normLayer), numClasses);
  }
}

/** The codes of boxes for every default box. */
export class SSDLiteRegressionHead extends SSDScoringHead {
  constructor(inChannels: readonly number[], numAnchors: readonly number[], normLayer: Layer) {
    super(predictionBlocks(inChannels, numAnchors, 4, normLayer), 4);
  }
}

/** Classes and boxes for every default box. */
export class SSDLiteHead extends nn.Module {
  declare classificationHead: SSDScoringHead;
  declare regressionHead: SSDScoringHead;

  constructor(inChannels: readonly number[], numAnchors: readonly number[], numClasses: number, normLayer: Layer) {
    super();
    this.classificationHead = new SSDLiteClassificationHead(inChannels, numAnchors, numClasses, normLayer);
    this.regressionHead = new SSDLiteRegressionHead(inChannels, numAnchors, normLayer);
  }

  override forward(maps: readonly Tensor[]): HeadOutputs {
    return { bbox_regression: this.regressionHead(maps), cls_logits: this.classificationHead(maps) };
  }
}

/** The features of a MobileNet at two places, and four further maps. */
export class SSDLiteFeatureExtractorMobileNet extends nn.Module {
  declare features: nn.Sequential;
  declare extra: nn.ModuleList;

  /** @param c4Pos the place of the block in whose middle the first map is. */
  constructor(backbone: readonly nn.Module[], c4Pos: number, normLayer: Layer, widthMult = 1, minDepth = 16) {
    super();
    const middle = backbone[c4Pos];
    if (!(middle instanceof InvertedResidual) || middle.useResConnect)
      throw new Error("backbone[c4_pos].use_res_connect should be False");
    const [expansion, ...rest] = [...middle.block.items()] as [[string, nn.Module], ...[string, nn.Module][]];
    this.features = new nn.Sequential(
      new nn.Sequential(...backbone.slice(0, c4Pos), expansion[1]),
      new nn.Sequential(new nn.Sequential(new Map(rest)), ...backbone.slice(c4Pos + 1)),
    );
    const depth = (channels: number) => Math.max(minDepth, Math.trunc(channels * widthMult));
    this.extra = new nn.ModuleList([
      extraBlock((backbone.at(-1) as Conv2dNormActivation).outChannels, depth(512), normLayer),
      extraBlock(depth(512), depth(256), normLayer),
      extraBlock(depth(256), depth(256), normLayer),
      extraBlock(depth(256), depth(128), normLayer),
    ]);
    initializeNormal(this.extra, deviation);
  }

  override forward(x: Tensor): FeatureMaps {
    const maps: Tensor[] = [];
    let map = x;
    for (const block of [...this.features, ...this.extra]) {
      map = block(map);
      maps.push(map);
    }
    return Object.fromEntries(maps.map((one, i) => [`${i}`, one]));
  }
}

export interface SSDLiteOptions extends SSDOptions {
  /** Makes the norms: `nn.BatchNorm2d` with an eps of 0.001 and a momentum of 0.03 by default. */
  normLayer?: Layer | null;
}

export const SSDLite320_MobileNet_V3_Large_Weights = weightsEnum("SSDLite320_MobileNet_V3_Large_Weights", ["COCO_V1"]);

/** SSDlite with a MobileNet V3 large, for images of 320×320. */
export const ssdlite320MobilenetV3Large = detectorBuilder(
  "ssdlite320_mobilenet_v3_large",
  SSDLite320_MobileNet_V3_Large_Weights,
  { weightsBackbone: MobileNet_V3_Large_Weights.IMAGENET1K_V1, layers: 6, trainableLayers: 6 },
  ({ numClasses, classifier, trainableLayers }, { normLayer, ...options }: SSDLiteOptions) => {
    const norm = makerOf(normLayer ?? ((channels: number) => new nn.BatchNorm2d(channels, 0.001, 0.03)));
    const isRandom = classifier.weights === null;
    const classes = mobilenetV3Large({ ...classifier, normLayer: norm, reducedTail: isRandom });
    if (isRandom) initializeNormal(classes, deviation);
    const { index } = frozenStages(classes, trainableLayers).at(-2) as Stage;
    const backbone = new SSDLiteFeatureExtractorMobileNet(classes.features.children(), index, norm);
    const size = [320, 320] as const;
    const ratios = Array.from({ length: 6 }, () => [2, 3]);
    const generator = new DefaultBoxGenerator(ratios, { minRatio: 0.2, maxRatio: 0.95 });
    const channels = retrieveOutChannels(backbone, size);
    checkMaps(channels, generator);
    const head = new SSDLiteHead(channels, generator.numAnchorsPerLocation(), numClasses, norm);
    return new SSD(backbone, generator, size, numClasses, {
      head,
      scoreThresh: 0.001,
      nmsThresh: 0.55,
      detectionsPerImg: 300,
      topkCandidates: 300,
      imageMean: [0.5, 0.5, 0.5],
      imageStd: [0.5, 0.5, 0.5],
      ...options,
    });
  },
);
