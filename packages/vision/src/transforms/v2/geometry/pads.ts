/** Samples with more around them. */
import torch from "flambeau";
import { type Args, numbers, optional, Signature, sizeOrSizes } from "flambeau/arguments";
import { edgesOf, type PaddingMode, padParams } from "../../functional/pad.js";
import type { Size } from "../../geometry.js";
import { type FillOfKinds, fillFor, fillPlace } from "../fill.js";
import * as F from "../functional/geometry.js";
import type { Input } from "../functional/kinds.js";
import {
  checkedProbability,
  type Params,
  probabilityParam,
  querySize,
  RandomApplyTransform,
  Transform,
} from "../transform.js";

const { shareable } = torch.utils.data;

/**
 * Samples with more around them. Boxes take mode `"constant"` alone.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.Pad.html
 */
export class Pad extends Transform {
  readonly padding: Size;
  readonly fill: FillOfKinds;
  readonly paddingMode: PaddingMode;

  constructor(...args: [padding: Size, ...rest: Args<[fill?: FillOfKinds], ["fill"], { paddingMode?: PaddingMode }>]) {
    super();
    const params = { padding: sizeOrSizes, ...fillPlace, paddingMode: padParams.paddingMode };
    const { padding, fill, paddingMode } = new Signature("Pad", params).parse(args);
    edgesOf(padding);
    this.padding = padding;
    this.fill = fill;
    this.paddingMode = paddingMode;
  }

  transform(inpt: Input): Input {
    return F.pad(inpt, this.padding, fillFor(this.fill, inpt), { paddingMode: this.paddingMode });
  }
}

/**
 * Samples in the middle, or at a random place, of a larger canvas, with a probability (0.5).
 *
 * @param sideRange how many times larger, from and to: 1 to 4 by default.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomZoomOut.html
 */
export class RandomZoomOut extends RandomApplyTransform {
  readonly fill: FillOfKinds;
  readonly sideRange: readonly number[];
  readonly p: number;

  constructor(
    ...args: Args<[fill?: FillOfKinds, sideRange?: readonly number[], p?: number], ["fill", "sideRange", "p"]>
  ) {
    super();
    const params = { ...fillPlace, sideRange: optional(numbers, [1, 4]), p: probabilityParam };
    const { fill, sideRange, p } = new Signature("RandomZoomOut", params).parse(args);
    const [from = 0, to = 0] = sideRange;
    if (sideRange.length !== 2 || from < 1 || from > to) {
      throw new Error(`Invalid side range provided [${sideRange.join(", ")}].`);
    }
    this.fill = fill;
    this.sideRange = sideRange;
    this.p = checkedProbability(p);
  }

  override makeParams(flatInputs: readonly Input[]): Params {
    const [height, width] = querySize(flatInputs);
    const [from, to] = this.sideRange as [number, number];
    const factor = from + torch.rand(1).item() * (to - from);
    const [canvasWidth, canvasHeight] = [Math.trunc(width * factor), Math.trunc(height * factor)];
    const [x, y] = torch.rand(2).tolist() as [number, number];
    const [left, top] = [Math.trunc((canvasWidth - width) * x), Math.trunc((canvasHeight - height) * y)];
    return { padding: [left, top, canvasWidth - (left + width), canvasHeight - (top + height)] };
  }

  transform(inpt: Input, { padding }: Params): Input {
    return F.pad(inpt, padding as number[], fillFor(this.fill, inpt));
  }
}

shareable(import.meta.url, { Pad, RandomZoomOut });
