/** Batches mixed with themselves: the next image shines through each, or a part of it is put there. */
import torch, { F as functional, type Tensor } from "flambeau";
import { describe, int, keyword, nullable, number, optional, Signature } from "flambeau/arguments";
import { Image as PilImage } from "../../image.js";
import { BoundingBoxes, Mask, TVTensor, Video, wrap } from "../../tvTensors.js";
import { floating } from "../functional/image.js";
import { whole } from "../random/draw.js";
import type { Input } from "./functional/kinds.js";
import { type LabelsGetter, labelsGetterParam, labelsOf } from "./labels.js";
import { inputsAmong, type Params, querySize, Transform } from "./transform.js";
import { leavesOf, withLeaves } from "./tree.js";

const { shareable } = torch.utils.data;

const params = {
  alpha: keyword(optional(number, 1)),
  numClasses: keyword(optional(nullable(int), null)),
  labelsGetter: keyword(optional(labelsGetterParam, "default")),
};

export interface MixOptions {
  /** The concentration of the Beta distribution from which shares are drawn: 1 by default. */
  alpha?: number;
  /** How many classes labels have; not needed if they are shares of classes already. */
  numClasses?: number | null;
  /** Where a sample has its labels. */
  labelsGetter?: LabelsGetter;
}

function readMix(name: string, args: readonly unknown[]) {
  const given = new Signature(name, params).parse(args);
  if (!(given.alpha > 0)) throw new Error(`alpha must be positive, got ${given.alpha}`);
  return given;
}

/** A transform that mixes each sample of a batch with the one before it, and their labels as much. */
abstract class Mixing extends Transform {
  abstract readonly alpha: number;
  abstract readonly numClasses: number | null;
  abstract readonly labelsGetter: LabelsGetter;

  /** Mixes images or videos. */
  abstract mix(inpt: Tensor, drawn: Params): Tensor;

  override transform(inpt: Input): Input {
    return inpt;
  }

  protected override transformSample(sample: unknown): unknown {
    const leaves = leavesOf(sample);
    const { name } = this.constructor;
    if (leaves.some((leaf) => leaf instanceof PilImage || leaf instanceof BoundingBoxes || leaf instanceof Mask))
      throw new Error(`${name}() does not support PIL images, bounding boxes and masks.`);
    const labels = labelsOf(sample, this.labelsGetter);
    if (labels === undefined) throw new Error(`The labels must be a tensor, but got ${describe(labels)} instead.`);
    checkLabels(labels, this.numClasses);
    const isInput = inputsAmong(leaves, this.accepts.bind(this)).map((one, i) => one && leaves[i] !== labels);
    const inputs = leaves.filter((_, i) => isInput[i]) as Tensor[];
    for (const input of inputs) checkBatch(input, labels.shape[0] as number);
    const drawn = this.makeParams(inputs);
    return withLeaves(
      sample,
      leaves.map((leaf, i) => {
        if (leaf === labels) return mixLabels(labels, drawn.share as number, this.numClasses);
        if (!isInput[i]) return leaf;
        const result = this.mix(leaf as Tensor, drawn);
        return leaf instanceof TVTensor ? wrap(result, { like: leaf }) : result;
      }),
    );
  }

  /** The share of each sample itself, from a Beta distribution. */
  protected drawShare(): number {
    const { alpha } = this;
    return torch.ops.torchvision
      .sampleDirichlet(torch.tensor([[alpha, alpha]]))
      .at(0, 0)
      .item();
  }
}

function checkLabels(labels: Tensor, numClasses: number | null): void {
  if (labels.ndim !== 1 && labels.ndim !== 2) {
    throw new Error(
      `labels should be index based with shape (batch_size,) or probability based with shape (batch_size, num_classes), but got a tensor of shape [${labels.shape.join(", ")}] instead.`,
    );
  }
  if (labels.ndim === 2 && numClasses !== null && labels.shape[1] !== numClasses) {
    throw new Error(
      `When passing 2D labels, the number of elements in last dimension must match num_classes: ${labels.shape[1]} != ${numClasses}.`,
    );
  }
  if (labels.ndim === 1 && numClasses === null)
    throw new Error("num_classes must be passed if the labels are index-based (1D)");
}

