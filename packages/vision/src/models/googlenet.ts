/**
 * GoogLeNet.
 *
 * Source: https://arxiv.org/abs/1409.4842
 */
import torch, { F, nn, type Tensor } from "flambeau";
import { type Args, flag, flagOn, int, listOf, number, optional, Signature } from "flambeau/arguments";
import { type Layer, layerParam, type MakeLayer, makerOf } from "../ops/layer.js";
import { BasicConv2d, type ConvSizes, forPublished, named, renormalize } from "./basicConv2d.js";
import { type Builder, builder } from "./builder.js";
import { initialize, through } from "./shared.js";
import { weightsEnum } from "./weights.js";

export { BasicConv2d } from "./basicConv2d.js";

type ConvArguments = [inChannels: number, outChannels: number, kernelSize: number, sizes?: ConvSizes];

/** Four branches side by side: convolutions of 1×1, two of up to 3×3, and a pooling. */
export class Inception extends nn.Module {
  declare branch1: nn.Module;
  declare branch2: nn.Sequential;
  declare branch3: nn.Sequential;
  declare branch4: nn.Sequential;

  constructor(
    inChannels: number,
    ch1x1: number,
    ch3x3red: number,
    ch3x3: number,
    ch5x5red: number,
    ch5x5: number,
    poolProj: number,
    convBlock: Layer<ConvArguments> = BasicConv2d,
  ) {
    super();
    const conv = makerOf(convBlock);
    this.branch1 = conv(inChannels, ch1x1, 1);
    this.branch2 = new nn.Sequential(conv(inChannels, ch3x3red, 1), conv(ch3x3red, ch3x3, 3, { padding: 1 }));
    // The paper has 5×5 here; the published weights have 3×3.
    this.branch3 = new nn.Sequential(conv(inChannels, ch5x5red, 1), conv(ch5x5red, ch5x5, 3, { padding: 1 }));
    this.branch4 = new nn.Sequential(new nn.MaxPool2d(3, 1, 1, { ceilMode: true }), conv(inChannels, poolProj, 1));
  }

  override forward(x: Tensor): Tensor {
    return torch.cat([this.branch1(x), this.branch2(x), this.branch3(x), this.branch4(x)], 1);
  }
}

/** Scores from the middle of the network, which help to train it. */
export class InceptionAux extends nn.Module {
  declare conv: nn.Module;
  declare fc1: nn.Linear;
  declare fc2: nn.Linear;
  declare dropout: nn.Dropout;

  constructor(
    inChannels: number,
    numClasses: number,
    { convBlock = BasicConv2d, dropout = 0.7 }: { convBlock?: Layer<ConvArguments>; dropout?: number } = {},
  ) {
    super();
    this.conv = makerOf(convBlock)(inChannels, 128, 1);
    this.fc1 = new nn.Linear(2048, 1024);
    this.fc2 = new nn.Linear(1024, numClasses);
    this.dropout = new nn.Dropout(dropout);
  }

  override forward(x: Tensor): Tensor {
    const features: Tensor = this.conv(F.adaptiveAvgPool2d(x, [4, 4])).flatten(1);
    return this.fc2(this.dropout(F.relu(this.fc1(features), { inplace: true })));
  }
}

/** What the network gives in training: scores, and those from the middle; as in torchvision, `auxLogits2` are the earlier ones. */
export interface GoogLeNetOutputs extends Iterable<Tensor | null> {
  readonly logits: Tensor;
  readonly auxLogits2: Tensor | null;
  readonly auxLogits1: Tensor | null;
}

export interface GoogLeNetOptions {
  numClasses?: number;
  /** Whether there are scores from the middle, in training; true by default. */
  auxLogits?: boolean;
  /** Whether images are normalized by ImageNet's mean and deviation, and the network wants one half for both. */
  transformInput?: boolean;
  /** Whether weights begin truncated normal rather than as those of layers; true by default. */
  initWeights?: boolean;
  /** Classes in the place of `BasicConv2d`, `Inception` and `InceptionAux`. */
  blocks?: readonly Layer<never[]>[] | null;
  /** How likely dropout is before the last layer; 0.2 by default. */
  dropout?: number;
  /** How likely it is before the last layer of the others; 0.7 by default. */
  dropoutAux?: number;
}

const blockParam = layerParam<never[]>();

const params = {
  numClasses: optional(int, 1000),
  auxLogits: flagOn,
  transformInput: flag,
  initWeights: flagOn,
  blocks: optional(
    listOf("list of classes", blockParam),
    [BasicConv2d, Inception, InceptionAux].map((each) => makerOf(each as Layer<never[]>)),
  ),
  dropout: optional(number, 0.2),
  dropoutAux: optional(number, 0.7),
};

const pool = (size: number) => new nn.MaxPool2d(size, 2, { ceilMode: true });

/**
 * A GoogLeNet: images `[N, 3, H, W]` to scores `[N, numClasses]`; in training to `{ logits, auxLogits2, auxLogits1 }`.
 *
 * @see https://pytorch.org/vision/stable/models/googlenet.html
 */
