/** Transforms of transforms: one after the other, some of them, or in any order. */
import torch from "flambeau";
import { type Args, nullable, numbers, optional, type Param, Signature } from "flambeau/arguments";
import { functions } from "../containers.js";
import { checkedProbability, probabilityParam, Transform } from "./transform.js";

const { shareable } = torch.utils.data;

type AnyTransform = (...inputs: never[]) => unknown;

const transformsParam = { transforms: functions as Param<readonly AnyTransform[]> };

/** Applies transforms one after the other; several inputs come as several arguments to each. */
function applied(inputs: readonly unknown[], transforms: readonly AnyTransform[]): unknown {
  const isSeveral = inputs.length > 1;
  let values = inputs;
  for (const transform of transforms) {
    const outputs = transform(...(values as never[]));
    values = isSeveral ? (outputs as unknown[]) : [outputs];
  }
  return isSeveral ? values : values[0];
}

/** The inputs as they are given back if nothing is done to them. */
function unchanged(inputs: readonly unknown[]): unknown {
  return inputs.length > 1 ? inputs : inputs[0];
}

/** A transform that hands samples on to others. */
abstract class Container extends Transform {
  abstract readonly transforms: readonly AnyTransform[];

  override transform(): never {
    throw new Error("containers hand samples on to their transforms");
  }
}

/** How a list of transforms prints: one of them on the line of the class, several on lines of their own. */
function pyLines(transforms: readonly AnyTransform[]): string {
  const lines = transforms.flatMap((one) => `    ${one}`.split("\n"));
  return lines.length === 1 ? (lines[0] as string) : `\n  ${lines.join("\n  ")}\n`;
}

/**
 * Several transforms, one after the other.
 *
 * @throws Error if there is none.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.Compose.html
 */
export class Compose extends Container {
  readonly transforms: readonly AnyTransform[];

  constructor(...args: [transforms: readonly AnyTransform[]]) {
    super();
    this.transforms = new Signature("Compose", transformsParam).parse(args).transforms;
    if (this.transforms.length === 0) throw new Error("Pass at least one transform");
  }

  override forward(...inputs: unknown[]): unknown {
    return applied(inputs, this.transforms);
  }

  override extraRepr(): string {
    return pyLines(this.transforms);
  }
}

/**
 * Transforms, one after the other, that are applied with a probability (0.5).
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomApply.html
 */
export class RandomApply extends Container {
  readonly transforms: readonly AnyTransform[];
  readonly p: number;

  constructor(...args: [transforms: readonly AnyTransform[], ...rest: Args<[p?: number], ["p"]>]) {
    super();
    const { transforms, p } = new Signature("RandomApply", { ...transformsParam, p: probabilityParam }).parse(args);
    this.transforms = transforms;
    this.p = checkedProbability(p);
  }

  override forward(...inputs: unknown[]): unknown {
    return torch.rand(1).item() >= this.p ? unchanged(inputs) : applied(inputs, this.transforms);
  }

  override extraRepr(): string {
    return pyLines(this.transforms);
  }
}

/**
 * One of several transforms, each with its probability.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomChoice.html
 */
export class RandomChoice extends Container {
  readonly transforms: readonly AnyTransform[];
  readonly p: readonly number[];

  constructor(...args: [transforms: readonly AnyTransform[], ...rest: Args<[p?: readonly number[] | null], ["p"]>]) {
    super();
    const params = { ...transformsParam, p: optional(nullable(numbers), null) };
    const { transforms, p } = new Signature("RandomChoice", params).parse(args);
    const weights = p ?? transforms.map(() => 1);
    if (weights.length !== transforms.length)
      throw new Error(`Length of p doesn't match the number of transforms: ${weights.length} != ${transforms.length}`);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    this.transforms = transforms;
    this.p = weights.map((weight) => weight / total);
  }

  override forward(...inputs: unknown[]): unknown {
    const chosen = torch.multinomial(torch.tensor(this.p), 1).item();
    return (this.transforms[chosen] as AnyTransform)(...(inputs as never[]));
  }
}

/**
 * Transforms in a random order.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomOrder.html
 */
export class RandomOrder extends Container {
  readonly transforms: readonly AnyTransform[];

  constructor(...args: [transforms: readonly AnyTransform[]]) {
    super();
    this.transforms = new Signature("RandomOrder", transformsParam).parse(args).transforms;
  }

  override forward(...inputs: unknown[]): unknown {
    const order = torch.randperm(this.transforms.length).tolist() as number[];
    return applied(
      inputs,
      order.map((i) => this.transforms[i] as AnyTransform),
    );
  }
}

shareable(import.meta.url, { Compose, RandomApply, RandomChoice, RandomOrder });
