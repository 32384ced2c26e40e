/** Images of bytes in the colours of a palette, as PIL makes them. */
import { flag, int, tensor, word } from "../../arguments/params.js";
import {
  nearestColours as nearestKernel,
  type QuantizeMethod,
  quantizeBytes as quantizeKernel,
} from "../../backend/kernels.js";
import { uint8 } from "../../core/dtype.js";
import { formatShape, numelOf } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { type Named, named, op } from "../define.js";
import { narrow } from "../shape/views.js";
import type { FunctionOp } from "../types.js";
import { checkBytes } from "./lookup.js";

export type { QuantizeMethod };

/** The number of different places. */
const mostColours = 256;

function checkImage(name: string, input: Tensor, bands: readonly number[]): void {
  checkBytes(name, input);
  if (input.sizes.length !== 3 || !bands.includes(input.sizes[2] as number)) {
    throw new Error(`${name}: expected an image [H, W, ${bands.join(" or ")}], got ${formatShape(input.sizes)}`);
  }
}

/** Places `[H, W, 1]`, and the colours `[n, 4]` that stand there, with their opacity. */
export type QuantizeResult = Named<{ places: Tensor; palette: Tensor }>;

/**
 * The few colours of an image of bytes `[H, W, C]`, and which of them stands for each pixel, with PIL's bytes.
 *
 * @param colors at most so many, up to 256.
 * @param method `"mediancut"` and `"maxcoverage"` for red, green and blue; `"fastoctree"` for these, or with opacity.
 * @param kmeans beyond 0, colours become the means of their pixels until fewer of these change; not with `"fastoctree"`.
 */
export const quantizeBytes: FunctionOp<
  (input: Tensor, colors: number, method: QuantizeMethod, kmeans: number) => QuantizeResult
> = op({
  name: "quantizeBytes",
  variants: "function",
  differentiable: false,
  params: { input: tensor, colors: int, method: word("mediancut", "maxcoverage", "fastoctree"), kmeans: int },
  forward: ({ input, colors, method, kmeans }) => {
    checkImage("quantizeBytes", input, method === "fastoctree" ? [3, 4] : [3]);
    if (colors < 1 || colors > mostColours) throw new RangeError(`bad number of colors: ${colors}`);
    if (kmeans < 0) throw new RangeError("kmeans must not be negative");
    const [height, width] = input.sizes as [number, number];
    const places = Tensor.empty([height, width, 1], uint8);
    const palette = Tensor.empty([colors, 4], uint8);
    const count = numelOf(places.sizes) === 0 ? 0 : quantizeKernel(places, palette, input.contiguous(), method, kmeans);
    return named({ places, palette: narrow(palette, 0, 0, count).clone() });
  },
});

/**
 * The places `[H, W, 1]` of those colours of a palette `[n, 4]` of bytes, whose opacity does not count, that are nearest to
 * the pixels of an image of bytes `[H, W, 3]`, with PIL's bytes: it leaves out the lower two bits of what it looks for.
 *
 * @param options with `dither` what a pixel is too bright or too dark is given to its neighbours, after Floyd and Steinberg.
 */
export const nearestColours: FunctionOp<(input: Tensor, palette: Tensor, options?: { dither?: boolean }) => Tensor> =
  op({
    name: "nearestColours",
    variants: "function",
    differentiable: false,
    params: { input: tensor, palette: tensor, dither: flag },
    forward: ({ input, palette, dither }) => {
      checkImage("nearestColours", input, [3]);
      checkBytes("nearestColours", palette);
      const [count = 0, bands] = palette.sizes;
      if (palette.sizes.length !== 2 || bands !== 4 || count < 1 || count > mostColours) {
        throw new Error(
          `nearestColours: expected a palette of shape [1 to ${mostColours}, 4], got ${formatShape(palette.sizes)}`,
        );
      }
      const [height, width] = input.sizes as [number, number];
      const places = Tensor.empty([height, width, 1], uint8);
      if (numelOf(places.sizes) > 0) nearestKernel(places, input.contiguous(), palette.contiguous(), dither);
      return places;
    },
  });
