/** The base of the transforms of whole samples. */
import torch from "flambeau";
import { type Args, number, optional, type Param, Signature } from "flambeau/arguments";
import { Image as PilImage } from "../../image.js";
import { pyFloat, pyList, pyTuple, pyValue } from "../../python.js";
import { BoundingBoxes, Image, isPureTensor, Mask, Video } from "../../tvTensors.js";
import { dimensionsOf } from "../functional/image.js";
import { InterpolationMode, pyMode } from "../interpolation.js";
import { happens } from "../random/draw.js";
import { Transform as BaseTransform } from "../transform.js";
import { type Input, sizeOf } from "./functional/kinds.js";
import { leavesOf, withLeaves } from "./tree.js";

/** What a call has drawn for all parts of a sample. */
export type Params = Readonly<Record<string, unknown>>;

/**
 * A transform of whole samples: an image, or any arrangement of images, videos, masks, boxes and anything else in arrays
 * and plain objects. What was drawn holds for all of them; what it does not know is given back as it is.
 *
 * Of plain tensors the first one is an image, if there is no other image or video. A subclass writes `transform`, and
 * `makeParams` if it draws something.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.Transform.html
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: it can be called, since its constructor returns a function
export abstract class Transform extends BaseTransform<unknown, unknown> {
  /** Throws for samples that the transform cannot take. */
  checkInputs(_flatInputs: readonly unknown[]): void {}

  /** Draws what holds for a whole sample. */
  makeParams(_flatInputs: readonly Input[]): Params {
    return {};
  }

  /** What is done to each image, video, mask, boxes, or tensor that is an image. */
  abstract transform(inpt: Input, params: Params): unknown;

  forward(...inputs: unknown[]): unknown {
    return this.transformSample(inputs.length > 1 ? inputs : inputs[0]);
  }

  /** Transforms the parts of a sample. */
  protected transformSample(sample: unknown): unknown {
    const leaves = leavesOf(sample);
    this.checkInputs(leaves);
    return this.transformLeaves(sample, leaves);
  }

  protected transformLeaves(sample: unknown, leaves: readonly unknown[]): unknown {
    const isInput = inputsAmong(leaves, this.accepts.bind(this));
    const params = this.makeParams(leaves.filter((_, i) => isInput[i]) as Input[]);
    return withLeaves(
      sample,
      leaves.map((leaf, i) => (isInput[i] ? this.transform(leaf as Input, params) : leaf)),
    );
  }

  /** Whether a part of a sample is one that the transform changes. */
  protected accepts(leaf: unknown): boolean {
    return leaf instanceof torch.Tensor || leaf instanceof PilImage;
  }

  override extraRepr(): string {
    return Object.entries(this)
      .map(([name, value]) => printed(name, value))
      .filter((text) => text !== undefined)
      .join(", ");
  }
}

export interface Transform {
  <const T>(input: T): T;
  <const T extends readonly unknown[]>(...inputs: T): T;
}

/** Which parts are transformed: of plain tensors the first one, where no other image or video is. */
export function inputsAmong(leaves: readonly unknown[], accepts: (leaf: unknown) => boolean): boolean[] {
  let isFirst = !leaves.some((leaf) => leaf instanceof PilImage || leaf instanceof Image || leaf instanceof Video);
  return leaves.map((leaf) => {
    if (!accepts(leaf)) return false;
    if (!isPureTensor(leaf)) return true;
    const isChosen = isFirst;
    isFirst = false;
    return isChosen;
  });
}

/** The fields that are floats, also where they are whole. */
const floats = new Set(
  "p scale ratio sigma alpha degrees translate shear sideRange scaleRange mean std brightness contrast saturation hue".split(
    " ",
  ),
);
/** The lists that Python has as such; others are tuples. */
const lists = new Set("degrees shear sigma alpha mean std minSize transforms p quality".split(" "));
const modes: readonly unknown[] = Object.values(InterpolationMode);

/** A field as Python prints it; nothing for what has no short form. */
function printed(name: string, value: unknown): string | undefined {
  const key = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const write = (item: unknown) => (typeof item === "number" && floats.has(name) ? pyFloat(item) : pyValue(item));
  if (name === "interpolation" && modes.includes(value)) return `${key}=${pyMode(value as InterpolationMode)}`;
  if (Array.isArray(value)) {
    const isList = lists.has(name) || (name === "size" && value.length === 1);
    return `${key}=${(isList ? pyList : pyTuple)(value, write)}`;
  }
  const isShort = ["boolean", "number", "string"].includes(typeof value) && name !== "labelsGetter";
  return isShort ? `${key}=${write(value)}` : undefined;
}

export type Probability = Args<[p?: number], ["p"]>;

export const probabilityParam: Param<number> = optional(number, 0.5) as Param<number>;

/** @throws Error unless it is a probability. */
export function checkedProbability(p: number): number {
  if (!(p >= 0 && p <= 1)) throw new Error("`p` should be a floating point value in the interval [0.0, 1.0].");
  return p;
}

/** A transform that is applied with a probability. */
export abstract class RandomApplyTransform extends Transform {
  abstract readonly p: number;

  protected override transformSample(sample: unknown): unknown {
    const leaves = leavesOf(sample);
    this.checkInputs(leaves);
    return happens(this.p) ? this.transformLeaves(sample, leaves) : sample;
  }
}

/** Reads a probability alone. */
export function readProbability(name: string, args: readonly unknown[], byDefault = 0.5): number {
  return checkedProbability(new Signature(name, { p: optional(number, byDefault) }).parse(args).p);
}

/**
 * Height and width of the images, videos, masks and boxes of a sample.
 *
 * @throws TypeError if there is none; Error if they differ.
 */
export function querySize(flatInputs: readonly unknown[]): [height: number, width: number] {
  const sizes = flatInputs
    .filter((input) => input instanceof PilImage || input instanceof torch.Tensor)
    .map((input) => sizeOf(input as Input));
  const [first] = sizes;
  if (first === undefined) throw new TypeError("No image, video, mask or bounding box was found in the sample");
  const others = sizes.filter(([height, width]) => height !== first[0] || width !== first[1]);
  if (others.length > 0) {
    const all = [...new Set(sizes.map(([height, width]) => `(${height}, ${width})`))];
    throw new Error(`Found multiple HxW dimensions in the sample: ${all.join(", ")}`);
  }
  return first;
}

/** Channels, height and width of the images and videos of a sample. */
export function queryChannels(flatInputs: readonly unknown[]): [channels: number, height: number, width: number] {
  const image = flatInputs.find(
    (input) =>
      input instanceof PilImage ||
      (input instanceof torch.Tensor && !(input instanceof Mask) && !(input instanceof BoundingBoxes)),
  );
  if (image === undefined) throw new TypeError("No image or video was found in the sample");
  return dimensionsOf(image as Input);
}
