/** Layers that resize: `nn.functional.interpolate` with the options that a layer was made with. */
import { openFlag, optional, sizeOrSizes } from "../../arguments/params.js";
import type { Tensor } from "../../core/tensor.js";
import {
  factors,
  type InterpolateMode,
  type InterpolateOptions,
  interpolate,
  interpolateModes,
} from "../../ops/resample/interpolate.js";
import type { Args } from "../../ops/types.js";
import { read } from "../arguments.js";
import { Module } from "../module.js";
import { py, pyFloat } from "../repr.js";

type OneOrMany = number | readonly number[];
type Sizes<O = unknown> = Args<[size?: OneOrMany | null, scaleFactor?: OneOrMany | null], ["size", "scaleFactor"], O>;

const sizeParams = { size: optional(sizeOrSizes), scaleFactor: optional(factors) };
const upsampleParams = {
  ...sizeParams,
  mode: optional(interpolateModes, "nearest"),
  alignCorners: openFlag,
  recomputeScaleFactor: openFlag,
};

abstract class Resizing extends Module {
  declare size: OneOrMany | undefined;
  declare scaleFactor: OneOrMany | undefined;
  declare mode: InterpolateMode;
  declare alignCorners: boolean | undefined;
  declare recomputeScaleFactor: boolean | undefined;

  override forward(input: Tensor): Tensor {
    const { mode, alignCorners, recomputeScaleFactor } = this;
    return interpolate(input, this.size, this.scaleFactor, { mode, alignCorners, recomputeScaleFactor });
  }

  override extraRepr(): string {
    const { size, scaleFactor, mode } = this;
    const factor = typeof scaleFactor === "number" ? pyFloat(scaleFactor) : `(${scaleFactor?.map(pyFloat).join(", ")})`;
    return `${scaleFactor === undefined ? `size=${py(size)}` : `scale_factor=${factor}`}, mode=${py(mode)}`;
  }
}

/**
 * Resizes signals, images or volumes to `size`, or by `scaleFactor`; see `nn.functional.interpolate`.
 *
 * @example new nn.Upsample(undefined, 2, { mode: "bilinear" })(images) // [N, C, H, W] becomes [N, C, 2 H, 2 W]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Upsample.html
 */
export class Upsample extends Resizing {
  constructor(...args: Sizes<Omit<InterpolateOptions, "antialias">>) {
    super();
    Object.assign(this, read(this, upsampleParams, args));
  }
}

/**
 * Resizes images: every element of the result is the nearest of the input.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.UpsamplingNearest2d.html
 */
export class UpsamplingNearest2d extends Resizing {
  constructor(...args: Sizes) {
    super();
    Object.assign(this, read(this, sizeParams, args), { mode: "nearest" });
  }
}

/**
 * Resizes images: every element of the result weighs the four around it, and the corners of both lie on each other.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.UpsamplingBilinear2d.html
 */
export class UpsamplingBilinear2d extends Resizing {
  constructor(...args: Sizes) {
    super();
    Object.assign(this, read(this, sizeParams, args), { mode: "bilinear", alignCorners: true });
  }
}
