/**
 * MNASNet.
 *
 * Source: https://arxiv.org/abs/1807.11626
 */
import { nn, type Tensor } from "flambeau";
import { type Args, int, number, optional, Signature } from "flambeau/arguments";
import { type Builder, builder } from "./builder.js";
import { initialize, kaimingFanOut, makeDivisible, zeroBias } from "./shared.js";
import { type AnyWeightsEnum, weightsEnum } from "./weights.js";

/** The paper's 0.9997 is how much of the old statistics stays. */
const momentum = 1 - 0.9997;

const batchNorm = (channels: number) => new nn.BatchNorm2d(channels, { momentum });
const relu = () => new nn.ReLU({ inplace: true });

/** Channels are widened, filtered each for itself and narrowed; with a shortcut where sizes allow. Named as torchvision prints it. */
export class _InvertedResidual extends nn.Module {
  declare applyResidual: boolean;
  declare layers: nn.Sequential;

  constructor(inputs: number, outputs: number, kernelSize: number, stride: number, expansion: number) {
    super();
    const width = inputs * expansion;
    const padding = Math.floor(kernelSize / 2);
    this.applyResidual = inputs === outputs && stride === 1;
    this.layers = new nn.Sequential(
      new nn.Conv2d(inputs, width, 1, { bias: false }),
      batchNorm(width),
      relu(),
      new nn.Conv2d(width, width, kernelSize, { padding, stride, groups: width, bias: false }),
      batchNorm(width),
      relu(),
      new nn.Conv2d(width, outputs, 1, { bias: false }),
      batchNorm(outputs),
    );
  }

  override forward(input: Tensor): Tensor {
    return this.applyResidual ? this.layers(input).add(input) : this.layers(input);
  }
}

/** For each stack: the size of kernels, the stride of the first block, by how much channels are widened, how many blocks. */
const stacks = [
  [3, 2, 3, 3],
  [5, 2, 3, 3],
  [5, 2, 6, 3],
  [3, 1, 6, 2],
  [5, 2, 6, 4],
  [3, 1, 6, 1],
] as const;

function stack(
  inputs: number,
  outputs: number,
  [kernelSize, stride, expansion, count]: (typeof stacks)[number],
): nn.Sequential {
  const blocks = Array.from({ length: count }, (_, i) =>
    i === 0
      ? new _InvertedResidual(inputs, outputs, kernelSize, stride, expansion)
      : new _InvertedResidual(outputs, outputs, kernelSize, 1, expansion),
  );
  return new nn.Sequential(...blocks);
}

export interface MNASNetOptions {
  numClasses?: number;
  /** How likely dropout is; 0.2 by default. */
  dropout?: number;
}

const params = { alpha: number, numClasses: optional(int, 1000), dropout: optional(number, 0.2) };

/**
 * A MNASNet: images `[N, 3, H, W]` to scores `[N, numClasses]`.
 *
 * @param alpha scales all numbers of channels.
 * @throws RangeError unless it is positive.
 * @see https://pytorch.org/vision/stable/models/mnasnet.html
 */
export class MNASNet extends nn.Module {
  declare alpha: number;
  declare numClasses: number;
  declare layers: nn.Sequential;
  declare classifier: nn.Sequential;

  constructor(
    ...args: [alpha: number, ...rest: Args<[numClasses?: number, dropout?: number], ["numClasses", "dropout"]>]
  ) {
    super();
    const { alpha, numClasses, dropout } = new Signature(new.target.name, params).parse(args);
    if (!(alpha > 0)) throw new RangeError(`alpha should be greater than 0.0 instead of ${alpha}`);
    this.alpha = alpha;
    this.numClasses = numClasses;
    const depths = [32, 16, 24, 40, 80, 96, 192, 320].map((depth) => makeDivisible(depth * alpha, 8));
    const [stem, first] = depths as [number, number];
    const last = depths.at(-1) as number;
    this.layers = new nn.Sequential(
      new nn.Conv2d(3, stem, 3, { padding: 1, stride: 2, bias: false }),
      batchNorm(stem),
      relu(),
      new nn.Conv2d(stem, stem, 3, { padding: 1, groups: stem, bias: false }),
      batchNorm(stem),
      relu(),
      new nn.Conv2d(stem, first, 1, { bias: false }),
      batchNorm(first),
      ...stacks.map((each, i) => stack(depths[i + 1] as number, depths[i + 2] as number, each)),
      new nn.Conv2d(last, 1280, 1, { bias: false }),
      batchNorm(1280),
      relu(),
    );
    this.classifier = new nn.Sequential(new nn.Dropout(dropout, { inplace: true }), new nn.Linear(1280, numClasses));
    initialize(this, {
      conv: kaimingFanOut,
      linear: (layer) => {
        nn.init.kaimingUniform_(layer.weight, { mode: "fan_out", nonlinearity: "sigmoid" });
        zeroBias(layer);
      },
    });
  }

  override forward(x: Tensor): Tensor {
    return this.classifier(this.layers(x).mean([2, 3]));
  }
}

export const MNASNet0_5_Weights = weightsEnum("MNASNet0_5_Weights", ["IMAGENET1K_V1"]);
export const MNASNet0_75_Weights = weightsEnum("MNASNet0_75_Weights", ["IMAGENET1K_V1"]);
export const MNASNet1_0_Weights = weightsEnum("MNASNet1_0_Weights", ["IMAGENET1K_V1"]);
export const MNASNet1_3_Weights = weightsEnum("MNASNet1_3_Weights", ["IMAGENET1K_V1"]);

export type MNASNetBuilder = Builder<MNASNet, MNASNetOptions>;

function mnasnet(name: string, weights: AnyWeightsEnum, alpha: number): MNASNetBuilder {
  return builder(name, weights, (options) => new MNASNet(alpha, options));
}

/** MNASNet with half the channels. */
export const mnasnet0_5 = mnasnet("mnasnet0_5", MNASNet0_5_Weights, 0.5);
/** MNASNet with three quarters of the channels. */
export const mnasnet0_75 = mnasnet("mnasnet0_75", MNASNet0_75_Weights, 0.75);
/** MNASNet. */
export const mnasnet1_0 = mnasnet("mnasnet1_0", MNASNet1_0_Weights, 1);
/** MNASNet with 1.3 times the channels. */
export const mnasnet1_3 = mnasnet("mnasnet1_3", MNASNet1_3_Weights, 1.3);
