/**
 * ConvNeXt: a network of convolutions in the shape of a transformer.
 *
 * Source: https://arxiv.org/abs/2201.03545
 */
import torch, { F, nn, type Tensor } from "flambeau";
import { type Args, instanceOf, int, listOf, number, optional, Signature } from "flambeau/arguments";
import { Conv2dNormActivation } from "../ops/convNormActivation.js";
import { type Layer, layerParam, makerOf, normParam } from "../ops/layer.js";
import { Permute } from "../ops/misc.js";
import { StochasticDepth } from "../ops/stochasticDepth.js";
import { type Builder, builder } from "./builder.js";
import { initialize, zeroBias } from "./shared.js";
import { type AnyWeightsEnum, weightsEnum } from "./weights.js";

/** A layer norm over the channels of images `[N, C, H, W]`. */
export class LayerNorm2d extends nn.LayerNorm {
  override forward(x: Tensor): Tensor {
    const { normalizedShape, weight, bias, eps } = this;
    return F.layerNorm(x.permute(0, 2, 3, 1), normalizedShape, weight, bias, { eps }).permute(0, 3, 1, 2);
  }
}

/** A convolution of 7×7 over each channel, and two linear layers over all; with a shortcut. */
export class CNBlock extends nn.Module {
  declare block: nn.Sequential;
  declare layerScale: nn.Parameter;
  declare stochasticDepth: StochasticDepth;

  constructor(
    dim: number,
    layerScale: number,
    stochasticDepthProb: number,
    normLayer: Layer = (channels) => new nn.LayerNorm(channels, 1e-6),
  ) {
    super();
    this.block = new nn.Sequential(
      new nn.Conv2d(dim, dim, 7, { padding: 3, groups: dim }),
      new Permute([0, 2, 3, 1]),
      makerOf(normLayer)(dim),
      new nn.Linear(dim, 4 * dim),
      new nn.GELU(),
      new nn.Linear(4 * dim, dim),
      new Permute([0, 3, 1, 2]),
    );
    this.layerScale = new nn.Parameter(torch.ones(dim, 1, 1).mul(layerScale));
    this.stochasticDepth = new StochasticDepth(stochasticDepthProb, "row");
  }

  override forward(input: Tensor): Tensor {
    return this.stochasticDepth(this.layerScale.mul(this.block(input))).add_(input);
  }
}

/** One stage: so many blocks of `inputChannels`, and a convolution to `outChannels`, unless these are null. */
export class CNBlockConfig {
  constructor(
    readonly inputChannels: number,
    readonly outChannels: number | null,
    readonly numLayers: number,
  ) {}

  toString(): string {
    const { inputChannels, outChannels, numLayers } = this;
    return `CNBlockConfig(input_channels=${inputChannels}, out_channels=${outChannels ?? "None"}, num_layers=${numLayers})`;
  }
}

type BlockArguments = [dim: number, layerScale: number, stochasticDepthProb: number];

export interface ConvNeXtOptions {
  /** How likely the last block is left out in training; the others less, in proportion to their depth. */
  stochasticDepthProb?: number;
  /** With which factor the branches of blocks begin; 1e-6 by default. */
  layerScale?: number;
  numClasses?: number;
  /** Makes the blocks: `CNBlock` by default. */
  block?: Layer<BlockArguments> | null;
  /** Makes the norms between stages: `LayerNorm2d` with an eps of 1e-6 by default. */
  normLayer?: Layer | null;
}

const params = {
  blockSetting: listOf("List[CNBlockConfig]", instanceOf("CNBlockConfig", CNBlockConfig)),
  stochasticDepthProb: optional(number, 0),
  layerScale: optional(number, 1e-6),
  numClasses: optional(int, 1000),
  block: optional(layerParam<BlockArguments>(), (...args): nn.Module => new CNBlock(...args)),
  normLayer: optional(normParam, (channels): nn.Module => new LayerNorm2d(channels, 1e-6)),
};

/**
 * A ConvNeXt: images `[N, 3, H, W]` to scores `[N, numClasses]`.
 *
 * @param blockSetting one configuration for each stage.
 * @throws Error if there is no stage.
 * @see https://pytorch.org/vision/stable/models/convnext.html
 */
