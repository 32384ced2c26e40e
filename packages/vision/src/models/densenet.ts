/**
 * DenseNet: every layer of a block gets what all layers before it gave.
 *
 * Source: https://arxiv.org/abs/1608.06993
 */
import torch, { F, nn, type Tensor } from "flambeau";
import { type Args, flag, int, ints, number, optional, Signature } from "flambeau/arguments";
import { type Builder, builder } from "./builder.js";
import { initialize, through, zeroBias } from "./shared.js";
import { type AnyWeightsEnum, weightsEnum } from "./weights.js";

// Blocks have the names under which torchvision prints them.

/** A convolution of 1×1 and one of 3×3, which gives `growthRate` channels. */
export class _DenseLayer extends nn.Module {
  declare norm1: nn.BatchNorm2d;
  declare relu1: nn.ReLU;
  declare conv1: nn.Conv2d;
  declare norm2: nn.BatchNorm2d;
  declare relu2: nn.ReLU;
  declare conv2: nn.Conv2d;
  declare dropRate: number;

  constructor(inputs: number, growthRate: number, bnSize: number, dropRate: number) {
    super();
    const width = bnSize * growthRate;
    this.norm1 = new nn.BatchNorm2d(inputs);
    this.relu1 = new nn.ReLU({ inplace: true });
    this.conv1 = new nn.Conv2d(inputs, width, 1, { bias: false });
    this.norm2 = new nn.BatchNorm2d(width);
    this.relu2 = new nn.ReLU({ inplace: true });
    this.conv2 = new nn.Conv2d(width, growthRate, 3, 1, 1, { bias: false });
    this.dropRate = dropRate;
  }

  override forward(input: Tensor | readonly Tensor[]): Tensor {
    const features = Array.isArray(input) ? torch.cat(input, 1) : (input as Tensor);
    const added = through(features, [this.norm1, this.relu1, this.conv1, this.norm2, this.relu2, this.conv2]);
    return this.dropRate > 0 ? F.dropout(added, this.dropRate, { training: this.training }) : added;
  }
}

/** Layers each of which gets the outputs of all before it. */
export class _DenseBlock extends nn.ModuleDict<_DenseLayer> {
  constructor(layers: number, inputs: number, bnSize: number, growthRate: number, dropRate: number) {
    super();
    for (let i = 0; i < layers; i++)
      this.setAt(`denselayer${i + 1}`, new _DenseLayer(inputs + i * growthRate, growthRate, bnSize, dropRate));
  }

  override forward(input: Tensor): Tensor {
    const features = [input];
    for (const layer of this.values()) features.push(layer(features));
    return torch.cat(features, 1);
  }
}

/** Between blocks: other channels, and half the size. */
export class _Transition extends nn.Sequential {
  constructor(inputs: number, outputs: number) {
    super({
      norm: new nn.BatchNorm2d(inputs),
      relu: new nn.ReLU({ inplace: true }),
      conv: new nn.Conv2d(inputs, outputs, 1, { bias: false }),
      pool: new nn.AvgPool2d(2, 2),
    });
  }
}

export interface DenseNetOptions {
  /** How many channels the layers of a block give for one of growth; 4 by default. */
  bnSize?: number;
  /** How likely dropout is after each layer; 0 by default. */
  dropRate?: number;
  numClasses?: number;
  /** Whether to save memory for time by computing parts of layers again in the backward pass. It changes no result, and nothing here. */
  memoryEfficient?: boolean;
}

const params = {
  growthRate: optional(int, 32),
  blockConfig: optional(ints, [6, 12, 24, 16]),
  numInitFeatures: optional(int, 64),
  bnSize: optional(int, 4),
  dropRate: optional(number, 0),
  numClasses: optional(int, 1000),
  memoryEfficient: flag,
};

