/**
 * ShuffleNet V2.
 *
 * Source: https://arxiv.org/abs/1807.11164
 */
import torch, { nn, type Tensor } from "flambeau";
import { type Args, int, ints, optional, Signature } from "flambeau/arguments";
import { type Layer, layerParam } from "../ops/layer.js";
import { type Builder, builder } from "./builder.js";
import { items, quotient, sizesOf } from "./shapes.js";
import { type AnyWeightsEnum, weightsEnum } from "./weights.js";

/** The channels of an image in another order: the first of each group, then the second of each, and so on. */
function channelShuffle(x: Tensor, groups: number): Tensor {
  const [batch, channels, height, width] = items(sizesOf(x));
  return x
    .view(batch, groups, quotient(channels, groups), height, width)
    .transpose(1, 2)
    .contiguous()
    .view(batch, channels, height, width);
}

const relu = () => new nn.ReLU({ inplace: true });

function depthwise(channels: number, stride: number): nn.Conv2d {
  return new nn.Conv2d(channels, channels, 3, stride, 1, { groups: channels, bias: false });
}

type BlockArguments = [inp: number, oup: number, stride: number];

/** Two branches side by side, whose channels are mixed; with stride 1, one of them passes half the channels on. */
export class InvertedResidual extends nn.Module {
  declare stride: number;
  declare branch1: nn.Sequential;
  declare branch2: nn.Sequential;

  constructor(...[inp, oup, stride]: BlockArguments) {
    super();
    if (stride < 1 || stride > 3) throw new Error("illegal stride value");
    const width = Math.floor(oup / 2);
    if (stride === 1 && inp !== 2 * width) {
      throw new Error(
        `Invalid combination of stride ${stride}, inp ${inp} and oup ${oup} values. If stride == 1 then inp should be equal to oup // 2 << 1.`,
      );
    }
    this.stride = stride;
    this.branch1 =
      stride === 1
        ? new nn.Sequential()
        : new nn.Sequential(
            depthwise(inp, stride),
            new nn.BatchNorm2d(inp),
            new nn.Conv2d(inp, width, 1, { bias: false }),
            new nn.BatchNorm2d(width),
            relu(),
          );
    this.branch2 = new nn.Sequential(
      new nn.Conv2d(stride === 1 ? width : inp, width, 1, { bias: false }),
      new nn.BatchNorm2d(width),
      relu(),
      depthwise(width, stride),
      new nn.BatchNorm2d(width),
      new nn.Conv2d(width, width, 1, { bias: false }),
      new nn.BatchNorm2d(width),
      relu(),
    );
  }

  override forward(x: Tensor): Tensor {
    if (this.stride > 1) return channelShuffle(torch.cat([this.branch1(x), this.branch2(x)], 1), 2);
    const [kept, changed] = x.chunk(2, 1) as [Tensor, Tensor];
    return channelShuffle(torch.cat([kept, this.branch2(changed)], 1), 2);
  }
}

export interface ShuffleNetV2Options {
  numClasses?: number;
  /** Makes the blocks: `InvertedResidual` by default. */
  invertedResidual?: Layer<BlockArguments>;
}

const params = {
  stagesRepeats: ints,
  stagesOutChannels: ints,
  numClasses: optional(int, 1000),
  invertedResidual: optional(layerParam<BlockArguments>(), (...args): nn.Module => new InvertedResidual(...args)),
};

/**
 * A ShuffleNet V2: images `[N, 3, H, W]` to scores `[N, numClasses]`.
 *
 * @param stagesRepeats how many blocks each of the three stages has.
 * @param stagesOutChannels how many channels the first convolution, the stages and the last convolution give.
 * @throws Error for other numbers of stages.
 * @see https://pytorch.org/vision/stable/models/shufflenetv2.html
 */
export class ShuffleNetV2 extends nn.Module {
  declare conv1: nn.Sequential;
  declare maxpool: nn.MaxPool2d;
  declare stage2: nn.Sequential;
  declare stage3: nn.Sequential;
  declare stage4: nn.Sequential;
  declare conv5: nn.Sequential;
  declare fc: nn.Linear;

