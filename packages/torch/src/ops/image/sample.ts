/** Images at places that are given: by a grid, or by a map as PIL has it. */
import { flag, ints, nullable, numbers, tensor, word } from "../../arguments/params.js";
import {
  type SamplePlaces,
  sampleImages as sampleKernel,
  type TransformFilter,
  transformBytes as transformKernel,
} from "../../backend/kernels.js";
import { type DType, float32, float64, uint8 } from "../../core/dtype.js";
import { checkSizes, formatShape, numelOf } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { tensor as tensorOf } from "../creation/data.js";
import { op } from "../define.js";
import type { FunctionOp } from "../types.js";
import { checkBytes } from "./lookup.js";

/** Samples images `[…, H, W]` at places for each pixel of a size. */
function sampled(
  name: string,
  input: Tensor,
  [height, width]: readonly [number, number],
  places: SamplePlaces,
  fill: readonly number[] | null,
  isBilinear: boolean,
): Tensor {
  const { sizes, dtype } = input;
  if (sizes.length < 2 || sizes.at(-1) === 0 || sizes.at(-2) === 0)
    throw new Error(`${name}: expected images […, H, W] with pixels, got ${formatShape(sizes)}`);
  const leading = sizes.slice(0, -2);
  const planes = numelOf(leading);
  const out = Tensor.empty([planes, height, width], dtype);
  const colours = tensorOf([...(fill ?? [])], { dtype: computedIn(name, dtype) });
  sampleKernel(out, input.contiguous().view([planes, ...sizes.slice(-2)]), places, colours, isBilinear);
  return out.view([...leading, height, width]);
}

/** The dtype of places. */
function computedIn(name: string, dtype: DType): DType {
  if (dtype !== uint8 && dtype !== float32 && dtype !== float64)
    throw new TypeError(`${name}: images are bytes, float32 or float64, got ${dtype}`);
  return dtype === float64 ? float64 : float32;
}

/**
 * Images `[…, C, H, W]` of bytes, float32 or float64 at the places of one grid `[h, w, 2]` of x and y from -1 to 1, by the
 * nearest pixel or `bilinear`: `[…, C, h, w]`, as `gridSample` gives them with zeros outside. `fill` has the colour of what
 * is outside instead, one number for all planes or one for each colour.
 */
export const sampleImages: FunctionOp<
  (input: Tensor, grid: Tensor, fill: readonly number[] | null, options?: { bilinear?: boolean }) => Tensor
> = op({
  name: "sampleImages",
  variants: "function",
  differentiable: false,
  params: { input: tensor, grid: tensor, fill: nullable(numbers), bilinear: flag },
  forward: ({ input, grid, fill, bilinear }) => {
    if (grid.sizes.length !== 3 || grid.sizes[2] !== 2)
      throw new Error(`sampleImages: expected a grid [h, w, 2], got ${formatShape(grid.sizes)}`);
    const [height, width] = grid.sizes as [number, number, number];
    const places = grid
      .to(computedIn("sampleImages", input.dtype))
      .contiguous()
      .view([height * width, 2]);
    return sampled("sampleImages", input, [height, width], places, fill, bilinear);
  },
});

/**
 * The same at places that follow from a map of the pixels of a size: from the six coefficients of an affine one, of pixels
 * whose centers are counted from the middle, `x = a u + b v + c` and `y = d u + e v + f`; or from nine of a perspective
 * one, of pixels counted from the corner, `x = (a u + b v + c) / (g u + h v + i) - 1`.
 */
export const mapImages: FunctionOp<
  (
    input: Tensor,
    size: readonly number[],
    coefficients: readonly number[],
    fill: readonly number[] | null,
    options?: { bilinear?: boolean },
  ) => Tensor
> = op({
  name: "mapImages",
  variants: "function",
  differentiable: false,
  params: { input: tensor, size: ints, coefficients: numbers, fill: nullable(numbers), bilinear: flag },
  forward: ({ input, size, coefficients, fill, bilinear }) => {
    if (size.length !== 2 || (coefficients.length !== 6 && coefficients.length !== 9)) {
      throw new Error(
        `mapImages: expected a size of two numbers and six or nine coefficients, got ${size.length} and ${coefficients.length}`,
      );
    }
    checkSizes([...size]);
    return sampled("mapImages", input, size as [number, number], coefficients, fill, bilinear);
  },
});

/**
 * An image of bytes `[H, W, C]` under an affine map of six coefficients, or a perspective one of eight, as PIL's
 * `Image.transform` computes it: the pixel at x, y of the result is that at the mapped place, or has the colour `fill`.
 */
export const transformBytes: FunctionOp<
  (
    input: Tensor,
    size: readonly number[],
    coefficients: readonly number[],
    fill: readonly number[],
    filter: TransformFilter,
  ) => Tensor
> = op({
  name: "transformBytes",
  variants: "function",
  differentiable: false,
  params: {
    input: tensor,
    size: ints,
    coefficients: numbers,
    fill: numbers,
    filter: word("nearest", "bilinear", "bicubic"),
  },
  forward: ({ input, size, coefficients, fill, filter }) => {
    checkBytes("transformBytes", input);
    const colours = input.sizes[2];
    const isRight = input.sizes.length === 3 && size.length === 2 && fill.length === colours;
    if (!isRight || (coefficients.length !== 6 && coefficients.length !== 8)) {
      throw new Error(
        `transformBytes: expected an image [H, W, C], a size, six or eight coefficients and a colour, got ${formatShape(input.sizes)}, ${size.length}, ${coefficients.length} and ${fill.length} numbers`,
      );
    }
    checkSizes([...size, colours as number]);
    const colour = tensorOf([...fill], { dtype: uint8 });
    const out = colour.expand([...size, colours as number]).contiguous();
    if (numelOf(input.sizes) > 0) transformKernel(out, input.contiguous(), coefficients, filter);
    return out;
  },
});
