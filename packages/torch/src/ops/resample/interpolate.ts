/** Resizing of signals, images and volumes. */
import {
  anything,
  flag,
  invalid,
  number,
  numbers,
  openFlag,
  optional,
  type Param,
  sizeOrSizes,
  tensor,
  word,
} from "../../arguments/params.js";
import { type ResampleWindows, resample as resampleKernel, resamplePlanes } from "../../backend/kernels.js";
import { float32, float64 } from "../../core/dtype.js";
import { checkSizes, formatShape, numelOf } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { tensor as tensorOf } from "../creation/data.js";
import { op } from "../define.js";
import { emptyInOrder, inOrder, memoryOrder } from "../memoryOrder.js";
import { complex } from "../pointwise/complex.js";
import { imag, real } from "../shape/complexViews.js";
import type { Args, FunctionOp } from "../types.js";
import { tables } from "./tables.js";
import { type InterpolateMode, type ResampleRule, transposedWindows, type Windows, windowsOf } from "./windows.js";

export type { InterpolateMode } from "./windows.js";

/** The last dims resampled, and by the transposed windows the gradient of that. */
export const resampled: FunctionOp<(input: Tensor, windows: readonly Windows[], label: string) => Tensor> = op({
  name: "resample",
  variants: "function",
  nodeName: ({ label }) => label as string,
  params: { input: tensor, windows: anything, label: anything },
  forward: ({ input, windows: given }) => {
    const dims = given as readonly Windows[];
    const order = memoryOrder(input);
    const leading = input.sizes.slice(0, -dims.length);
    const out = emptyInOrder([...leading, ...dims.map(({ outSize }) => outSize)], order, input.dtype);
    // Channels that are innermost in memory go along with each place.
    const block = order === undefined ? 1 : (leading.at(-1) as number);
    const planes = order === undefined ? numelOf(leading) : numelOf(leading.slice(0, -1));
    const windows = dims.map((dim) => tables(dim, input.dtype));
    const source = inOrder(input, order).contiguous();
    const [rows, columns] = windows as [ResampleWindows, ResampleWindows];
    if (block === 1 && dims.length === 2 && input.dtype === float32) resamplePlanes(out, source, planes, rows, columns);
    else resampleKernel(inOrder(out, order), source, planes, windows, block);
    return out;
  },
  derivative: {
    input: (grad, { windows, label }) =>
      resampled(grad, (windows as readonly Windows[]).map(transposedWindows), label as string),
  },
});

const dimsOfMode = { linear: 1, bilinear: 2, bicubic: 2, trilinear: 3 };

/** One number for all dims, or one for each. */
export const factors: Param<number | readonly number[]> = {
  ...(number as Param<number | readonly number[]>),
  expected: "float or tuple of floats",
  read: (value) => {
    const one = number.read(value);
    return one === invalid ? numbers.read(value) : one;
  },
};

export const interpolateModes = word("nearest", "linear", "bilinear", "bicubic", "trilinear", "area", "nearest-exact");

export interface InterpolateOptions {
  /** How elements are made of their neighbours; `"nearest"` by default. */
  mode?: InterpolateMode;
  /** Whether the first and the last elements of input and result lie on each other, in the modes that weigh neighbours. */
  alignCorners?: boolean | null;
  /** Whether the step follows from the sizes rather than from `scaleFactor`. */
  recomputeScaleFactor?: boolean | null;
  /** Whether a smaller result is made of all elements that it stands for, in modes `"bilinear"` and `"bicubic"`. */
  antialias?: boolean;
}

type Arguments = [
  input: Tensor,
  ...rest: Args<
    [size?: number | readonly number[] | null, scaleFactor?: number | readonly number[] | null],
    ["size", "scaleFactor"],
    InterpolateOptions
  >,
];

function perDim(given: number | readonly number[], dims: number, name: string, spatial: readonly number[]): number[] {
  if (typeof given === "number") return new Array<number>(dims).fill(given);
  if (given.length !== dims) {
    const [what, kind, letter] =
      name === "scale_factor" ? [name, `${name} of shape`, "s"] : ["output", `${name} of`, "o"];
    throw new Error(
      `Input and ${what} must have the same number of spatial dimensions, but got input with spatial dimensions of ${formatShape(spatial)} and ${kind} ${formatShape(given)}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and ${name} in (${letter}1, ${letter}2, ...,${letter}K) format.`,
    );
  }
  return [...given];
}

/** `(H: 4, W: 5)` */
function sides(sizes: readonly number[]): string {
  return `(${sizes.map((size, d) => `${"DHW"[d + 3 - sizes.length]}: ${size}`).join(", ")})`;
}

/** Throws unless the mode works on inputs of so many dims. */
function checkMode(input: Tensor, mode: InterpolateMode, antialias: boolean): void {
  const { length: ndim } = input.sizes;
  if (ndim < 3 || ndim > 5) {
    throw new Error(
      `Input Error: Only 3D, 4D and 5D input Tensors supported (got ${ndim}D) for the modes: nearest | linear | bilinear | bicubic | trilinear | area | nearest-exact (got ${mode})`,
    );
  }
  if (antialias && !((mode === "bilinear" || mode === "bicubic") && ndim === 4))
    throw new Error("Anti-alias option is only supported for bilinear and bicubic modes");
  if (!(mode in dimsOfMode)) return;
  const wanted = dimsOfMode[mode as keyof typeof dimsOfMode] + 2;
  if (ndim !== wanted) throw new Error(`Got ${ndim}D input, but ${mode} mode needs ${wanted}D input`);
}

