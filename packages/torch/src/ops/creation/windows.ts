/**
 * Window functions of signal processing.
 *
 * Source: https://pytorch.org/docs/stable/torch.html#spectral-ops
 */
import { flagOn, int, keyword, number, optional } from "../../arguments/params.js";
import { type DType, getDefaultDtype } from "../../core/dtype.js";
import type { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { FunctionOp, TensorOptions } from "../types.js";
import { common, finish } from "./factory.js";
import { empty, ones } from "./filled.js";
import { arange } from "./ranges.js";

/** @param options.periodic whether the window repeats after its last element, or is symmetric. */
type WindowOptions = { periodic?: boolean } & TensorOptions;
type Window<O = unknown> = FunctionOp<(windowLength: number, options?: O & WindowOptions) => Tensor>;

const params = { windowLength: int, periodic: flagOn };

interface Wanted {
  readonly windowLength: number;
  readonly periodic: boolean;
  readonly dtype: DType | undefined;
  readonly requiresGrad: boolean;
}

/** A window from the values at the places 0, 1, … of a symmetric one of a length. */
function window(name: string, wanted: Wanted, compute: (places: Tensor, length: number) => Tensor): Tensor {
  const { windowLength, periodic, dtype = getDefaultDtype(), requiresGrad } = wanted;
  if (!dtype.isFloatingPoint) throw new TypeError(`${name} expects floating point dtypes, got: ${dtype}`);
  if (windowLength < 0) {
    throw new RangeError(`${name} requires non-negative window_length, got window_length=${windowLength}`);
  }
  if (windowLength < 2) return finish(windowLength === 0 ? empty([0], { dtype }) : ones([1], { dtype }), requiresGrad);
  const length = periodic ? windowLength + 1 : windowLength;
  const values = compute(arange(length, { dtype }), length);
  return finish(periodic ? values.narrow(0, 0, windowLength).clone() : values, requiresGrad);
}

/** `alpha - beta * cos(2 pi n / (N - 1))`. */
function cosine(alpha: number, beta: number): (places: Tensor, length: number) => Tensor {
  return (places, length) =>
    places
      .mul((2 * Math.PI) / (length - 1))
      .cos()
      .mul(-beta)
      .add(alpha);
}

/**
 * A triangle.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.bartlett_window.html
 */
export const bartlettWindow: Window = op({
  name: "bartlettWindow",
  variants: "function",
  params: { ...params, ...common },
  composite: (wanted) =>
    window("bartlett_window", wanted, (places, length) => {
      const rising = places.mul(2 / (length - 1));
      return rising.minimum(rising.neg().add(2));
    }),
});

/**
 * `0.42 - 0.5 cos(2 pi n / (N - 1)) + 0.08 cos(4 pi n / (N - 1))`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.blackman_window.html
 */
export const blackmanWindow: Window = op({
  name: "blackmanWindow",
  variants: "function",
  params: { ...params, ...common },
  composite: (wanted) =>
    window("blackman_window", wanted, (places, length) => {
      const angles = places.mul((2 * Math.PI) / (length - 1));
      return angles.mul(2).cos().mul(0.08).sub(angles.cos().mul(0.5)).add(0.42);
    }),
});

/**
 * `alpha - beta * cos(2 pi n / (N - 1))`, with an alpha of 0.54 and a beta of 0.46 unless others are given.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.hamming_window.html
 */
export const hammingWindow: Window<{ alpha?: number; beta?: number }> = op({
  name: "hammingWindow",
  variants: "function",
  params: { ...params, alpha: keyword(optional(number, 0.54)), beta: keyword(optional(number, 0.46)), ...common },
  composite: ({ alpha, beta, ...wanted }) => window("hamming_window", wanted, cosine(alpha, beta)),
});

/**
 * `0.5 - 0.5 cos(2 pi n / (N - 1))`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.hann_window.html
 */
export const hannWindow: Window = op({
  name: "hannWindow",
  variants: "function",
  params: { ...params, ...common },
  composite: (wanted) => window("hann_window", wanted, cosine(0.5, 0.5)),
});

/**
 * `i0(beta * sqrt(1 - ((n - N / 2) / (N / 2))^2)) / i0(beta)`, with a beta of 12 unless another is given.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.kaiser_window.html
 */
export const kaiserWindow: Window<{ beta?: number }> = op({
  name: "kaiserWindow",
  variants: "function",
  params: { ...params, beta: keyword(optional(number, 12)), ...common },
  composite: ({ beta, ...wanted }) =>
    window("kaiser_window", wanted, (places, length) => {
      const distance = places
        .double()
        .mul(2 / (length - 1))
        .sub(1);
      const values = distance.square().neg().add(1).clampMin(0).sqrt().mul(beta).i0();
      return values.div(values.newFull([], beta).i0()).to(places.dtype);
    }),
});