export class ConvNeXt extends nn.Module {
  declare features: nn.Sequential;
  declare avgpool: nn.AdaptiveAvgPool2d;
  declare classifier: nn.Sequential;

  constructor(
    ...args: [
      blockSetting: readonly CNBlockConfig[],
      ...rest: Args<
        [
          stochasticDepthProb?: number,
          layerScale?: number,
          numClasses?: number,
          block?: Layer<BlockArguments> | null,
          normLayer?: Layer | null,
        ],
        ["stochasticDepthProb", "layerScale", "numClasses", "block", "normLayer"]
      >,
    ]
  ) {
    super();
    const given = new Signature(new.target.name, params).parse(args);
    const { blockSetting, stochasticDepthProb, layerScale, numClasses, block, normLayer } = given;
    const [first] = blockSetting;
    const last = blockSetting.at(-1);
    if (first === undefined || last === undefined) throw new Error("The block_setting should not be empty");
    const options = { normLayer, activationLayer: null, bias: true };
    const layers: nn.Module[] = [new Conv2dNormActivation(3, first.inputChannels, 4, 4, 0, options)];
    const depth = blockSetting.reduce((sum, { numLayers }) => sum + numLayers, 0);
    let index = 0;
    for (const { inputChannels, outChannels, numLayers } of blockSetting) {
      const blocks = Array.from({ length: numLayers }, () =>
        block(inputChannels, layerScale, (stochasticDepthProb * index++) / (depth - 1)),
      );
      layers.push(new nn.Sequential(...blocks));
      if (outChannels !== null)
        layers.push(new nn.Sequential(normLayer(inputChannels), new nn.Conv2d(inputChannels, outChannels, 2, 2)));
    }
    this.features = new nn.Sequential(...layers);
    this.avgpool = new nn.AdaptiveAvgPool2d(1);
    const width = last.outChannels ?? last.inputChannels;
    this.classifier = new nn.Sequential(normLayer(width), new nn.Flatten(1), new nn.Linear(width, numClasses));
    const truncated = (layer: nn.Conv2d | nn.Linear) => {
      nn.init.truncNormal_(layer.weight, { std: 0.02 });
      zeroBias(layer);
    };
    initialize(this, { conv: truncated, linear: truncated });
  }

  override forward(x: Tensor): Tensor {
    return this.classifier(this.avgpool(this.features(x)));
  }
}

export const ConvNeXt_Tiny_Weights = weightsEnum("ConvNeXt_Tiny_Weights", ["IMAGENET1K_V1"]);
export const ConvNeXt_Small_Weights = weightsEnum("ConvNeXt_Small_Weights", ["IMAGENET1K_V1"]);
export const ConvNeXt_Base_Weights = weightsEnum("ConvNeXt_Base_Weights", ["IMAGENET1K_V1"]);
export const ConvNeXt_Large_Weights = weightsEnum("ConvNeXt_Large_Weights", ["IMAGENET1K_V1"]);

export type ConvNeXtBuilder = Builder<ConvNeXt, ConvNeXtOptions>;

function convnext(
  name: string,
  weights: AnyWeightsEnum,
  channels: readonly number[],
  layers: readonly number[],
  stochasticDepthProb: number,
): ConvNeXtBuilder {
  const stages = layers.map((count, i) => new CNBlockConfig(channels[i] as number, channels[i + 1] ?? null, count));
  return builder(name, weights, (options) => new ConvNeXt(stages, { stochasticDepthProb, ...options }));
}

/** ConvNeXt tiny. */
export const convnextTiny = convnext("convnext_tiny", ConvNeXt_Tiny_Weights, [96, 192, 384, 768], [3, 3, 9, 3], 0.1);
/** ConvNeXt small. */
export const convnextSmall = convnext(
  "convnext_small",
  ConvNeXt_Small_Weights,
  [96, 192, 384, 768],
  [3, 3, 27, 3],
  0.4,
);
/** ConvNeXt base. */
export const convnextBase = convnext("convnext_base", ConvNeXt_Base_Weights, [128, 256, 512, 1024], [3, 3, 27, 3], 0.5);
/** ConvNeXt large. */
export const convnextLarge = convnext(
  "convnext_large",
  ConvNeXt_Large_Weights,
  [192, 384, 768, 1536],
  [3, 3, 27, 3],
  0.5,
);
