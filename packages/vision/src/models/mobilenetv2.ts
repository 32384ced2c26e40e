/**
 * MobileNet V2: inverted residual blocks.
 *
 * Source: https://arxiv.org/abs/1801.04381
 */
import { nn, type Tensor } from "flambeau";
import { type Args, int, ints, listOf, number, optional, Signature } from "flambeau/arguments";
import { Conv2dNormActivation } from "../ops/convNormActivation.js";
import { batchNormByDefault, type Layer, layerParam, makerOf } from "../ops/layer.js";
import { type Builder, builder } from "./builder.js";
import { initialize, kaimingFanOut, makeDivisible, smallNormal } from "./shared.js";
import { weightsEnum } from "./weights.js";

type BlockArguments = [inp: number, oup: number, stride: number, expandRatio: number, normLayer?: Layer];

/** Channels are widened, filtered each for itself and narrowed; with a shortcut where sizes allow. */
export class InvertedResidual extends nn.Module {
  declare stride: number;
  declare useResConnect: boolean;
  declare conv: nn.Sequential;
  declare outChannels: number;
  /** Whether the block makes images smaller. */
  declare isStrided: boolean;

  constructor(...[inp, oup, stride, expandRatio, normLayer = nn.BatchNorm2d]: BlockArguments) {
    super();
    if (stride !== 1 && stride !== 2) throw new Error(`stride should be 1 or 2 instead of ${stride}`);
    const hidden = Math.round(inp * expandRatio);
    const options = { normLayer, activationLayer: nn.ReLU6 };
    this.stride = stride;
    this.useResConnect = stride === 1 && inp === oup;
    this.conv = new nn.Sequential(
      ...(expandRatio === 1 ? [] : [new Conv2dNormActivation(inp, hidden, 1, options)]),
      new Conv2dNormActivation(hidden, hidden, { stride, groups: hidden, ...options }),
      new nn.Conv2d(hidden, oup, 1, { bias: false }),
      makerOf(normLayer)(oup),
    );
    this.outChannels = oup;
    this.isStrided = stride > 1;
  }

  override forward(x: Tensor): Tensor {
    return this.useResConnect ? x.add(this.conv(x)) : this.conv(x);
  }
}

export interface MobileNetV2Options {
  numClasses?: number;
  /** Scales all numbers of channels; 1 by default. */
  widthMult?: number;
  /** For each stage: by how much channels are widened, how many it gives, how many blocks it has, and the stride of the first. */
  invertedResidualSetting?: readonly (readonly number[])[] | null;
  /** Of what the numbers of channels are multiples; 8 by default. */
  roundNearest?: number;
  /** Makes the blocks: `InvertedResidual` by default. */
  block?: Layer<BlockArguments> | null;
  /** Makes the norms: `nn.BatchNorm2d` by default. */
  normLayer?: Layer | null;
  /** How likely dropout is; 0.2 by default. */
  dropout?: number;
}

const stages = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

const params = {
  numClasses: optional(int, 1000),
  widthMult: optional(number, 1),
  invertedResidualSetting: optional(listOf("list of lists of 4 ints", ints), stages),
  roundNearest: optional(int, 8),
  block: optional(layerParam<BlockArguments>(), (...args): nn.Module => new InvertedResidual(...args)),
  normLayer: batchNormByDefault,
  dropout: optional(number, 0.2),
};

/**
 * A MobileNet V2: images `[N, 3, H, W]` to scores `[N, numClasses]`.
 *
 * @throws Error if the stages are no lists of four numbers.
 * @see https://pytorch.org/vision/stable/models/mobilenetv2.html
 */
export class MobileNetV2 extends nn.Module {
  declare lastChannel: number;
  declare features: nn.Sequential;
  declare classifier: nn.Sequential;

  constructor(
    ...args: Args<
      [
        numClasses?: number,
        widthMult?: number,
        invertedResidualSetting?: readonly (readonly number[])[] | null,
        roundNearest?: number,
        block?: Layer<BlockArguments> | null,
        normLayer?: Layer | null,
        dropout?: number,
      ],
      ["numClasses", "widthMult", "invertedResidualSetting", "roundNearest", "block", "normLayer", "dropout"]
    >
  ) {
    super();
    const given = new Signature(new.target.name, params).parse(args);
    const { numClasses, widthMult, invertedResidualSetting, roundNearest, block, normLayer, dropout } = given;
    if (invertedResidualSetting[0]?.length !== 4) {
      throw new Error(
        `inverted_residual_setting should be non-empty or a 4-element list, got ${JSON.stringify(invertedResidualSetting)}`,
      );
    }
    const options = { normLayer, activationLayer: nn.ReLU6 };
    let channels = makeDivisible(32 * widthMult, roundNearest);
    this.lastChannel = makeDivisible(1280 * Math.max(1, widthMult), roundNearest);
    const features: nn.Module[] = [new Conv2dNormActivation(3, channels, { stride: 2, ...options })];
    for (const [expandRatio, width, count, stride] of invertedResidualSetting as readonly [
      number,
      number,
      number,
      number,
    ][]) {
      const outChannels = makeDivisible(width * widthMult, roundNearest);
      for (let i = 0; i < count; i++) {
        features.push(block(channels, outChannels, i === 0 ? stride : 1, expandRatio, normLayer));
        channels = outChannels;
      }
    }
    features.push(new Conv2dNormActivation(channels, this.lastChannel, 1, options));
    this.features = new nn.Sequential(...features);
    this.classifier = new nn.Sequential(new nn.Dropout(dropout), new nn.Linear(this.lastChannel, numClasses));
    initialize(this, { conv: kaimingFanOut, linear: smallNormal });
  }

  override forward(x: Tensor): Tensor {
    return this.classifier(nn.functional.adaptiveAvgPool2d(this.features(x), [1, 1]).flatten(1));
  }
}

export const MobileNet_V2_Weights = weightsEnum(
  "MobileNet_V2_Weights",
  ["IMAGENET1K_V1", "IMAGENET1K_V2"],
  "IMAGENET1K_V2",
);

/** MobileNet V2. */
export const mobilenetV2: Builder<MobileNetV2, MobileNetV2Options> = builder(
  "mobilenet_v2",
  MobileNet_V2_Weights,
  (options) => new MobileNetV2(options),
);
