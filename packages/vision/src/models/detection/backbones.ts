/** Classifiers as the first part of detectors: their features at several sizes, with a pyramid on top. */
import { nn, type Tensor } from "flambeau";
import {
  type ExtraFPNBlock,
  type FeatureMaps,
  FeaturePyramidNetwork,
  LastLevelMaxPool,
} from "../../ops/featurePyramid.js";
import type { Layer } from "../../ops/layer.js";
import { FrozenBatchNorm2d } from "../../ops/misc.js";
import { type Builder, getModelBuilder, type WeightsOption } from "../builder.js";
import { IntermediateLayerGetter } from "../intermediateLayerGetter.js";
import { type Stage, stagesOf } from "../mobilenetStages.js";
import type { MobileNetV3 } from "../mobilenetv3.js";
import type { ResNet } from "../resnet.js";

/**
 * A feature pyramid on top of some of the layers of a model.
 *
 * @param returnLayers the names of the layers, each with that of its level.
 * @param inChannelsList the channels of each.
 * @param extraBlocks adds levels: `LastLevelMaxPool` by default.
 */
export class BackboneWithFPN extends nn.Module {
  declare body: IntermediateLayerGetter;
  declare fpn: FeaturePyramidNetwork;
  declare outChannels: number;

  constructor(
    backbone: nn.Module,
    returnLayers: Readonly<Record<string, string>>,
    inChannelsList: readonly number[],
    outChannels: number,
    extraBlocks: ExtraFPNBlock = new LastLevelMaxPool(),
    normLayer: Layer | null = null,
  ) {
    super();
    this.body = new IntermediateLayerGetter(backbone, returnLayers);
    this.fpn = new FeaturePyramidNetwork(inChannelsList, outChannels, { extraBlocks, normLayer });
    this.outChannels = outChannels;
  }

  override forward(x: Tensor): FeatureMaps {
    return this.fpn(this.body(x));
  }
}

export interface ExtractorOptions {
  /** Which layers give levels; by default all four of a residual network, the last two of a MobileNet. */
  returnedLayers?: readonly number[] | null;
  extraBlocks?: ExtraFPNBlock | null;
  /** Makes the norms of the pyramid; none by default. */
  normLayer?: Layer | null;
}

function checkTrainable(count: number, most: number): void {
  if (!(count >= 0 && count <= most))
    throw new RangeError(`Trainable layers should be in the range [0,${most}], got ${count}`);
}

/** A residual network with a pyramid of 256 channels. The layers before the last `trainableLayers` of them do not learn. */
export function resnetFpnExtractor(
  backbone: ResNet,
  trainableLayers: number,
  { returnedLayers = null, extraBlocks = null, normLayer = null }: ExtractorOptions = {},
): BackboneWithFPN {
  checkTrainable(trainableLayers, 5);
  const learning = ["layer4", "layer3", "layer2", "layer1", "conv1"].slice(0, trainableLayers);
  if (trainableLayers === 5) learning.push("bn1");
  for (const [name, parameter] of backbone.namedParameters()) {
    if (!learning.some((layer) => name.startsWith(layer))) parameter.requiresGrad_(false);
  }
  const layers = returnedLayers ?? [1, 2, 3, 4];
  if (Math.min(...layers) <= 0 || Math.max(...layers) >= 5)
    throw new RangeError(`Each returned layer should be in the range [1,4]. Got [${layers.join(", ")}]`);
  const returnLayers = Object.fromEntries(layers.map((layer, i) => [`layer${layer}`, `${i}`]));
  const channels = layers.map((layer) => (backbone.inplanes / 8) * 2 ** (layer - 1));
  return new BackboneWithFPN(backbone, returnLayers, channels, 256, extraBlocks ?? undefined, normLayer);
}

/** Keeps what stands before the last stages from learning. */
export function freezeBefore(features: readonly nn.Module[], stages: readonly number[], trainableLayers: number): void {
  checkTrainable(trainableLayers, stages.length);
  const end = trainableLayers === 0 ? features.length : (stages[stages.length - trainableLayers] as number);
  for (const block of features.slice(0, end)) {
    for (const parameter of block.parameters()) parameter.requiresGrad_(false);
  }
}

