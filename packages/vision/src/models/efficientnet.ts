/**
 * EfficientNet and EfficientNet V2.
 *
 * Source: https://arxiv.org/abs/1905.11946, https://arxiv.org/abs/2104.00298
 */
import { nn, type Tensor } from "flambeau";
import { type Args, instanceOf, int, listOf, nullable, number, optional, Signature } from "flambeau/arguments";
import { Conv2dNormActivation } from "../ops/convNormActivation.js";
import { batchNormByDefault, type Layer, type MakeLayer, makerOf } from "../ops/layer.js";
import { SqueezeExcitation } from "../ops/misc.js";
import { StochasticDepth } from "../ops/stochasticDepth.js";
import { type Builder, builder } from "./builder.js";
import { initialize, kaimingFanOut, makeDivisible, zeroBias } from "./shared.js";
import { type AnyWeightsEnum, weightsEnum } from "./weights.js";

/** The numbers of a block. */
interface BlockSizes {
  readonly expandRatio: number;
  readonly kernel: number;
  readonly stride: number;
  readonly inputChannels: number;
  readonly outChannels: number;
}

type MakeBlock = Layer<[cnf: BlockSizes, stochasticDepthProb: number, normLayer: MakeLayer]>;

/** What both kinds of stages have: the numbers of their first block, how many they are, and what makes them. */
abstract class StageConfig implements BlockSizes {
  constructor(
    readonly expandRatio: number,
    readonly kernel: number,
    readonly stride: number,
    readonly inputChannels: number,
    readonly outChannels: number,
    readonly numLayers: number,
    readonly block: MakeBlock,
  ) {}
}

/** A stage of `MBConv` blocks, scaled in width and depth. */
export class MBConvConfig extends StageConfig {
  constructor(
    expandRatio: number,
    kernel: number,
    stride: number,
    inputChannels: number,
    outChannels: number,
    numLayers: number,
    widthMult = 1,
    depthMult = 1,
    block: MakeBlock = MBConv,
  ) {
    const [inputs, outputs] = [inputChannels, outChannels].map((channels) => makeDivisible(channels * widthMult, 8));
    const depth = Math.ceil(numLayers * depthMult);
    super(expandRatio, kernel, stride, inputs as number, outputs as number, depth, block);
  }
}

/** A stage of `FusedMBConv` blocks. */
export class FusedMBConvConfig extends StageConfig {
  constructor(
    expandRatio: number,
    kernel: number,
    stride: number,
    inputChannels: number,
    outChannels: number,
    numLayers: number,
    block: MakeBlock = FusedMBConv,
  ) {
    super(expandRatio, kernel, stride, inputChannels, outChannels, numLayers, block);
  }
}

/** A row of layers with a shortcut where sizes allow, which is left out at random in training. */
abstract class ResidualBlock extends nn.Module {
  declare useResConnect: boolean;
  declare block: nn.Sequential;
  declare stochasticDepth: StochasticDepth;
  declare outChannels: number;

  constructor(
    { stride, inputChannels, outChannels }: BlockSizes,
    stochasticDepthProb: number,
    layers: () => nn.Module[],
  ) {
    super();
    if (stride < 1 || stride > 2) throw new Error("illegal stride value");
    this.useResConnect = stride === 1 && inputChannels === outChannels;
    this.block = new nn.Sequential(...layers());
    this.stochasticDepth = new StochasticDepth(stochasticDepthProb, "row");
    this.outChannels = outChannels;
  }

  override forward(input: Tensor): Tensor {
    const result = this.block(input);
    return this.useResConnect ? this.stochasticDepth(result).add_(input) : result;
  }
}

type MakeGate = Layer<[inputChannels: number, squeezeChannels: number, options: { activation: Layer<[]> }]>;

