/**
 * RegNet: networks whose widths grow by a rule of few numbers.
 *
 * Source: https://arxiv.org/abs/2003.13678
 */
import { nn, type Tensor } from "flambeau";
import { type Args, instanceOf, int, optional, Signature } from "flambeau/arguments";
import { Conv2dNormActivation } from "../ops/convNormActivation.js";
import {
  type ActivationLayer,
  activationParam,
  batchNormByDefault,
  type Layer,
  layerParam,
  makerOf,
} from "../ops/layer.js";
import { SqueezeExcitation } from "../ops/misc.js";
import { type Builder, builder } from "./builder.js";
import { initialize, makeDivisible, zeroBias } from "./shared.js";
import { type AnyWeightsEnum, weightsEnum } from "./weights.js";

/** The nearest whole number; of two that are as near, the even one. */
function round(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
}

/** A convolution of 3×3 to half the size, a norm and an activation. */
export class SimpleStemIN extends Conv2dNormActivation {
  constructor(widthIn: number, widthOut: number, normLayer: Layer, activationLayer: ActivationLayer) {
    super(widthIn, widthOut, 3, 2, { normLayer, activationLayer });
  }
}

type BlockArguments = [
  widthIn: number,
  widthOut: number,
  stride: number,
  normLayer: Layer,
  activationLayer: ActivationLayer,
  groupWidth: number,
  bottleneckMultiplier: number,
  seRatio: number | null,
];

/** Convolutions of 1×1, 3×3 in groups, and 1×1, with a squeeze and excitation before the last. */
export class BottleneckTransform extends nn.Sequential {
  constructor(
    ...[widthIn, widthOut, stride, normLayer, activationLayer, groupWidth, multiplier, seRatio]: BlockArguments
  ) {
    const width = round(widthOut * multiplier);
    const groups = Math.floor(width / groupWidth);
    const options = { normLayer, activationLayer };
    super({
      a: new Conv2dNormActivation(widthIn, width, 1, options),
      b: new Conv2dNormActivation(width, width, 3, { stride, groups, ...options }),
      ...(seRatio ? { se: new SqueezeExcitation(width, round(seRatio * widthIn), activationLayer as Layer<[]>) } : {}),
      c: new Conv2dNormActivation(width, widthOut, 1, { normLayer, activationLayer: null }),
    });
  }
}

/** A bottleneck with a shortcut, which is a convolution of 1×1 where sizes differ. */
export class ResBottleneckBlock extends nn.Module {
  declare proj: nn.Module | null;
  declare f: nn.Sequential;
  declare activation: nn.Module;

  constructor(...args: BlockArguments) {
    super();
    const [widthIn, widthOut, stride, normLayer, activationLayer] = args;
    this.proj =
      widthIn === widthOut && stride === 1
        ? null
        : new Conv2dNormActivation(widthIn, widthOut, 1, { stride, normLayer, activationLayer: null });
    this.f = new BottleneckTransform(...args);
    this.activation = makerOf(activationLayer)({ inplace: true });
  }

  override forward(x: Tensor): Tensor {
    return this.activation((this.proj === null ? x : this.proj(x)).add(this.f(x)));
  }
}

/** Blocks of one width. */
export class AnyStage extends nn.Sequential {
  constructor(
    index: number,
    depth: number,
    block: Layer<BlockArguments>,
    ...[widthIn, widthOut, stride, ...rest]: BlockArguments
  ) {
    const make = makerOf(block);
    const blocks = Array.from({ length: depth }, (_, i) => [
      `block${index}-${i}`,
      i === 0 ? make(widthIn, widthOut, stride, ...rest) : make(widthOut, widthOut, 1, ...rest),
    ]);
    super(Object.fromEntries(blocks));
  }
}

/** The numbers from which a RegNet's widths follow. */
export interface RegNetRule {
  /** How many blocks there are. */
  readonly depth: number;
  /** The width of the first. */
  readonly w0: number;
  /** By how much each is wider than the one before. */
  readonly wa: number;
  /** The ratio of the widths of stages. */
  readonly wm: number;
  /** The channels of a group. */
  readonly groupWidth: number;
  readonly bottleneckMultiplier?: number;
  /** How many channels a squeeze has, for one of the block's input; none without it. */
  readonly seRatio?: number | null;
}

