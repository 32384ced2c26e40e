/** The older names of `interpolate`. */
import { openFlag, optional, sizeOrSizes, tensor } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { warn } from "../../arguments/warn.js";
import type { Tensor } from "../../core/tensor.js";
import type { Args } from "../types.js";
import { factors, type InterpolateMode, interpolate, interpolateModes } from "./interpolate.js";

type Arguments<O> = [
  input: Tensor,
  ...rest: Args<
    [size?: number | readonly number[] | null, scaleFactor?: number | readonly number[] | null],
    ["size", "scaleFactor"],
    O
  >,
];

const params = { input: tensor, size: optional(sizeOrSizes), scaleFactor: optional(factors) };
const upsampleSignature = new Signature("upsample", {
  ...params,
  mode: optional(interpolateModes, "nearest"),
  alignCorners: openFlag,
});
const nearestSignature = new Signature("upsampleNearest", params);
const bilinearSignature = new Signature("upsampleBilinear", params);

function warnOf(name: string): void {
  warn(`nn.functional.${name} is deprecated. Use nn.functional.interpolate instead.`);
}

/**
 * The older name of `interpolate`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.upsample.html
 */
export function upsample(...args: Arguments<{ mode?: InterpolateMode; alignCorners?: boolean | null }>): Tensor {
  const { input, size, scaleFactor, mode, alignCorners } = upsampleSignature.parse(args);
  warnOf("upsample");
  return interpolate(input, size, scaleFactor, { mode, alignCorners: alignCorners ?? null });
}

/**
 * `interpolate` of mode `"nearest"`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.upsample_nearest.html
 */
export function upsampleNearest(...args: Arguments<unknown>): Tensor {
  const { input, size, scaleFactor } = nearestSignature.parse(args);
  warnOf("upsampleNearest");
  return interpolate(input, size, scaleFactor);
}

/**
 * `interpolate` of mode `"bilinear"` with `alignCorners`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.upsample_bilinear.html
 */
export function upsampleBilinear(...args: Arguments<unknown>): Tensor {
  const { input, size, scaleFactor } = bilinearSignature.parse(args);
  warnOf("upsampleBilinear");
  return interpolate(input, size, scaleFactor, { mode: "bilinear", alignCorners: true });
}
