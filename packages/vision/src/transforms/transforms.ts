/**
 * The transforms.
 *
 * Source: https://pytorch.org/vision/stable/transforms.html
 */
import torch, { type DType, type Tensor } from "flambeau";
import { anything, callable, describe, dtype, invalid, type Param, Signature } from "flambeau/arguments";
import type { Image, ImageBatch } from "../image.js";
import { channelsFirst, convertImageDtype, pilToTensor, scaledChannelsFirst, toTensor } from "./functional/convert.js";
import { normalize, normalizeParams, type PerColour } from "./functional/normalize.js";
import { Transform, transformBatch } from "./transform.js";

const { shareable } = torch.utils.data;

/**
 * An image as a tensor of shape [colours, height, width] in the default dtype, with values from 0 to 1.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.ToTensor.html
 */
export class ToTensor extends Transform<Image, Tensor> {
  forward(pic: Image): Tensor {
    return toTensor(pic);
  }

  override forwardBatch(batch: ImageBatch): Tensor {
    return scaledChannelsFirst(batch.pixels);
  }
}

/**
 * An image as a uint8 tensor of shape [colours, height, width].
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.PILToTensor.html
 */
export class PILToTensor extends Transform<Image, Tensor> {
  forward(pic: Image): Tensor {
    return pilToTensor(pic);
  }

  override forwardBatch(batch: ImageBatch): Tensor {
    return channelsFirst(batch.pixels);
  }
}

/**
 * A tensor image in another dtype, with its values scaled to that dtype's range.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.ConvertImageDtype.html
 */
export class ConvertImageDtype extends Transform<Tensor, Tensor> {
  readonly dtype: DType;

  constructor(...args: [dtype: DType]) {
    super();
    this.dtype = new Signature(new.target.name, { dtype }).parse(args).dtype;
  }

  forward(image: Tensor): Tensor {
    return convertImageDtype(image, { dtype: this.dtype });
  }

  override forwardBatch(batch: Tensor): Tensor {
    return this.forward(batch);
  }
}

/**
 * `(tensor - mean) / std` for each colour of a tensor image.
 *
 * @example new Normalize([0.5], [0.5])
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.Normalize.html
 */
export class Normalize extends Transform<Tensor, Tensor> {
  readonly mean: PerColour;
  readonly std: PerColour;
  readonly inplace: boolean;

  constructor(...args: [mean: PerColour, std: PerColour, options?: { inplace?: boolean }]) {
    super();
    const { mean, std, inplace } = new Signature(new.target.name, normalizeParams).parse(args);
    this.mean = mean;
    this.std = std;
    this.inplace = inplace;
  }

  forward(tensor: Tensor): Tensor {
    return normalize(tensor, this.mean, this.std, { inplace: this.inplace });
  }

  override forwardBatch(batch: Tensor): Tensor {
    return this.forward(batch);
  }

  override extraRepr(): string {
    return `mean=${printed(this.mean)}, std=${printed(this.std)}`;
  }
}

function printed(values: PerColour): string {
  return typeof values === "number" ? `${values}` : `[${values.join(", ")}]`;
}

/**
 * A function as a transform.
 *
 * @example new Lambda((label: number) => F.oneHot(torch.tensor(label, { dtype: torch.long }), 10))
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.Lambda.html
 */
export class Lambda<I, O> extends Transform<I, O> {
  readonly lambd: (input: I) => O;

  constructor(...args: [lambd: (input: I) => O]) {
    super();
    const { lambd } = new Signature(new.target.name, { lambd: anything }).parse(args);
    if (typeof lambd !== "function") throw new TypeError(`Argument lambd should be callable, got ${describe(lambd)}`);
    this.lambd = lambd as (input: I) => O;
  }

  forward(input: I): O {
    return this.lambd(input);
  }
}

type AnyTransform = (input: never) => unknown;
type InputOf<F extends readonly AnyTransform[]> = F extends readonly [(input: infer I) => unknown, ...unknown[]]
  ? I
  : unknown;
type OutputOf<F extends readonly AnyTransform[]> = F extends readonly [...unknown[], (input: never) => infer O]
  ? O
  : unknown;

const functions: Param<readonly AnyTransform[]> = {
  ...(callable as Param<never>),
  expected: "list of functions",
  read: (value) => (Array.isArray(value) && value.every((one) => typeof one === "function") ? value : invalid),
};

/**
 * Several transforms, one after the other.
 *
 * @example new Compose([new ToTensor(), new Normalize([0.5], [0.5])])
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.Compose.html
 */
export class Compose<const F extends readonly AnyTransform[]> extends Transform<InputOf<F>, OutputOf<F>> {
  readonly transforms: F;

  constructor(...args: [transforms: F]) {
    super();
    this.transforms = new Signature(new.target.name, { transforms: functions }).parse(args).transforms as F;
  }

  forward(input: InputOf<F>): OutputOf<F> {
    let value: unknown = input;
    for (const transform of this.transforms) value = transform(value as never);
    return value as OutputOf<F>;
  }

  override forwardBatch(batch: ImageBatch | Tensor): ImageBatch | Tensor {
    return this.transforms.reduce<ImageBatch | Tensor>((value, one) => transformBatch(one, value) as Tensor, batch);
  }

  override get isBatched(): boolean {
    return super.isBatched && this.transforms.every((one) => one instanceof Transform && one.isBatched);
  }

  override toString(): string {
    return `${this.constructor.name}(\n${this.transforms.map((one) => `    ${textOf(one)}\n`).join("")})`;
  }
}

function textOf(transform: AnyTransform): string {
  return transform instanceof Transform ? transform.toString() : `<function ${transform.name || "<lambda>"}>`;
}

shareable(import.meta.url, { ToTensor, PILToTensor, ConvertImageDtype, Normalize, Lambda, Compose });