/** The sizes of the result, and the factors that are to be used in their place. */
function resultSizes(
  { sizes }: Tensor,
  size: number | readonly number[] | undefined,
  scaleFactor: number | readonly number[] | undefined,
  recompute: boolean,
): { sizes: number[]; scales: number[] | undefined } {
  const spatial = sizes.slice(2);
  if (size !== undefined && scaleFactor !== undefined)
    throw new Error("only one of size or scale_factor should be defined");
  if (size !== undefined) {
    if (recompute) throw new Error("recompute_scale_factor is not meaningful with an explicit size.");
    return { sizes: perDim(size, spatial.length, "output size", spatial), scales: undefined };
  }
  if (scaleFactor === undefined) throw new Error("either size or scale_factor should be defined");
  const scales = perDim(scaleFactor, spatial.length, "scale_factor", spatial);
  const made = spatial.map((length, d) => Math.floor(length * (scales[d] as number)));
  return { sizes: made, scales: recompute ? undefined : scales };
}

/** What PyTorch calls the node of a mode. */
function labelOf(mode: InterpolateMode, dims: number, antialias: boolean): string {
  if (mode === "area") return dims === 1 ? "SqueezeBackward1" : `AdaptiveAvgPool${dims}DBackward0`;
  const names: Record<string, string> = { "nearest-exact": "NearestExact" };
  const name = names[mode] ?? `${mode[0]?.toUpperCase()}${mode.slice(1)}`;
  return `Upsample${name}${dims}D${antialias ? "Aa" : ""}Backward0`;
}

/**
 * Signals `[N, C, L]`, images `[N, C, H, W]` or volumes `[N, C, D, H, W]` in another size: that of `size`, or
 * `scaleFactor` times their own, rounded down.
 *
 * @example F.interpolate(images, undefined, 2, { mode: "bilinear" }) // [N, C, H, W] becomes [N, C, 2 H, 2 W]
 * @throws Error if the mode does not work on so many dims, or not just one of size and factor is given.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html
 */
export const interpolate: FunctionOp<(...args: Arguments) => Tensor> = op({
  name: "interpolate",
  variants: "function",
  params: {
    input: tensor,
    size: optional(sizeOrSizes),
    scaleFactor: optional(factors),
    mode: optional(interpolateModes, "nearest"),
    alignCorners: openFlag,
    recomputeScaleFactor: openFlag,
    antialias: flag,
  },
  composite: ({ input, size, scaleFactor, mode, alignCorners, recomputeScaleFactor, antialias }) => {
    if (!(mode in dimsOfMode) && alignCorners !== undefined) {
      throw new Error(
        "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear",
      );
    }
    checkMode(input, mode, antialias);
    const wanted = resultSizes(
      input,
      size,
      scaleFactor,
      (recomputeScaleFactor ?? false) || (mode === "area" && size === undefined),
    );
    const spatial = input.sizes.slice(2);
    if ([...spatial, ...wanted.sizes].some((length) => length <= 0)) {
      throw new Error(
        `Input and output sizes should be greater than 0, but got input ${sides(spatial)}${spatial.length === 1 ? " and" : ""} output ${sides(wanted.sizes)}`,
      );
    }
    if (input.sizes[1] === 0)
      throw new Error(
        `Non-empty ${input.sizes.length}D data tensor expected but got a tensor with sizes ${formatShape(input.sizes)}`,
      );
    checkSizes([...input.sizes.slice(0, 2), ...wanted.sizes]);
    const round = input.dtype === float64 ? (value: number) => value : Math.fround;
    const windows = spatial.map((length, d) => {
      const scale = wanted.scales?.[d];
      const rule: ResampleRule = { mode, alignCorners: alignCorners ?? false, antialias, scale, round };
      return windowsOf(length, wanted.sizes[d] as number, rule);
    });
    return resample(input, windows, labelOf(mode, windows.length, antialias));
  },
});

/** Resamples in any dtype: whole numbers are only moved, and what kernels do not know is converted. */
function resample(input: Tensor, windows: readonly Windows[], label: string): Tensor {
  const { dtype } = input;
  if (dtype === float32 || dtype === float64) return resampled(input, windows, label);
  if (dtype.isComplex) return complex(resample(real(input), windows, label), resample(imag(input), windows, label));
  if (dtype.isFloatingPoint) return resampled(input.to(float32), windows, label).to(dtype);
  if (windows.some(({ weights }) => weights.some((list) => list.length !== 1))) {
    throw new TypeError(`interpolate: whole numbers have the modes "nearest" and "nearest-exact" alone, got ${dtype}`);
  }
  return windows.reduce(
    (x, { starts }, d) => x.indexSelect(2 + d, tensorOf(BigInt64Array.from(starts, BigInt)).to(x.device)),
    input,
  );
}