/**
 * A DenseNet: images `[N, 3, H, W]` to scores `[N, numClasses]`.
 *
 * @param growthRate how many channels each layer adds.
 * @param blockConfig how many layers each block has.
 * @param numInitFeatures how many channels the first convolution gives.
 * @see https://pytorch.org/vision/stable/models/densenet.html
 */
export class DenseNet extends nn.Module {
  declare features: nn.Sequential;
  declare classifier: nn.Linear;

  constructor(
    ...args: Args<
      [
        growthRate?: number,
        blockConfig?: readonly number[],
        numInitFeatures?: number,
        bnSize?: number,
        dropRate?: number,
        numClasses?: number,
      ],
      ["growthRate", "blockConfig", "numInitFeatures", "bnSize", "dropRate", "numClasses"],
      { memoryEfficient?: boolean }
    >
  ) {
    super();
    const given = new Signature(new.target.name, params).parse(args);
    const { growthRate, blockConfig, numInitFeatures, bnSize, dropRate, numClasses } = given;
    const layers: Record<string, nn.Module> = {
      conv0: new nn.Conv2d(3, numInitFeatures, 7, 2, 3, { bias: false }),
      norm0: new nn.BatchNorm2d(numInitFeatures),
      relu0: new nn.ReLU({ inplace: true }),
      pool0: new nn.MaxPool2d(3, 2, 1),
    };
    let channels = numInitFeatures;
    blockConfig.forEach((count, i) => {
      layers[`denseblock${i + 1}`] = new _DenseBlock(count, channels, bnSize, growthRate, dropRate);
      channels += count * growthRate;
      if (i === blockConfig.length - 1) return;
      const narrower = Math.floor(channels / 2);
      layers[`transition${i + 1}`] = new _Transition(channels, narrower);
      channels = narrower;
    });
    layers.norm5 = new nn.BatchNorm2d(channels);
    this.features = new nn.Sequential(layers);
    this.classifier = new nn.Linear(channels, numClasses);
    initialize(this, { conv: ({ weight }) => nn.init.kaimingNormal_(weight), linear: zeroBias });
  }

  override forward(x: Tensor): Tensor {
    const features = F.relu(this.features(x), { inplace: true });
    return this.classifier(F.adaptiveAvgPool2d(features, [1, 1]).flatten(1));
  }
}

export const DenseNet121_Weights = weightsEnum("DenseNet121_Weights", ["IMAGENET1K_V1"]);
export const DenseNet161_Weights = weightsEnum("DenseNet161_Weights", ["IMAGENET1K_V1"]);
export const DenseNet169_Weights = weightsEnum("DenseNet169_Weights", ["IMAGENET1K_V1"]);
export const DenseNet201_Weights = weightsEnum("DenseNet201_Weights", ["IMAGENET1K_V1"]);

export type DenseNetBuilder = Builder<DenseNet, DenseNetOptions>;

function densenet(
  name: string,
  weights: AnyWeightsEnum,
  growthRate: number,
  blockConfig: readonly number[],
  numInitFeatures: number,
): DenseNetBuilder {
  return builder(name, weights, (options) => new DenseNet(growthRate, blockConfig, numInitFeatures, options), {
    // Published files have `norm.1` for `norm1`, and so on.
    rename: (key) => key.replace(/(denselayer\d+\.(?:norm|relu|conv))\.([12]\.)/, "$1$2"),
  });
}

/** DenseNet-121. */
export const densenet121 = densenet("densenet121", DenseNet121_Weights, 32, [6, 12, 24, 16], 64);
/** DenseNet-161. */
export const densenet161 = densenet("densenet161", DenseNet161_Weights, 48, [6, 12, 36, 24], 96);
/** DenseNet-169. */
export const densenet169 = densenet("densenet169", DenseNet169_Weights, 32, [6, 12, 32, 32], 64);
/** DenseNet-201. */
export const densenet201 = densenet("densenet201", DenseNet201_Weights, 32, [6, 12, 48, 32], 64);
