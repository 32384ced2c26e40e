/** Images of noise, to try programs with. */
import torch from "flambeau";
import { int, ints, optional, Signature } from "flambeau/arguments";
import type { Image } from "../image.js";
import { toPilImage } from "../transforms/functional/index.js";
import { collateSamples } from "./imageDataset.js";
import { type TransformFunction, transformParams, VisionDataset } from "./visionDataset.js";

const { placeOf, shareable } = torch.utils.data;
type Index = torch.utils.data.Index;

type ImageSize = readonly [colours: number, height: number, width: number];

interface FakeDataArguments<X, Y> {
  size?: number;
  imageSize?: ImageSize;
  numClasses?: number;
  transform?: TransformFunction<Image, X> | null;
  targetTransform?: TransformFunction<torch.Tensor, Y> | null;
  randomOffset?: number;
}

const params = {
  size: optional(int, 1000),
  imageSize: optional(ints, [3, 224, 224]),
  numClasses: optional(int, 10),
  ...transformParams,
  randomOffset: optional(int, 0),
};

/**
 * Images of noise with labels, made when they are asked for: the same place gives the same image.
 *
 * @example new FakeData(100, [3, 32, 32], 10, new ToTensor())
 * @see https://pytorch.org/vision/stable/generated/torchvision.datasets.FakeData.html
 */
export class FakeData<X = Image, Y = number> extends VisionDataset<[X, Y]> {
  readonly size: number;
  readonly imageSize: readonly number[];
  readonly numClasses: number;
  /** What is added to the place of an image to make the seed of its noise. */
  readonly randomOffset: number;

  constructor(
    ...args:
      | [options?: FakeDataArguments<X, Y>]
      | [size: number, options?: FakeDataArguments<X, Y>]
      | [size: number, imageSize: ImageSize, options?: FakeDataArguments<X, Y>]
      | [
          size: number,
          imageSize: ImageSize,
          numClasses: number,
          transform?: TransformFunction<Image, X> | null,
          targetTransform?: TransformFunction<torch.Tensor, Y> | null,
          randomOffset?: number,
        ]
  ) {
    const { transform, targetTransform, ...given } = new Signature(new.target.name, params).parse(args as []);
    super("", { transform, targetTransform });
    this.size = given.size;
    this.imageSize = given.imageSize;
    this.numClasses = given.numClasses;
    this.randomOffset = given.randomOffset;
  }

  override get length(): number {
    return this.size;
  }

  at(index: Index): [X, Y] {
    const place = placeOf(index, this.size);
    const state = torch.getRngState();
    torch.manualSeed(place + this.randomOffset);
    const noise = torch.randn([...this.imageSize]);
    const label = torch.randint(0, this.numClasses, [1]).at(0);
    torch.setRngState(state);
    const [image, target] = this.transformed(toPilImage(noise), label);
    return [image, (target instanceof torch.Tensor ? target.item() : target) as Y];
  }

  getBatch(indices: readonly Index[]): torch.utils.data.Collated<[X, Y]> {
    return collateSamples(
      this,
      indices.map((index) => this.at(index)),
    );
  }
}

shareable(import.meta.url, { FakeData });
