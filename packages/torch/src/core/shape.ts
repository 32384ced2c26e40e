/** Arithmetic on shapes, strides and dims. Nothing here touches an element. */

export type Shape = readonly number[];

/** The number of dims a tensor may have. */
export const maxDims = 64;

/** The number of elements a tensor may have, also an expanded one: no address space holds more. */
export const maxNumel = 2 ** 47;

/** The error of a tensor of more dims than kernels have room for. */
export function tooManyDims(ndim: number): RangeError {
  return new RangeError(`a tensor has at most ${maxDims} dims, got ${ndim}`);
}

export function numelOf(shape: Shape): number {
  // Sizes that somebody put in the place of a tensor's own may have no end.
  if (shape.length > maxDims) throw tooManyDims(shape.length);
  let n = 1;
  for (let d = 0; d < shape.length; d++) n *= shape[d] as number;
  return n;
}

/** Strides of a row-major tensor without gaps. */
export function contiguousStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = step;
    const size = shape[d] as number;
    if (size > 1) step *= size;
  }
  return strides;
}

/** The strides of `contiguousStrides`: those that are given, if they are the same, so that no other list is made. */
export function contiguousStridesLike(shape: Shape, strides: Shape): Shape {
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    if (strides[d] !== step) return contiguousStrides(shape);
    const size = shape[d] as number;
    if (size > 1) step *= size;
  }
  return strides;
}

/** Whether the strides are those of a row-major tensor; strides of dims of size 1 do not matter. */
export function isContiguous(shape: Shape, strides: Shape): boolean {
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    const size = shape[d] as number;
    if (size === 0) return true;
    if (size === 1) continue;
    if (strides[d] !== step) return false;
    step *= size;
  }
  return true;
}

/** Whether each element has a place of its own and the places have no gaps, in any order of dims. */
export function isNonOverlappingAndDense(shape: Shape, strides: Shape): boolean {
  if (isContiguous(shape, strides)) return true;
  let step = 1;
  for (const d of dimsByStride(shape, strides)) {
    if (strides[d] !== step) return false;
    step *= shape[d] as number;
  }
  return true;
}

/** Dims of more than one element, the smallest stride first. */
export function dimsByStride(shape: Shape, strides: Shape): number[] {
  const dims = shape.map((_, d) => d).filter((d) => shape[d] !== 1);
  return dims.sort((a, b) => (strides[a] as number) - (strides[b] as number));
}

/**
 * Whether the channels of images `[N, C, H, W]` or volumes `[N, C, D, H, W]` are the innermost dim in memory, so that
 * results should be laid out alike.
 */
export function isChannelsLast(shape: Shape, strides: Shape): boolean {
  const ndim = shape.length;
  if ((ndim !== 4 && ndim !== 5) || strides[1] === 0) return false;
  let least = 0;
  for (const d of channelsLastOrder(ndim).reverse()) {
    const stride = strides[d] as number;
    if (shape[d] === 0 || stride < least) return false;
    // Where C, H and W are 1, as for [N, 1, 1, 1], nothing tells the orders apart.
    if (d === 0 && least === strides[1]) return false;
    least = stride * Math.max(shape[d] as number, 1);
  }
  return true;
}

/** The dims of images or volumes whose channels are innermost in memory, outermost first. */
export function channelsLastOrder(ndim: number): number[] {
  return Array.from({ length: ndim }, (_, i) => (i === 0 ? 0 : i === ndim - 1 ? 1 : i + 1));
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let d = 0; d < a.length; d++) if (a[d] !== b[d]) return false;
  return true;
}

/** Whether a shape broadcasts to another one as it is: at every dim it has, it is as large there, or 1. */
export function expandsTo(shape: Shape, target: Shape): boolean {
  if (shape === target) return true;
  const missing = target.length - shape.length;
  if (missing < 0) return false;
  for (let d = 0; d < shape.length; d++) if (shape[d] !== 1 && shape[d] !== target[d + missing]) return false;
  return true;
}

/** `kernel_height: 3 kernel_width: 2`: the last dims by their names, as PyTorch's messages show them. */
export function formatSides(prefix: string, sizes: readonly number[]): string {
  const sides = ["depth", "height", "width"].slice(-sizes.length);
  return sizes.map((size, d) => `${prefix}_${sides[d]}: ${size}`).join(" ");
}

/** A shape as PyTorch writes it in messages: `[2, 3]`. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/**
 * The shape to which two shapes broadcast.
 *
 * @throws Error if sizes differ at a dim and neither is 1.
 */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const ndim = Math.max(a.length, b.length);
  const shape = new Array<number>(ndim);
  for (let i = 1; i <= ndim; i++) {
    const sizeA = i <= a.length ? (a[a.length - i] as number) : 1;
    const sizeB = i <= b.length ? (b[b.length - i] as number) : 1;
    if (sizeA !== sizeB && sizeA !== 1 && sizeB !== 1) {
      throw new Error(
        `The size of tensor a (${sizeA}) must match the size of tensor b (${sizeB}) at non-singleton dimension ${ndim - i}`,
      );
    }
    shape[ndim - i] = sizeA === 1 ? sizeB : sizeA;
  }
  return shape;
}

/**
 * A dim as a number from 0.
 *
 * @param ndim the number of dims; a scalar counts as having one.
 * @throws RangeError if it is out of range.
 */
export function wrapDim(dim: number, ndim: number): number {
  const count = Math.max(ndim, 1);
  if (dim < -count || dim >= count) {
    throw new RangeError(
      `Dimension out of range (expected to be in range of [${-count}, ${count - 1}], but got ${dim})`,
    );
  }
  return dim < 0 ? dim + count : dim;
}

