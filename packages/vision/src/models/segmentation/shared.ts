/** What the segmentation models share: a class for every pixel from the features of a classification network. */
import { F, nn, type Tensor } from "flambeau";
import { type Builder, builder, type WeightsOption, withFixed } from "../builder.js";
import { IntermediateLayerGetter } from "../intermediateLayerGetter.js";
import type { ResNetBuilder } from "../resnet.js";
import type { AnyWeightsEnum, Weights } from "../weights.js";

/** Scores for every pixel: `[N, numClasses, H, W]`. */
export interface SegmentationOutput {
  readonly out: Tensor;
  /** Scores from the middle of the network, which help to train it. */
  readonly aux?: Tensor;
}

/** The features of a backbone, and what makes scores of them, which are resized to the image. */
export class SimpleSegmentationModel extends nn.Module {
  declare backbone: nn.Module;
  declare classifier: nn.Module;
  declare auxClassifier: nn.Module | null;

  /** @param backbone gives an object of features: `out`, and `aux` where there is a second classifier. */
  constructor(backbone: nn.Module, classifier: nn.Module, auxClassifier: nn.Module | null = null) {
    super();
    this.backbone = backbone;
    this.classifier = classifier;
    this.auxClassifier = auxClassifier;
  }

  override forward(x: Tensor): SegmentationOutput {
    const features = this.backbone(x) as Record<string, Tensor>;
    const scores = (classifier: nn.Module, of: Tensor) => resizeTo(classifier(of), x);
    const out = scores(this.classifier, features.out as Tensor);
    return this.auxClassifier === null ? { out } : { out, aux: scores(this.auxClassifier, features.aux as Tensor) };
  }
}

/** Features to scores: a convolution of 3×3 to a quarter of the channels, and one of 1×1. */
export class FCNHead extends nn.Sequential {
  constructor(inChannels: number, channels: number) {
    const width = Math.floor(inChannels / 4);
    super(
      new nn.Conv2d(inChannels, width, 3, { padding: 1, bias: false }),
      new nn.BatchNorm2d(width),
      new nn.ReLU(),
      new nn.Dropout(0.1),
      new nn.Conv2d(width, channels, 1),
    );
  }
}

/** An image in the height and width of another. */
export function resizeTo(image: Tensor, like: Tensor): Tensor {
  return F.interpolate(image, { size: like.shape.slice(-2), mode: "bilinear", alignCorners: false });
}

/** The options of builders. */
export interface SegmentationOptions {
  /** How many classes there are; 21 by default. */
  numClasses?: number;
  /** Whether scores from the middle of the network are given too. */
  auxLoss?: boolean | null;
  /** The weights with which the backbone begins: ImageNet's by default; random ones with null. */
  weightsBackbone?: WeightsOption;
}

/** The weights of the backbone; none where those of the whole model follow. */
export function backboneWeights(
  { weightsBackbone }: SegmentationOptions,
  hasWeights: boolean,
  published: Weights,
): WeightsOption {
  if (hasWeights) return null;
  return weightsBackbone === undefined ? published : weightsBackbone;
}

/** Published weights have a second classifier. */
export function withAux(options: SegmentationOptions): SegmentationOptions {
  return withFixed(options, { auxLoss: true });
}

/** A builder of a model on a residual network: of its last features, and for the second classifier those of the stage before. */
export function onResnet<M extends SimpleSegmentationModel>(
  name: string,
  weights: AnyWeightsEnum,
  resnet: ResNetBuilder,
  published: Weights,
  Model: new (...args: ConstructorParameters<typeof SimpleSegmentationModel>) => M,
  Head: new (inChannels: number, numClasses: number) => nn.Module,
): Builder<M, SegmentationOptions> {
  return builder(
    name,
    weights,
    (options: SegmentationOptions, hasWeights) => {
      const { numClasses = 21, auxLoss } = options;
      const backbone = resnet({
        weights: backboneWeights(options, hasWeights, published),
        replaceStrideWithDilation: [false, true, true],
      });
      const layers = { layer4: "out", ...(auxLoss === true ? { layer3: "aux" } : {}) };
      const aux = auxLoss === true ? new FCNHead(1024, numClasses) : null;
      return new Model(new IntermediateLayerGetter(backbone, layers), new Head(2048, numClasses), aux);
    },
    { prepare: withAux },
  );
}
