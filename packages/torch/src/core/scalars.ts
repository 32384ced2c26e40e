/**
 * Numbers as elements of a dtype.
 *
 * A number that stands for elements (`fill_`, a limit of `clamp`, `alpha`) has to fit the dtype. The operands of
 * arithmetic do not: they wrap, as in C. A negative whole number is one of uint8 modulo 256 either way.
 */

import { Complex } from "./complex.js";
import { bool, Category, type DType, dtypes, float32, int64, largestOf, wholeBitsOf } from "./dtype.js";
import { fromHalfBits, toHalfBits } from "./halves.js";
import type { Scalar } from "./view.js";

interface Limits {
  readonly lowest: number;
  readonly highest: number;
  /** The lowest whole number that is accepted: unsigned types take those that are one of theirs modulo their size. */
  readonly lowestWhole: number;
  /** Whether infinities and NaN have a value in the type. */
  readonly takesNonFinite: boolean;
}

function limitsOf(dtype: DType): Limits {
  if (dtype.category !== Category.Integer) {
    const highest = dtype.category === Category.Bool ? Number.MAX_VALUE : largestOf(dtype);
    return { lowest: -highest, highest, lowestWhole: -highest, takesNonFinite: true };
  }
  const count = 2 ** wholeBitsOf(dtype);
  const lowest = dtype.isSigned ? -count : 0;
  // Of an int64 a number is at most the largest double below 2^63.
  const highest = count > 2 ** 53 ? count - 1024 : count - 1;
  return { lowest, highest, lowestWhole: dtype.isSigned ? lowest : 1 - count, takesNonFinite: false };
}

/** At the index of the dtype's id. */
const limits: readonly Limits[] = dtypes.map(limitsOf);

/** Whether a number or a bigint lies in the range of int64. */
export function isInt64(value: number | bigint): boolean {
  if (typeof value === "bigint") return BigInt.asIntN(64, value) === value;
  return value >= -(2 ** 63) && value < 2 ** 63;
}

/**
 * A whole number as sizes, dims, indices and their like are.
 *
 * @throws RangeError if it is not a safe integer: further out, neighbours are the same number.
 */
export function safeInteger(value: number | bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new RangeError(`${number} is out of range: whole numbers here go from -(2^53 - 1) to 2^53 - 1`);
}

/** @throws RangeError for what is no int64. */
export function checkInt64<T extends number | bigint>(value: T): T {
  if (isInt64(value)) return value;
  const digits = String(value);
  throw new RangeError(`Overflow when unpacking long: ${digits.length > 40 ? `${digits.slice(0, 40)}…` : digits}`);
}

function fits(value: number, { lowest, highest, lowestWhole, takesNonFinite }: Limits): boolean {
  if (value >= lowest && value <= highest) return true;
  if (Number.isInteger(value)) return value >= lowestWhole && value < lowest;
  return takesNonFinite && !Number.isFinite(value);
}

/** A number of a dtype, where a bigint is known to lie in the range of int64. */
function checked(value: Scalar, dtype: DType, typeName = dtype.words.cpp): Scalar {
  if (dtype === int64 && typeof value === "bigint") return value;
  const own = limits[dtype.id] as Limits;
  if (value instanceof Complex) {
    if (dtype.isComplex && fits(value.real, own) && fits(value.imag, own)) return value;
    if (dtype === bool) return value.real !== 0 || value.imag !== 0;
    if (!dtype.isComplex && value.imag === 0) return checked(value.real, dtype, typeName);
    throw new RangeError(`value cannot be converted to type ${typeName} without overflow`);
  }
  const number = Number(value);
  if (!fits(number, own)) {
    throw new RangeError(`value cannot be converted to type ${typeName} without overflow`);
  }
  return own.lowest === 0 && number < 0 ? number + own.highest + 1 : number;
}

/**
 * A number as the value of elements of a dtype.
 *
 * @throws RangeError if the dtype has no such value.
 */
export function checkedScalar(value: Scalar, dtype: DType): Scalar {
  if (typeof value === "number") {
    // The case of every day, without calls.
    const { lowest, highest } = limits[dtype.id] as Limits;
    if (value >= lowest && value <= highest) return value;
  }
  return checked(value, dtype);
}

/**
 * One of the numbers from which a tensor of an integer dtype is made, without its fraction.
 *
 * @throws RangeError if the dtype has no such value.
 */
export function checkedElement(value: Scalar, dtype: DType): bigint {
  if (typeof value === "bigint") checkInt64(value);
  const element = checked(value, dtype, dtype.name);
  return typeof element === "bigint" ? element : BigInt(Math.trunc(Number(element)));
}

/** The least and the greatest value of a dtype; infinite for floating ones. */
export function rangeOf(dtype: DType): readonly [lowest: Scalar, highest: Scalar] {
  if (dtype.isFloatingPoint) return [-Infinity, Infinity];
  if (dtype === int64) return [-(2n ** 63n), 2n ** 63n - 1n];
  const { lowest, highest } = limits[dtype.id] as Limits;
  return [lowest, highest];
}

/** The number of a floating dtype that is nearest to a number; infinite beyond its largest. */
export function nearest(value: number, dtype: DType): number {
  if (dtype === float32) return Math.fround(value);
  const { format } = dtype;
  return dtype.isHalf && format ? fromHalfBits(toHalfBits(value, format), format) : value;
}
