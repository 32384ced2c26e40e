/** The base of transforms: objects that are called with one image, and may also take whole batches. */
import torch, { type Tensor } from "flambeau";
import { Signature } from "flambeau/arguments";
import type { ImageBatch } from "../image.js";
import type { AnyImage } from "./functional/image.js";

const { serves } = torch.utils.data;

/**
 * A function from one sample to another that has parameters, and prints as torchvision's does.
 *
 * A subclass writes `forward`. It may also write `forwardBatch`, which has to give the same bits as `forward` does
 * for one sample after the other; a further subclass with a `forward` of its own must write both again.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: it can be called, since its constructor returns a function
export abstract class Transform<I, O> {
  /** Takes no arguments; a subclass that does reads them itself. */
  constructor(...args: []) {
    new Signature(new.target.name, {}).parse(args);
    // biome-ignore lint/correctness/noConstructorReturn: the instance is a function
    return makeCallable(new.target) as unknown as this;
  }

  /** What a call does. */
  abstract forward(input: I): O;

  /** The same for all samples of a batch, whose first dim counts them; only where all have one size. */
  forwardBatch?(batch: ImageBatch | Tensor): ImageBatch | Tensor;

  /** Whether `forwardBatch` can be used. */
  get isBatched(): boolean {
    return serves(this, "forwardBatch", "forward");
  }

  /** What is printed between the parentheses. */
  extraRepr(): string {
    return "";
  }

  toString(): string {
    return `${this.constructor.name}(${this.extraRepr()})`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  /** What a worker thread needs to have the transform too. */
  getState(): object {
    return { ...this };
  }

  static fromState(this: TransformClass, state: object): object {
    // biome-ignore lint/complexity/noThisInStatic: the subclass that is to be made
    return Object.assign(makeCallable(this), state);
  }
}

export interface Transform<I, O> {
  // biome-ignore lint/style/useShorthandFunctionType: a type cannot be merged with the class
  (input: I): O;
}

type TransformClass = { readonly prototype: object };

/** A function with the prototype of a class, which calls `forward`. */
function makeCallable({ prototype }: TransformClass): object {
  const callable = ((...inputs: [unknown]) => callable.forward(...inputs)) as Transform<unknown, unknown>;
  // A function has these of its own, where they would hide what a class has under their names.
  Reflect.deleteProperty(callable, "name");
  Reflect.deleteProperty(callable, "length");
  return Object.setPrototypeOf(callable, prototype);
}

/** All samples of a batch transformed at once; undefined where the transform takes them only one by one. */
export function transformBatch(transform: unknown, batch: ImageBatch | Tensor): ImageBatch | Tensor | undefined {
  return transform instanceof Transform && transform.isBatched ? transform.forwardBatch?.(batch) : undefined;
}

/** A transform of images and tensors, which gives back what it was given. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: it can be called, since its constructor returns a function
export abstract class ImageTransform extends Transform<AnyImage, AnyImage> {}

export interface ImageTransform {
  // biome-ignore lint/style/useShorthandFunctionType: a type cannot be merged with the class
  <T extends AnyImage>(img: T): T;
}
