/** How nested arrays, typed arrays and numbers become tensors. */
import { anything, type Param } from "../../arguments/params.js";
import { tensorOver } from "../../backend/arrays.js";
import { copy } from "../../backend/kernels.js";
import { Complex, imaginaryPart, realPart } from "../../core/complex.js";
import {
  bool,
  complex128,
  type DType,
  dtypeOfTypedArray,
  getDefaultDtype,
  int64,
  type TypedArray,
} from "../../core/dtype.js";
import { kindOf, lengthOf } from "../../core/intrinsics.js";
import { checkedElement, nearest } from "../../core/scalars.js";
import { checkSizes, maxDims, numelOf } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import type { Scalar } from "../../core/view.js";
import { copyFrom } from "../copyInto.js";
import { filled, scalarOf } from "./factory.js";

/** Numbers in nested arrays, typed arrays or tensors. */
export type TensorData = Scalar | TypedArray | Tensor | readonly TensorData[];

/** The shape of nested arrays, and their elements in one flat list. */
function flatten(data: TensorData): { shape: number[]; elements: (Scalar | Tensor)[] } {
  const shape: number[] = [];
  for (let level: unknown = data; isList(level); level = shape.at(-1) === 0 ? undefined : listItem(level, 0)) {
    shape.push(listLength(level));
    // Soon, for an array that contains itself.
    if (shape.length > maxDims) throw new RangeError(`arrays are nested deeper than ${maxDims} dims`);
  }
  const elements: (Scalar | Tensor)[] = [];
  const visit = (item: unknown, depth: number): void => {
    if (depth === shape.length) {
      if (isList(item)) throw unevenError(shape, depth);
      elements.push(checkElement(item));
      return;
    }
    if (!isList(item))
      throw new TypeError(`expected an array of length ${shape[depth]} at dim ${depth}, got ${typeof item}`);
    // Read once: a Proxy or a getter may answer otherwise the next time.
    const length = listLength(item);
    if (length !== shape[depth]) throw unevenError(shape, depth, length);
    for (let i = 0; i < length; i++) visit(listItem(item, i), depth + 1);
  };
  visit(data, 0);
  return { shape, elements };
}

type List = readonly unknown[] | TypedArray | Tensor;

function isList(value: unknown): value is List {
  if (value instanceof Tensor) return value.sizes.length > 0;
  return Array.isArray(value) || kindOf(value) !== undefined;
}

function listLength(list: List): number {
  return kindOf(list) === undefined ? list.length : lengthOf(list as TypedArray);
}

function listItem(list: List, index: number): unknown {
  return list instanceof Tensor ? list.select(0, index) : list[index];
}

function unevenError(shape: readonly number[], depth: number, length?: number): Error {
  const got = length === undefined ? "a deeper array" : `${length}`;
  return new Error(`expected sequence of length ${shape[depth] ?? 0} at dim ${depth} (got ${got})`);
}

/** The dtype that elements ask for; numbers and bigints do not mix. */
function inferDtype(elements: readonly (Scalar | Tensor)[]): DType {
  const kinds = new Set(elements.map((element) => (element instanceof Tensor ? "tensor" : typeof element)));
  if (kinds.has("number") && kinds.has("bigint")) {
    throw new TypeError("numbers and bigints are mixed in one array; use one kind, or give the dtype");
  }
  if (kinds.has("tensor")) return (elements.find((element) => element instanceof Tensor) as Tensor).dtype;
  if (kinds.has("object")) return getDefaultDtype().toComplex();
  if (kinds.has("number")) return getDefaultDtype();
  if (kinds.has("bigint")) return int64;
  return kinds.has("boolean") ? bool : getDefaultDtype();
}

function checkElement(element: unknown): Scalar | Tensor {
  if (element instanceof Tensor) return element;
  if (typeof element === "number" || typeof element === "bigint" || typeof element === "boolean") return element;
  if (element instanceof Complex) return element;
  throw new TypeError(
    `tensor(): cannot infer a dtype from ${element === null ? "null" : typeof element}; expected numbers`,
  );
}

function fromNested(data: TensorData, dtype: DType | undefined): Tensor {
  if (typeof data === "number" && dtype === undefined) {
    const own = getDefaultDtype();
    return filled([], nearest(data, own), own);
  }
  const { shape, elements } = flatten(data);
  checkSizes(shape);
  const target = dtype ?? inferDtype(elements);
  const result = Tensor.empty(shape, target);
  if (elements.length > 0) {
    const staged = stage(elements.map(scalarOf), target);
    const own = target === bool ? bool : target.isComplex ? complex128 : (dtypeOfTypedArray(staged) as DType);
    copy(result, tensorOver(staged, shape, own));
  }
  return result;
}

/** Elements in a typed array from which the copy kernel converts as PyTorch does. */
function stage(elements: readonly Scalar[], target: DType): TypedArray {
  if (target.isComplex) {
    return Float64Array.from(elements.flatMap((element) => [realPart(element), imaginaryPart(element)]));
  }
  if (target === bool) return Uint8Array.from(elements, (element) => (Number(element) === 0 ? 0 : 1));
  if (target.isFloatingPoint) return Float64Array.from(elements, Number);
  return BigInt64Array.from(elements, (element) => checkedElement(element, target));
}

/** A tensor with a copy of data, in a dtype or the one that the data ask for. */
export function fromData(data: TensorData, dtype: DType | undefined): Tensor {
  if (data instanceof Tensor) {
    const result = Tensor.empty(data.sizes, dtype ?? data.dtype);
    copyFrom(result, data);
    return result;
  }
  if (ArrayBuffer.isView(data)) {
    const own = dtypeOfTypedArray(data);
    if (own === undefined) throw new TypeError(`no dtype matches a ${kindOf(data) ?? "DataView"}`);
    const result = Tensor.empty([lengthOf(data as TypedArray)], dtype ?? own);
    if (numelOf(result.sizes) > 0) copy(result, tensorOver(data as TypedArray, result.sizes, own));
    return result;
  }
  return fromNested(data, dtype);
}

/** Read by `fromData`. */
export const anyData = anything as Param<TensorData>;
