/** What GoogLeNet and Inception V3 share. */
import torch, { F, nn, type Tensor } from "flambeau";
import { withFixed } from "./builder.js";
import { through } from "./shared.js";

type Sizes = number | readonly number[];

export interface ConvSizes {
  stride?: Sizes;
  padding?: Sizes;
}

/** A convolution without bias, a batch norm and a ReLU. */
export class BasicConv2d extends nn.Module {
  declare conv: nn.Conv2d;
  declare bn: nn.BatchNorm2d;

  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, sizes: ConvSizes = {}) {
    super();
    this.conv = new nn.Conv2d(inChannels, outChannels, kernelSize, { ...sizes, bias: false });
    this.bn = new nn.BatchNorm2d(outChannels, 0.001);
  }

  override forward(x: Tensor): Tensor {
    return F.relu(through(x, [this.conv, this.bn]), { inplace: true });
  }
}

/** Images that were normalized by ImageNet's mean and deviation, normalized by one half instead. */
export function renormalize(x: Tensor): Tensor {
  const channels = [
    [0.229, 0.485],
    [0.224, 0.456],
    [0.225, 0.406],
  ] as const;
  const changed = channels.map(([std, mean], i) =>
    x
      .at(":", `${i}:${i + 1}`)
      .mul(std / 0.5)
      .add((mean - 0.5) / 0.5),
  );
  return torch.cat(changed, 1);
}

/** The options where published weights are loaded: they are for images that are renormalized, and of all scores. */
export function forPublished<O extends { auxLogits?: boolean }>({ auxLogits: _, ...options }: O) {
  return { transformInput: true, ...withFixed(options, { initWeights: false }), auxLogits: true };
}

/** Outputs under names, which can be taken apart as an array. */
export function named<T extends Readonly<Record<string, Tensor | null>>>(outputs: T): T & Iterable<Tensor | null> {
  const values = Object.values(outputs);
  return Object.defineProperty({ ...outputs }, Symbol.iterator, {
    value: () => values.values(),
  }) as T & Iterable<Tensor | null>;
}
