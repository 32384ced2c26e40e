/**
 * Kernels for half types: those that know none compute on copies in float32, and what they write is rounded once.
 *
 * Elementwise kernels and reductions convert on their way, in pieces that stay in the cache, and what only moves
 * elements takes them as they are. All others are listed in kernels.ts.
 */
import { type DType, float32 } from "../../core/dtype.js";
import { dimsByStride } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import type { ArrayView } from "../../core/view.js";
import { notImplemented } from "./complex.js";
import { copy } from "./elementwise.js";

/**
 * A kernel that also takes half types, as views among its arguments or in records among them.
 *
 * @param name PyTorch's name of it, with which complex numbers are refused, or null if it takes them.
 * @param written the places of the arguments that it writes to.
 * @param deciding the place of one that is a view of a half type, or holds one, if any of them does.
 */
export function inFloat32<Arguments extends readonly unknown[], Result>(
  name: string | null,
  written: readonly number[],
  run: (...args: Arguments) => Result,
  deciding = written[0] ?? 0,
): (...args: Arguments) => Result {
  return (...args) => {
    const dtype = uncommonDtype(args[deciding]);
    if (dtype === undefined) return run(...args);
    if (dtype.isComplex) {
      if (name === null) return run(...args);
      throw notImplemented(name, dtype);
    }
    return runOnCopies(written, run, args);
  };
}

function isUncommon(dtype: DType): boolean {
  return dtype.isHalf || dtype.isComplex;
}

function isHalf(value: unknown): value is ArrayView {
  return typeof value === "object" && value !== null && (value as Partial<ArrayView>).dtype?.isHalf === true;
}

/** The dtype of an argument, or of a view in a record, if it is a half type or complex. */
function uncommonDtype(value: unknown): DType | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { dtype } = value as Partial<ArrayView>;
  if (dtype !== undefined) return isUncommon(dtype) ? dtype : undefined;
  if (Array.isArray(value)) return undefined;
  for (const key in value) {
    const held = (value as Record<string, Partial<ArrayView> | undefined>)[key]?.dtype;
    if (held !== undefined && isUncommon(held)) return held;
  }
  return undefined;
}

/** What a kernel gets in place of a half view. */
interface Widened {
  readonly place: number;
  readonly view: ArrayView;
  readonly copied: Tensor;
}

function runOnCopies<Arguments extends readonly unknown[], Result>(
  written: readonly number[],
  run: (...args: Arguments) => Result,
  args: Arguments,
): Result {
  const all: Widened[] = [];
  const widen = (view: ArrayView, place: number): Tensor => {
    const copied = toFloat32(view);
    all.push({ place, view, copied });
    return copied;
  };
  const widened = args.map((arg, place) => {
    if (isHalf(arg)) return widen(arg, place);
    if (uncommonDtype(arg) === undefined) return arg;
    const entries = Object.entries(arg as object);
    return Object.fromEntries(entries.map(([key, value]) => [key, isHalf(value) ? widen(value, place) : value]));
  });
  const result = run(...(widened as unknown as Arguments));
  for (const { place, view, copied } of all) if (written.includes(place)) copy(view, copied);
  for (const { copied } of all) copied.storage.release();
  return result;
}

/** A copy without gaps, whose dims stand in memory in the same order, in which random numbers are drawn. */
function toFloat32(view: ArrayView): Tensor {
  const { sizes } = view;
  const strides = new Array<number>(sizes.length).fill(1);
  let numel = 1;
  for (const dim of dimsByStride(sizes, view.strides)) {
    strides[dim] = numel;
    numel *= sizes[dim] as number;
  }
  const copied = Tensor.emptyStrided(sizes, strides, float32, numel);
  copy(copied, view);
  return copied;
}
