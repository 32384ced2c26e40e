/**
 * Residual networks: ResNet, ResNeXt and wide ResNet.
 *
 * Source: https://arxiv.org/abs/1512.03385, https://arxiv.org/abs/1611.05431, https://arxiv.org/abs/1605.07146
 */
import { nn, type Tensor } from "flambeau";
import {
  type Args,
  flag,
  int,
  ints,
  listOf,
  nullable,
  optional,
  type Param,
  requiredFlag,
  Signature,
} from "flambeau/arguments";
import { batchNormByDefault, type Layer, layerParam, type MakeLayer, moduleParam } from "../ops/layer.js";
import { type Builder, builder, withFixed } from "./builder.js";
import { initialize, through } from "./shared.js";
import { type AnyWeightsEnum, weightsEnum } from "./weights.js";

function conv3x3(inPlanes: number, outPlanes: number, stride = 1, groups = 1, dilation = 1): nn.Conv2d {
  return new nn.Conv2d(inPlanes, outPlanes, 3, stride, dilation, dilation, groups, { bias: false });
}

function conv1x1(inPlanes: number, outPlanes: number, stride = 1): nn.Conv2d {
  return new nn.Conv2d(inPlanes, outPlanes, 1, stride, { bias: false });
}

export type ResNetBlockArguments = [
  inplanes: number,
  planes: number,
  ...rest: Args<
    [
      stride?: number,
      downsample?: nn.Module | null,
      groups?: number,
      baseWidth?: number,
      dilation?: number,
      normLayer?: Layer | null,
    ],
    ["stride", "downsample", "groups", "baseWidth", "dilation", "normLayer"]
  >,
];

const blockParams = {
  inplanes: int,
  planes: int,
  stride: optional(int, 1),
  downsample: optional(nullable(moduleParam), null),
  groups: optional(int, 1),
  baseWidth: optional(int, 64),
  dilation: optional(int, 1),
  normLayer: batchNormByDefault,
};

/** A class of blocks, which tells how many times its channels grow. */
export type ResNetBlock = { new (...args: ResNetBlockArguments): nn.Module; readonly expansion: number };

/**
 * Two convolutions of 3×3 and a shortcut.
 *
 * @throws Error for groups, another base width or a dilation.
 */
export class BasicBlock extends nn.Module {
  static readonly expansion: number = 1;
  declare conv1: nn.Conv2d;
  declare bn1: nn.Module;
  declare relu: nn.ReLU;
  declare conv2: nn.Conv2d;
  declare bn2: nn.Module;
  declare downsample: nn.Module | null;
  declare stride: number;

  constructor(...args: ResNetBlockArguments) {
    super();
    const { inplanes, planes, stride, downsample, groups, baseWidth, dilation, normLayer } = new Signature(
      new.target.name,
      blockParams,
    ).parse(args);
    if (groups !== 1 || baseWidth !== 64) throw new Error("BasicBlock only supports groups=1 and base_width=64");
    if (dilation > 1) throw new Error("Dilation > 1 not supported in BasicBlock");
    this.conv1 = conv3x3(inplanes, planes, stride);
    this.bn1 = normLayer(planes);
    this.relu = new nn.ReLU({ inplace: true });
    this.conv2 = conv3x3(planes, planes);
    this.bn2 = normLayer(planes);
    this.downsample = downsample;
    this.stride = stride;
  }

  override forward(x: Tensor): Tensor {
    const added = () => (this.downsample === null ? x : this.downsample(x));
    return through(x, [this.conv1, this.bn1, this.relu, this.conv2, this.bn2], { added, behind: this.relu });
  }
}

/** Convolutions of 1×1, 3×3 and 1×1, and a shortcut; the stride is that of the one in the middle. */
export class Bottleneck extends nn.Module {
  static readonly expansion: number = 4;
  declare conv1: nn.Conv2d;
  declare bn1: nn.Module;
  declare conv2: nn.Conv2d;
  declare bn2: nn.Module;
  declare conv3: nn.Conv2d;
  declare bn3: nn.Module;
  declare relu: nn.ReLU;
  declare downsample: nn.Module | null;
  declare stride: number;

  constructor(...args: ResNetBlockArguments) {
    super();
    const { inplanes, planes, stride, downsample, groups, baseWidth, dilation, normLayer } = new Signature(
      new.target.name,
      blockParams,
    ).parse(args);
    const width = Math.trunc(planes * (baseWidth / 64)) * groups;
    const outplanes = planes * Bottleneck.expansion;
    this.conv1 = conv1x1(inplanes, width);
    this.bn1 = normLayer(width);
    this.conv2 = conv3x3(width, width, stride, groups, dilation);
    this.bn2 = normLayer(width);
    this.conv3 = conv1x1(width, outplanes);
    this.bn3 = normLayer(outplanes);
    this.relu = new nn.ReLU({ inplace: true });
    this.downsample = downsample;
    this.stride = stride;
  }

