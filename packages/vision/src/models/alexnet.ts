/**
 * AlexNet.
 *
 * Source: https://arxiv.org/abs/1404.5997
 */
import { nn, type Tensor } from "flambeau";
import { type Args, int, number, optional, Signature } from "flambeau/arguments";
import { type Builder, builder } from "./builder.js";
import { weightsEnum } from "./weights.js";

export interface AlexNetOptions {
  numClasses?: number;
  /** How likely dropout is; 0.5 by default. */
  dropout?: number;
}

const params = { numClasses: optional(int, 1000), dropout: optional(number, 0.5) };

/**
 * Five convolutions and three linear layers: images `[N, 3, H, W]` to scores `[N, numClasses]`.
 *
 * @see https://pytorch.org/vision/stable/models/alexnet.html
 */
export class AlexNet extends nn.Module {
  declare features: nn.Sequential;
  declare avgpool: nn.AdaptiveAvgPool2d;
  declare classifier: nn.Sequential;

  constructor(...args: Args<[numClasses?: number, dropout?: number], ["numClasses", "dropout"]>) {
    super();
    const { numClasses, dropout } = new Signature(new.target.name, params).parse(args);
    const relu = () => new nn.ReLU({ inplace: true });
    this.features = new nn.Sequential(
      new nn.Conv2d(3, 64, 11, 4, 2),
      relu(),
      new nn.MaxPool2d(3, 2),
      new nn.Conv2d(64, 192, 5, { padding: 2 }),
      relu(),
      new nn.MaxPool2d(3, 2),
      new nn.Conv2d(192, 384, 3, { padding: 1 }),
      relu(),
      new nn.Conv2d(384, 256, 3, { padding: 1 }),
      relu(),
      new nn.Conv2d(256, 256, 3, { padding: 1 }),
      relu(),
      new nn.MaxPool2d(3, 2),
    );
    this.avgpool = new nn.AdaptiveAvgPool2d([6, 6]);
    this.classifier = new nn.Sequential(
      new nn.Dropout(dropout),
      new nn.Linear(256 * 6 * 6, 4096),
      relu(),
      new nn.Dropout(dropout),
      new nn.Linear(4096, 4096),
      relu(),
      new nn.Linear(4096, numClasses),
    );
  }

  override forward(x: Tensor): Tensor {
    return this.classifier(this.avgpool(this.features(x)).flatten(1));
  }
}

export const AlexNet_Weights = weightsEnum("AlexNet_Weights", ["IMAGENET1K_V1"]);

/** AlexNet. */
export const alexnet: Builder<AlexNet, AlexNetOptions> = builder(
  "alexnet",
  AlexNet_Weights,
  (options) => new AlexNet(options),
);