function checkBatch(inpt: Tensor, count: number): void {
  const dims = inpt instanceof Video ? 5 : 4;
  if (inpt.ndim !== dims)
    throw new Error(`Expected a batched input with ${dims} dims, but got ${inpt.ndim} dimensions instead.`);
  if (inpt.shape[0] !== count) {
    throw new Error(
      `The batch size of the image or video does not match the batch size of the labels: ${inpt.shape[0]} != ${count}.`,
    );
  }
}

/** Each of a batch mixed with the one before it, as floats. */
function mixed(batch: Tensor, share: number): Tensor {
  const floats = floating(batch);
  return floats
    .roll(1, 0)
    .mul(1 - share)
    .add(floats.mul(share));
}

/** Labels as shares of classes, each mixed with those of the sample before it. */
function mixLabels(labels: Tensor, share: number, numClasses: number | null): Tensor {
  return mixed(labels.ndim === 1 ? functional.oneHot(labels.long(), numClasses as number) : labels, share);
}

/**
 * Batches whose samples are mixed: each with the one before it, and its labels as much.
 *
 * @example new v2.MixUp({ numClasses: 10 })(images, labels)
 * @throws Error for images or boxes, samples that are no batch, and labels that do not fit.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.MixUp.html
 */
export class MixUp extends Mixing {
  readonly alpha: number;
  readonly numClasses: number | null;
  readonly labelsGetter: LabelsGetter;

  constructor(...args: [options?: MixOptions]) {
    super();
    ({ alpha: this.alpha, numClasses: this.numClasses, labelsGetter: this.labelsGetter } = readMix("MixUp", args));
  }

  override makeParams(): Params {
    return { share: this.drawShare() };
  }

  mix(inpt: Tensor, { share }: Params): Tensor {
    return mixed(inpt, share as number).to(inpt.dtype);
  }
}

/**
 * Batches in whose samples a box is that of the sample before it; labels are mixed by the areas.
 *
 * @example new v2.CutMix({ numClasses: 10 })(images, labels)
 * @throws Error for images or boxes, samples that are no batch, and labels that do not fit.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.CutMix.html
 */
export class CutMix extends Mixing {
  readonly alpha: number;
  readonly numClasses: number | null;
  readonly labelsGetter: LabelsGetter;

  constructor(...args: [options?: MixOptions]) {
    super();
    ({ alpha: this.alpha, numClasses: this.numClasses, labelsGetter: this.labelsGetter } = readMix("CutMix", args));
  }

  override makeParams(flatInputs: readonly Input[]): Params {
    const share = this.drawShare();
    const [height, width] = querySize(flatInputs);
    const [x, y] = [whole(0, width), whole(0, height)];
    const half = 0.5 * Math.sqrt(1 - share);
    const [dx, dy] = [Math.trunc(half * width), Math.trunc(half * height)];
    const [x1, y1, x2, y2] = [
      Math.max(x - dx, 0),
      Math.max(y - dy, 0),
      Math.min(x + dx, width),
      Math.min(y + dy, height),
    ];
    return { box: [x1, y1, x2, y2], share: 1 - ((x2 - x1) * (y2 - y1)) / (width * height) };
  }

  mix(inpt: Tensor, { box }: Params): Tensor {
    const [x1, y1, x2, y2] = box as [number, number, number, number];
    const result = inpt.clone();
    const part = (of: Tensor) => of.narrow(-2, y1, y2 - y1).narrow(-1, x1, x2 - x1);
    part(result).copy_(part(inpt.roll(1, 0)));
    return result;
  }
}

shareable(import.meta.url, { MixUp, CutMix });