  override forward(x: Tensor): Tensor {
    const first = [this.conv1, this.bn1, this.relu, this.conv2, this.bn2, this.relu];
    const added = () => (this.downsample === null ? x : this.downsample(x));
    return through(x, [...first, this.conv3, this.bn3], { added, behind: this.relu });
  }
}

export interface ResNetOptions {
  /** Whether blocks begin as their shortcuts: with zero for the last norm. */
  zeroInitResidual?: boolean;
  /** The groups of the convolutions of 3×3. */
  groups?: number;
  /** The channels of a group where `planes` is 64. */
  widthPerGroup?: number;
  /** Which of the last three stages have a dilation instead of a stride. */
  replaceStrideWithDilation?: readonly boolean[] | null;
  /** Makes the norms: `nn.BatchNorm2d` by default. */
  normLayer?: Layer | null;
}

const params = {
  block: layerParam() as unknown as Param<ResNetBlock>,
  layers: ints,
  numClasses: optional(int, 1000),
  zeroInitResidual: flag,
  groups: optional(int, 1),
  widthPerGroup: optional(int, 64),
  replaceStrideWithDilation: optional(listOf("list of 3 bools", requiredFlag), [false, false, false]),
  normLayer: batchNormByDefault,
};

/**
 * A residual network: images `[N, 3, H, W]` to scores `[N, numClasses]`.
 *
 * @param block `BasicBlock` or `Bottleneck`.
 * @param layers how many blocks each of the four stages has.
 * @example new models.ResNet(models.resnet.BasicBlock, [2, 2, 2, 2], 10)
 * @see https://pytorch.org/vision/stable/models/resnet.html
 */
export class ResNet extends nn.Module {
  declare inplanes: number;
  declare dilation: number;
  declare groups: number;
  declare baseWidth: number;
  declare conv1: nn.Conv2d;
  declare bn1: nn.Module;
  declare relu: nn.ReLU;
  declare maxpool: nn.MaxPool2d;
  declare layer1: nn.Sequential;
  declare layer2: nn.Sequential;
  declare layer3: nn.Sequential;
  declare layer4: nn.Sequential;
  declare avgpool: nn.AdaptiveAvgPool2d;
  declare fc: nn.Linear;

  constructor(
    ...args: [
      block: ResNetBlock,
      layers: readonly number[],
      ...rest: Args<[numClasses?: number], ["numClasses"], ResNetOptions>,
    ]
  ) {
    super();
    const [block] = args;
    const { layers, numClasses, normLayer, ...given } = new Signature(new.target.name, params).parse(args);
    const dilated = given.replaceStrideWithDilation;
    if (dilated.length !== 3)
      throw new Error(`replace_stride_with_dilation should be None or a 3-element tuple, got [${dilated.join(", ")}]`);
    this.inplanes = 64;
    this.dilation = 1;
    this.groups = given.groups;
    this.baseWidth = given.widthPerGroup;
    this.conv1 = new nn.Conv2d(3, this.inplanes, 7, 2, 3, { bias: false });
    this.bn1 = normLayer(this.inplanes);
    this.relu = new nn.ReLU({ inplace: true });
    this.maxpool = new nn.MaxPool2d(3, 2, 1);
    const stage = (i: number) =>
      this.makeLayer(block, 64 * 2 ** i, layers[i] as number, i === 0 ? 1 : 2, dilated[i - 1] ?? false, normLayer);
    this.layer1 = stage(0);
    this.layer2 = stage(1);
    this.layer3 = stage(2);
    this.layer4 = stage(3);
    this.avgpool = new nn.AdaptiveAvgPool2d([1, 1]);
    this.fc = new nn.Linear(512 * block.expansion, numClasses);
    initialize(this, {
      conv: ({ weight }) => nn.init.kaimingNormal_(weight, { mode: "fan_out", nonlinearity: "relu" }),
    });
    if (given.zeroInitResidual) this.zeroResiduals();
  }

  private makeLayer(
    block: ResNetBlock,
    planes: number,
    blocks: number,
    step: number,
    dilate: boolean,
    normLayer: MakeLayer,
  ): nn.Sequential {
    const { groups, baseWidth, dilation: before } = this;
    const stride = dilate ? 1 : step;
    if (dilate) this.dilation *= step;
    const outplanes = planes * block.expansion;
    const downsample =
      stride === 1 && this.inplanes === outplanes
        ? null
        : new nn.Sequential(conv1x1(this.inplanes, outplanes, stride), normLayer(outplanes));
    const first = new block(this.inplanes, planes, stride, downsample, groups, baseWidth, before, normLayer);
    this.inplanes = outplanes;
    const others = Array.from(
      { length: blocks - 1 },
      () => new block(outplanes, planes, { groups, baseWidth, dilation: this.dilation, normLayer }),
    );
    return new nn.Sequential(first, ...others);
  }

