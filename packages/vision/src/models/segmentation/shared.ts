/** What the segmentation models share: a class for every pixel from the features of a classification network. */
import { F, nn, type Tensor } from "flambeau";
import type { WeightsOption } from "../builder.js";
import { IntermediateLayerGetter } from "../intermediateLayerGetter.js";
import type { ResNet } from "../resnet.js";
import type { Weights } from "../weights.js";

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

/** The last features of a residual network, and with `aux` those of the stage before. */
export function resnetFeatures(backbone: ResNet, aux: boolean): IntermediateLayerGetter {
  return new IntermediateLayerGetter(backbone, aux ? { layer4: "out", layer3: "aux" } : { layer4: "out" });
}
