/**
 * SqueezeNet.
 *
 * Source: https://arxiv.org/abs/1602.07360
 */
import torch, { nn, type Tensor } from "flambeau";
import { int, number, optional, Signature, word } from "flambeau/arguments";
import { type Builder, builder } from "./builder.js";
import { initialize, zeroBias } from "./shared.js";
import { type AnyWeightsEnum, weightsEnum } from "./weights.js";

/** A convolution of 1×1 to few channels, and two to many, of 1×1 and 3×3, side by side. */
export class Fire extends nn.Module {
  declare inplanes: number;
  declare squeeze: nn.Conv2d;
  declare squeezeActivation: nn.ReLU;
  declare expand1x1: nn.Conv2d;
  declare expand1x1Activation: nn.ReLU;
  declare expand3x3: nn.Conv2d;
  declare expand3x3Activation: nn.ReLU;

  constructor(inplanes: number, squeezePlanes: number, expand1x1Planes: number, expand3x3Planes: number) {
    super();
    this.inplanes = inplanes;
    this.squeeze = new nn.Conv2d(inplanes, squeezePlanes, 1);
    this.squeezeActivation = new nn.ReLU({ inplace: true });
    this.expand1x1 = new nn.Conv2d(squeezePlanes, expand1x1Planes, 1);
    this.expand1x1Activation = new nn.ReLU({ inplace: true });
    this.expand3x3 = new nn.Conv2d(squeezePlanes, expand3x3Planes, 3, { padding: 1 });
    this.expand3x3Activation = new nn.ReLU({ inplace: true });
  }

  override forward(x: Tensor): Tensor {
    const squeezed = this.squeezeActivation(this.squeeze(x));
    return torch.cat(
      [this.expand1x1Activation(this.expand1x1(squeezed)), this.expand3x3Activation(this.expand3x3(squeezed))],
      1,
    );
  }
}

/** The kernel and the channels of the first convolution, and the squeezed channels of the others; `"M"` is a pooling. */
const versions = {
  "1_0": { stem: [7, 96], fires: ["M", 16, 16, 32, "M", 32, 48, 48, 64, "M", 64] },
  "1_1": { stem: [3, 64], fires: ["M", 16, 16, "M", 32, 32, "M", 48, 48, 64, 64] },
} as const;

type Version = keyof typeof versions;

export interface SqueezeNetOptions {
  numClasses?: number;
  /** How likely dropout is; 0.5 by default. */
  dropout?: number;
}

const params = {
  version: optional(word("1_0", "1_1"), "1_0"),
  numClasses: optional(int, 1000),
  dropout: optional(number, 0.5),
};

/**
 * A SqueezeNet: images `[N, 3, H, W]` to scores `[N, numClasses]`.
 *
 * @param options.version `"1_0"` (the default) or `"1_1"`.
 * @see https://pytorch.org/vision/stable/models/squeezenet.html
 */
export class SqueezeNet extends nn.Module {
  declare numClasses: number;
  declare features: nn.Sequential;
  declare classifier: nn.Sequential;

  constructor(...args: [options?: SqueezeNetOptions & { version?: Version }]) {
    super();
    const { version, numClasses, dropout } = new Signature(new.target.name, params).parse(args);
    const { stem, fires } = versions[version];
    this.numClasses = numClasses;
    let channels: number = stem[1];
    const layers = fires.map((squeezed): nn.Module => {
      if (squeezed === "M") return new nn.MaxPool2d(3, 2, { ceilMode: true });
      const fire = new Fire(channels, squeezed, 4 * squeezed, 4 * squeezed);
      channels = 8 * squeezed;
      return fire;
    });
    this.features = new nn.Sequential(new nn.Conv2d(3, stem[1], stem[0], 2), new nn.ReLU({ inplace: true }), ...layers);
    const last = new nn.Conv2d(512, numClasses, 1);
    this.classifier = new nn.Sequential(
      new nn.Dropout(dropout),
      last,
      new nn.ReLU({ inplace: true }),
      new nn.AdaptiveAvgPool2d([1, 1]),
    );
    initialize(this, {
      conv: (layer) => {
        if (layer === last) nn.init.normal_(layer.weight, 0, 0.01);
        else nn.init.kaimingUniform_(layer.weight);
        zeroBias(layer);
      },
    });
  }

  override forward(x: Tensor): Tensor {
    return this.classifier(this.features(x)).flatten(1);
  }
}

export const SqueezeNet1_0_Weights = weightsEnum("SqueezeNet1_0_Weights", ["IMAGENET1K_V1"]);
export const SqueezeNet1_1_Weights = weightsEnum("SqueezeNet1_1_Weights", ["IMAGENET1K_V1"]);

export type SqueezeNetBuilder = Builder<SqueezeNet, SqueezeNetOptions>;

function squeezenet(name: string, weights: AnyWeightsEnum, version: Version): SqueezeNetBuilder {
  return builder(name, weights, (options) => new SqueezeNet({ ...options, version }));
}

/** SqueezeNet 1.0. */
export const squeezenet1_0 = squeezenet("squeezenet1_0", SqueezeNet1_0_Weights, "1_0");
/** SqueezeNet 1.1, with less to compute. */
export const squeezenet1_1 = squeezenet("squeezenet1_1", SqueezeNet1_1_Weights, "1_1");