/** The stages of a RegNet. */
export class BlockParams {
  constructor(
    readonly depths: readonly number[],
    readonly widths: readonly number[],
    readonly groupWidths: readonly number[],
    readonly bottleneckMultipliers: readonly number[],
    readonly strides: readonly number[],
    readonly seRatio: number | null = null,
  ) {}

  /**
   * The stages that follow from a rule: widths on a line, rounded to powers of `wm`, and these to multiples of 8.
   *
   * @throws Error for a rule that is none.
   */
  static fromInitParams({
    depth,
    w0,
    wa,
    wm,
    groupWidth,
    bottleneckMultiplier = 1,
    seRatio = null,
  }: RegNetRule): BlockParams {
    if (wa < 0 || w0 <= 0 || wm <= 1 || w0 % 8 !== 0) throw new Error("Invalid RegNet settings");
    const blockWidths = Array.from({ length: depth }, (_, i) => {
      const power = round(Math.log((i * wa + w0) / w0) / Math.log(wm));
      return round((w0 * wm ** power) / 8) * 8;
    });
    const stages = [...new Set(blockWidths)];
    const depths = stages.map((width) => blockWidths.filter((each) => each === width).length);
    // Groups must divide the width of the bottleneck.
    const bottlenecks = stages.map((width) => Math.trunc(width * bottleneckMultiplier));
    const groupWidths = bottlenecks.map((width) => Math.min(groupWidth, width));
    const widths = bottlenecks.map((width, i) =>
      Math.trunc(makeDivisible(width, groupWidths[i] as number) / bottleneckMultiplier),
    );
    const same = (value: number) => stages.map(() => value);
    return new BlockParams(depths, widths, groupWidths, same(bottleneckMultiplier), same(2), seRatio);
  }
}

type StemArguments = [widthIn: number, widthOut: number, normLayer: Layer, activationLayer: ActivationLayer];

export interface RegNetOptions {
  numClasses?: number;
  /** How many channels the first convolution gives; 32 by default. */
  stemWidth?: number;
  /** Makes the first layers: `SimpleStemIN` by default. */
  stemType?: Layer<StemArguments> | null;
  /** Makes the blocks: `ResBottleneckBlock` by default. */
  blockType?: Layer<BlockArguments> | null;
  /** Makes the norms: `nn.BatchNorm2d` by default. */
  normLayer?: Layer | null;
  /** Makes the activations: `nn.ReLU` by default. */
  activation?: ActivationLayer | null;
}

const params = {
  blockParams: instanceOf("BlockParams", BlockParams),
  numClasses: optional(int, 1000),
  stemWidth: optional(int, 32),
  stemType: optional(layerParam<StemArguments>(), (...args): nn.Module => new SimpleStemIN(...args)),
  blockType: optional(layerParam<BlockArguments>(), (...args): nn.Module => new ResBottleneckBlock(...args)),
  normLayer: batchNormByDefault,
  activation: optional(activationParam, makerOf(nn.ReLU)),
};

/**
 * A RegNet: images `[N, 3, H, W]` to scores `[N, numClasses]`.
 *
 * @see https://pytorch.org/vision/stable/models/regnet.html
 */
export class RegNet extends nn.Module {
  declare stem: nn.Module;
  declare trunkOutput: nn.Sequential;
  declare avgpool: nn.AdaptiveAvgPool2d;
  declare fc: nn.Linear;

