/**
 * Tensors made by a rule: `arange`, `linspace`, `logspace`, `eye`.
 *
 * Source: https://pytorch.org/docs/stable/torch.html#creation-ops
 */
import { int, number, type Operand, operand, optional, scalar } from "../../arguments/params.js";
import { copy, fill } from "../../backend/kernels.js";
import { Complex, imaginaryPart, realPart } from "../../core/complex.js";
import {
  bool,
  complex128,
  type DType,
  elementTypeName,
  getDefaultDtype,
  int64,
  scalarTypeName,
  type TypedArray,
} from "../../core/dtype.js";
import { checkedScalar, nearest } from "../../core/scalars.js";
import { checkSizes } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import type { Scalar } from "../../core/view.js";
import { op } from "../define.js";
import type { Args, FunctionOp } from "../types.js";
import { fromTypedArray } from "./data.js";
import { common, dtypeFor, filled, finish, type SizedOptions } from "./factory.js";

/** Elements that are computed before they are converted to the dtype of the result. */
const stagedElements = 2 ** 16;

/** A tensor of the numbers at the places from 0 on. Its memory is asked for before they are computed. */
function madeOf<T extends number | bigint>(
  Staged: new (length: number) => TypedArray & { [index: number]: T },
  count: number,
  dtype: DType,
  at: (place: number) => T,
): Tensor {
  checkSizes([count]);
  const result = Tensor.empty([count], dtype);
  const staged = new Staged(Math.min(count, stagedElements));
  const source = fromTypedArray(staged);
  for (let start = 0; start < count; start += stagedElements) {
    const length = Math.min(stagedElements, count - start);
    for (let i = 0; i < length; i++) staged[i] = at(start + i);
    copy(result.viewOf([length], [1], start), source.viewOf([length], [1], 0));
  }
  return result;
}

/** Throws unless steps lead from the start to the end. */
function checkSteps(start: number, end: number, step: number): void {
  if (!Number.isFinite(start) || !Number.isFinite(end)) throw new RangeError(`unsupported range: ${start} -> ${end}`);
  if (step === 0 || Number.isNaN(step)) throw new RangeError("step must be nonzero");
  if ((end - start) * step < 0) throw new RangeError("upper bound and larger bound inconsistent with step sign");
}

function progression(start: number, step: number, count: number, dtype: DType): Tensor {
  return madeOf(Float64Array, count, dtype, (i) => start + i * step);
}

/** As a number for computations in a dtype: whole, and in the range of int64, for a dtype of whole numbers. */
function numberFor(value: Scalar, dtype: DType): number {
  if (dtype.isComplex) throw new TypeError(`"arange_cpu" not implemented for '${scalarTypeName(dtype)}'`);
  return dtype.isFloatingPoint ? Number(value) : Math.trunc(Number(checkedScalar(value, int64)));
}

/**
 * The numbers from `start` (0 if there is only `end`) up to but not with `end`, `step` apart.
 *
 * The dtype is int64 if all three are whole numbers, else the default dtype.
 *
 * @throws RangeError if the step is 0 or leads away from the end.
 * @example torch.arange(1, 4) // tensor([1, 2, 3])
 * @see https://pytorch.org/docs/stable/generated/torch.arange.html
 */
export const arange: FunctionOp<
  (
    ...args:
      | [end: Scalar, options?: SizedOptions]
      | [start: Scalar, end: Scalar, options?: SizedOptions & { step?: Scalar }]
      | [start: Scalar, end: Scalar, step: Scalar, options?: SizedOptions]
  ) => Tensor
> = op({
  name: "arange",
  variants: "function",
  params: { start: scalar, end: optional(scalar), step: optional(scalar, 1), ...common },
  out: "cast",
  forward: ({ start, end, step, dtype, requiresGrad }, out) => {
    const [from, to] = end === undefined ? [0, start] : [start, end];
    const whole = [from, to, step].every((value) => typeof value === "bigint" || Number.isInteger(value));
    const wanted = dtypeFor(dtype, out, whole ? int64 : getDefaultDtype());
    return finish(ramp(from, to, step, wanted), requiresGrad, out);
  },
});

