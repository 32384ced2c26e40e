/** The sizes of pooling: what the windows are, and what PyTorch says where they do not fit. */
import { flag, intOrInts, optional, tensor } from "../../arguments/params.js";
import type { PoolWindows } from "../../backend/kernels.js";
import { formatShape, type Shape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";

/** One number for all dims, or one for each. */
export type Sizes = number | readonly number[];

const tuples = ["one int", "a tuple of one int", "a tuple of two ints", "a tuple of three ints"];

/** One number for each of the dims: those that are given, or one for all. */
export function forEachDim(name: string, argument: string, values: readonly number[], ndim: number): readonly number[] {
  if (values.length === ndim) return values;
  if (values.length === 1) return new Array<number>(ndim).fill(values[0] as number);
  throw new Error(`${name}: ${argument} must either be a single int, or ${tuples[ndim]}, got ${formatShape(values)}`);
}

/** The numbers of a call; what is left out of the stride is the kernel's size. */
export interface GivenWindows {
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[] | undefined;
  readonly padding: readonly number[];
  readonly dilation?: readonly number[];
}

/** The windows with one number for each dim. */
export function windowsOf(name: string, given: GivenWindows, ndim: number): PoolWindows {
  const { kernelSize, stride, padding, dilation = [1] } = given;
  const kernel = forEachDim(name, "kernel_size", kernelSize, ndim);
  const isGiven = stride !== undefined && stride.length > 0;
  const windows = {
    kernelSize: kernel,
    stride: isGiven ? forEachDim(name, "stride", stride, ndim) : kernel,
    padding: forEachDim(name, "padding", padding, ndim),
    dilation: forEachDim(name, "dilation", dilation, ndim),
  };
  checkNumbers(windows);
  return windows;
}

function checkNumbers({ kernelSize, stride, padding, dilation }: PoolWindows): void {
  const refuse = (words: string, values: readonly number[]): never => {
    throw new RangeError(`${words}, but got ${formatShape(values)}`);
  };
  if (stride.some((step) => step === 0)) throw new RangeError("stride should not be zero");
  if (kernelSize.some((size) => size <= 0)) refuse("kernel size should be greater than zero", kernelSize);
  if (stride.some((step) => step < 0)) refuse("stride should be greater than zero", stride);
  if (dilation.some((step) => step <= 0)) refuse("dilation should be greater than zero", dilation);
  for (const [d, pad] of padding.entries()) {
    const size = kernelSize[d] as number;
    if (pad < 0) throw new RangeError(`pad must be non-negative, but got pad: ${pad}`);
    if (pad > Math.floor(size / 2)) {
      throw new RangeError(`pad should be at most half of kernel size, but got pad=${pad} and kernel_size=${size}`);
    }
  }
}

/** The number of windows along a dim. */
function windowsAlong(size: number, windows: PoolWindows, d: number, ceilMode: boolean): number {
  const [kernel, stride, padding, dilation] = [
    windows.kernelSize[d],
    windows.stride[d],
    windows.padding[d],
    windows.dilation[d],
  ] as [number, number, number, number];
  const room = size + 2 * padding - dilation * (kernel - 1) - 1;
  const count = Math.floor((room + (ceilMode ? stride - 1 : 0)) / stride) + 1;
  // The last window has to begin in the input or in the padding in front of it.
  return ceilMode && (count - 1) * stride >= size + padding ? count - 1 : count;
}

/** What PyTorch says of the dims of a line that is pooled. */
export function dimsOfLine(name: string, { length }: Shape): string {
  return `Expected 2 to 3 dimensions, but got ${length}-dimensional tensor for argument #1 'self' (while checking arguments for ${name})`;
}

/** Throws unless the input has the dims that are pooled and one or two more, of which only the batch may be empty. */
export function checkDims(name: string, input: Tensor, ndim: number): void {
  const { sizes } = input;
  const hasDims = sizes.length === ndim + 1 || sizes.length === ndim + 2;
  const empty = sizes.slice(sizes.length - ndim - 1).indexOf(0);
  if (hasDims && empty < 0) return;
  const either = `${ndim + 1}D or ${ndim + 2}D (batch mode) tensor`;
  const expected = `Expected ${either} with optional 0 dim batch size for input, but got:${formatShape(sizes)}`;
  if (ndim === 1) throw new Error(name === "avg_pool1d" && !hasDims ? dimsOfLine(name, sizes) : `${name}: ${expected}`);
  if (!hasDims) throw new Error(`non-empty ${either} expected for input, but got ${formatShape(sizes)} in ${name}`);
  if (ndim === 2) throw new Error(expected);
  throw new Error(
    `${name}(): Expected input's non-batch dimensions to have positive length, but input has a shape of ${formatShape(sizes)} and non-batch dimension ${empty} has length zero!`,
  );
}

/** The sizes of the result; throws if a window does not fit. */
export function pooledSizes(sizes: Shape, windows: PoolWindows, ceilMode: boolean): number[] {
  const ndim = windows.kernelSize.length;
  const inner = sizes.slice(-ndim).map((size, d) => windowsAlong(size, windows, d, ceilMode));
  if (inner.some((size) => size < 1)) {
    const byX = (list: Shape) => `(${list.join("x")})`;
    throw new Error(
      `Given input size: ${byX(sizes.slice(-ndim - 1))}. Calculated output size: ${byX([sizes.at(-ndim - 1) as number, ...inner])}. Output size is too small`,
    );
  }
  return [...sizes.slice(0, -ndim), ...inner];
}

/** How stride and padding are read. */
export const windowParams = { stride: optional(intOrInts), padding: optional(intOrInts, [0]) };

/** How max pooling is told what to do. */
export const maxPoolParams = {
  input: tensor,
  kernelSize: intOrInts,
  ...windowParams,
  dilation: optional(intOrInts, [1]),
  ceilMode: flag,
};