/** Features of a MobileNet with a pyramid of 256 channels. */
export function mobilenetFpnExtractor(
  backbone: MobileNetV3,
  trainableLayers: number,
  { returnedLayers = null, extraBlocks = null, normLayer = null }: ExtractorOptions = {},
): BackboneWithFPN {
  const stages = frozenStages(backbone, trainableLayers);
  const layers = returnedLayers ?? [stages.length - 2, stages.length - 1];
  if (Math.min(...layers) < 0 || Math.max(...layers) >= stages.length) {
    throw new RangeError(
      `Each returned layer should be in the range [0,${stages.length - 1}], got [${layers.join(", ")}]`,
    );
  }
  const chosen = layers.map((layer) => stages[layer] as Stage);
  const returnLayers = Object.fromEntries(chosen.map(({ index }, i) => [`${index}`, `${i}`]));
  const channels = chosen.map(({ outChannels }) => outChannels);
  return new BackboneWithFPN(backbone.features, returnLayers, channels, 256, extraBlocks ?? undefined, normLayer);
}

/** The stages of a MobileNet, of which the first do not learn. */
export function frozenStages(backbone: MobileNetV3, trainableLayers: number): Stage[] {
  const stages = stagesOf(backbone);
  const places = stages.map(({ index }) => index);
  freezeBefore(backbone.features.children(), places, trainableLayers);
  return stages;
}

/**
 * How many layers learn: all if none has weights that were learned before.
 *
 * @throws RangeError unless there are as many.
 */
export function validateTrainableLayers(
  isTrained: boolean,
  trainableLayers: number | null | undefined,
  most: number,
  byDefault: number,
): number {
  if (!isTrained) {
    if (trainableLayers !== null && trainableLayers !== undefined) {
      process.emitWarning(
        `Changing trainable_backbone_layers has not effect if neither pretrained nor pretrained_backbone have been set to True, falling back to trainable_backbone_layers=${most} so that all layers are trainable`,
      );
    }
    return most;
  }
  const count = trainableLayers ?? byDefault;
  if (count >= 0 && count <= most) return count;
  throw new RangeError(`Trainable backbone layers should be in the range [0,${most}], got ${count} `);
}

export interface BackboneOptions extends ExtractorOptions {
  /** torchvision's name of the classifier. */
  backboneName: string;
  /** The weights that it begins with. */
  weights: WeightsOption;
  /** How many layers learn, counted from the last one. */
  trainableLayers?: number;
}

type AnyBuilder<M extends nn.Module> = Builder<M, { normLayer?: Layer | null }>;

/**
 * A residual network with a feature pyramid. The norms of the network are frozen unless `normLayer` makes others.
 *
 * @example resnetFpnBackbone({ backboneName: "resnet18", weights: null })(torch.rand(1, 3, 64, 64))
 */
export function resnetFpnBackbone(options: BackboneOptions): BackboneWithFPN {
  const { backboneName, weights, trainableLayers = 3, normLayer, ...rest } = options;
  const build = getModelBuilder(backboneName) as unknown as AnyBuilder<ResNet>;
  return resnetFpnExtractor(build({ weights, normLayer: normLayer ?? FrozenBatchNorm2d }), trainableLayers, rest);
}

/**
 * A MobileNet with a feature pyramid, or with `{ fpn: false }` with one map of 256 channels.
 *
 * @example mobilenetBackbone({ backboneName: "mobilenet_v3_large", weights: null, fpn: true })
 */
export function mobilenetBackbone(options: BackboneOptions & { fpn: boolean }): nn.Module {
  const { backboneName, weights, fpn, trainableLayers = 2, normLayer, ...rest } = options;
  const build = getModelBuilder(backboneName) as unknown as AnyBuilder<MobileNetV3>;
  const backbone = build({ weights, normLayer: normLayer ?? FrozenBatchNorm2d });
  if (fpn) return mobilenetFpnExtractor(backbone, trainableLayers, rest);
  const { outChannels } = frozenStages(backbone, trainableLayers).at(-1) as Stage;
  const narrowed = new nn.Sequential(backbone.features, new nn.Conv2d(outChannels, 256, 1));
  return Object.assign(narrowed, { outChannels: 256 });
}