function ramp(start: Scalar, end: Scalar, step: Scalar, dtype: DType): Tensor {
  const [from, to, by] = [numberFor(start, dtype), numberFor(end, dtype), numberFor(step, dtype)];
  checkSteps(from, to, by);
  if (![from, to].every(Number.isSafeInteger) && dtype === int64) return bigRamp(start, end, step);
  // As in PyTorch: of the shorter integer types only the elements are whole numbers from the outset.
  const distance = dtype === int64 ? (to - from) / by : (Number(end) - Number(start)) / Number(step);
  return progression(from, by, Math.max(0, Math.ceil(distance)), dtype);
}

/** Whole numbers of which the doubles are too far apart. */
function bigRamp(start: Scalar, end: Scalar, step: Scalar): Tensor {
  const whole = (value: Scalar) => BigInt(typeof value === "bigint" ? value : Math.trunc(Number(value)));
  const [from, to, by] = [whole(start), whole(end), whole(step)];
  const sign = by > 0n ? 1n : -1n;
  const count = Number((to - from + by - sign) / by);
  return madeOf(BigInt64Array, count, int64, (i) => from + BigInt(i) * by);
}

/**
 * The numbers from `start` to `end`, which is included, `step` apart; in the default dtype. `arange` leaves the end out.
 *
 * @throws RangeError if the step is 0 or leads away from the end.
 * @see https://pytorch.org/docs/stable/generated/torch.range.html
 */
export const range: FunctionOp<
  (start: Scalar, end: Scalar, ...args: Args<[step?: Scalar], ["step"], SizedOptions>) => Tensor
> = op({
  name: "range",
  variants: "function",
  params: { start: scalar, end: scalar, step: optional(scalar, 1), ...common },
  out: "cast",
  forward: ({ start, end, step, dtype: asked, requiresGrad }, out) => {
    const dtype = dtypeFor(asked, out, getDefaultDtype());
    const [from, to, by] = [numberFor(start, dtype), numberFor(end, dtype), numberFor(step, dtype)];
    checkSteps(from, to, by);
    return finish(progression(from, by, Math.floor((to - from) / by + 1), dtype), requiresGrad, out);
  },
});

/**
 * The numbers of `linspace` by their places: counted from the start in the first half, and from the end in the second.
 *
 * @param round to the numbers in which is computed.
 */
function evenlySpaced(
  start: Operand,
  end: Operand,
  steps: number,
  dtype: DType,
  round: (value: number) => number = Number,
): (place: number) => number {
  if (dtype === bool) throw new TypeError(`"linspace_cpu" not implemented for 'Bool'`);
  if (steps < 0) throw new RangeError(`number of steps must be non-negative, got ${steps}`);
  const [from, to] = [endpoint(start, dtype), endpoint(end, dtype)];
  const step = round(round(to - from) / (steps - 1));
  const half = steps === 1 ? 1 : Math.floor(steps / 2);
  return (i) => (i === 0 ? from : round(i < half ? from + step * i : to - step * (steps - 1 - i)));
}

function endpoint(value: Operand, dtype: DType): number {
  if (!(value instanceof Tensor)) return nearest(numberFor(checkedScalar(value, dtype), dtype), dtype);
  if (value.sizes.length > 0) {
    throw new Error(
      `linspace only supports 0-dimensional start and end tensors, but got one with ${value.sizes.length} dimension(s).`,
    );
  }
  return endpoint(value.item(), dtype);
}

/** The dtype of numbers between others, which is complex if one of them is. */
function spacedDtype(name: string, ends: readonly Operand[], asked: DType | undefined, out: Tensor | undefined): DType {
  const isComplex = ends.some((end) => (end instanceof Tensor ? end.dtype.isComplex : end instanceof Complex));
  if (!isComplex) return dtypeFor(asked, out, getDefaultDtype());
  const own = getDefaultDtype().toComplex();
  if (asked !== undefined && !asked.isComplex) {
    throw new TypeError(
      `torch.${name}(): inferred dtype ${elementTypeName(own)} can't be safely cast to passed dtype ${scalarTypeName(asked)}`,
    );
  }
  return dtypeFor(asked, out, own);
}

type PartsAt = readonly [real: (place: number) => number, imag: (place: number) => number];

/** The parts of the numbers of `linspace` by their places. */
function partsBetween(
  start: Operand,
  end: Operand,
  steps: number,
  dtype: DType,
  round?: (value: number) => number,
): PartsAt {
  const [from, to] = [start, end].map((value) => (value instanceof Tensor ? value.item() : value)) as [Scalar, Scalar];
  const part = dtype.toReal();
  return [
    evenlySpaced(realPart(from), realPart(to), steps, part, round),
    evenlySpaced(imaginaryPart(from), imaginaryPart(to), steps, part, round),
  ];
}

