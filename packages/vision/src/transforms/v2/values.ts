/** Values of samples: normalized, erased, multiplied, or given to a function. */
import torch, { type Tensor } from "flambeau";
import { callable, Signature } from "flambeau/arguments";
import { Image as PilImage } from "../../image.js";
import { pyList } from "../../python.js";
import { TVTensor, wrap } from "../../tvTensors.js";
import { LinearTransformation as PlainLinear } from "../colour.js";
import { normalizeParams, type PerColour } from "../functional/normalize.js";
import { RandomErasing as PlainErasing } from "../random/erasing.js";
import { erase, normalize } from "./functional/conversion.js";
import { type Input, isTensorImage } from "./functional/kinds.js";
import { type Params, queryChannels, RandomApplyTransform, Transform } from "./transform.js";

const { shareable } = torch.utils.data;

/**
 * Samples as they are.
 *
 * @see https://pytorch.org/vision/stable/transforms.html
 */
export class Identity extends Transform {
  transform(inpt: Input): Input {
    return inpt;
  }
}

/**
 * A function of all parts of samples, or of those of some classes.
 *
 * @example new v2.Lambda((boxes) => boxes.mul(2), tvTensors.BoundingBoxes)
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.Lambda.html
 */
export class Lambda extends Transform {
  readonly lambd: (inpt: never) => unknown;
  readonly types: readonly (abstract new (
    ...args: never[]
  ) => unknown)[];

  constructor(...args: [lambd: (inpt: never) => unknown, ...types: (abstract new (...args: never[]) => unknown)[]]) {
    super();
    const [lambd, ...types] = args;
    this.lambd = new Signature("Lambda", { lambd: callable }).parse([lambd]).lambd;
    this.types = types;
  }

  protected override accepts(leaf: unknown): boolean {
    return this.types.length === 0 || this.types.some((type) => leaf instanceof type);
  }

  transform(inpt: Input): unknown {
    return this.lambd(inpt as never);
  }

  override extraRepr(): string {
    const { name } = this.lambd;
    const types = this.types.length === 0 ? ["object"] : this.types.map((type) => type.name);
    return `${name === "" ? "<lambda>" : name}, types=${pyList(types, (type) => `'${type}'`)}`;
  }
}

/** @throws TypeError for samples with images that are no tensors. */
function refuseImages(name: string, leaves: readonly unknown[]): void {
  if (leaves.some((leaf) => leaf instanceof PilImage)) throw new TypeError(`${name}() does not support PIL images.`);
}

/**
 * `(value - mean) / std` for each channel of images and videos.
 *
 * @throws TypeError for images that are no tensors.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.Normalize.html
 */
export class Normalize extends Transform {
  readonly mean: PerColour;
  readonly std: PerColour;
  readonly inplace: boolean;

  constructor(...args: [mean: PerColour, std: PerColour, options?: { inplace?: boolean }]) {
    super();
    const { mean, std, inplace } = new Signature("Normalize", normalizeParams).parse(args);
    this.mean = mean;
    this.std = std;
    this.inplace = inplace;
  }

  override checkInputs(leaves: readonly unknown[]): void {
    refuseImages("Normalize", leaves);
  }

  transform(inpt: Input): Input {
    return normalize(inpt as Tensor, this.mean, this.std, { inplace: this.inplace });
  }
}

/**
 * Images and videos, each image as one vector: `(x - meanVector) @ transformationMatrix`.
 *
 * @throws TypeError for images that are no tensors.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.LinearTransformation.html
 */
export class LinearTransformation extends Transform {
  readonly transformationMatrix: Tensor;
  readonly meanVector: Tensor;

  constructor(...args: [transformationMatrix: Tensor, meanVector: Tensor]) {
    super();
    const same = new PlainLinear(...args);
    this.transformationMatrix = same.transformationMatrix;
    this.meanVector = same.meanVector;
  }

  override checkInputs(leaves: readonly unknown[]): void {
    refuseImages("LinearTransformation", leaves);
  }

  protected override accepts(leaf: unknown): boolean {
    return isTensorImage(leaf);
  }

  transform(inpt: Input): Input {
    const result = new PlainLinear(this.transformationMatrix, this.meanVector)(inpt as Tensor);
    return inpt instanceof TVTensor ? wrap(result, { like: inpt }) : result;
  }
}

/**
 * A random part of images and videos overwritten, with a probability (0.5).
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomErasing.html
 */
export class RandomErasing extends RandomApplyTransform {
  static readonly getParams = PlainErasing.getParams;
  readonly p: number;
  readonly scale: readonly [number, number];
  readonly ratio: readonly [number, number];
  readonly value: readonly number[] | null;
  readonly inplace: boolean;

  constructor(...args: ConstructorParameters<typeof PlainErasing>) {
    super();
    const same = new PlainErasing(...args);
    this.p = same.p;
    this.scale = same.scale;
    this.ratio = same.ratio;
    this.value = same.value === "random" ? null : typeof same.value === "number" ? [same.value] : same.value;
    this.inplace = same.inplace;
  }

  protected override accepts(leaf: unknown): boolean {
    return leaf instanceof PilImage || isTensorImage(leaf);
  }

  override makeParams(flatInputs: readonly Input[]): Params {
    const [channels, height, width] = queryChannels(flatInputs);
    if (this.value !== null && this.value.length !== 1 && this.value.length !== channels) {
      throw new Error(
        `If value is a sequence, it should have either a single value or ${channels} (number of inpt channels)`,
      );
    }
    const image = flatInputs.find((input) => input instanceof torch.Tensor) ?? torch.zeros(channels, height, width);
    const [i, j, h, w, v] = PlainErasing.getParams(image as Tensor, this.scale, this.ratio, this.value);
    return { part: [i, j, h, w], v: v === image ? null : v };
  }

  transform(inpt: Input, { part, v }: Params): Input {
    if (v === null) return inpt;
    return erase(inpt, ...(part as [number, number, number, number]), v as Tensor, { inplace: this.inplace });
  }
}

shareable(import.meta.url, { Identity, Lambda, Normalize, LinearTransformation, RandomErasing });