  constructor(
    ...args: [
      blockParams: BlockParams,
      ...rest: Args<
        [
          numClasses?: number,
          stemWidth?: number,
          stemType?: Layer<StemArguments> | null,
          blockType?: Layer<BlockArguments> | null,
          normLayer?: Layer | null,
          activation?: ActivationLayer | null,
        ],
        ["numClasses", "stemWidth", "stemType", "blockType", "normLayer", "activation"]
      >,
    ]
  ) {
    super();
    const given = new Signature(new.target.name, params).parse(args);
    const { blockParams, numClasses, stemWidth, stemType, blockType, normLayer, activation } = given;
    const { depths, widths, strides, groupWidths, bottleneckMultipliers, seRatio } = blockParams;
    this.stem = stemType(3, stemWidth, normLayer, activation);
    const at = (list: readonly number[], i: number) => list[i] as number;
    const stages = widths.map((width, i) => [
      `block${i + 1}`,
      new AnyStage(
        i + 1,
        at(depths, i),
        blockType,
        i === 0 ? stemWidth : at(widths, i - 1),
        width,
        at(strides, i),
        normLayer,
        activation,
        at(groupWidths, i),
        at(bottleneckMultipliers, i),
        seRatio,
      ),
    ]);
    this.trunkOutput = new nn.Sequential(Object.fromEntries(stages));
    this.avgpool = new nn.AdaptiveAvgPool2d([1, 1]);
    this.fc = new nn.Linear(widths.at(-1) ?? stemWidth, numClasses);
    initialize(this, {
      conv: ({ weight, kernelSize, outChannels }) => {
        const fanOut = at(kernelSize, 0) * at(kernelSize, 1) * outChannels;
        nn.init.normal_(weight, 0, Math.sqrt(2 / fanOut));
      },
      linear: (layer) => {
        nn.init.normal_(layer.weight, 0, 0.01);
        zeroBias(layer);
      },
    });
  }

  override forward(x: Tensor): Tensor {
    return this.fc(this.avgpool(this.trunkOutput(this.stem(x))).flatten(1));
  }
}

const bothVersions = ["IMAGENET1K_V1", "IMAGENET1K_V2"] as const;
const swag = ["IMAGENET1K_SWAG_E2E_V1", "IMAGENET1K_SWAG_LINEAR_V1"] as const;

export const RegNet_Y_400MF_Weights = weightsEnum("RegNet_Y_400MF_Weights", bothVersions, "IMAGENET1K_V2");
export const RegNet_Y_800MF_Weights = weightsEnum("RegNet_Y_800MF_Weights", bothVersions, "IMAGENET1K_V2");
export const RegNet_Y_1_6GF_Weights = weightsEnum("RegNet_Y_1_6GF_Weights", bothVersions, "IMAGENET1K_V2");
export const RegNet_Y_3_2GF_Weights = weightsEnum("RegNet_Y_3_2GF_Weights", bothVersions, "IMAGENET1K_V2");
export const RegNet_Y_8GF_Weights = weightsEnum("RegNet_Y_8GF_Weights", bothVersions, "IMAGENET1K_V2");
export const RegNet_Y_16GF_Weights = weightsEnum("RegNet_Y_16GF_Weights", [...bothVersions, ...swag], "IMAGENET1K_V2");
export const RegNet_Y_32GF_Weights = weightsEnum("RegNet_Y_32GF_Weights", [...bothVersions, ...swag], "IMAGENET1K_V2");
export const RegNet_Y_128GF_Weights = weightsEnum("RegNet_Y_128GF_Weights", swag);
export const RegNet_X_400MF_Weights = weightsEnum("RegNet_X_400MF_Weights", bothVersions, "IMAGENET1K_V2");
export const RegNet_X_800MF_Weights = weightsEnum("RegNet_X_800MF_Weights", bothVersions, "IMAGENET1K_V2");
export const RegNet_X_1_6GF_Weights = weightsEnum("RegNet_X_1_6GF_Weights", bothVersions, "IMAGENET1K_V2");
export const RegNet_X_3_2GF_Weights = weightsEnum("RegNet_X_3_2GF_Weights", bothVersions, "IMAGENET1K_V2");
export const RegNet_X_8GF_Weights = weightsEnum("RegNet_X_8GF_Weights", bothVersions, "IMAGENET1K_V2");
export const RegNet_X_16GF_Weights = weightsEnum("RegNet_X_16GF_Weights", bothVersions, "IMAGENET1K_V2");
export const RegNet_X_32GF_Weights = weightsEnum("RegNet_X_32GF_Weights", bothVersions, "IMAGENET1K_V2");

export type RegNetBuilder = Builder<RegNet, RegNetOptions>;