/** A complex tensor of numbers by their places. */
function complexOf(count: number, dtype: DType, at: (place: number) => readonly [real: number, imag: number]): Tensor {
  checkSizes([count]);
  const result = Tensor.empty([count], dtype);
  const values = new Float64Array(2 * count);
  for (let i = 0; i < count; i++) values.set(at(i), 2 * i);
  copy(result, fromTypedArray(values, { dtype: complex128 }));
  return result;
}

/** The power of a number, by the logarithm that belongs to the upper half plane. */
function complexPower(base: number, x: number, y: number): readonly [real: number, imag: number] {
  const [logarithm, turn] = [Math.log(Math.abs(base)), base < 0 ? Math.PI : 0];
  const size = Math.exp(x * logarithm - y * turn);
  const angle = y * logarithm + x * turn;
  return [size * Math.cos(angle), size * Math.sin(angle)];
}

/**
 * So many numbers from `start` to `end`, both included, evenly spaced; in the default dtype, or the complex one that
 * belongs to it if one of the two is complex.
 *
 * @example torch.linspace(0, 1, 5) // [0, 0.25, 0.5, 0.75, 1]
 * @see https://pytorch.org/docs/stable/generated/torch.linspace.html
 */
export const linspace: FunctionOp<(start: Operand, end: Operand, steps: number, options?: SizedOptions) => Tensor> = op(
  {
    name: "linspace",
    variants: "function",
    params: { start: operand, end: operand, steps: int, ...common },
    out: "cast",
    forward: ({ start, end, steps, dtype: asked, requiresGrad }, out) => {
      const dtype = spacedDtype("linspace", [start, end], asked, out);
      const part = dtype.toReal();
      const round = (value: number) => nearest(value, part);
      if (dtype.isComplex) {
        const [real, imag] = partsBetween(start, end, steps, dtype, round);
        return finish(
          complexOf(steps, dtype, (i) => [real(i), imag(i)]),
          requiresGrad,
          out,
        );
      }
      const at = evenlySpaced(start, end, steps, dtype, round);
      return finish(madeOf(Float64Array, steps, dtype, at), requiresGrad, out);
    },
  },
);

/**
 * So many numbers from `base^start` to `base^end`, both included, whose logarithms are evenly spaced; `start` and `end` may
 * be complex.
 *
 * @example torch.logspace(0, 2, 3) // [1, 10, 100]
 * @see https://pytorch.org/docs/stable/generated/torch.logspace.html
 */
export const logspace: FunctionOp<
  (start: Operand, end: Operand, steps: number, ...args: Args<[base?: number], ["base"], SizedOptions>) => Tensor
> = op({
  name: "logspace",
  variants: "function",
  params: { start: operand, end: operand, steps: int, base: optional(number, 10), ...common },
  out: "cast",
  forward: ({ start, end, steps, base, dtype: asked, requiresGrad }, out) => {
    const dtype = spacedDtype("logspace", [start, end], asked, out);
    if (dtype.isComplex) {
      const [real, imag] = partsBetween(start, end, steps, dtype);
      return finish(
        complexOf(steps, dtype, (i) => complexPower(base, real(i), imag(i))),
        requiresGrad,
        out,
      );
    }
    const exponent = evenlySpaced(start, end, steps, dtype);
    const result = madeOf(Float64Array, steps, dtype, (i) => base ** exponent(i));
    return finish(result, requiresGrad, out);
  },
});

/**
 * A matrix with ones on the diagonal and zeros elsewhere.
 *
 * @param m the number of columns; n by default.
 * @see https://pytorch.org/docs/stable/generated/torch.eye.html
 */
export const eye: FunctionOp<(n: number, ...args: Args<[m?: number], ["m"], SizedOptions>) => Tensor> = op({
  name: "eye",
  variants: "function",
  params: { n: int, m: optional(int), ...common },
  out: "cast",
  forward: ({ n, m = n, dtype: asked, requiresGrad }, out) => {
    const dtype = dtypeFor(asked, out, getDefaultDtype());
    if (n < 0) throw new RangeError(`n must be greater or equal to 0, got ${n}`);
    if (m < 0) throw new RangeError(`m must be greater or equal to 0, got ${m}`);
    const result = filled([n, m], 0, dtype);
    fill(result.viewOf([Math.min(n, m)], [m + 1], 0), 1);
    return finish(result, requiresGrad, out);
  },
});
