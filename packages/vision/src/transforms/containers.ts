/** Transforms of transforms: one after the other, some of them, or in any order. */
import torch, { nn, type Tensor } from "flambeau";
import {
  type Args,
  anything,
  callable,
  describe,
  invalid,
  nullable,
  number,
  numbers,
  optional,
  type Param,
  Signature,
} from "flambeau/arguments";
import type { ImageBatch } from "../image.js";
import { pyFloat, pyList } from "../python.js";
import { toNormalizedTensor } from "./convert.js";
import type { AnyImage } from "./functional/image.js";
import { giveBack, keepNothing, keepsNothing } from "./release.js";
import { ImageTransform, Transform, transformBatch } from "./transform.js";

const { shareable } = torch.utils.data;

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
/** What the last transform gives; one that gives back what it was given is looked past. */
type OutputOf<F extends readonly AnyTransform[]> = F extends readonly [
  ...infer Rest extends readonly AnyTransform[],
  infer Last,
]
  ? Last extends ImageTransform
    ? Rest extends readonly []
      ? AnyImage
      : OutputOf<Rest>
    : Last extends (input: never) => infer O
      ? O
      : unknown
  : unknown;

/** The argument of transforms of transforms. */
export const functions: Param<readonly AnyTransform[]> = {
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
    return applied(input, this.transforms) as OutputOf<F>;
  }

  override forwardBatch(batch: ImageBatch | Tensor): ImageBatch | Tensor {
    return this.transforms.reduce<ImageBatch | Tensor>((value, one) => transformBatch(one, value) as Tensor, batch);
  }

  override get isBatched(): boolean {
    return super.isBatched && this.transforms.every((one) => one instanceof Transform && one.isBatched);
  }

  override toString(): string {
    return textOfAll(this, this.transforms.map(textOf));
  }
}

function textOf(transform: AnyTransform): string {
  const isNamed = transform instanceof Transform || transform instanceof nn.Module;
  return isNamed ? transform.toString() : `<function ${transform.name || "<lambda>"}>`;
}

/** A transform with its parts on lines of their own. */
function textOfAll(transform: object, lines: readonly string[]): string {
  return `${transform.constructor.name}(\n${lines.map((line) => `    ${line}\n`).join("")})`;
}

/** Applies transforms one after the other. What lies between two that keep nothing goes back. */
function applied(input: unknown, transforms: readonly AnyTransform[]): unknown {
  let value = input;
  let isOurs = false;
  for (let i = 0; i < transforms.length; i++) {
    const before = value;
    const wasOurs = isOurs;
    const joined = toNormalizedTensor(transforms[i], transforms[i + 1], value);
    isOurs = joined !== undefined || keepsNothing(transforms[i]);
    if (joined !== undefined) i++;
    value = joined ?? (transforms[i] as AnyTransform)(value as never);
    if (wasOurs && isOurs) giveBack(before, value, input);
  }
  return value;
}

/**
 * Transforms, one after the other, that are applied with a probability.
 *
 * @param p the probability, 0.5 by default.
 * @example new RandomApply([new ColorJitter(0.4)], 0.3)
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomApply.html
 */
export class RandomApply extends ImageTransform {
  readonly transforms: readonly AnyTransform[];
  readonly p: number;

  constructor(...args: [transforms: readonly AnyTransform[], ...rest: Args<[p?: number], ["p"]>]) {
    super();
    const params = { transforms: functions, p: optional(number, 0.5) };
    const { transforms, p } = new Signature(new.target.name, params).parse(args);
    this.transforms = transforms;
    this.p = p;
  }

  forward(img: AnyImage): AnyImage {
    if (this.p < torch.rand(1).item()) return img;
    return applied(img, this.transforms) as AnyImage;
  }

  override toString(): string {
    return textOfAll(this, [`p=${pyFloat(this.p)}`, ...this.transforms.map(textOf)]);
  }
}

/**
 * One of several transforms, each with its probability; all are as likely if none is given. The choice is that of
 * torchvision's `transforms.v2`: it is drawn from torch's generator.
 *
 * @example new RandomChoice([new RandomRotation(10), new GaussianBlur(3)], [0.7, 0.3])
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomChoice.html
 */
export class RandomChoice extends ImageTransform {
  readonly transforms: readonly AnyTransform[];
  readonly p: readonly number[] | null;

  constructor(...args: [transforms: readonly AnyTransform[], ...rest: Args<[p?: readonly number[] | null], ["p"]>]) {
    super();
    const params = { transforms: functions, p: optional(nullable(numbers), null) };
    const { transforms, p } = new Signature(new.target.name, params).parse(args);
    if (p !== null && p.length !== transforms.length)
      throw new Error(`Length of p doesn't match the number of transforms: ${p.length} != ${transforms.length}`);
    this.transforms = transforms;
    this.p = p;
  }

  forward(img: AnyImage): AnyImage {
    const weights = this.p === null ? torch.ones(this.transforms.length) : torch.tensor(this.p);
    const chosen = torch.multinomial(weights.div(weights.sum()), 1).item();
    return (this.transforms[chosen] as AnyTransform)(img as never) as AnyImage;
  }

  override toString(): string {
    return `${textOfAll(this, this.transforms.map(textOf))}(p=${this.p === null ? "None" : pyList(this.p, pyFloat)})`;
  }
}

/**
 * Transforms in a random order, which is drawn from torch's generator as by torchvision's `transforms.v2`.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomOrder.html
 */
export class RandomOrder extends ImageTransform {
  readonly transforms: readonly AnyTransform[];

  constructor(...args: [transforms: readonly AnyTransform[]]) {
    super();
    this.transforms = new Signature(new.target.name, { transforms: functions }).parse(args).transforms;
  }

  forward(img: AnyImage): AnyImage {
    const order = torch.randperm(this.transforms.length).tolist() as number[];
    return applied(
      img,
      order.map((i) => this.transforms[i] as AnyTransform),
    ) as AnyImage;
  }

  override toString(): string {
    return textOfAll(this, this.transforms.map(textOf));
  }
}

shareable(import.meta.url, { Lambda, Compose, RandomApply, RandomChoice, RandomOrder });
keepNothing({ Compose, RandomApply, RandomChoice, RandomOrder });
