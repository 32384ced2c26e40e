/**
 * Inception V3.
 *
 * Source: https://arxiv.org/abs/1512.00567
 */
import torch, { F, nn, type Tensor } from "flambeau";
import { type Args, flag, flagOn, int, listOf, number, optional, Signature } from "flambeau/arguments";
import { type Layer, layerParam, type MakeLayer, makerOf } from "../ops/layer.js";
import { BasicConv2d, type ConvSizes, forPublished, named, renormalize } from "./basicConv2d.js";
import { type Builder, builder } from "./builder.js";
import { initialize, through } from "./shared.js";
import { weightsEnum } from "./weights.js";

export { BasicConv2d } from "./basicConv2d.js";

type ConvBlock = Layer<
  [inChannels: number, outChannels: number, kernelSize: number | readonly number[], sizes?: ConvSizes]
>;

/**
 * The convolutions of a block by their keys: channels in and out, the kernel, and a stride of 2 where they make the
 * image smaller. All others are padded so that it keeps its size.
 */
type Rows = Readonly<
  Record<string, readonly [inputs: number, outputs: number, kernel: number | readonly [number, number], stride?: 2]>
>;

/** Branches side by side; subclasses say which convolutions stand in which row. */
abstract class Branches extends nn.Module {
  constructor(rows: Rows, convBlock: ConvBlock) {
    super();
    const conv = makerOf(convBlock);
    for (const [key, [inputs, outputs, kernel, stride]] of Object.entries(rows)) {
      const padding = typeof kernel === "number" ? (kernel - 1) / 2 : kernel.map((size) => (size - 1) / 2);
      this.registerModule(key, conv(inputs, outputs, kernel, stride === undefined ? { padding } : { stride }));
    }
  }

  /** What the convolutions of the given keys, one after the other, give. */
  protected row(x: Tensor, ...keys: string[]): Tensor {
    return through(
      x,
      keys.map((key) => this.getSubmodule(key)),
    );
  }

  /** Means of 3×3 neighbours, and the convolution that follows. */
  protected pooled(x: Tensor): Tensor {
    return this.row(F.avgPool2d(x, 3, 1, 1), "branch_pool");
  }
}

/** Branches of 1×1, 5×5, twice 3×3, and a pooling. */
export class InceptionA extends Branches {
  constructor(inChannels: number, poolFeatures: number, convBlock: ConvBlock = BasicConv2d) {
    super(
      {
        branch1x1: [inChannels, 64, 1],
        branch5x5_1: [inChannels, 48, 1],
        branch5x5_2: [48, 64, 5],
        branch3x3dbl_1: [inChannels, 64, 1],
        branch3x3dbl_2: [64, 96, 3],
        branch3x3dbl_3: [96, 96, 3],
        branch_pool: [inChannels, poolFeatures, 1],
      },
      convBlock,
    );
  }

  override forward(x: Tensor): Tensor {
    return torch.cat(
      [
        this.row(x, "branch1x1"),
        this.row(x, "branch5x5_1", "branch5x5_2"),
        this.row(x, "branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3"),
        this.pooled(x),
      ],
      1,
    );
  }
}

/** To half the size: branches of 3×3, twice 3×3, and a pooling. */
export class InceptionB extends Branches {
  constructor(inChannels: number, convBlock: ConvBlock = BasicConv2d) {
    super(
      {
        branch3x3: [inChannels, 384, 3, 2],
        branch3x3dbl_1: [inChannels, 64, 1],
        branch3x3dbl_2: [64, 96, 3],
        branch3x3dbl_3: [96, 96, 3, 2],
      },
      convBlock,
    );
  }

  override forward(x: Tensor): Tensor {
    return torch.cat(
      [
        this.row(x, "branch3x3"),
        this.row(x, "branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3"),
        F.maxPool2d(x, 3, 2),
      ],
      1,
    );
  }
}

/** Branches of 1×1, 7×7, twice 7×7, each of them a row of 1×7 and 7×1, and a pooling. */
export class InceptionC extends Branches {
  constructor(inChannels: number, channels7x7: number, convBlock: ConvBlock = BasicConv2d) {
    const c7 = channels7x7;
    super(
      {
        branch1x1: [inChannels, 192, 1],
        branch7x7_1: [inChannels, c7, 1],
        branch7x7_2: [c7, c7, [1, 7]],
        branch7x7_3: [c7, 192, [7, 1]],
        branch7x7dbl_1: [inChannels, c7, 1],
        branch7x7dbl_2: [c7, c7, [7, 1]],
        branch7x7dbl_3: [c7, c7, [1, 7]],
        branch7x7dbl_4: [c7, c7, [7, 1]],
        branch7x7dbl_5: [c7, 192, [1, 7]],
        branch_pool: [inChannels, 192, 1],
      },
      convBlock,
    );
  }

