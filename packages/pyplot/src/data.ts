/** Reads what people pass for data: tensors, typed arrays, arrays, nested arrays, names of categories. */
import torch, { type Tensor } from "flambeau";
import { describe } from "flambeau/arguments";

type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

type Scalar = number | bigint | boolean;

/** Numbers in one dim. */
export type Vector = Tensor | TypedArray | readonly (Scalar | null | undefined)[];
/** Numbers in two dims. */
export type Matrix = Tensor | readonly Vector[];
/** Numbers in any number of dims. */
export type Data = Vector | Matrix | readonly Matrix[];
/** Positions along an axis: numbers, or names, which become the categories 0, 1, 2, … */
export type Positions = Vector | readonly string[];

/** Values in row-major order with their shape. */
export interface Values {
  readonly values: Float64Array;
  readonly shape: readonly number[];
}

const asNumber = (value: unknown, name: string): number => {
  if (typeof value === "number") return value;
  if (value === null || value === undefined) return Number.NaN;
  if (typeof value === "bigint" || typeof value === "boolean") return Number(value);
  if (value instanceof torch.Tensor) return value.item();
  throw new TypeError(`${name} must be numbers, but holds ${describe(value)}`);
};

function isTypedArray(value: unknown): value is TypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

/**
 * Data of any number of dims.
 *
 * @throws TypeError for what is no data; Error if rows differ in length.
 */
export function readValues(data: unknown, name: string): Values {
  if (data instanceof torch.Tensor) return readTensor(data);
  if (isTypedArray(data)) return { values: Float64Array.from(data as ArrayLike<number>, Number), shape: [data.length] };
  if (!Array.isArray(data)) return { values: Float64Array.of(asNumber(data, name)), shape: [] };
  const first: unknown = data[0];
  if (!Array.isArray(first) && !isTypedArray(first) && !(first instanceof torch.Tensor && first.ndim > 0)) {
    return { values: Float64Array.from(data, (one) => asNumber(one, name)), shape: [data.length] };
  }
  const rows = data.map((row) => readValues(row, name));
  const { shape } = rows[0] as Values;
  const size = shape.reduce((a, b) => a * b, 1);
  const values = new Float64Array(rows.length * size);
  for (const [i, row] of rows.entries()) {
    if (String(row.shape) !== String(shape)) {
      throw new Error(`${name}: rows differ in shape: [${shape.join(", ")}] and [${row.shape.join(", ")}]`);
    }
    values.set(row.values, i * size);
  }
  return { values, shape: [rows.length, ...shape] };
}

function readTensor(tensor: Tensor): Values {
  if (tensor.dtype.isComplex) throw new TypeError("can't convert a complex tensor to real numbers for plotting");
  return {
    values: Float64Array.from(tensor.detach().to(torch.float64).toTypedArray() as Float64Array),
    shape: tensor.shape,
  };
}

/** Numbers in one dim; a column or row of several dims of which only one is longer than 1 counts too. */
export function readVector(data: unknown, name: string): Float64Array {
  const { values, shape } = readValues(data, name);
  if (shape.filter((size) => size !== 1).length > 1) {
    throw new Error(`${name} must be 1D, but has shape [${shape.join(", ")}]`);
  }
  return values;
}

/** Numbers in two dims. */
export function readMatrix(data: unknown, name: string): Values {
  const read = readValues(data, name);
  if (read.shape.length !== 2) throw new TypeError(`${name} must be 2D, but has shape [${read.shape.join(", ")}]`);
  return read;
}

/** One number for each of `count` things, from one number or as many. */
export function broadcast(data: unknown, count: number, name: string): Float64Array {
  const values = readVector(data, name);
  if (values.length === count) return values;
  if (values.length === 1) return new Float64Array(count).fill(values[0] as number);
  throw new Error(`shape mismatch: ${name} has ${values.length} values for ${count} positions`);
}

/** Throws where two lists that belong together differ in length. */
export function checkSameLength(x: ArrayLike<unknown>, y: ArrayLike<unknown>, names = "x and y"): void {
  if (x.length === y.length) return;
  throw new Error(`${names} must have same first dimension, but have shapes [${x.length}] and [${y.length}]`);
}

/** Whether data are names of categories. */
export function isNames(data: unknown): data is readonly string[] {
  return Array.isArray(data) && typeof data[0] === "string";
}

/** Several sets of numbers: the columns of a matrix, the items of a list of vectors, or the one vector. */
export function readSets(data: unknown, name: string): Float64Array[] {
  if (Array.isArray(data) && (Array.isArray(data[0]) || isTypedArray(data[0]) || data[0] instanceof torch.Tensor)) {
    if (!(data[0] instanceof torch.Tensor && data[0].ndim === 0)) return data.map((one) => readVector(one, name));
  }
  const { values, shape } = readValues(data, name);
  return shape.length === 2 ? columns({ values, shape }) : [values];
}

/** The columns of a matrix. */
export function columns({ values, shape }: Values): Float64Array[] {
  const [rows, count] = shape as [number, number];
  return Array.from({ length: count }, (_, c) =>
    Float64Array.from({ length: rows }, (_, r) => values[r * count + c] as number),
  );
}

/** The least and greatest finite number; `undefined` where there is none. */
export function extent(values: Iterable<number>): [number, number] | undefined {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : undefined;
}

/** `count` numbers from `start` to `stop`, both included. */
export function linspace(start: number, stop: number, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) =>
    i === count - 1 && count > 1 ? stop : start + ((stop - start) * i) / Math.max(1, count - 1),
  );
}

export function range(count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => i);
}