/** Channels are widened, filtered each for itself, weighted and narrowed. */
export class MBConv extends ResidualBlock {
  constructor(cnf: BlockSizes, stochasticDepthProb: number, normLayer: Layer, seLayer: MakeGate = SqueezeExcitation) {
    const { inputChannels, outChannels, kernel, stride } = cnf;
    const expanded = makeDivisible(inputChannels * cnf.expandRatio, 8);
    const squeezed = Math.max(1, Math.floor(inputChannels / 4));
    const options = { normLayer, activationLayer: nn.SiLU };
    super(cnf, stochasticDepthProb, () => [
      ...(expanded === inputChannels ? [] : [new Conv2dNormActivation(inputChannels, expanded, 1, options)]),
      new Conv2dNormActivation(expanded, expanded, kernel, { stride, groups: expanded, ...options }),
      makerOf(seLayer)(expanded, squeezed, { activation: () => new nn.SiLU({ inplace: true }) }),
      new Conv2dNormActivation(expanded, outChannels, 1, { normLayer, activationLayer: null }),
    ]);
  }
}

/** Channels are widened and filtered by one convolution, and narrowed. */
export class FusedMBConv extends ResidualBlock {
  constructor(cnf: BlockSizes, stochasticDepthProb: number, normLayer: Layer) {
    const { inputChannels, outChannels, kernel, stride } = cnf;
    const expanded = makeDivisible(inputChannels * cnf.expandRatio, 8);
    const options = { normLayer, activationLayer: nn.SiLU };
    super(cnf, stochasticDepthProb, () =>
      expanded === inputChannels
        ? [new Conv2dNormActivation(inputChannels, outChannels, kernel, stride, options)]
        : [
            new Conv2dNormActivation(inputChannels, expanded, kernel, stride, options),
            new Conv2dNormActivation(expanded, outChannels, 1, { normLayer, activationLayer: null }),
          ],
    );
  }
}

export interface EfficientNetOptions {
  /** How likely the last block is left out in training; the others less, in proportion to their depth. 0.2 by default. */
  stochasticDepthProb?: number;
  numClasses?: number;
  /** Makes the norms: `nn.BatchNorm2d` by default. */
  normLayer?: Layer | null;
}

const params = {
  invertedResidualSetting: listOf("List[MBConvConfig]", instanceOf("MBConvConfig", StageConfig)),
  dropout: number,
  stochasticDepthProb: optional(number, 0.2),
  numClasses: optional(int, 1000),
  normLayer: batchNormByDefault,
  lastChannel: optional(nullable(int), null),
};

/**
 * An EfficientNet: images `[N, 3, H, W]` to scores `[N, numClasses]`.
 *
 * @param invertedResidualSetting one configuration for each stage: `MBConvConfig` or `FusedMBConvConfig`.
 * @param dropout how likely dropout is before the last layer.
 * @param lastChannel how many channels the last convolution gives: by default four times as many as it takes.
 * @throws Error if there is no stage.
 * @see https://pytorch.org/vision/stable/models/efficientnet.html
 */
export class EfficientNet extends nn.Module {
  declare features: nn.Sequential;
  declare avgpool: nn.AdaptiveAvgPool2d;
  declare classifier: nn.Sequential;