  override forward(x: Tensor): Tensor {
    const doubled = [1, 2, 3, 4, 5].map((i) => `branch7x7dbl_${i}`);
    return torch.cat(
      [
        this.row(x, "branch1x1"),
        this.row(x, "branch7x7_1", "branch7x7_2", "branch7x7_3"),
        this.row(x, ...doubled),
        this.pooled(x),
      ],
      1,
    );
  }
}

/** To half the size: branches of 3×3, 7×7 and 3×3, and a pooling. */
export class InceptionD extends Branches {
  constructor(inChannels: number, convBlock: ConvBlock = BasicConv2d) {
    super(
      {
        branch3x3_1: [inChannels, 192, 1],
        branch3x3_2: [192, 320, 3, 2],
        branch7x7x3_1: [inChannels, 192, 1],
        branch7x7x3_2: [192, 192, [1, 7]],
        branch7x7x3_3: [192, 192, [7, 1]],
        branch7x7x3_4: [192, 192, 3, 2],
      },
      convBlock,
    );
  }

  override forward(x: Tensor): Tensor {
    return torch.cat(
      [
        this.row(x, "branch3x3_1", "branch3x3_2"),
        this.row(x, "branch7x7x3_1", "branch7x7x3_2", "branch7x7x3_3", "branch7x7x3_4"),
        F.maxPool2d(x, 3, 2),
      ],
      1,
    );
  }
}

/** Branches of 1×1, 3×3 and twice 3×3, the last of them 1×3 and 3×1 side by side, and a pooling. */
export class InceptionE extends Branches {
  constructor(inChannels: number, convBlock: ConvBlock = BasicConv2d) {
    super(
      {
        branch1x1: [inChannels, 320, 1],
        branch3x3_1: [inChannels, 384, 1],
        branch3x3_2a: [384, 384, [1, 3]],
        branch3x3_2b: [384, 384, [3, 1]],
        branch3x3dbl_1: [inChannels, 448, 1],
        branch3x3dbl_2: [448, 384, 3],
        branch3x3dbl_3a: [384, 384, [1, 3]],
        branch3x3dbl_3b: [384, 384, [3, 1]],
        branch_pool: [inChannels, 192, 1],
      },
      convBlock,
    );
  }

  override forward(x: Tensor): Tensor {
    const whole = this.row(x, "branch1x1");
    const single = this.forked(this.row(x, "branch3x3_1"), "branch3x3_2a", "branch3x3_2b");
    const doubled = this.row(x, "branch3x3dbl_1", "branch3x3dbl_2");
    const forked = this.forked(doubled, "branch3x3dbl_3a", "branch3x3dbl_3b");
    return torch.cat([whole, single, forked, this.pooled(x)], 1);
  }

  private forked(x: Tensor, first: string, second: string): Tensor {
    return torch.cat([this.row(x, first), this.row(x, second)], 1);
  }
}

/** Scores from the middle of the network, which help to train it. */
export class InceptionAux extends nn.Module {
  declare conv0: nn.Module;
  declare conv1: nn.Module;
  declare fc: nn.Linear;

  constructor(inChannels: number, numClasses: number, convBlock: ConvBlock = BasicConv2d) {
    super();
    const conv = makerOf(convBlock);
    this.conv0 = conv(inChannels, 128, 1);
    this.conv1 = conv(128, 768, 5);
    this.fc = new nn.Linear(768, numClasses);
    // With which deviation the weight begins, where it is not 0.1.
    Object.assign(this.conv1, { stddev: 0.01 });
    Object.assign(this.fc, { stddev: 0.001 });
  }

  override forward(x: Tensor): Tensor {
    const features = this.conv1(this.conv0(F.avgPool2d(x, 5, 3)));
    return this.fc(F.adaptiveAvgPool2d(features, [1, 1]).flatten(1));
  }
}

/** What the network gives in training: scores, and those from the middle. */
export interface InceptionOutputs extends Iterable<Tensor | null> {
  readonly logits: Tensor;
  readonly auxLogits: Tensor | null;
}

export interface Inception3Options {
  numClasses?: number;
  /** Whether there are scores from the middle, in training; true by default. */
  auxLogits?: boolean;
  /** Whether images are normalized by ImageNet's mean and deviation, and the network wants one half for both. */
  transformInput?: boolean;
  /** Classes in the place of `BasicConv2d`, `InceptionA` to `InceptionE` and `InceptionAux`. */
  inceptionBlocks?: readonly Layer<never[]>[] | null;
  /** Whether weights begin truncated normal rather than as those of layers; true by default. */
  initWeights?: boolean;
  /** How likely dropout is; 0.5 by default. */
  dropout?: number;
}

const allBlocks = [BasicConv2d, InceptionA, InceptionB, InceptionC, InceptionD, InceptionE, InceptionAux];

