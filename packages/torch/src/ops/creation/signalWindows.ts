/**
 * `torch.signal.windows`: window functions of signal processing.
 *
 * `sym` tells whether a window is symmetric, to design filters with, or repeats after its last element, for the analysis of
 * spectra. The windows are float32 or float64.
 *
 * Source: https://pytorch.org/docs/stable/signal.html
 */
import { flagOn, int, keyword, listOf, number, optional, type Param } from "../../arguments/params.js";
import { type DType, float32, float64, getDefaultDtype } from "../../core/dtype.js";
import type { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { FunctionOp, TensorOptions } from "../types.js";
import { common, finish } from "./factory.js";
import { empty, ones } from "./filled.js";
import { linspace } from "./ranges.js";

type WindowOptions = { sym?: boolean } & TensorOptions;
type Window<O = unknown> = FunctionOp<(M: number, options?: O & WindowOptions) => Tensor>;

interface Wanted {
  readonly M: number;
  readonly sym: boolean;
  readonly dtype: DType | undefined;
  readonly requiresGrad: boolean;
}

const params = { M: int, sym: keyword(flagOn), ...common };

/** How many steps a whole window has: a periodic one ends with the element before the first of the next. */
function stepsOf({ M, sym }: Wanted): number {
  return !sym && M > 1 ? M : M - 1;
}

/** A window of values of float64 that are computed at the places 0, 1, … times a step from a start. */
function window(
  name: string,
  wanted: Wanted,
  start: number,
  step: number,
  compute: (places: Tensor) => Tensor,
): Tensor {
  const { M, dtype = getDefaultDtype(), requiresGrad } = wanted;
  if (M < 0) throw new RangeError(`${name} requires non-negative window length, got M=${M}`);
  if (dtype !== float32 && dtype !== float64)
    throw new TypeError(`${name} expects float32 or float64 dtypes, got: ${dtype}`);
  if (M === 0) return finish(empty([0], { dtype }), requiresGrad);
  const places = linspace(start, start + (M - 1) * step, M, { dtype: float64 });
  return finish(compute(places).to(dtype), requiresGrad);
}

/** A window that is 1 where it has one element only. */
function windowOrOne(
  name: string,
  wanted: Wanted,
  start: number,
  span: number,
  compute: (places: Tensor) => Tensor,
): Tensor {
  const { dtype = getDefaultDtype() } = wanted;
  if (wanted.M === 1 && (dtype === float32 || dtype === float64))
    return finish(ones([1], { dtype }), wanted.requiresGrad);
  return window(name, wanted, start, span / stepsOf(wanted), compute);
}

/**
 * A triangle: 1 - |2 n / N - 1|.
 *
 * @example torch.signal.windows.bartlett(5) // tensor([0.0000, 0.5000, 1.0000, 0.5000, 0.0000])
 * @see https://pytorch.org/docs/stable/generated/torch.signal.windows.bartlett.html
 */
export const bartlett: Window = op({
  name: "bartlett",
  id: "windows.bartlett",
  variants: "function",
  params,
  composite: (wanted) => windowOrOne("bartlett", wanted, -1, 2, (places) => places.abs().neg().add(1)),
});

/**
 * exp(-(n - N / 2)^2 / (2 std^2)).
 *
 * @param options.std the standard deviation; 1 by default.
 * @throws RangeError unless it is positive.
 * @see https://pytorch.org/docs/stable/generated/torch.signal.windows.gaussian.html
 */
export const gaussian: Window<{ std?: number }> = op({
  name: "gaussian",
  id: "windows.gaussian",
  variants: "function",
  params: { ...params, std: keyword(optional(number, 1)) },
  composite: ({ std, ...wanted }) => {
    if (!(std > 0)) throw new RangeError(`Standard deviation must be positive, got: ${std} instead.`);
    const step = 1 / (std * Math.SQRT2);
    return window("gaussian", wanted, (-stepsOf(wanted) / 2) * step, step, (places) => places.square().neg().exp());
  },
});

/**
 * exp(-|n - center| / tau).
 *
 * @param options.center where it is largest, of a periodic window; the middle by default.
 * @param options.tau how slowly it decays; 1 by default.
 * @throws RangeError unless `tau` is positive; Error for a symmetric window with a center.
 * @see https://pytorch.org/docs/stable/generated/torch.signal.windows.exponential.html
 */
export const exponential: Window<{ center?: number | null; tau?: number }> = op({
  name: "exponential",
  id: "windows.exponential",
  variants: "function",
  params: { ...params, center: keyword(optional(number)), tau: keyword(optional(number, 1)) },
  composite: ({ center, tau, ...wanted }) => {
    if (!(tau > 0)) throw new RangeError(`Tau must be positive, got: ${tau} instead.`);
    if (wanted.sym && center !== undefined) throw new Error("Center must be None for symmetric windows");
    const middle = center ?? stepsOf(wanted) / 2;
    return window("exponential", wanted, -middle / tau, 1 / tau, (places) => places.abs().neg().exp());
  },
});

/**
 * sin(pi (n + 1/2) / M), the half of a wave.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.signal.windows.cosine.html
 */
export const cosine: Window = op({
  name: "cosine",
  id: "windows.cosine",
  variants: "function",
  params,
  composite: (wanted) => {
    const step = Math.PI / (stepsOf(wanted) + 1);
    return window("cosine", wanted, step / 2, step, (places) => places.sin());
  },
});

/**
 * I0(beta sqrt(1 - (2 n / N - 1)^2)) / I0(beta), where I0 is `torch.special.i0`.
 *
 * @param options.beta how narrow it is; 12 by default.
 * @throws RangeError if it is negative.
 * @see https://pytorch.org/docs/stable/generated/torch.signal.windows.kaiser.html
 */
export const kaiser: Window<{ beta?: number }> = op({
  name: "kaiser",
  id: "windows.kaiser",
  variants: "function",
  params: { ...params, beta: keyword(optional(number, 12)) },
  composite: ({ beta, ...wanted }) => {
    if (!(beta >= 0)) throw new RangeError(`beta must be non-negative, got: ${beta} instead.`);
    return windowOrOne("kaiser", wanted, -1, 2, (places) => {
      const values = places.square().neg().add(1).clampMin(0).sqrt().mul(beta).i0();
      return values.div(values.newFull([], beta).i0());
    });
  },
});

/** The sum of (-1)^i a[i] cos(2 pi i n / N). */
function ofCosines(name: string, wanted: Wanted, a: readonly number[]): Tensor {
  return windowOrOne(name, wanted, 0, 2 * Math.PI, (places) =>
    a
      .map((weight, i) =>
        places
          .mul(i)
          .cos()
          .mul(i % 2 === 0 ? weight : -weight),
      )
      .reduce((sum, term) => sum.add(term)),
  );
}

const coefficients: Param<readonly number[]> = listOf("list of floats", number);

/**
 * The sum of (-1)^i a[i] cos(2 pi i n / N).
 *
 * @param options.a the weights of the cosines.
 * @example torch.signal.windows.generalCosine(10, { a: [0.46, 0.23, 0.31], sym: false })
 * @see https://pytorch.org/docs/stable/generated/torch.signal.windows.general_cosine.html
 */
export const generalCosine: Window<{ a?: readonly number[] }> = op({
  name: "generalCosine",
  id: "windows.generalCosine",
  variants: "function",
  params: { ...params, a: keyword(coefficients) },
  composite: ({ a, ...wanted }) => {
    if (a.length === 0) throw new RangeError("Coefficients cannot be empty");
    return ofCosines("general_cosine", wanted, a);
  },
});

/**
 * alpha - (1 - alpha) cos(2 pi n / N).
 *
 * @param options.alpha 0.54 by default.
 * @see https://pytorch.org/docs/stable/generated/torch.signal.windows.general_hamming.html
 */
export const generalHamming: Window<{ alpha?: number }> = op({
  name: "generalHamming",
  id: "windows.generalHamming",
  variants: "function",
  params: { ...params, alpha: keyword(optional(number, 0.54)) },
  composite: ({ alpha, ...wanted }) => ofCosines("general_hamming", wanted, [alpha, 1 - alpha]),
});

function fixedCosines(name: string, a: readonly number[]): Window {
  return op({
    name,
    id: `windows.${name}`,
    variants: "function",
    params,
    composite: (wanted) => ofCosines(name, wanted, a),
  });
}

/** `generalHamming` with alpha 0.54. */
export const hamming: Window = fixedCosines("hamming", [0.54, 0.46]);
/** `generalHamming` with alpha 0.5: it ends at 0. */
export const hann: Window = fixedCosines("hann", [0.5, 0.5]);
/** `generalCosine` with 0.42, 0.5 and 0.08. */
export const blackman: Window = fixedCosines("blackman", [0.42, 0.5, 0.08]);
/** `generalCosine` with the four weights of Nuttall's window. */
export const nuttall: Window = fixedCosines("nuttall", [0.3635819, 0.4891775, 0.1365995, 0.0106411]);
