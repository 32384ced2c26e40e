/** Samples with boxes: parts that keep some of them, and those that are left. */
import torch, { type Tensor } from "flambeau";
import { type Args, int, nullable, number, numbers, optional, Signature } from "flambeau/arguments";
import { Image as PilImage } from "../../image.js";
import { boxIou } from "../../ops/index.js";
import { pyFloat } from "../../python.js";
import { BoundingBoxes, Image, isPureTensor, Mask, wrap } from "../../tvTensors.js";
import { whole } from "../random/draw.js";
import { convertBoxes, validBoxes } from "./functional/boxes.js";
import { crop } from "./functional/geometry.js";
import type { Input } from "./functional/kinds.js";
import { type LabelsGetter, labelsGetterParam, labelsOf } from "./labels.js";
import { type Params, querySize, Transform } from "./transform.js";
import { leavesOf, withLeaves } from "./tree.js";

const { shareable } = torch.utils.data;

/** The boxes of a sample, of which there is one set. */
function boxesAmong(leaves: readonly unknown[]): BoundingBoxes {
  const boxes = leaves.find((leaf) => leaf instanceof BoundingBoxes);
  if (boxes === undefined) throw new Error("No bounding boxes were found in the sample");
  return boxes as BoundingBoxes;
}

const cropParams = {
  minScale: optional(number, 0.3),
  maxScale: optional(number, 1),
  minAspectRatio: optional(number, 0.5),
  maxAspectRatio: optional(number, 2),
  samplerOptions: optional(nullable(numbers), null),
  trials: optional(int, 40),
};

/**
 * A random part of samples that overlaps a box as much as is drawn, as for the single shot detector. Boxes whose centers
 * are outside become empty, for `SanitizeBoundingBoxes` to remove.
 *
 * @throws TypeError for samples without boxes, or without images.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomIoUCrop.html
 */
export class RandomIoUCrop extends Transform {
  readonly minScale: number;
  readonly maxScale: number;
  readonly minAspectRatio: number;
  readonly maxAspectRatio: number;
  readonly options: readonly number[];
  readonly trials: number;

  constructor(
    ...args: Args<
      [
        minScale?: number,
        maxScale?: number,
        minAspectRatio?: number,
        maxAspectRatio?: number,
        samplerOptions?: readonly number[] | null,
        trials?: number,
      ],
      ["minScale", "maxScale", "minAspectRatio", "maxAspectRatio", "samplerOptions", "trials"]
    >
  ) {
    super();
    const given = new Signature("RandomIoUCrop", cropParams).parse(args);
    this.minScale = given.minScale;
    this.maxScale = given.maxScale;
    this.minAspectRatio = given.minAspectRatio;
    this.maxAspectRatio = given.maxAspectRatio;
    this.options = given.samplerOptions ?? [0, 0.1, 0.3, 0.5, 0.7, 0.9, 1];
    this.trials = given.trials;
  }

  override checkInputs(leaves: readonly unknown[]): void {
    const hasImage = leaves.some((leaf) => leaf instanceof PilImage || leaf instanceof Image || isPureTensor(leaf));
    if (!hasImage || !leaves.some((leaf) => leaf instanceof BoundingBoxes)) {
      throw new TypeError(
        "RandomIoUCrop() requires input sample to contain tensor or PIL images and bounding boxes. Sample can also contain masks.",
      );
    }
  }

  override makeParams(flatInputs: readonly Input[]): Params {
    const size = querySize(flatInputs);
    const boxes = boxesAmong(flatInputs);
    const corners = convertBoxes(boxes, boxes.format, "XYXY");
    for (;;) {
      const overlap = this.options[whole(0, this.options.length)] as number;
      // All of the image.
      if (overlap >= 1) return {};
      for (let trial = 0; trial < this.trials; trial++) {
        const found = this.tryPart(size, corners, overlap);
        if (found !== undefined) return found;
      }
    }
  }