export class GoogLeNet extends nn.Module {
  declare auxLogits: boolean;
  declare transformInput: boolean;
  declare conv1: nn.Module;
  declare maxpool1: nn.Module;
  declare conv2: nn.Module;
  declare conv3: nn.Module;
  declare maxpool2: nn.Module;
  declare inception3a: nn.Module;
  declare inception3b: nn.Module;
  declare maxpool3: nn.Module;
  declare inception4a: nn.Module;
  declare inception4b: nn.Module;
  declare inception4c: nn.Module;
  declare inception4d: nn.Module;
  declare inception4e: nn.Module;
  declare maxpool4: nn.Module;
  declare inception5a: nn.Module;
  declare inception5b: nn.Module;
  declare aux1: nn.Module | null;
  declare aux2: nn.Module | null;
  declare avgpool: nn.AdaptiveAvgPool2d;
  declare dropout: nn.Dropout;
  declare fc: nn.Linear;

  constructor(...args: Args<[numClasses?: number], ["numClasses"], Omit<GoogLeNetOptions, "numClasses">>) {
    super();
    const given = new Signature(new.target.name, params).parse(args);
    const { numClasses, auxLogits } = given;
    if (given.blocks.length !== 3) throw new Error(`blocks length should be 3 instead of ${given.blocks.length}`);
    const [conv, inception, aux] = given.blocks as unknown as [
      MakeLayer<ConvArguments>,
      MakeLayer<readonly number[]>,
      MakeLayer<[number, number, { dropout: number }]>,
    ];
    this.auxLogits = auxLogits;
    this.transformInput = given.transformInput;
    this.conv1 = conv(3, 64, 7, { stride: 2, padding: 3 });
    this.maxpool1 = pool(3);
    this.conv2 = conv(64, 64, 1);
    this.conv3 = conv(64, 192, 3, { padding: 1 });
    this.maxpool2 = pool(3);
    this.inception3a = inception(192, 64, 96, 128, 16, 32, 32);
    this.inception3b = inception(256, 128, 128, 192, 32, 96, 64);
    this.maxpool3 = pool(3);
    this.inception4a = inception(480, 192, 96, 208, 16, 48, 64);
    this.inception4b = inception(512, 160, 112, 224, 24, 64, 64);
    this.inception4c = inception(512, 128, 128, 256, 24, 64, 64);
    this.inception4d = inception(512, 112, 144, 288, 32, 64, 64);
    this.inception4e = inception(528, 256, 160, 320, 32, 128, 128);
    this.maxpool4 = pool(2);
    this.inception5a = inception(832, 256, 160, 320, 32, 128, 128);
    this.inception5b = inception(832, 384, 192, 384, 48, 128, 128);
    this.aux1 = auxLogits ? aux(512, numClasses, { dropout: given.dropoutAux }) : null;
    this.aux2 = auxLogits ? aux(528, numClasses, { dropout: given.dropoutAux }) : null;
    this.avgpool = new nn.AdaptiveAvgPool2d([1, 1]);
    this.dropout = new nn.Dropout(given.dropout);
    this.fc = new nn.Linear(1024, numClasses);
    const truncated = ({ weight }: { weight: Tensor }) => nn.init.truncNormal_(weight, 0, 0.01, -2, 2);
    if (given.initWeights) initialize(this, { conv: truncated, linear: truncated });
  }

  override forward(x: Tensor): Tensor | GoogLeNetOutputs {
    const helps = this.training && this.auxLogits;
    const stem = through(this.transformInput ? renormalize(x) : x, [this.conv1, this.maxpool1, this.conv2, this.conv3]);
    const early = through(stem, [this.maxpool2, this.inception3a, this.inception3b, this.maxpool3, this.inception4a]);
    const auxLogits1: Tensor | null = helps && this.aux1 !== null ? this.aux1(early) : null;
    const middle = through(early, [this.inception4b, this.inception4c, this.inception4d]);
    const auxLogits2: Tensor | null = helps && this.aux2 !== null ? this.aux2(middle) : null;
    const late = through(middle, [this.inception4e, this.maxpool4, this.inception5a, this.inception5b, this.avgpool]);
    const logits = this.fc(this.dropout(late.flatten(1)));
    // In torchvision too the two stand under each other's name.
    return helps ? named({ logits, auxLogits2: auxLogits1, auxLogits1: auxLogits2 }) : logits;
  }
}

export const GoogLeNet_Weights = weightsEnum("GoogLeNet_Weights", ["IMAGENET1K_V1"]);

/** GoogLeNet. Published weights have no trained scores from the middle. */
export const googlenet: Builder<GoogLeNet, GoogLeNetOptions> = builder(
  "googlenet",
  GoogLeNet_Weights,
  (options) => new GoogLeNet(options),
  {
    prepare: forPublished,
    finish(model, { auxLogits = false }) {
      if (auxLogits) return;
      model.auxLogits = false;
      model.aux1 = null;
      model.aux2 = null;
    },
  },
);
