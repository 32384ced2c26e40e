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
  | Uint8ArrayConstructor;

/** The typed arrays whose memory a tensor can share. */
export type TypedArray =
  | Float32Array
  | Float64Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray;

/** Kinds of number in the order in which they win over each other in type promotion. */
export const enum Category {
  Bool,
  Integer,
  Floating,
}

/** Whether all dtypes are made. */
let complete = false;

/** What the error says that refuses to clone a tensor: that it cannot clone this symbol. */
const howToSend = Symbol(
  "A Tensor cannot be cloned or posted as it is. Send tensor.toTypedArray() and tensor.shape, and make a tensor of them with torch.fromTypedArray(array, shape): this",
);

/** The type of a tensor's elements: `torch.float32`, `torch.long`, … There is one object per type. */
export class DType {
  /** @internal A property that no clone can have, neither of a dtype nor of a tensor, which has one. */
  readonly notCloneable = howToSend;
  readonly #arrayType: TypedArrayConstructor;

  /** @internal */
  constructor(
    /** PyTorch's name without the namespace, such as `"float32"`. */
    readonly name: string,
    /** @internal The number by which kernels know the type (kernels/kernel.h). */
    readonly id: number,
    /** Bytes an element takes. */
    readonly itemsize: number,
    /** @internal */
    readonly category: Category,
    arrayType: TypedArrayConstructor,
  ) {
    this.#arrayType = arrayType;
    if (complete) throw new TypeError("DType cannot be constructed; a dtype is one of torch.float32, torch.int64, …");
    Object.freeze(this);
  }

  /** @internal The typed array of such elements. */
  get arrayType(): TypedArrayConstructor {
    return this.#arrayType;
  }

  /** Whether elements are floating-point numbers. */
  get isFloatingPoint(): boolean {
    return this.category === Category.Floating;
  }

  /** Whether elements are complex numbers. */
  get isComplex(): boolean {
    return false;
  }

  /** Whether elements can be negative. */
  get isSigned(): boolean {
    return this !== uint8 && this !== bool;
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

export const float32 = new DType("float32", 0, 4, Category.Floating, Float32Array);
export const float64 = new DType("float64", 1, 8, Category.Floating, Float64Array);
export const int64 = new DType("int64", 2, 8, Category.Integer, BigInt64Array);
export const int32 = new DType("int32", 3, 4, Category.Integer, Int32Array);
export const int16 = new DType("int16", 4, 2, Category.Integer, Int16Array);
export const int8 = new DType("int8", 5, 1, Category.Integer, Int8Array);
export const uint8 = new DType("uint8", 6, 1, Category.Integer, Uint8Array);
export const bool = new DType("bool", 7, 1, Category.Bool, Uint8Array);
complete = true;

/** Every dtype, at the index of its id. */
export const dtypes: readonly DType[] = [float32, float64, int64, int32, int16, int8, uint8, bool];

export const float = float32;
export const double = float64;
export const long = int64;
export const int = int32;
export const short = int16;

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

function checkDtype(functionName: string, dtype: unknown): void {
  if (!(dtype instanceof DType)) throw new TypeError(`${functionName}() expects torch.dtypes, got ${typeof dtype}`);
}

/** Dtypes by the kind of a typed array. */
const dtypesOfKinds = new Map<string | undefined, DType>([
  ["Float32Array", float32],
  ["Float64Array", float64],
  ["BigInt64Array", int64],
  ["Int32Array", int32],
  ["Int16Array", int16],
  ["Int8Array", int8],
  ["Uint8Array", uint8],
  ["Uint8ClampedArray", uint8],
]);

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
  if (type1.category !== type2.category) return type1.category > type2.category ? type1 : type2;
  // uint8 and a signed byte need a type that holds both.
  if ((type1 === uint8 && type2 === int8) || (type1 === int8 && type2 === uint8)) return int16;
  return type1.itemsize > type2.itemsize ? type1 : type2;
}

/** Whether a value of one dtype may be stored in another in place: a float not in an integer, a number not in a bool. */
export function canCast(from: DType, to: DType): boolean {
  for (const dtype of [from, to]) checkDtype("canCast", dtype);
  return from.category <= to.category;
}

/** The largest finite value of a floating dtype. */
export function largestOf(dtype: DType): number {
  return dtype === float32 ? 3.4028234663852886e38 : Number.MAX_VALUE;
}

/** What PyTorch's messages call the dtypes, at the index of their ids. */
const scalarTypeNames = ["Float", "Double", "Long", "Int", "Short", "Char", "Byte", "Bool"];
const elementTypeNames = ["float", "double", "long int", "int", "short int", "signed char", "unsigned char", "bool"];

/** PyTorch's name of a dtype in most messages, such as `Long`; with `Tensor` after it that of its tensors. */
export function scalarTypeName(dtype: DType): string {
  return scalarTypeNames[dtype.id] as string;
}

/** PyTorch's name of a dtype in messages about two that differ: `float`, `long int`. */
export function elementTypeName(dtype: DType): string {
  return elementTypeNames[dtype.id] as string;
}
