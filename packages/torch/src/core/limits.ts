/**
 * `torch.finfo` and `torch.iinfo`: the range and the precision of dtypes.
 *
 * Source: https://pytorch.org/docs/stable/type_info.html
 */
import { Category, DType, type FloatFormat, getDefaultDtype, largestOf } from "./dtype.js";
import { formatExponential } from "./numberFormat.js";

/** A number with six digits that count, as C++ prints one. */
function sixDigits(value: number): string {
  const rounded = formatExponential(value, 5);
  const [digits, exponent] = rounded.split("e") as [string, string];
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(Number(rounded));
  return `${digits.replace(/\.?0+$/, "")}e${exponent}`;
}

/** The range and the precision of a floating dtype. */
export class FloatInfo {
  /** PyTorch's name of the dtype without the namespace. */
  readonly dtype: string;
  /** Bits that an element takes. */
  readonly bits: number;
  /** The distance from 1 to the next larger number. */
  readonly eps: number;
  /** The largest finite number. */
  readonly max: number;
  /** The smallest finite number, `-max`. */
  readonly min: number;
  /** The smallest positive number that has full precision. */
  readonly smallestNormal: number;
  /** The same as `smallestNormal`. */
  readonly tiny: number;
  /** The approximate decimal resolution. */
  readonly resolution: number;

  constructor(dtype: DType, { fraction, exponent, decimals }: FloatFormat) {
    this.dtype = dtype.name;
    this.bits = 8 * dtype.itemsize;
    this.eps = 2 ** -fraction;
    this.max = largestOf(dtype);
    this.min = -this.max;
    this.smallestNormal = 2 ** (2 - 2 ** (exponent - 1));
    this.tiny = this.smallestNormal;
    this.resolution = Number(`1e-${decimals}`);
  }

  toString(): string {
    const { resolution, min, max, eps, smallestNormal, tiny, dtype } = this;
    const shown = Object.entries({ resolution, min, max, eps, smallest_normal: smallestNormal, tiny });
    return `finfo(${shown.map(([name, value]) => `${name}=${sixDigits(value)}`).join(", ")}, dtype=${dtype})`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** The range of an integer dtype; of int64 the ends are bigints, since numbers do not reach them. */
export class IntegerInfo {
  /** PyTorch's name of the dtype without the namespace. */
  readonly dtype: string;
  /** Bits that an element takes. */
  readonly bits: number;
  /** The largest number. */
  readonly max: number | bigint;
  /** The smallest number. */
  readonly min: number | bigint;

  constructor({ name, itemsize, isSigned }: DType) {
    this.dtype = name;
    this.bits = 8 * itemsize;
    const span = 2n ** BigInt(isSigned ? this.bits - 1 : this.bits);
    const narrow = (value: bigint) => (this.bits < 64 ? Number(value) : value);
    this.max = narrow(span - 1n);
    this.min = narrow(isSigned ? -span : 0n);
  }

  toString(): string {
    return `iinfo(min=${this.#shown(this.min)}, max=${this.#shown(this.max)}, dtype=${this.dtype})`;
  }

  #shown(value: number | bigint): string {
    return Math.abs(Number(value)) < 1e6 ? String(value) : sixDigits(Number(value));
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/**
 * The range and the precision of a floating dtype, or of the parts of a complex one; the default one if none is given.
 *
 * @throws TypeError for another dtype.
 * @example torch.finfo(torch.float32).eps // 1.1920928955078125e-7
 * @see https://pytorch.org/docs/stable/type_info.html
 */
export function finfo(type: DType = getDefaultDtype()): FloatInfo {
  if (!(type instanceof DType)) throw new TypeError(`finfo(): argument 'type' must be torch.dtype, not ${typeof type}`);
  const own = type.toReal();
  if (own.format !== undefined) return new FloatInfo(own, own.format);
  throw new TypeError(`torch.finfo() requires a floating point input type. Use torch.iinfo to handle '${type}'`);
}

/**
 * The range of an integer dtype.
 *
 * @throws TypeError for another dtype.
 * @example torch.iinfo(torch.int8).max // 127
 * @see https://pytorch.org/docs/stable/type_info.html
 */
export function iinfo(type: DType): IntegerInfo {
  if (!(type instanceof DType)) throw new TypeError(`iinfo(): argument 'type' must be torch.dtype, not ${typeof type}`);
  if (type.category === Category.Integer) return new IntegerInfo(type);
  if (type.category === Category.Bool) throw new TypeError("torch.bool is not supported by torch.iinfo");
  throw new TypeError(`torch.iinfo() requires an integer input type. Use torch.finfo to handle '${type}'`);
}
