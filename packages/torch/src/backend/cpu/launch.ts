/**
 * Writes the arguments of a kernel: dtypes, shapes, and where the elements of views are.
 *
 *     const list = begin();
 *     const dtype = putDType(out.dtype);
 *     putShape(out.sizes);
 *     putBroadcast(out, dtype);
 *     putBroadcast(a, dtype);
 *     launch(run, list);
 *
 * The address of a view is written only once it is known that all that the kernel reaches from there lies in the
 * memory of the view. What is reached follows from the sizes and strides that are written, and from the dtype as which
 * the kernel sees the elements, not from what the view says of itself: a view may be of anybody's making.
 */
import { imaginaryPart, realPart } from "../../core/complex.js";
import { bool, complex32, type DType, dtypes, type FloatFormat, float32, float64, int64 } from "../../core/dtype.js";
import { toHalfBits } from "../../core/halves.js";
import { checkedScalar } from "../../core/scalars.js";
import { maxDims, numelOf, type Shape, sameShape, tooManyDims } from "../../core/shape.js";
import type { ArrayView, Scalar } from "../../core/view.js";
import {
  firstScalarSlot,
  type Kernel,
  launchWritten,
  paramBits,
  params,
  paramsByDType,
  put,
  putBits,
  reserve,
  slotAddress,
} from "./block.js";
import { CpuStorage } from "./memory/storage.js";

export { begin, errorDetail, launch, put, resultAt, status } from "./block.js";

/** Where in the block the sizes stand over which operands are walked, and how many there are. */
let sizesSlot = 0;
let walkedDims = 0;
/** Whether there is nothing to walk. */
let isEmpty = false;
/** Elements of the one run that the walk is, over operands without gaps, or -1 if it is none. */
let runLength = -1;

/** A dtype as kernels know it. */
export function knownDType(dtype: DType): DType {
  const known = dtypes[dtype.id];
  if (known === undefined) throw new TypeError("kernels know no such dtype");
  return known;
}

/** Appends a dtype, and returns it as the kernel knows it. */
export function putDType(dtype: DType): DType {
  const known = knownDType(dtype);
  put(known.id);
  return known;
}

/**
 * Appends a number that stands for elements of a dtype, in the form in which a kernel reads one.
 *
 * @throws RangeError if the dtype has no such value.
 */
export function putScalar(value: Scalar, dtype: DType): void {
  const element = checkedScalar(value, dtype);
  if (dtype === int64) putBits(toBigInt(element));
  else if (dtype.isComplex) {
    put(realPart(element));
    put(imaginaryPart(element));
  } else put(Number(element));
}

/** Appends the address of a view's first element, from where the kernel goes over `count` elements. */
export function putAddress(view: ArrayView, dtype: DType, count: number): void {
  put(CpuStorage.locate(view.storage, view.offset, count, dtype.itemsize));
}

/** The same for an operand that may be missing, and then has the address 0. */
export function putOptional(view: ArrayView | undefined, dtype: DType, count: number): void {
  if (view === undefined) put(0);
  else putAddress(view, dtype, count);
}

/** A size that a kernel can be given. */
export function checkedSize(size: number): number {
  if (Number.isSafeInteger(size) && size >= 0) return size;
  throw new RangeError(`a kernel takes sizes from 0 to 2^53, got ${String(size)}`);
}

/** The stride with which a kernel walks a size: 0 where it takes no step, whatever the view says. */
export function checkedStride(size: number, stride: number): number {
  if (size <= 1) return 0;
  if (typeof stride === "number" && stride >= 0) return stride;
  throw new RangeError(`a view of stride ${String(stride)} reaches outside its memory`);
}

/** Appends the stride with which a size is walked, and returns how far that leads, in elements from the first. */
export function putStride(size: number, stride: number): number {
  const step = checkedStride(size, stride);
  put(step);
  return size > 1 ? (size - 1) * step : 0;
}

/** How far a walk over sizes leads with these strides, in elements from the first; -Infinity if there is no element. */
export function reachOf(sizes: Shape, strides: Shape): number {
  let last = 0;
  for (let d = 0; d < sizes.length; d++) {
    const size = checkedSize(sizes[d] as number);
    if (size === 0) return Number.NEGATIVE_INFINITY;
    last += (size - 1) * checkedStride(size, strides[d] as number);
  }
  return last;
}

/** Appends a number of dims and the sizes over which the operands that follow are walked, which may leave out a dim. */
export function putShape(sizes: Shape, omitted = sizes.length): void {
  const ndim = omitted < sizes.length ? sizes.length - 1 : sizes.length;
  put(ndim);
  putSizes(sizes, ndim, omitted);
}