/** The rule is the depth, `w0`, `wa`, `wm` and the width of groups. */
function regnet(
  name: string,
  weights: AnyWeightsEnum,
  [depth, w0, wa, wm, groupWidth]: readonly [number, number, number, number, number],
  seRatio: number | null = null,
): RegNetBuilder {
  const stages = () => BlockParams.fromInitParams({ depth, w0, wa, wm, groupWidth, seRatio });
  return builder(name, weights, (options) => new RegNet(stages(), options));
}

/** RegNet Y 400MF: 400 million multiplications for an image of 224×224, with squeeze and excitation. */
export const regnetY400mf = regnet("regnet_y_400mf", RegNet_Y_400MF_Weights, [16, 48, 27.89, 2.09, 8], 0.25);
/** RegNet Y 800MF: 800 million multiplications for an image of 224×224, with squeeze and excitation. */
export const regnetY800mf = regnet("regnet_y_800mf", RegNet_Y_800MF_Weights, [14, 56, 38.84, 2.4, 16], 0.25);
/** RegNet Y 1.6GF: 1.6 thousand million multiplications for an image of 224×224, with squeeze and excitation. */
export const regnetY1_6gf = regnet("regnet_y_1_6gf", RegNet_Y_1_6GF_Weights, [27, 48, 20.71, 2.65, 24], 0.25);
/** RegNet Y 3.2GF: 3.2 thousand million multiplications for an image of 224×224, with squeeze and excitation. */
export const regnetY3_2gf = regnet("regnet_y_3_2gf", RegNet_Y_3_2GF_Weights, [21, 80, 42.63, 2.66, 24], 0.25);
/** RegNet Y 8GF: 8 thousand million multiplications for an image of 224×224, with squeeze and excitation. */
export const regnetY8gf = regnet("regnet_y_8gf", RegNet_Y_8GF_Weights, [17, 192, 76.82, 2.19, 56], 0.25);
/** RegNet Y 16GF: 16 thousand million multiplications for an image of 224×224, with squeeze and excitation. */
export const regnetY16gf = regnet("regnet_y_16gf", RegNet_Y_16GF_Weights, [18, 200, 106.23, 2.48, 112], 0.25);
/** RegNet Y 32GF: 32 thousand million multiplications for an image of 224×224, with squeeze and excitation. */
export const regnetY32gf = regnet("regnet_y_32gf", RegNet_Y_32GF_Weights, [20, 232, 115.89, 2.53, 232], 0.25);
/** RegNet Y 128GF: 128 thousand million multiplications for an image of 224×224, with squeeze and excitation. */
export const regnetY128gf = regnet("regnet_y_128gf", RegNet_Y_128GF_Weights, [27, 456, 160.83, 2.52, 264], 0.25);
/** RegNet X 400MF: 400 million multiplications for an image of 224×224. */
export const regnetX400mf = regnet("regnet_x_400mf", RegNet_X_400MF_Weights, [22, 24, 24.48, 2.54, 16]);
/** RegNet X 800MF: 800 million multiplications for an image of 224×224. */
export const regnetX800mf = regnet("regnet_x_800mf", RegNet_X_800MF_Weights, [16, 56, 35.73, 2.28, 16]);
/** RegNet X 1.6GF: 1.6 thousand million multiplications for an image of 224×224. */
export const regnetX1_6gf = regnet("regnet_x_1_6gf", RegNet_X_1_6GF_Weights, [18, 80, 34.01, 2.25, 24]);
/** RegNet X 3.2GF: 3.2 thousand million multiplications for an image of 224×224. */
export const regnetX3_2gf = regnet("regnet_x_3_2gf", RegNet_X_3_2GF_Weights, [25, 88, 26.31, 2.25, 48]);
/** RegNet X 8GF: 8 thousand million multiplications for an image of 224×224. */
export const regnetX8gf = regnet("regnet_x_8gf", RegNet_X_8GF_Weights, [23, 80, 49.56, 2.88, 120]);
/** RegNet X 16GF: 16 thousand million multiplications for an image of 224×224. */
export const regnetX16gf = regnet("regnet_x_16gf", RegNet_X_16GF_Weights, [22, 216, 55.59, 2.1, 128]);
/** RegNet X 32GF: 32 thousand million multiplications for an image of 224×224. */
export const regnetX32gf = regnet("regnet_x_32gf", RegNet_X_32GF_Weights, [23, 320, 69.86, 2.0, 168]);
