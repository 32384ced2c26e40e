/**
 * VGG networks: rows of convolutions of 3×3.
 *
 * Source: https://arxiv.org/abs/1409.1556
 */
import { nn, type Tensor } from "flambeau";
import { type Args, flagOn, int, number, optional, Signature } from "flambeau/arguments";
import { moduleParam } from "../ops/layer.js";
import { type Builder, builder } from "./builder.js";
import { initialize, kaimingFanOut, smallNormal } from "./shared.js";
import { type AnyWeightsEnum, weightsEnum } from "./weights.js";

export interface VGGOptions {
  /** Whether weights begin as in the paper rather than as those of layers; true by default. */
  initWeights?: boolean;
  /** How likely dropout is; 0.5 by default. */
  dropout?: number;
}

const params = {
  features: moduleParam,
  numClasses: optional(int, 1000),
  initWeights: flagOn,
  dropout: optional(number, 0.5),
};

/**
 * Features and three linear layers: images `[N, 3, H, W]` to scores `[N, numClasses]`.
 *
 * @param features gives 512 channels.
 * @see https://pytorch.org/vision/stable/models/vgg.html
 */
export class VGG extends nn.Module {
  declare features: nn.Module;
  declare avgpool: nn.AdaptiveAvgPool2d;
  declare classifier: nn.Sequential;

  constructor(...args: [features: nn.Module, ...rest: Args<[numClasses?: number], ["numClasses"], VGGOptions>]) {
    super();
    const { features, numClasses, initWeights, dropout } = new Signature(new.target.name, params).parse(args);
    this.features = features;
    this.avgpool = new nn.AdaptiveAvgPool2d([7, 7]);
    this.classifier = new nn.Sequential(
      new nn.Linear(512 * 7 * 7, 4096),
      new nn.ReLU({ inplace: true }),
      new nn.Dropout(dropout),
      new nn.Linear(4096, 4096),
      new nn.ReLU({ inplace: true }),
      new nn.Dropout(dropout),
      new nn.Linear(4096, numClasses),
    );
    if (initWeights) initialize(this, { conv: kaimingFanOut, linear: smallNormal });
  }

  override forward(x: Tensor): Tensor {
    return this.classifier(this.avgpool(this.features(x)).flatten(1));
  }
}

/** The channels of convolutions; `"M"` is a pooling to half the size. */
const configurations = {
  A: [64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"],
  B: [64, 64, "M", 128, 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"],
  D: [64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"],
  E: [64, 64, "M", 128, 128, "M", 256, 256, 256, 256, "M", 512, 512, 512, 512, "M", 512, 512, 512, 512, "M"],
} as const;

/** The features of a configuration, with or without batch norms. */
export function makeLayers(configuration: readonly (number | "M")[], batchNorm = false): nn.Sequential {
  let inChannels = 3;
  const layers = configuration.flatMap((channels): nn.Module[] => {
    if (channels === "M") return [new nn.MaxPool2d(2, 2)];
    const conv = new nn.Conv2d(inChannels, channels, 3, { padding: 1 });
    inChannels = channels;
    return [conv, ...(batchNorm ? [new nn.BatchNorm2d(channels)] : []), new nn.ReLU({ inplace: true })];
  });
  return new nn.Sequential(...layers);
}

export const VGG11_Weights = weightsEnum("VGG11_Weights", ["IMAGENET1K_V1"]);
export const VGG11_BN_Weights = weightsEnum("VGG11_BN_Weights", ["IMAGENET1K_V1"]);
export const VGG13_Weights = weightsEnum("VGG13_Weights", ["IMAGENET1K_V1"]);
export const VGG13_BN_Weights = weightsEnum("VGG13_BN_Weights", ["IMAGENET1K_V1"]);
export const VGG16_Weights = weightsEnum("VGG16_Weights", ["IMAGENET1K_V1", "IMAGENET1K_FEATURES"]);
export const VGG16_BN_Weights = weightsEnum("VGG16_BN_Weights", ["IMAGENET1K_V1"]);
export const VGG19_Weights = weightsEnum("VGG19_Weights", ["IMAGENET1K_V1"]);
export const VGG19_BN_Weights = weightsEnum("VGG19_BN_Weights", ["IMAGENET1K_V1"]);

type Options = VGGOptions & { numClasses?: number };
export type VGGBuilder = Builder<VGG, Options>;

function vgg(
  name: string,
  weights: AnyWeightsEnum,
  configuration: keyof typeof configurations,
  batchNorm: boolean,
): VGGBuilder {
  return builder(
    name,
    weights,
    (options: Options) => new VGG(makeLayers(configurations[configuration], batchNorm), options),
    { prepare: (options) => ({ ...options, initWeights: false }) },
  );
}

/** VGG-11. */
export const vgg11 = vgg("vgg11", VGG11_Weights, "A", false);
/** VGG-11 with batch norms. */
export const vgg11Bn = vgg("vgg11_bn", VGG11_BN_Weights, "A", true);
/** VGG-13. */
export const vgg13 = vgg("vgg13", VGG13_Weights, "B", false);
/** VGG-13 with batch norms. */
export const vgg13Bn = vgg("vgg13_bn", VGG13_BN_Weights, "B", true);
/** VGG-16. */
export const vgg16 = vgg("vgg16", VGG16_Weights, "D", false);
/** VGG-16 with batch norms. */
export const vgg16Bn = vgg("vgg16_bn", VGG16_BN_Weights, "D", true);
/** VGG-19. */
export const vgg19 = vgg("vgg19", VGG19_Weights, "E", false);
/** VGG-19 with batch norms. */
export const vgg19Bn = vgg("vgg19_bn", VGG19_BN_Weights, "E", true);