const params = {
  numClasses: optional(int, 1000),
  auxLogits: flagOn,
  transformInput: flag,
  inceptionBlocks: optional(
    listOf("list of classes", layerParam<never[]>()),
    allBlocks.map((each) => makerOf(each as Layer<never[]>)),
  ),
  initWeights: flagOn,
  dropout: optional(number, 0.5),
};

/**
 * An Inception V3: images `[N, 3, H, W]` to scores `[N, numClasses]`; in training to `{ logits, auxLogits }`.
 *
 * @see https://pytorch.org/vision/stable/models/inception.html
 */
export class Inception3 extends nn.Module {
  declare auxLogits: boolean;
  declare transformInput: boolean;
  declare AuxLogits?: nn.Module | null;
  /** The keys of the layers before the scores from the middle, and after. */
  declare private early: readonly string[];
  declare private late: readonly string[];
  declare fc: nn.Linear;

  constructor(...args: Args<[numClasses?: number], ["numClasses"], Omit<Inception3Options, "numClasses">>) {
    super();
    const given = new Signature(new.target.name, params).parse(args);
    const { numClasses, inceptionBlocks } = given;
    if (inceptionBlocks.length !== 7)
      throw new Error(`length of inception_blocks should be 7 instead of ${inceptionBlocks.length}`);
    const [conv, a, b, c, d, e, aux] = inceptionBlocks as unknown as [
      MakeLayer<[inChannels: number, outChannels: number, kernelSize: number, sizes?: ConvSizes]>,
      MakeLayer<[inChannels: number, poolFeatures: number]>,
      MakeLayer<[inChannels: number]>,
      MakeLayer<[inChannels: number, channels7x7: number]>,
      MakeLayer<[inChannels: number]>,
      MakeLayer<[inChannels: number]>,
      MakeLayer<[inChannels: number, numClasses: number]>,
    ];
    this.auxLogits = given.auxLogits;
    this.transformInput = given.transformInput;
    const add = (layers: Readonly<Record<string, nn.Module>>) => {
      for (const [key, layer] of Object.entries(layers)) this.registerModule(key, layer);
      return Object.keys(layers);
    };
    this.early = add({
      Conv2d_1a_3x3: conv(3, 32, 3, { stride: 2 }),
      Conv2d_2a_3x3: conv(32, 32, 3),
      Conv2d_2b_3x3: conv(32, 64, 3, { padding: 1 }),
      maxpool1: new nn.MaxPool2d(3, 2),
      Conv2d_3b_1x1: conv(64, 80, 1),
      Conv2d_4a_3x3: conv(80, 192, 3),
      maxpool2: new nn.MaxPool2d(3, 2),
      Mixed_5b: a(192, 32),
      Mixed_5c: a(256, 64),
      Mixed_5d: a(288, 64),
      Mixed_6a: b(288),
      Mixed_6b: c(768, 128),
      Mixed_6c: c(768, 160),
      Mixed_6d: c(768, 160),
      Mixed_6e: c(768, 192),
    });
    if (given.auxLogits) this.registerModule("AuxLogits", aux(768, numClasses));
    this.late = add({
      Mixed_7a: d(768),
      Mixed_7b: e(1280),
      Mixed_7c: e(2048),
      avgpool: new nn.AdaptiveAvgPool2d([1, 1]),
      dropout: new nn.Dropout(given.dropout),
    });
    this.fc = new nn.Linear(2048, numClasses);
    const truncated = (layer: nn.Conv2d | nn.Linear) => {
      const { stddev = 0.1 } = layer as { stddev?: number };
      nn.init.truncNormal_(layer.weight, 0, stddev, -2, 2);
    };
    if (given.initWeights) initialize(this, { conv: truncated, linear: truncated });
  }

  override forward(x: Tensor): Tensor | InceptionOutputs {
    const helps = this.training && this.auxLogits;
    const layers = (keys: readonly string[]) => keys.map((key) => this.getSubmodule(key));
    const middle = through(this.transformInput ? renormalize(x) : x, layers(this.early));
    const auxLogits: Tensor | null = helps && this.AuxLogits ? this.AuxLogits(middle) : null;
    const logits = this.fc(through(middle, layers(this.late)).flatten(1));
    return helps ? named({ logits, auxLogits }) : logits;
  }
}

export const Inception_V3_Weights = weightsEnum("Inception_V3_Weights", ["IMAGENET1K_V1"]);

/** Inception V3, for images of 299×299. */
export const inceptionV3: Builder<Inception3, Inception3Options> = builder(
  "inception_v3",
  Inception_V3_Weights,
  (options) => new Inception3(options),
  {
    prepare: forPublished,
    finish(model, { auxLogits = true }) {
      if (auxLogits) return;
      model.auxLogits = false;
      model.AuxLogits = null;
    },
  },
);