/** Several dims as numbers from 0; no dim may stand twice. */
export function wrapDims(dims: Shape, ndim: number): number[] {
  const wrapped = dims.map((dim) => wrapDim(dim, ndim));
  const seen = new Set<number>();
  for (const dim of wrapped) {
    if (seen.has(dim)) throw new Error(`dim ${dim} appears multiple times in the list of dims`);
    seen.add(dim);
  }
  return wrapped;
}

/** The order of dims, which count from 0, that undoes another one. */
export function inverseOrder(dims: Shape): number[] {
  const inverse = new Array<number>(dims.length);
  dims.forEach((from, to) => {
    inverse[from] = to;
  });
  return inverse;
}

/** Throws unless the sizes are whole numbers from 0 that a tensor can have. */
export function checkSizes(shape: Shape): void {
  if (shape.length > maxDims) throw tooManyDims(shape.length);
  for (const size of shape) {
    if (!Number.isSafeInteger(size)) throw new TypeError(`sizes must be whole numbers, got ${formatShape(shape)}`);
    if (size < 0)
      throw new RangeError(`Trying to create tensor with negative dimension ${size}: ${formatShape(shape)}`);
  }
  if (numelOf(shape) > maxNumel) {
    throw new RangeError(`a tensor of size ${formatShape(shape)} is too large`);
  }
}

/** More values than this in JavaScript's own lists would fill its heap, which ends the process. */
const longestList = 2 ** 24;

/** Throws if a list of so many values or tensors is longer than any that is made. */
export function checkListLength(count: number): void {
  if (!(count <= longestList))
    throw new RangeError(`a list of ${count} items is too long; there may be ${longestList}`);
}

/**
 * Replaces one -1 among the sizes by what is left of the elements.
 *
 * @throws Error if the sizes do not fit the number of elements.
 */
export function inferSize(shape: Shape, numel: number): Shape {
  const at = shape.indexOf(-1);
  for (const size of shape) if (size < -1) throw new RangeError(`invalid shape dimension ${size}`);
  if (at < 0) {
    if (numelOf(shape) !== numel)
      throw new Error(`shape '${formatShape(shape)}' is invalid for input of size ${numel}`);
    return shape;
  }
  if (shape.indexOf(-1, at + 1) >= 0) throw new Error("only one dimension can be inferred");
  const rest = numelOf(shape.filter((_, d) => d !== at));
  if (rest === 0) {
    throw new Error(
      `cannot reshape tensor of ${numel} elements into shape ${formatShape(shape)} because the unspecified dimension size -1 can be any value and is ambiguous`,
    );
  }
  if (numel % rest !== 0) throw new Error(`shape '${formatShape(shape)}' is invalid for input of size ${numel}`);
  return shape.map((size, d) => (d === at ? numel / rest : size));
}

/** The strides with which memory of the old geometry can be seen in a new shape, or undefined if it needs a copy. */
export function viewStrides(sizes: Shape, strides: Shape, shape: Shape): number[] | undefined {
  if (numelOf(sizes) === 0) return sameShape(sizes, shape) ? [...strides] : contiguousStrides(shape);
  const result = new Array<number>(shape.length);
  let viewDim = shape.length - 1;
  let chunkStride = strides.length > 0 ? (strides[strides.length - 1] as number) : 1;
  let chunkNumel = 1;
  let viewNumel = 1;
  for (let d = sizes.length - 1; d >= 0; d--) {
    chunkNumel *= sizes[d] as number;
    const chunkEnds = d === 0 || (sizes[d - 1] !== 1 && strides[d - 1] !== chunkNumel * chunkStride);
    if (!chunkEnds) continue;
    while (viewDim >= 0 && (viewNumel < chunkNumel || shape[viewDim] === 1)) {
      result[viewDim] = viewNumel * chunkStride;
      viewNumel *= shape[viewDim] as number;
      viewDim--;
    }
    if (viewNumel !== chunkNumel) return undefined;
    if (d > 0) {
      chunkStride = strides[d - 1] as number;
      chunkNumel = 1;
      viewNumel = 1;
    }
  }
  for (; viewDim >= 0; viewDim--) result[viewDim] = chunkStride * viewNumel;
  return result;
}

/** The number of elements from the first to the last place that a geometry can reach, inclusive. */
export function extentOf(shape: Shape, strides: Shape): number {
  let last = 0;
  for (let d = 0; d < shape.length; d++) {
    if (shape[d] === 0) return 0;
    last += ((shape[d] as number) - 1) * (strides[d] as number);
  }
  return last + 1;
}

/** The stride of steps of several elements. Along a dim of one element it does not matter, and only has to be a number. */
export function strideOfSteps(stride: number, step: number): number {
  return Math.min(stride * step, Number.MAX_SAFE_INTEGER);
}

/** The values of a list without the one at a dim. */
export function withoutDim(values: Shape, dim: number): number[] {
  // Rows are what is asked for most.
  return dim === 0 ? values.slice(1) : values.filter((_, d) => d !== dim);
}

/** A list with one value replaced. */
export function withDim(values: Shape, dim: number, value: number): number[] {
  return values.map((old, d) => (d === dim ? value : old));
}

/** A list with one value more, before the given place. */
export function insertDim(values: Shape, dim: number, value: number): number[] {
  return [...values.slice(0, dim), value, ...values.slice(dim)];
}

/** A bound of a slice as Python reads it: negative ones count from the end, and all are clamped to the size. */
export function clampBound(bound: number, size: number): number {
  return Math.min(Math.max(bound < 0 ? bound + size : bound, 0), size);
}
