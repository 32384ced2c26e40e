/** Pooling over the last dims of tensors without gaps: one number for each window of elements. */
import { type DType, int64 } from "../../core/dtype.js";
import { numelOf, type Shape } from "../../core/shape.js";
import type { ArrayView } from "../../core/view.js";
import { kernel } from "./block.js";
import { begin, checkedSize, errorDetail, launch, put, putAddress, putDType, status } from "./launch.js";

/** The windows of a pooling, with one number for each dim; a kernel size of 0 is for windows that share out the input. */
export interface PoolWindows {
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
}

/** By what the sum of a window is divided. */
export interface PoolDivisor {
  /** Instead of the number of elements. */
  readonly fixed?: number | undefined;
  /** Whether elements in the padding count. */
  readonly countPadding: boolean;
}

const mostDims = 3;
const runMax = kernel("maxPool");

/**
 * values = the largest element of each window, indices (int64) = its place among the elements of the pooled dims: the
 * first of equal ones. The input is float32, float64, int32 or int64.
 */
export function maxPool(
  values: ArrayView,
  indices: ArrayView | undefined,
  input: ArrayView,
  windows: PoolWindows,
): void {
  const list = begin();
  const dtype = putDType(input.dtype);
  putGeometry(input.sizes, values.sizes, windows);
  putDense(input, dtype, input.sizes);
  putDense(values, dtype, values.sizes);
  if (indices === undefined) put(0);
  else putDense(indices, int64, values.sizes);
  launch(runMax, list);
}

const runMaxBackward = kernel("maxPoolBackward");

/**
 * gradInput = zeros, with each element of gradOut added at its place among the elements of the last `dims` dims.
 *
 * @throws RangeError for an index out of range.
 */
export function maxPoolBackward(gradInput: ArrayView, gradOut: ArrayView, indices: ArrayView, dims: number): void {
  const list = begin();
  const dtype = putDType(gradInput.dtype);
  const [zeros, ones] = [0, 1].map((value) => new Array<number>(dims).fill(value)) as [number[], number[]];
  putGeometry(gradInput.sizes, gradOut.sizes, { kernelSize: ones, stride: ones, padding: zeros, dilation: ones });
  putDense(gradOut, dtype, gradOut.sizes);
  putDense(indices, int64, gradOut.sizes);
  putDense(gradInput, dtype, gradInput.sizes);
  launch(runMaxBackward, list);
  if (status() !== 0) throw new RangeError(`index ${errorDetail()} is out of bounds for the elements of the input`);
}

const runFractional = kernel("fractionalMaxPool");

/** The same with windows at places that `samples` say: for each plane and dim a number from 0 up to 1. */
export function fractionalMaxPool(
  values: ArrayView,
  indices: ArrayView,
  input: ArrayView,
  samples: ArrayView,
  kernelSize: readonly number[],
): void {
  const list = begin();
  const dtype = putDType(input.dtype);
  const ones = kernelSize.map(() => 1);
  const zeros = kernelSize.map(() => 0);
  const dims = kernelSize.length;
  const planes = putGeometry(input.sizes, values.sizes, { kernelSize, stride: ones, padding: zeros, dilation: ones });
  const inner = input.sizes.slice(-dims);
  if (inner.some((size, d) => size < (kernelSize[d] as number) || kernelSize[d] === 0)) {
    throw new RangeError("a window must have elements, and fit into the input");
  }
  putDense(input, dtype, input.sizes);
  putDense(values, dtype, values.sizes);
  putDense(indices, int64, values.sizes);
  putDense(samples, dtype, [planes, dims]);
  put(dims);
  launch(runFractional, list);
}

const runAverage = kernel("averagePool");

/** out = the sum of each window by its divisor; integers are divided as C does. */
export function averagePool(out: ArrayView, input: ArrayView, windows: PoolWindows, divisor: PoolDivisor): void {
  const list = begin();
  const dtype = putDType(input.dtype);
  putGeometry(input.sizes, out.sizes, windows);
  putDivisor(divisor);
  putDense(input, dtype, input.sizes);
  putDense(out, dtype, out.sizes);
  launch(runAverage, list);
}

const runAverageBackward = kernel("averagePoolBackward");

/** gradInput = the gradient of `averagePool` from that of its result. */
export function averagePoolBackward(
  gradInput: ArrayView,
  gradOut: ArrayView,
  windows: PoolWindows,
  divisor: PoolDivisor,
): void {
  const list = begin();
  const dtype = putDType(gradInput.dtype);
  putGeometry(gradInput.sizes, gradOut.sizes, windows);
  putDivisor(divisor);
  putDense(gradOut, dtype, gradOut.sizes);
  putDense(gradInput, dtype, gradInput.sizes);
  launch(runAverageBackward, list);
}

function putDivisor({ fixed = 0, countPadding }: PoolDivisor): void {
  put(fixed);
  put(countPadding ? 1 : 0);
}

/** Appends sizes and windows; returns the number of planes. */
function putGeometry(input: Shape, output: Shape, { kernelSize, stride, padding, dilation }: PoolWindows): number {
  const dims = kernelSize.length;
  if (dims > mostDims || [stride, padding, dilation].some(({ length }) => length !== dims)) {
    throw new RangeError(`pooling is over up to ${mostDims} dims, with one number for each of them`);
  }
  const [inner, outer] = [input.slice(-dims), output.slice(-dims)];
  const planes = numelOf(input.slice(0, -dims));
  if (numelOf(output.slice(0, -dims)) !== planes) throw new RangeError("pooling gives as many planes as it takes");
  put(checkedSize(planes));
  for (let d = 0; d < dims; d++) {
    const steps = [stride[d], dilation[d]] as [number, number];
    if (!(steps[0] >= 1 && steps[1] >= 1)) throw new RangeError(`pooling takes steps from 1, got ${steps}`);
    const reach = checkedSize((outer[d] as number) * steps[0]) + checkedSize((kernelSize[d] as number) * steps[1]);
    checkedSize(reach + (inner[d] as number) * (outer[d] as number) + checkedSize(padding[d] as number));
  }
  putDims(inner, 1);
  putDims(outer, 1);
  putDims(kernelSize, 1);
  putDims(stride, 1);
  putDims(padding, 0);
  putDims(dilation, 1);
  return planes;
}

/** Appends one number for each of the dims that kernels know; those that are missing come first. */
function putDims(values: readonly number[], missing: number): void {
  for (let d = values.length; d < mostDims; d++) put(missing);
  for (const value of values) put(checkedSize(value));
}

/** Appends the address of a tensor without gaps. */
function putDense(view: ArrayView, dtype: DType, sizes: Shape): void {
  if (!view.contiguousFlag) throw new TypeError("pooling takes tensors without gaps");
  putAddress(view, dtype, checkedSize(numelOf(sizes)));
}
