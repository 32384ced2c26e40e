/**
 * The columns of a deformable convolution: what each place of a kernel looks at, wherever the offsets say.
 *
 * Images are `[N, C, H, W]`, columns `[N, C × kernelH × kernelW, rows × columns]`, offsets
 * `[N, groups × kernelH × kernelW × 2, rows, columns]`, masks the same without the 2. All are row-major and of one dtype.
 */
import type { DType } from "../../core/dtype.js";
import { numelOf, type Shape } from "../../core/shape.js";
import type { ArrayView } from "../../core/view.js";
import { kernel } from "./block.js";
import { begin, checkedSize, launch, put, putAddress, putDType, putOptional } from "./launch.js";

/** A kernel over images, with numbers for height and width, and where it looks. */
export interface DeformedWindows {
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
  readonly offset: ArrayView;
  readonly mask: ArrayView | undefined;
}

/** Appends sizes, offsets and mask; returns the number of elements of the images, of the columns, and of the mask. */
function putGeometry(images: Shape, dtype: DType, windows: DeformedWindows): [number, number, number] {
  const { kernelSize, stride, padding, dilation, groups, offset, mask } = windows;
  const [batch, channels, height, width] = images as [number, number, number, number];
  const [, , rows, columns] = offset.sizes as [number, number, number, number];
  if (!(groups >= 1 && channels % groups === 0)) throw new RangeError(`${channels} channels are not ${groups} groups`);
  put(checkedSize(batch));
  put(checkedSize(channels));
  put(checkedSize(groups));
  for (const [d, size, count] of [
    [0, height, rows],
    [1, width, columns],
  ] as const) {
    const reach = checkedSize(count * stride[d]) + checkedSize(kernelSize[d] * dilation[d]);
    checkedSize(reach + checkedSize(padding[d]));
    for (const number of [size, kernelSize[d], count, stride[d], padding[d], dilation[d]]) put(checkedSize(number));
  }
  const places = numelOf([kernelSize[0], kernelSize[1], rows, columns]);
  const ofMask = checkedSize(batch * groups * places);
  putAddress(offset, dtype, checkedSize(2 * ofMask));
  putOptional(mask, dtype, ofMask);
  return [checkedSize(numelOf(images)), checkedSize(batch * channels * places), ofMask];
}

const runColumns = kernel("deformColumns");

/** columns = what the kernel sees. */
export function deformColumns(columns: ArrayView, input: ArrayView, windows: DeformedWindows): void {
  const list = begin();
  const dtype = putDType(input.dtype);
  const [elements, seen] = putGeometry(input.sizes, dtype, windows);
  putAddress(input, dtype, elements);
  putAddress(columns, dtype, seen);
  launch(runColumns, list);
}

const runInput = kernel("deformColumnsInput");

/** The gradient of the images from that of the columns. */
export function deformColumnsInput(gradInput: ArrayView, gradColumns: ArrayView, windows: DeformedWindows): void {
  const list = begin();
  const dtype = putDType(gradColumns.dtype);
  const [elements, seen] = putGeometry(gradInput.sizes, dtype, windows);
  putAddress(gradColumns, dtype, seen);
  putAddress(gradInput, dtype, elements);
  launch(runInput, list);
}

const runPlaces = kernel("deformColumnsPlaces");

/** The gradients of offsets and mask from that of the columns. */
export function deformColumnsPlaces(
  gradOffset: ArrayView,
  gradMask: ArrayView | undefined,
  gradColumns: ArrayView,
  input: ArrayView,
  windows: DeformedWindows,
): void {
  const list = begin();
  const dtype = putDType(input.dtype);
  const [elements, seen, ofMask] = putGeometry(input.sizes, dtype, windows);
  putAddress(input, dtype, elements);
  putAddress(gradColumns, dtype, seen);
  putAddress(gradOffset, dtype, 2 * ofMask);
  putOptional(gradMask, dtype, ofMask);
  launch(runPlaces, list);
}