  private zeroResiduals(): void {
    for (const block of this.modules()) {
      const last = block instanceof Bottleneck ? block.bn3 : block instanceof BasicBlock ? block.bn2 : undefined;
      const weight = (last as { weight?: Tensor | null } | undefined)?.weight;
      if (weight) nn.init.zeros_(weight);
    }
  }

  override forward(x: Tensor): Tensor {
    const stem = through(x, [this.conv1, this.bn1, this.relu, this.maxpool]);
    const features = this.layer4(this.layer3(this.layer2(this.layer1(stem))));
    return this.fc(this.avgpool(features).flatten(1));
  }
}

const v1 = ["IMAGENET1K_V1"] as const;
const v1AndV2 = ["IMAGENET1K_V1", "IMAGENET1K_V2"] as const;

export const ResNet18_Weights = weightsEnum("ResNet18_Weights", v1);
export const ResNet34_Weights = weightsEnum("ResNet34_Weights", v1);
export const ResNet50_Weights = weightsEnum("ResNet50_Weights", v1AndV2, "IMAGENET1K_V2");
export const ResNet101_Weights = weightsEnum("ResNet101_Weights", v1AndV2, "IMAGENET1K_V2");
export const ResNet152_Weights = weightsEnum("ResNet152_Weights", v1AndV2, "IMAGENET1K_V2");
export const ResNeXt50_32X4D_Weights = weightsEnum("ResNeXt50_32X4D_Weights", v1AndV2, "IMAGENET1K_V2");
export const ResNeXt101_32X8D_Weights = weightsEnum("ResNeXt101_32X8D_Weights", v1AndV2, "IMAGENET1K_V2");
export const ResNeXt101_64X4D_Weights = weightsEnum("ResNeXt101_64X4D_Weights", v1);
export const Wide_ResNet50_2_Weights = weightsEnum("Wide_ResNet50_2_Weights", v1AndV2, "IMAGENET1K_V2");
export const Wide_ResNet101_2_Weights = weightsEnum("Wide_ResNet101_2_Weights", v1AndV2, "IMAGENET1K_V2");

export type ResNetBuilder = Builder<ResNet, ResNetOptions & { numClasses?: number }>;

function resnet(
  name: string,
  weights: AnyWeightsEnum,
  block: ResNetBlock,
  layers: readonly number[],
  width: Pick<ResNetOptions, "groups" | "widthPerGroup"> = {},
): ResNetBuilder {
  return builder(name, weights, (options) => new ResNet(block, layers, withFixed(options, width)));
}

/** ResNet-18. */
export const resnet18 = resnet("resnet18", ResNet18_Weights, BasicBlock, [2, 2, 2, 2]);
/** ResNet-34. */
export const resnet34 = resnet("resnet34", ResNet34_Weights, BasicBlock, [3, 4, 6, 3]);
/** ResNet-50. */
export const resnet50 = resnet("resnet50", ResNet50_Weights, Bottleneck, [3, 4, 6, 3]);
/** ResNet-101. */
export const resnet101 = resnet("resnet101", ResNet101_Weights, Bottleneck, [3, 4, 23, 3]);
/** ResNet-152. */
export const resnet152 = resnet("resnet152", ResNet152_Weights, Bottleneck, [3, 8, 36, 3]);
/** ResNeXt-50 32×4d. */
export const resnext50_32x4d = resnet("resnext50_32x4d", ResNeXt50_32X4D_Weights, Bottleneck, [3, 4, 6, 3], {
  groups: 32,
  widthPerGroup: 4,
});
/** ResNeXt-101 32×8d. */
export const resnext101_32x8d = resnet("resnext101_32x8d", ResNeXt101_32X8D_Weights, Bottleneck, [3, 4, 23, 3], {
  groups: 32,
  widthPerGroup: 8,
});
/** ResNeXt-101 64×4d. */
export const resnext101_64x4d = resnet("resnext101_64x4d", ResNeXt101_64X4D_Weights, Bottleneck, [3, 4, 23, 3], {
  groups: 64,
  widthPerGroup: 4,
});
/** Wide ResNet-50-2: twice the channels in the middle of each block. */
export const wideResnet50_2 = resnet("wide_resnet50_2", Wide_ResNet50_2_Weights, Bottleneck, [3, 4, 6, 3], {
  widthPerGroup: 128,
});
/** Wide ResNet-101-2: twice the channels in the middle of each block. */
export const wideResnet101_2 = resnet("wide_resnet101_2", Wide_ResNet101_2_Weights, Bottleneck, [3, 4, 23, 3], {
  widthPerGroup: 128,
});
