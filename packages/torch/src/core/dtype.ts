/**
 * Element types, their sizes and the rules by which they combine.
 *
 * Source: https://pytorch.org/docs/stable/tensor_attributes.html
 */
import { kindOf } from "./intrinsics.js";

type TypedArrayConstructor =
  | Float32ArrayConstructor
  | Float64ArrayConstructor
  | BigInt64ArrayConstructor
  | Int32ArrayConstructor
  | Int16ArrayConstructor
  | Int8ArrayConstructor
  | Uint8ArrayConstructor
  | Uint16ArrayConstructor;

/** The typed arrays whose memory a tensor can share; a `Uint16Array` holds the bits of a half type. */
export type TypedArray =
  | Float32Array
  | Float64Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array;

/** Kinds of number in the order in which they win over each other in type promotion. */
export const enum Category {
  Bool,
  Integer,
  Floating,
  Complex,
}

/** How a floating-point number is made up. */
export interface FloatFormat {
  /** Bits of the fraction. */
  readonly fraction: number;
  /** Bits of the exponent. */
  readonly exponent: number;
  /** Decimal digits that are sure to be right. */
  readonly decimals: number;
}

/** What PyTorch's messages call a dtype. */
interface Words {
  /** In most of them; with `Tensor` after it, its tensors. */
  readonly tensor: string;
  /** Where two dtypes differ. */
  readonly element: string;
  /** The type in C++. */
  readonly cpp: string;
}

/** What is known of a dtype. All else that depends on the dtype is derived from it. */
interface Description {
  readonly name: string;
  readonly itemsize: number;
  readonly category: Category;
  readonly isSigned: boolean;
  /** The typed array over the memory of such elements. */
  readonly arrayType: TypedArrayConstructor;
  /** Kinds of typed arrays whose numbers are such elements. */
  readonly arrayKinds: readonly string[];
  readonly format?: FloatFormat;
  /** Of complex numbers, the dtype of both parts. */
  readonly part?: DType;
  readonly words: Words;
}

/** Whether all dtypes are made. */
let complete = false;

/** What the error says that refuses to clone a tensor: that it cannot clone this symbol. More words would be cut. */
const howToSend = Symbol(
  "a Tensor: send t.toTypedArray() and t.shape, and make one of them with torch.fromTypedArray(array, shape)",
);

/** The type of a tensor's elements: `torch.float32`, `torch.long`, … There is one object per type. */
export class DType {
  /** @internal A property that no clone can have, neither of a dtype nor of a tensor, which has one. */
  readonly notCloneable = howToSend;
  /** PyTorch's name without the namespace, such as `"float32"`. */
  readonly name: string;
  /** Bytes an element takes. */
  readonly itemsize: number;
  /** @internal */
  readonly category: Category;
  /** Whether elements can be negative. */
  readonly isSigned: boolean;
  /** @internal Whether it is a half type: kernels compute with its elements in float32. */
  readonly isHalf: boolean;
  /** @internal What a floating-point number is made of; undefined for other kinds. */
  readonly format: FloatFormat | undefined;
  /** @internal Of complex numbers, the dtype of the real and of the imaginary part. */
  readonly part: DType | undefined;
  /** @internal */
  readonly words: Words;
  readonly #arrayType: TypedArrayConstructor;

  /** @internal */
  constructor(
    /** @internal The number by which kernels know the type (kernels/dtype.h). */
    readonly id: number,
    description: Description,
  ) {
    if (complete) throw new TypeError("DType cannot be constructed; a dtype is one of torch.float32, torch.int64, …");
    this.name = description.name;
    this.itemsize = description.itemsize;
    this.category = description.category;
    this.isSigned = description.isSigned;
    this.isHalf = description.category === Category.Floating && description.itemsize === 2;
    this.format = description.format;
    this.part = description.part;
    this.words = description.words;
    this.#arrayType = description.arrayType;
    Object.freeze(this);
  }

  /** @internal The typed array over the memory of such elements. */
  get arrayType(): TypedArrayConstructor {
    return this.#arrayType;
  }

  /** @internal How many numbers of the typed array an element takes. */
  get arrayElements(): number {
    return this.part === undefined ? 1 : 2;
  }

  /** The dtype of the parts of complex elements; any other dtype is its own. */
  toReal(): DType {
    return this.part ?? this;
  }

  /**
   * The complex dtype whose parts have this dtype; a complex dtype is its own.
   *
   * @throws TypeError if there is none.
   */
  toComplex(): DType {
    if (this.isComplex) return this;
    const complex = dtypes.find(({ part }) => part === this);
    // A bfloat16 goes by way of float32, as in PyTorch.
    if (complex === undefined && this === bfloat16) return complex64;
    if (complex === undefined) throw new TypeError(`there is no complex dtype of ${this}`);
    return complex;
  }

