/**
 * MobileNet V3: inverted residual blocks with squeeze and excitation.
 *
 * Source: https://arxiv.org/abs/1905.02244
 */
import { nn, type Tensor } from "flambeau";
import { type Args, instanceOf, int, listOf, number, optional, Signature } from "flambeau/arguments";
import { Conv2dNormActivation } from "../ops/convNormActivation.js";
import { type ActivationLayer, type Layer, layerParam, type MakeLayer, makerOf, normParam } from "../ops/layer.js";
import { SqueezeExcitation } from "../ops/misc.js";
import { type Builder, builder } from "./builder.js";
import { initialize, kaimingFanOut, makeDivisible, smallNormal } from "./shared.js";
import { type AnyWeightsEnum, weightsEnum } from "./weights.js";

/** One block: a row of tables 1 and 2 of the paper. The numbers of channels are scaled by `widthMult`. */
export class InvertedResidualConfig {
  readonly inputChannels: number;
  readonly expandedChannels: number;
  readonly outChannels: number;
  readonly useHs: boolean;

  /** @param activation `"HS"` for hardswish, `"RE"` for ReLU. */
  constructor(
    inputChannels: number,
    readonly kernel: number,
    expandedChannels: number,
    outChannels: number,
    readonly useSe: boolean,
    activation: "HS" | "RE",
    readonly stride: number,
    readonly dilation: number,
    widthMult: number,
  ) {
    this.inputChannels = InvertedResidualConfig.adjustChannels(inputChannels, widthMult);
    this.expandedChannels = InvertedResidualConfig.adjustChannels(expandedChannels, widthMult);
    this.outChannels = InvertedResidualConfig.adjustChannels(outChannels, widthMult);
    this.useHs = activation === "HS";
  }

  static adjustChannels(channels: number, widthMult: number): number {
    return makeDivisible(channels * widthMult, 8);
  }
}

type MakeGate = Layer<[inputChannels: number, squeezeChannels: number]>;

const hardGate: MakeGate = (inputChannels, squeezeChannels) =>
  new SqueezeExcitation(inputChannels, squeezeChannels, { scaleActivation: nn.Hardsigmoid });

/** Channels are widened, filtered each for itself, weighted and narrowed; with a shortcut where sizes allow. */
export class InvertedResidual extends nn.Module {
  declare useResConnect: boolean;
  declare block: nn.Sequential;
  declare outChannels: number;
  /** Whether the block makes images smaller. */
  declare isStrided: boolean;

  constructor(cnf: InvertedResidualConfig, normLayer: Layer, seLayer: MakeGate = hardGate) {
    super();
    const { inputChannels, expandedChannels, outChannels, kernel, dilation } = cnf;
    if (cnf.stride < 1 || cnf.stride > 2) throw new Error("illegal stride value");
    this.useResConnect = cnf.stride === 1 && inputChannels === outChannels;
    const activationLayer: ActivationLayer = cnf.useHs ? nn.Hardswish : nn.ReLU;
    const options = { normLayer, activationLayer };
    const layers: nn.Module[] = [];
    if (expandedChannels !== inputChannels)
      layers.push(new Conv2dNormActivation(inputChannels, expandedChannels, 1, options));
    layers.push(
      new Conv2dNormActivation(expandedChannels, expandedChannels, kernel, {
        stride: dilation > 1 ? 1 : cnf.stride,
        dilation,
        groups: expandedChannels,
        ...options,
      }),
    );
    if (cnf.useSe) layers.push(makerOf(seLayer)(expandedChannels, makeDivisible(Math.floor(expandedChannels / 4), 8)));
    layers.push(new Conv2dNormActivation(expandedChannels, outChannels, 1, { normLayer, activationLayer: null }));
    this.block = new nn.Sequential(...layers);
    this.outChannels = outChannels;
    this.isStrided = cnf.stride > 1;
  }

  override forward(input: Tensor): Tensor {
    const result = this.block(input);
    return this.useResConnect ? result.add_(input) : result;
  }
}

type MakeBlock = Layer<[cnf: InvertedResidualConfig, normLayer: MakeLayer]>;

export interface MobileNetV3Options {
  numClasses?: number;
  /** Makes the blocks: `InvertedResidual` by default. */
  block?: MakeBlock | null;
  /** Makes the norms: `nn.BatchNorm2d` with an eps of 0.001 and a momentum of 0.01 by default. */
  normLayer?: Layer | null;
  /** How likely dropout is; 0.2 by default. */
  dropout?: number;
}

const params = {
  invertedResidualSetting: listOf(
    "List[InvertedResidualConfig]",
    instanceOf("InvertedResidualConfig", InvertedResidualConfig),
  ),
  lastChannel: int,
  numClasses: optional(int, 1000),
  block: optional(
    layerParam<[cnf: InvertedResidualConfig, normLayer: MakeLayer]>(),
    makerOf<[cnf: InvertedResidualConfig, normLayer: MakeLayer], nn.Module>(InvertedResidual),
  ),
  normLayer: optional(normParam, (channels: number): nn.Module => new nn.BatchNorm2d(channels, 0.001, 0.01)),
  dropout: optional(number, 0.2),
};

/**
 * A MobileNet V3: images `[N, 3, H, W]` to scores `[N, numClasses]`.
 *
 * @param invertedResidualSetting one configuration for each block.
 * @param lastChannel how many channels the layer before the last has.
 * @throws Error if there is no block.
 * @see https://pytorch.org/vision/stable/models/mobilenetv3.html
 */
export class MobileNetV3 extends nn.Module {
  declare features: nn.Sequential;
  declare avgpool: nn.AdaptiveAvgPool2d;
  declare classifier: nn.Sequential;