  constructor(
    ...args: [
      stagesRepeats: readonly number[],
      stagesOutChannels: readonly number[],
      ...rest: Args<
        [numClasses?: number, invertedResidual?: Layer<BlockArguments>],
        ["numClasses", "invertedResidual"]
      >,
    ]
  ) {
    super();
    const given = new Signature(new.target.name, params).parse(args);
    const { stagesRepeats, stagesOutChannels, numClasses, invertedResidual } = given;
    if (stagesRepeats.length !== 3) throw new Error("expected stages_repeats as list of 3 positive ints");
    if (stagesOutChannels.length !== 5) throw new Error("expected stages_out_channels as list of 5 positive ints");
    const [stem, , , before, last] = stagesOutChannels as [number, number, number, number, number];
    const convolution = (inputs: number, outputs: number, ...sizes: [number, number, number]) =>
      new nn.Sequential(new nn.Conv2d(inputs, outputs, ...sizes, { bias: false }), new nn.BatchNorm2d(outputs), relu());
    const stage = (i: number) => {
      const [inputs, outputs] = stagesOutChannels.slice(i, i + 2) as [number, number];
      const blocks = Array.from({ length: stagesRepeats[i] as number }, (_, j) =>
        j === 0 ? invertedResidual(inputs, outputs, 2) : invertedResidual(outputs, outputs, 1),
      );
      return new nn.Sequential(...blocks);
    };
    this.conv1 = convolution(3, stem, 3, 2, 1);
    this.maxpool = new nn.MaxPool2d(3, 2, 1);
    this.stage2 = stage(0);
    this.stage3 = stage(1);
    this.stage4 = stage(2);
    this.conv5 = convolution(before, last, 1, 1, 0);
    this.fc = new nn.Linear(last, numClasses);
  }

  override forward(x: Tensor): Tensor {
    const features = this.stage4(this.stage3(this.stage2(this.maxpool(this.conv1(x)))));
    return this.fc(this.conv5(features).mean([2, 3]));
  }
}

export const ShuffleNet_V2_X0_5_Weights = weightsEnum("ShuffleNet_V2_X0_5_Weights", ["IMAGENET1K_V1"]);
export const ShuffleNet_V2_X1_0_Weights = weightsEnum("ShuffleNet_V2_X1_0_Weights", ["IMAGENET1K_V1"]);
export const ShuffleNet_V2_X1_5_Weights = weightsEnum("ShuffleNet_V2_X1_5_Weights", ["IMAGENET1K_V1"]);
export const ShuffleNet_V2_X2_0_Weights = weightsEnum("ShuffleNet_V2_X2_0_Weights", ["IMAGENET1K_V1"]);

export type ShuffleNetV2Builder = Builder<ShuffleNetV2, ShuffleNetV2Options>;

function shufflenet(name: string, weights: AnyWeightsEnum, channels: readonly number[]): ShuffleNetV2Builder {
  return builder(name, weights, (options) => new ShuffleNetV2([4, 8, 4], channels, options));
}

/** ShuffleNet V2 with half the channels. */
export const shufflenetV2X0_5 = shufflenet("shufflenet_v2_x0_5", ShuffleNet_V2_X0_5_Weights, [24, 48, 96, 192, 1024]);
/** ShuffleNet V2. */
export const shufflenetV2X1_0 = shufflenet("shufflenet_v2_x1_0", ShuffleNet_V2_X1_0_Weights, [24, 116, 232, 464, 1024]);
/** ShuffleNet V2 with 1.5 times the channels. */
export const shufflenetV2X1_5 = shufflenet("shufflenet_v2_x1_5", ShuffleNet_V2_X1_5_Weights, [24, 176, 352, 704, 1024]);
/** ShuffleNet V2 with twice the channels. */
export const shufflenetV2X2_0 = shufflenet("shufflenet_v2_x2_0", ShuffleNet_V2_X2_0_Weights, [24, 244, 488, 976, 2048]);
