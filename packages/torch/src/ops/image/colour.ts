/** Colours of images of red, green and blue. */
import { flag, number, tensor, word } from "../../arguments/params.js";
import { blendBytes as blendKernel, type ColourChange, changeColours as changeKernel } from "../../backend/kernels.js";
import { float32, float64, uint8 } from "../../core/dtype.js";
import { formatShape, numelOf, sameShape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { FunctionOp } from "../types.js";
import { checkBytes } from "./lookup.js";

/**
 * The grey of colours, colours with their distance from grey times `by`, or with their hue turned by `by`: of images
 * `[…, 3, H, W]` of bytes, float32 or float64 as torchvision computes them, or `interleaved`, of bytes `[…, H, W, 3]` as PIL
 * does, where a hue is a whole number of 256.
 */
export const changeColours: FunctionOp<
  (input: Tensor, change: ColourChange, by: number, options?: { interleaved?: boolean }) => Tensor
> = op({
  name: "changeColours",
  variants: "function",
  differentiable: false,
  params: { input: tensor, change: word("grey", "saturation", "hue"), by: number, interleaved: flag },
  forward: ({ input, change, by, interleaved }) => {
    const { sizes, dtype } = input;
    if (interleaved) checkBytes("changeColours", input);
    else if (dtype !== uint8 && dtype !== float32 && dtype !== float64)
      throw new TypeError(`changeColours: colours are bytes, float32 or float64, got ${dtype}`);
    const colours = sizes.length - (interleaved ? 1 : 3);
    if (sizes.length < 3 || sizes[colours] !== 3)
      throw new Error(`changeColours: expected images of three colours, got ${formatShape(sizes)}`);
    const outSizes = sizes.map((size, d) => (d === colours && change === "grey" ? 1 : size));
    const out = Tensor.empty(outSizes, dtype);
    const images = numelOf(sizes.slice(0, -3));
    const pixels = numelOf(sizes.slice(-3)) / 3;
    const flat = input.contiguous().view(interleaved ? [images, pixels, 3] : [images, 3, pixels]);
    changeKernel(out, flat, change, by, interleaved);
    return out;
  },
});

/** `a + share * (b - a)` for bytes of one shape, bounded and without fractions, as PIL blends images. */
export const blendBytes: FunctionOp<(a: Tensor, b: Tensor, share: number) => Tensor> = op({
  name: "blendBytes",
  variants: "function",
  differentiable: false,
  params: { a: tensor, b: tensor, share: number },
  forward: ({ a, b, share }) => {
    checkBytes("blendBytes", a);
    checkBytes("blendBytes", b);
    if (!sameShape(a.sizes, b.sizes))
      throw new Error(`blendBytes: images do not match: ${formatShape(a.sizes)} and ${formatShape(b.sizes)}`);
    const out = Tensor.empty(a.sizes, uint8);
    blendKernel(out, a.contiguous(), b.contiguous(), share);
    return out;
  },
});