  /** Whether elements are floating-point numbers. */
  get isFloatingPoint(): boolean {
    return this.category === Category.Floating;
  }

  /** Whether elements are complex numbers. */
  get isComplex(): boolean {
    return this.category === Category.Complex;
  }

  /** @internal Whether a gradient can reach such elements. */
  get isDifferentiable(): boolean {
    return this.category >= Category.Floating;
  }

  toString(): string {
    return `torch.${this.name}`;
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** Every dtype, at the index of its id. */
export const dtypes: readonly DType[] = [];

/** Dtypes by the kinds of typed arrays that hold their numbers. */
const dtypesOfKinds = new Map<string | undefined, DType>();

/** Adds a row to the table. */
function define(description: Description): DType {
  const dtype = new DType(dtypes.length, description);
  (dtypes as DType[]).push(dtype);
  for (const kind of description.arrayKinds) dtypesOfKinds.set(kind, dtype);
  return dtype;
}

// The order is that of kernels/dtype.h.

export const float32 = define({
  name: "float32",
  itemsize: 4,
  category: Category.Floating,
  isSigned: true,
  arrayType: Float32Array,
  arrayKinds: ["Float32Array"],
  format: { fraction: 23, exponent: 8, decimals: 6 },
  words: { tensor: "Float", element: "float", cpp: "float" },
});
export const float64 = define({
  name: "float64",
  itemsize: 8,
  category: Category.Floating,
  isSigned: true,
  arrayType: Float64Array,
  arrayKinds: ["Float64Array"],
  format: { fraction: 52, exponent: 11, decimals: 15 },
  words: { tensor: "Double", element: "double", cpp: "double" },
});
export const int64 = define({
  name: "int64",
  itemsize: 8,
  category: Category.Integer,
  isSigned: true,
  arrayType: BigInt64Array,
  arrayKinds: ["BigInt64Array"],
  words: { tensor: "Long", element: "long int", cpp: "int64_t" },
});
export const int32 = define({
  name: "int32",
  itemsize: 4,
  category: Category.Integer,
  isSigned: true,
  arrayType: Int32Array,
  arrayKinds: ["Int32Array"],
  words: { tensor: "Int", element: "int", cpp: "int" },
});
export const int16 = define({
  name: "int16",
  itemsize: 2,
  category: Category.Integer,
  isSigned: true,
  arrayType: Int16Array,
  arrayKinds: ["Int16Array"],
  words: { tensor: "Short", element: "short int", cpp: "int16_t" },
});
export const int8 = define({
  name: "int8",
  itemsize: 1,
  category: Category.Integer,
  isSigned: true,
  arrayType: Int8Array,
  arrayKinds: ["Int8Array"],
  words: { tensor: "Char", element: "signed char", cpp: "int8_t" },
});
export const uint8 = define({
  name: "uint8",
  itemsize: 1,
  category: Category.Integer,
  isSigned: false,
  arrayType: Uint8Array,
  arrayKinds: ["Uint8Array", "Uint8ClampedArray"],
  words: { tensor: "Byte", element: "unsigned char", cpp: "uint8_t" },
});
export const bool = define({
  name: "bool",
  itemsize: 1,
  category: Category.Bool,
  isSigned: false,
  arrayType: Uint8Array,
  arrayKinds: [],
  words: { tensor: "Bool", element: "bool", cpp: "bool" },
});
export const float16 = define({
  name: "float16",
  itemsize: 2,
  category: Category.Floating,
  isSigned: true,
  arrayType: Uint16Array,
  arrayKinds: ["Float16Array"],
  format: { fraction: 10, exponent: 5, decimals: 3 },
  words: { tensor: "Half", element: "c10::Half", cpp: "at::Half" },
});
export const bfloat16 = define({
  name: "bfloat16",
  itemsize: 2,
  category: Category.Floating,
  isSigned: true,
  arrayType: Uint16Array,
  arrayKinds: [],
  format: { fraction: 7, exponent: 8, decimals: 2 },
  words: { tensor: "BFloat16", element: "c10::BFloat16", cpp: "at::BFloat16" },
});
export const complex64 = define({
  name: "complex64",
  itemsize: 8,
  category: Category.Complex,
  isSigned: true,
  arrayType: Float32Array,
  arrayKinds: [],
  part: float32,
  words: { tensor: "ComplexFloat", element: "c10::complex<float>", cpp: "c10::complex<float>" },
});
export const complex128 = define({
  name: "complex128",
  itemsize: 16,
  category: Category.Complex,
  isSigned: true,
  arrayType: Float64Array,
  arrayKinds: [],
  part: float64,
  words: { tensor: "ComplexDouble", element: "c10::complex<double>", cpp: "c10::complex<double>" },
});
export const complex32 = define({
  name: "complex32",
  itemsize: 4,
  category: Category.Complex,
  isSigned: true,
  arrayType: Uint16Array,
  arrayKinds: [],
  part: float16,
  words: { tensor: "ComplexHalf", element: "c10::complex<c10::Half>", cpp: "c10::complex<c10::Half>" },
});
complete = true;
Object.freeze(dtypes);

export const float = float32;
export const double = float64;
export const half = float16;
export const long = int64;
export const int = int32;
export const short = int16;
export const cfloat = complex64;
export const cdouble = complex128;
export const chalf = complex32;

let defaultDtype = float32;

/** The dtype of tensors made from numbers; float32 unless it was changed. */
export function getDefaultDtype(): DType {
  return defaultDtype;
}

/**
 * Sets the dtype of tensors made from numbers.
 *
 * @throws TypeError if the dtype is not a floating one.
 */
export function setDefaultDtype(dtype: DType): void {
  if (!(dtype instanceof DType) || !dtype.isFloatingPoint) {
    throw new TypeError(
      `only floating-point types are supported as the default type, got ${(dtype as unknown) instanceof DType ? dtype : typeof dtype}`,
    );
  }
  defaultDtype = dtype;
}

/**
 * `setDefaultDtype` by the old name of a type of tensors: `"torch.DoubleTensor"`.
 *
 * @throws TypeError unless it names floating numbers.
 * @see https://pytorch.org/docs/stable/generated/torch.set_default_tensor_type.html
 */
export function setDefaultTensorType(t: string): void {
  const dtype = [float16, bfloat16, float32, float64].find((one) => t === `torch.${scalarTypeName(one)}Tensor`);
  if (dtype === undefined) {
    const got = typeof t === "string" ? `"${t}"` : typeof t;
    throw new TypeError(`only floating-point types are supported as the default type, got ${got}`);
  }
  defaultDtype = dtype;
}

function checkDtype(functionName: string, dtype: unknown): void {
  if (!(dtype instanceof DType)) throw new TypeError(`${functionName}() expects torch.dtypes, got ${typeof dtype}`);
}

/** The dtype of a typed array's elements, or undefined where no dtype matches, or for what is no typed array. */
export function dtypeOfTypedArray(array: unknown): DType | undefined {
  return dtypesOfKinds.get(kindOf(array));
}

/**
 * A typed array of zeros.
 *
 * @throws RangeError if there is no memory for it.
 */
export function newTypedArray<T extends TypedArray>(Type: new (length: number) => T, length: number): T {
  try {
    return new Type(length);
  } catch (cause) {
    throw new RangeError(`not enough memory: a typed array of ${length} elements`, { cause });
  }
}

/**
 * The dtype to which two dtypes are converted when they meet in one operation.
 *
 * @example promoteTypes(torch.int32, torch.float32) // torch.float32
 */
export function promoteTypes(type1: DType, type2: DType): DType {
  for (const dtype of [type1, type2]) checkDtype("promoteTypes", dtype);
  if (type1 === type2) return type1;
  if (type1.category !== type2.category) {
    const [higher, lower] = type1.category > type2.category ? [type1, type2] : [type2, type1];
    // A complex number has parts that hold what a floating one does.
    const { part } = higher;
    return part !== undefined && lower.isFloatingPoint ? promoteTypes(part, lower).toComplex() : higher;
  }
  // uint8 and a signed byte need a type that holds both.
  if ((type1 === uint8 && type2 === int8) || (type1 === int8 && type2 === uint8)) return int16;
  // Neither of the half types has all numbers of the other.
  if (type1.isHalf && type2.isHalf) return float32;
  return type1.itemsize > type2.itemsize ? type1 : type2;
}

/** Whether a value of one dtype may be stored in another in place: a float not in an integer, a number not in a bool. */
export function canCast(from: DType, to: DType): boolean {
  for (const dtype of [from, to]) checkDtype("canCast", dtype);
  return from.category <= to.category;
}

/** The largest finite value of a floating dtype, or of the parts of a complex one. */
export function largestOf(dtype: DType): number {
  const { fraction, exponent } = dtype.toReal().format as FloatFormat;
  return (2 - 2 ** -fraction) * 2 ** (2 ** (exponent - 1) - 1);
}

/** The number n for which a dtype has all whole numbers from 0 to 2^n - 1. */
export function wholeBitsOf(dtype: DType): number {
  const { format, category, itemsize, isSigned } = dtype;
  if (category === Category.Bool) return 1;
  return format === undefined ? 8 * itemsize - (isSigned ? 1 : 0) : format.fraction + 1;
}

/** PyTorch's name of a dtype in most messages, such as `Long`; with `Tensor` after it that of its tensors. */
export function scalarTypeName(dtype: DType): string {
  return dtype.words.tensor;
}

/** PyTorch's name of a dtype in messages about two that differ: `float`, `long int`. */
export function elementTypeName(dtype: DType): string {
  return dtype.words.element;
}