/** Appends the sizes over which the operands that follow are walked. */
export function putSizes(sizes: Shape, ndim: number, omitted = ndim): void {
  if (!(Number.isInteger(ndim) && ndim >= 0 && ndim <= maxDims)) throw tooManyDims(ndim);
  const slot = reserve(ndim);
  let numel = 1;
  for (let d = 0; d < ndim; d++) {
    const size = checkedSize(sizes[d < omitted ? d : d + 1] as number);
    params[slot + d] = size;
    numel *= size;
  }
  // The kernel multiplies the sizes too; where one is 0 the others do not matter.
  if (numel === 0) params.fill(0, slot, slot + ndim);
  else checkedSize(numel);
  sizesSlot = slot;
  walkedDims = ndim;
  isEmpty = numel === 0;
}

/**
 * Appends the address of a view and strides along the walked dims, those of one dim left out. `further` is how far the
 * kernel goes on its own from each element that it walks to.
 */
export function putStrided(view: ArrayView, dtype: DType, strides: Shape, further = 0, omitted = walkedDims): void {
  const slot = reserve(1);
  let last = further;
  for (let d = 0; d < walkedDims; d++) {
    last += putStride(params[sizesSlot + d] as number, strides[d < omitted ? d : d + 1] as number);
  }
  params[slot] = CpuStorage.locate(view.storage, view.offset, isEmpty ? 0 : last + 1, dtype.itemsize);
}

/** Stands for an operand that is missing, or whose address the kernel fills in. */
export function putNowhere(strides?: Shape): void {
  put(0);
  for (let d = 0; d < walkedDims; d++) putStride(params[sizesSlot + d] as number, strides?.[d] ?? 0);
}

/**
 * Appends address and strides of a view as it broadcasts to the walked shape: missing and size-1 dims get stride 0. Dims
 * may run backward. A factor of a product is walked over another size at one dim.
 */
export function putBroadcast(view: ArrayView, dtype: DType, otherDim = -1, otherSize = 1): void {
  const { sizes, strides } = view;
  const missing = walkedDims - sizes.length;
  const slot = reserve(1);
  let first = 0;
  let last = 0;
  for (let d = 0; d < walkedDims; d++) {
    const size = d === otherDim ? otherSize : (params[sizesSlot + d] as number);
    const stays = size <= 1 || d < missing || sizes[d - missing] === 1;
    const stride = stays ? 0 : (strides[d - missing] as number);
    put(stride);
    if (stride < 0) first += (size - 1) * stride;
    else if (!stays) last += (size - 1) * stride;
  }
  const count = isEmpty || otherSize === 0 ? 0 : last - first + 1;
  params[slot] = CpuStorage.locate(view.storage, view.offset + first, count, dtype.itemsize) - first * dtype.itemsize;
}

/** With which step an operand is walked beside a run of that shape: 0 for one element that repeats; -1 for a walk. */
function stepOf({ contiguousFlag, sizes, strides }: ArrayView, shape: Shape): number {
  if (contiguousFlag && sameShape(sizes, shape)) return 1;
  for (let d = 0; d < sizes.length; d++) {
    const size = sizes[d] as number;
    if (size !== 1 && (size === 0 || strides[d] !== 0)) return -1;
  }
  return 0;
}

/** The steps of the operands of a loop that is walked as one run, in their order. */
const steps: number[] = [1, 1, 1, 1];
let knownSteps = 0;
let nextStep = 0;

/** Notes the step of an operand, if there is one; false where there is none, so that the loop has to be walked. */
function hasStep(view: ArrayView | undefined, shape: Shape): boolean {
  if (view === undefined) return true;
  const step = stepOf(view, shape);
  steps[knownSteps++] = step;
  return step >= 0;
}

/**
 * Appends the shape that `StridedLoop` of kernels/iterator.h reads: that of the output, or one dim of all elements where
 * the output and the operands can be walked as one run. The operands follow in their order, each with `putOperand`.
 */
export function putLoop(out: ArrayView, a?: ArrayView, b?: ArrayView, c?: ArrayView): void {
  const shape = out.sizes;
  knownSteps = 1;
  nextStep = 0;
  if (out.contiguousFlag && hasStep(a, shape) && hasStep(b, shape) && hasStep(c, shape)) {
    runLength = checkedSize(numelOf(shape));
    put(1);
    put(runLength);
  } else {
    runLength = -1;
    putShape(shape);
  }
}

/** Appends an operand of the loop that `putLoop` began. */
export function putOperand(view: ArrayView, dtype: DType): void {
  if (runLength < 0) return putBroadcast(view, dtype);
  const step = steps[nextStep++] as number;
  put(CpuStorage.locate(view.storage, view.offset, step === 0 ? Math.min(runLength, 1) : runLength, dtype.itemsize));
  put(step);
}

