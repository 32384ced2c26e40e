/** Images resampled and blurred along their rows and columns. */
import { anything, ints, numbers, requiredFlag, tensor, word } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { type ResampleWindows, resampleBytes, resamplePlanes } from "../../backend/kernels.js";
import { float32, uint8 } from "../../core/dtype.js";
import { checkSizes, formatShape, numelOf } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import { resampled } from "../resample/interpolate.js";
import { tables } from "../resample/tables.js";
import { type ResampleRule, type Windows, windowsOf } from "../resample/windows.js";
import type { FunctionOp } from "../types.js";
import { checkBytes } from "./lookup.js";
import { type PilFilter, pilFilters, pilWindows } from "./pilWindows.js";

type Size = readonly number[];

function checkTarget(name: string, input: Tensor, [height, width]: Size, size: Size): void {
  if (size.length !== 2 || [...size, height, width].some((length) => !(length !== undefined && length > 0))) {
    throw new Error(
      `${name}: Input and output sizes should be greater than 0, but got input ${formatShape(input.sizes)} output ${formatShape(size)}`,
    );
  }
  checkSizes([numelOf(input.sizes.slice(0, -2)), ...size]);
}

/** Planes of bytes `[…, H, W]` by windows for each dim. */
const resampledPlanes: FunctionOp<(input: Tensor, windows: readonly [rows: Windows, columns: Windows]) => Tensor> = op({
  name: "resamplePlanes",
  variants: "function",
  differentiable: false,
  params: { input: tensor, windows: anything },
  forward: ({ input, windows }) => {
    const [rows, columns] = (windows as readonly Windows[]).map((dim) => tables(dim, float32)) as [
      ResampleWindows,
      ResampleWindows,
    ];
    const leading = input.sizes.slice(0, -2);
    const out = Tensor.empty([...leading, rows.outSize, columns.outSize], uint8);
    resamplePlanes(out, input.contiguous(), numelOf(leading), rows, columns);
    return out;
  },
});

const resizeModes = ["nearest", "nearest-exact", "bilinear", "bicubic"] as const;
const resizeSignature = new Signature("resizeBytes", {
  input: tensor,
  size: ints,
  mode: word(...resizeModes),
  antialias: requiredFlag,
});

/**
 * Images of bytes `[…, H, W]` in another size `[h, w]`: each byte is that of `interpolate` on the image as float32, rounded
 * and bounded.
 */
export function resizeBytes(
  ...args: [input: Tensor, size: Size, mode: (typeof resizeModes)[number], antialias: boolean]
): Tensor {
  const { input, size, mode, antialias } = resizeSignature.parse(args);
  checkBytes("resizeBytes", input);
  const spatial = input.sizes.slice(-2);
  checkTarget("resizeBytes", input, spatial, size);
  const rule: ResampleRule = { mode, alignCorners: false, antialias, scale: undefined, round: Math.fround };
  const [rows, columns] = spatial.map((length, d) => windowsOf(length, size[d] as number, rule)) as [Windows, Windows];
  return resampledPlanes(input, [rows, columns]);
}

/** Windows of as many weights as given around each place; beyond the ends elements are mirrored. */
function mirrored(size: number, weights: readonly number[]): Windows {
  const reach = (weights.length - 1) / 2;
  const starts = Array.from({ length: size }, (_, place) => Math.max(0, place - reach));
  const mirror = (i: number) => (i < 0 ? -i : i >= size ? 2 * (size - 1) - i : i);
  const folded = starts.map((start, place) => {
    const window = new Array<number>(Math.min(size - 1, place + reach) - start + 1).fill(0);
    for (const [k, weight] of weights.entries()) {
      (window[mirror(place - reach + k) - start] as number) += weight;
    }
    return window;
  });
  return { inSize: size, outSize: size, starts, weights: folded };
}

const weighSignature = new Signature("weighNeighbours", { input: tensor, down: numbers, along: numbers });

/**
 * Images `[…, H, W]` of bytes or floats, whose rows and columns are weighed with their neighbours; what is beyond the ends
 * is mirrored. Both numbers of weights are odd.
 *
 * @throws Error if weights reach further than there are elements to mirror.
 */
export function weighNeighbours(...args: [input: Tensor, down: readonly number[], along: readonly number[]]): Tensor {
  const { input, down, along } = weighSignature.parse(args);
  if (input.sizes.length < 2) throw new Error(`weighNeighbours: expected […, H, W], got ${formatShape(input.sizes)}`);
  if (down.length % 2 === 0 || along.length % 2 === 0)
    throw new Error("weighNeighbours: the numbers of weights are odd");
  const [height, width] = input.sizes.slice(-2) as [number, number];
  const reaches = [down, along].map(({ length }) => (length - 1) / 2) as [number, number];
  if (reaches[0] >= height || reaches[1] >= width) {
    throw new Error(
      `Argument #4: Padding size should be less than the corresponding input dimension, but got: padding (${reaches[1]}, ${reaches[0]}) of input ${formatShape(input.sizes)}`,
    );
  }
  const windows = [mirrored(height, down), mirrored(width, along)] as const;
  if (input.dtype === uint8) return resampledPlanes(input, windows);
  if (!input.dtype.isHalf) return resampled(input, windows, "MulBackward0");
  return resampled(input.to(float32), windows, "MulBackward0").to(input.dtype);
}

/** Whether the pixels of each row of `[H, W, C]` lie side by side. */
function hasDenseRows({ sizes, strides }: Tensor): boolean {
  const [, width, colours] = sizes as [number, number, number];
  return (colours === 1 || strides[2] === 1) && (width === 1 || strides[1] === colours);
}

/**
 * An image of bytes `[H, W, C]`, or a part of one, with up to four colours, in another size as PIL's `Image.resize` computes
 * it.
 */
export const pilResize: FunctionOp<(input: Tensor, size: Size, filter: PilFilter) => Tensor> = op({
  name: "pilResize",
  variants: "function",
  differentiable: false,
  params: { input: tensor, size: ints, filter: word(...pilFilters) },
  forward: ({ input, size, filter }) => {
    checkBytes("pilResize", input);
    const [height = 0, width = 0, colours = 0] = input.sizes;
    if (input.sizes.length !== 3 || colours < 1 || colours > 4)
      throw new Error(`pilResize: expected an image [H, W, C] of up to four colours, got ${formatShape(input.sizes)}`);
    checkTarget("pilResize", input, [height, width], size);
    const image = hasDenseRows(input) ? input : input.contiguous();
    const rowStep = height === 1 ? width * colours : (image.strides[0] as number);
    const [rows, columns] = [
      pilWindows(height, size[0] as number, filter),
      pilWindows(width, size[1] as number, filter),
    ];
    const out = Tensor.empty([...size, colours], uint8);
    resampleBytes(out, image, rowStep, rows, columns);
    return out;
  },
});