  constructor(
    ...args: [
      invertedResidualSetting: readonly StageConfig[],
      dropout: number,
      ...rest: Args<
        [stochasticDepthProb?: number, numClasses?: number, normLayer?: Layer | null, lastChannel?: number | null],
        ["stochasticDepthProb", "numClasses", "normLayer", "lastChannel"]
      >,
    ]
  ) {
    super();
    const given = new Signature(new.target.name, params).parse(args);
    const { invertedResidualSetting, dropout, stochasticDepthProb, numClasses, normLayer, lastChannel } = given;
    const [first] = invertedResidualSetting;
    const last = invertedResidualSetting.at(-1);
    if (first === undefined || last === undefined) throw new Error("The inverted_residual_setting should not be empty");
    const options = { normLayer, activationLayer: nn.SiLU };
    const width = lastChannel ?? 4 * last.outChannels;
    const depth = invertedResidualSetting.reduce((sum, { numLayers }) => sum + numLayers, 0);
    let index = 0;
    const stage = (cnf: StageConfig) => {
      const later = { ...cnf, inputChannels: cnf.outChannels, stride: 1 };
      const blocks = Array.from({ length: cnf.numLayers }, (_, i) =>
        makerOf(cnf.block)(i === 0 ? cnf : later, (stochasticDepthProb * index++) / depth, normLayer),
      );
      return new nn.Sequential(...blocks);
    };
    this.features = new nn.Sequential(
      new Conv2dNormActivation(3, first.inputChannels, 3, 2, options),
      ...invertedResidualSetting.map(stage),
      new Conv2dNormActivation(last.outChannels, width, 1, options),
    );
    this.avgpool = new nn.AdaptiveAvgPool2d(1);
    this.classifier = new nn.Sequential(new nn.Dropout(dropout, { inplace: true }), new nn.Linear(width, numClasses));
    initialize(this, {
      conv: kaimingFanOut,
      linear: (layer) => {
        const range = 1 / Math.sqrt(layer.outFeatures);
        nn.init.uniform_(layer.weight, -range, range);
        zeroBias(layer);
      },
    });
  }

  override forward(x: Tensor): Tensor {
    return this.classifier(this.avgpool(this.features(x)).flatten(1));
  }
}

type Row = readonly [
  expandRatio: number,
  kernel: number,
  stride: number,
  inputs: number,
  outputs: number,
  layers: number,
];

/** The stages of the first version, before they are scaled. */
const first: readonly Row[] = [
  [1, 3, 1, 32, 16, 1],
  [6, 3, 2, 16, 24, 2],
  [6, 5, 2, 24, 40, 2],
  [6, 3, 2, 40, 80, 3],
  [6, 5, 1, 80, 112, 3],
  [6, 5, 2, 112, 192, 4],
  [6, 3, 1, 192, 320, 1],
];

/** The stages of the second version; the first three are fused. */
const second: Readonly<Record<"s" | "m" | "l", readonly Row[]>> = {
  s: [
    [1, 3, 1, 24, 24, 2],
    [4, 3, 2, 24, 48, 4],
    [4, 3, 2, 48, 64, 4],
    [4, 3, 2, 64, 128, 6],
    [6, 3, 1, 128, 160, 9],
    [6, 3, 2, 160, 256, 15],
  ],
  m: [
    [1, 3, 1, 24, 24, 3],
    [4, 3, 2, 24, 48, 5],
    [4, 3, 2, 48, 80, 5],
    [4, 3, 2, 80, 160, 7],
    [6, 3, 1, 160, 176, 14],
    [6, 3, 2, 176, 304, 18],
    [6, 3, 1, 304, 512, 5],
  ],
  l: [
    [1, 3, 1, 32, 32, 4],
    [4, 3, 2, 32, 64, 7],
    [4, 3, 2, 64, 96, 7],
    [4, 3, 2, 96, 192, 10],
    [6, 3, 1, 192, 224, 19],
    [6, 3, 2, 224, 384, 25],
    [6, 3, 1, 384, 640, 7],
  ],
};

export const EfficientNet_B0_Weights = weightsEnum("EfficientNet_B0_Weights", ["IMAGENET1K_V1"]);
export const EfficientNet_B1_Weights = weightsEnum(
  "EfficientNet_B1_Weights",
  ["IMAGENET1K_V1", "IMAGENET1K_V2"],
  "IMAGENET1K_V2",
);
export const EfficientNet_B2_Weights = weightsEnum("EfficientNet_B2_Weights", ["IMAGENET1K_V1"]);
export const EfficientNet_B3_Weights = weightsEnum("EfficientNet_B3_Weights", ["IMAGENET1K_V1"]);
export const EfficientNet_B4_Weights = weightsEnum("EfficientNet_B4_Weights", ["IMAGENET1K_V1"]);
export const EfficientNet_B5_Weights = weightsEnum("EfficientNet_B5_Weights", ["IMAGENET1K_V1"]);
export const EfficientNet_B6_Weights = weightsEnum("EfficientNet_B6_Weights", ["IMAGENET1K_V1"]);
export const EfficientNet_B7_Weights = weightsEnum("EfficientNet_B7_Weights", ["IMAGENET1K_V1"]);
export const EfficientNet_V2_S_Weights = weightsEnum("EfficientNet_V2_S_Weights", ["IMAGENET1K_V1"]);
export const EfficientNet_V2_M_Weights = weightsEnum("EfficientNet_V2_M_Weights", ["IMAGENET1K_V1"]);
export const EfficientNet_V2_L_Weights = weightsEnum("EfficientNet_V2_L_Weights", ["IMAGENET1K_V1"]);