/**
 * Runs a kernel over one run of elements, if the output and the operands have no gaps; tells whether they had none. The
 * arguments are written once all of them are known, and in one go, which takes a fraction of the time of a list.
 */
export function launchRun(
  run: Kernel,
  dtype: DType,
  out: ArrayView,
  outType: DType,
  a: ArrayView,
  b: ArrayView | undefined,
): boolean {
  if (!out.contiguousFlag) return false;
  const shape = out.sizes;
  const stepA = stepOf(a, shape);
  const stepB = b === undefined ? 0 : stepOf(b, shape);
  if (stepA < 0 || stepB < 0) return false;
  const count = checkedSize(numelOf(shape));
  const { id, itemsize } = knownDType(dtype);
  const addressOut = CpuStorage.locate(out.storage, out.offset, count, outType.itemsize);
  const addressA = CpuStorage.locate(a.storage, a.offset, stepA === 0 ? Math.min(count, 1) : count, itemsize);
  if (b !== undefined) {
    params[8] = CpuStorage.locate(b.storage, b.offset, stepB === 0 ? Math.min(count, 1) : count, itemsize);
    params[9] = stepB;
  }
  params[1] = id;
  params[2] = 1;
  params[3] = count;
  params[4] = addressOut;
  params[5] = 1;
  params[6] = addressA;
  params[7] = stepA;
  launchWritten(run);
  return true;
}

/** The same for a kernel that takes one number and fills an output. */
export function launchFill(run: Kernel, out: ArrayView, value: Scalar): boolean {
  if (!out.contiguousFlag) return false;
  const count = checkedSize(numelOf(out.sizes));
  const dtype = knownDType(out.dtype);
  const address = CpuStorage.locate(out.storage, out.offset, count, dtype.itemsize);
  const element = checkedScalar(value, dtype);
  params[1] = dtype.id;
  if (dtype === int64) paramBits[2] = toBigInt(element);
  else params[2] = Number(element);
  params[3] = 1;
  params[4] = count;
  params[5] = address;
  params[6] = 1;
  launchWritten(run);
  return true;
}

/** The same for a reduction of all elements of a tensor without gaps; the numbers before the shape are the kernel's own. */
export function launchTotal(
  run: Kernel,
  first: number,
  second: number,
  third: number,
  a: ArrayView,
  dtype: DType,
  out: ArrayView,
  outType: DType,
): boolean {
  if (!a.contiguousFlag) return false;
  const count = checkedSize(numelOf(a.sizes));
  const addressOut = CpuStorage.locate(out.storage, out.offset, 1, outType.itemsize);
  const address = CpuStorage.locate(a.storage, a.offset, count, dtype.itemsize);
  params[1] = first;
  params[2] = second;
  params[3] = third;
  params[4] = 1;
  params[5] = count;
  params[6] = count > 1 ? 1 : 0;
  params[7] = 0;
  params[8] = 0;
  params[9] = 1;
  params[10] = addressOut;
  params[11] = 0;
  params[12] = address;
  launchWritten(run);
  return true;
}

/** Where a scalar operand of a place (0 to 3) stands: a complex number takes two slots. */
export function scalarSlot(place: number): number {
  return firstScalarSlot + 2 * place;
}

function writeComplex(block: { [index: number]: number | bigint }, slot: number, value: Scalar, dtype: DType): void {
  const index = (slot * 8) / dtype.arrayType.BYTES_PER_ELEMENT;
  const { format } = dtype.toReal();
  for (const [place, part] of [realPart(value), imaginaryPart(value)].entries()) {
    block[index + place] = dtype === complex32 ? toHalfBits(part, format as FloatFormat) : part;
  }
}

/** Writes a scalar where kernels can read it as an operand of the given dtype, in which it wraps; returns its address. */
export function scalarAddress(value: Scalar, dtype: DType, place = 0): number {
  const slot = scalarSlot(place);
  const bytes = paramsByDType[dtype.id] as { [index: number]: number | bigint };
  const index = slot * (8 / dtype.itemsize);
  if (typeof value === "number" && (dtype === float32 || dtype === float64)) bytes[index] = value;
  else if (dtype === int64) bytes[index] = toBigInt(value);
  else if (dtype === bool) bytes[index] = Number(value) === 0 ? 0 : 1;
  else if (dtype.isHalf) bytes[index] = toHalfBits(Number(value), dtype.format as FloatFormat);
  else if (dtype.isComplex) writeComplex(bytes, slot, value, dtype);
  else bytes[index] = typeof value === "bigint" ? Number(BigInt.asIntN(64, value)) : Number(value);
  return slotAddress(slot);
}

function toBigInt(value: Scalar): bigint {
  if (typeof value === "bigint") return value;
  return Number.isFinite(Number(value)) ? BigInt(Math.trunc(Number(value))) : -(2n ** 63n);
}