  /** Draws a part; undefined if it does not overlap as much, or has another shape than allowed. */
  private tryPart([height, width]: readonly [number, number], corners: Tensor, overlap: number): Params | undefined {
    const scales = torch
      .rand(2)
      .mul(this.maxScale - this.minScale)
      .add(this.minScale)
      .tolist() as [number, number];
    const [newWidth, newHeight] = [Math.trunc(width * scales[0]), Math.trunc(height * scales[1])];
    const ratio = newWidth / newHeight;
    if (!(ratio >= this.minAspectRatio && ratio <= this.maxAspectRatio)) return undefined;
    const places = torch.rand(2).tolist() as [number, number];
    const left = Math.trunc((width - newWidth) * places[0]);
    const top = Math.trunc((height - newHeight) * places[1]);
    if (newWidth === 0 || newHeight === 0) return undefined;
    const [right, bottom] = [left + newWidth, top + newHeight];
    const [x1, y1, x2, y2] = corners.unbind(-1) as [Tensor, Tensor, Tensor, Tensor];
    const [cx, cy] = [x1.add(x2).mul(0.5), y1.add(y2).mul(0.5)];
    const isWithin = cx.gt(left).logicalAnd(cx.lt(right)).logicalAnd(cy.gt(top)).logicalAnd(cy.lt(bottom));
    if (!isWithin.any().item()) return undefined;
    const part = torch.tensor([[left, top, right, bottom]], { dtype: corners.dtype });
    if (boxIou(corners.at(isWithin), part).max().item() < overlap) return undefined;
    return { region: [top, left, newHeight, newWidth], isWithin };
  }

  transform(inpt: Input, { region, isWithin }: Params): Input {
    if (region === undefined) return inpt;
    const part = crop(inpt, ...(region as [number, number, number, number]));
    if (!(part instanceof BoundingBoxes)) return part;
    return wrap(part.mul((isWithin as Tensor).unsqueeze(1).to(part.dtype)), { like: part });
  }
}

const sanitizeParams = {
  minSize: optional(number, 1),
  minArea: optional(number, 1),
  labelsGetter: optional(labelsGetterParam, "default"),
};

/**
 * Samples without the boxes that are too small or reach outside of their image, and without their labels and masks.
 *
 * @param minSize the least width and height: 1 by default.
 * @param minArea the least area: 1 by default.
 * @param labelsGetter where a sample has its labels: by `"labels"` unless told; null if it has none.
 * @throws Error for sizes below 1, and labels that are not as many as boxes.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.SanitizeBoundingBoxes.html
 */
export class SanitizeBoundingBoxes extends Transform {
  readonly minSize: number;
  readonly minArea: number;
  readonly labelsGetter: LabelsGetter;

  constructor(
    ...args: Args<
      [minSize?: number, minArea?: number, labelsGetter?: LabelsGetter],
      ["minSize", "minArea", "labelsGetter"]
    >
  ) {
    super();
    const { minSize, minArea, labelsGetter } = new Signature("SanitizeBoundingBoxes", sanitizeParams).parse(args);
    if (minSize < 1) throw new Error(`min_size must be >= 1, got ${minSize}.`);
    if (minArea < 1) throw new Error(`min_area must be >= 1, got ${minArea}.`);
    this.minSize = minSize;
    this.minArea = minArea;
    this.labelsGetter = labelsGetter;
  }

  protected override transformSample(sample: unknown): unknown {
    const labels = labelsOf(sample, this.labelsGetter);
    const leaves = leavesOf(sample);
    const boxes = boxesAmong(leaves);
    if (labels !== undefined && labels.shape[0] !== boxes.shape[0]) {
      throw new Error(
        `Number of boxes (shape=[${boxes.shape.join(", ")}]) and must match the number of labels.Found labels with shape=[${labels.shape.join(", ")}].`,
      );
    }
    const isValid = validBoxes(boxes, this.minSize, this.minArea);
    return withLeaves(
      sample,
      leaves.map((leaf) => {
        if (leaf === labels && labels !== undefined) return labels.at(isValid);
        if (leaf instanceof BoundingBoxes || leaf instanceof Mask) return wrap(leaf.at(isValid), { like: leaf });
        return leaf;
      }),
    );
  }

  transform(inpt: Input): Input {
    return inpt;
  }

  override extraRepr(): string {
    const getter = typeof this.labelsGetter === "string" ? `, labels_getter=${this.labelsGetter}` : "";
    return `min_size=${pyFloat(this.minSize)}, min_area=${pyFloat(this.minArea)}${getter}`;
  }
}

shareable(import.meta.url, { RandomIoUCrop, SanitizeBoundingBoxes });