export type EfficientNetBuilder = Builder<EfficientNet, EfficientNetOptions>;

/** Batch norms of the larger models of the first version. */
const slowNorm: MakeLayer = (channels) => new nn.BatchNorm2d(channels, 1e-3, 0.01);

function efficientnet(
  name: string,
  weights: AnyWeightsEnum,
  widthMult: number,
  depthMult: number,
  dropout: number,
  normLayer?: Layer,
): EfficientNetBuilder {
  const stages = first.map((row) => new MBConvConfig(...row, widthMult, depthMult));
  return builder(name, weights, (options) => new EfficientNet(stages, dropout, { normLayer, ...options }));
}

function efficientnetV2(
  name: string,
  weights: AnyWeightsEnum,
  size: keyof typeof second,
  dropout: number,
): EfficientNetBuilder {
  const stages = second[size].map((row, i) => (i < 3 ? new FusedMBConvConfig(...row) : new MBConvConfig(...row)));
  const normLayer: Layer = (channels) => new nn.BatchNorm2d(channels, 1e-3);
  return builder(
    name,
    weights,
    (options) => new EfficientNet(stages, dropout, { normLayer, lastChannel: 1280, ...options }),
  );
}

/** EfficientNet B0. */
export const efficientnetB0 = efficientnet("efficientnet_b0", EfficientNet_B0_Weights, 1, 1, 0.2);
/** EfficientNet B1. */
export const efficientnetB1 = efficientnet("efficientnet_b1", EfficientNet_B1_Weights, 1, 1.1, 0.2);
/** EfficientNet B2. */
export const efficientnetB2 = efficientnet("efficientnet_b2", EfficientNet_B2_Weights, 1.1, 1.2, 0.3);
/** EfficientNet B3. */
export const efficientnetB3 = efficientnet("efficientnet_b3", EfficientNet_B3_Weights, 1.2, 1.4, 0.3);
/** EfficientNet B4. */
export const efficientnetB4 = efficientnet("efficientnet_b4", EfficientNet_B4_Weights, 1.4, 1.8, 0.4);
/** EfficientNet B5. */
export const efficientnetB5 = efficientnet("efficientnet_b5", EfficientNet_B5_Weights, 1.6, 2.2, 0.4, slowNorm);
/** EfficientNet B6. */
export const efficientnetB6 = efficientnet("efficientnet_b6", EfficientNet_B6_Weights, 1.8, 2.6, 0.5, slowNorm);
/** EfficientNet B7. */
export const efficientnetB7 = efficientnet("efficientnet_b7", EfficientNet_B7_Weights, 2, 3.1, 0.5, slowNorm);
/** EfficientNet V2, small. */
export const efficientnetV2S = efficientnetV2("efficientnet_v2_s", EfficientNet_V2_S_Weights, "s", 0.2);
/** EfficientNet V2, medium. */
export const efficientnetV2M = efficientnetV2("efficientnet_v2_m", EfficientNet_V2_M_Weights, "m", 0.3);
/** EfficientNet V2, large. */
export const efficientnetV2L = efficientnetV2("efficientnet_v2_l", EfficientNet_V2_L_Weights, "l", 0.4);