  constructor(
    ...args: [
      invertedResidualSetting: readonly InvertedResidualConfig[],
      lastChannel: number,
      ...rest: Args<
        [numClasses?: number, block?: MakeBlock | null, normLayer?: Layer | null, dropout?: number],
        ["numClasses", "block", "normLayer", "dropout"]
      >,
    ]
  ) {
    super();
    const given = new Signature(new.target.name, params).parse(args);
    const { invertedResidualSetting, lastChannel, numClasses, block, normLayer, dropout } = given;
    const [first] = invertedResidualSetting;
    const last = invertedResidualSetting.at(-1);
    if (first === undefined || last === undefined) throw new Error("The inverted_residual_setting should not be empty");
    const options = { normLayer, activationLayer: nn.Hardswish };
    const width = 6 * last.outChannels;
    this.features = new nn.Sequential(
      new Conv2dNormActivation(3, first.inputChannels, 3, 2, options),
      ...invertedResidualSetting.map((cnf) => block(cnf, normLayer)),
      new Conv2dNormActivation(last.outChannels, width, 1, options),
    );
    this.avgpool = new nn.AdaptiveAvgPool2d(1);
    this.classifier = new nn.Sequential(
      new nn.Linear(width, lastChannel),
      new nn.Hardswish({ inplace: true }),
      new nn.Dropout(dropout, { inplace: true }),
      new nn.Linear(lastChannel, numClasses),
    );
    initialize(this, { conv: kaimingFanOut, linear: smallNormal });
  }

  override forward(x: Tensor): Tensor {
    return this.classifier(this.avgpool(this.features(x)).flatten(1));
  }
}

interface Shape {
  /** Scales all numbers of channels; 1 by default. */
  widthMult?: number;
  /** Whether the last blocks have half the channels. */
  reducedTail?: boolean;
  /** Whether the last blocks have a dilation instead of a stride. */
  dilated?: boolean;
}

type Row = ConstructorParameters<typeof InvertedResidualConfig> extends [...infer R, number] ? R : never;

/** The blocks of both sizes, and the channels of the layer before the last; `tail` scales the last channels. */
const configurations: Record<
  "large" | "small",
  (tail: number, dilation: number) => readonly [rows: Row[], last: number]
> = {
  large: (tail, dilation) => [
    [
      [16, 3, 16, 16, false, "RE", 1, 1],
      [16, 3, 64, 24, false, "RE", 2, 1],
      [24, 3, 72, 24, false, "RE", 1, 1],
      [24, 5, 72, 40, true, "RE", 2, 1],
      [40, 5, 120, 40, true, "RE", 1, 1],
      [40, 5, 120, 40, true, "RE", 1, 1],
      [40, 3, 240, 80, false, "HS", 2, 1],
      [80, 3, 200, 80, false, "HS", 1, 1],
      [80, 3, 184, 80, false, "HS", 1, 1],
      [80, 3, 184, 80, false, "HS", 1, 1],
      [80, 3, 480, 112, true, "HS", 1, 1],
      [112, 3, 672, 112, true, "HS", 1, 1],
      [112, 5, 672, 160 / tail, true, "HS", 2, dilation],
      [160 / tail, 5, 960 / tail, 160 / tail, true, "HS", 1, dilation],
      [160 / tail, 5, 960 / tail, 160 / tail, true, "HS", 1, dilation],
    ],
    1280 / tail,
  ],
  small: (tail, dilation) => [
    [
      [16, 3, 16, 16, true, "RE", 2, 1],
      [16, 3, 72, 24, false, "RE", 2, 1],
      [24, 3, 88, 24, false, "RE", 1, 1],
      [24, 5, 96, 40, true, "HS", 2, 1],
      [40, 5, 240, 40, true, "HS", 1, 1],
      [40, 5, 240, 40, true, "HS", 1, 1],
      [40, 5, 120, 48, true, "HS", 1, 1],
      [48, 5, 144, 48, true, "HS", 1, 1],
      [48, 5, 288, 96 / tail, true, "HS", 2, dilation],
      [96 / tail, 5, 576 / tail, 96 / tail, true, "HS", 1, dilation],
      [96 / tail, 5, 576 / tail, 96 / tail, true, "HS", 1, dilation],
    ],
    1024 / tail,
  ],
};

export const MobileNet_V3_Large_Weights = weightsEnum(
  "MobileNet_V3_Large_Weights",
  ["IMAGENET1K_V1", "IMAGENET1K_V2"],
  "IMAGENET1K_V2",
);
export const MobileNet_V3_Small_Weights = weightsEnum("MobileNet_V3_Small_Weights", ["IMAGENET1K_V1"]);

export type MobileNetV3Builder = Builder<MobileNetV3, MobileNetV3Options & Shape>;

function mobilenet(name: string, weights: AnyWeightsEnum, size: keyof typeof configurations): MobileNetV3Builder {
  return builder(name, weights, ({ widthMult = 1, reducedTail = false, dilated = false, ...options }) => {
    const [rows, last] = configurations[size](reducedTail ? 2 : 1, dilated ? 2 : 1);
    const blocks = rows.map((row) => new InvertedResidualConfig(...row, widthMult));
    return new MobileNetV3(blocks, InvertedResidualConfig.adjustChannels(last, widthMult), options);
  });
}

/** MobileNet V3 large. */
export const mobilenetV3Large = mobilenet("mobilenet_v3_large", MobileNet_V3_Large_Weights, "large");
/** MobileNet V3 small. */
export const mobilenetV3Small = mobilenet("mobilenet_v3_small", MobileNet_V3_Small_Weights, "small");
