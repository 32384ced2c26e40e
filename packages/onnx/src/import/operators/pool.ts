/** Pooling. */
import torch, { F, type Tensor } from "flambeau";
import { productOf, upTo } from "../../lists.js";
import { type NodeReader, tensorAt } from "../nodeReader.js";
import type { Inputs } from "../values.js";
import { type Family, type Operator, Outputs } from "./define.js";
import {
  isSymmetric,
  kernelPlaces,
  surround,
  surroundWindows,
  type WindowSettings,
  type Windows,
  windowCounts,
  windowSettings,
  windowsOver,
} from "./windows.js";

const maxPools = [F.maxPool1d, F.maxPool2d, F.maxPool3d] as const;
const maxPoolsWithIndices = [F.maxPool1dWithIndices, F.maxPool2dWithIndices, F.maxPool3dWithIndices] as const;
const averagePools = [F.avgPool1d, F.avgPool2d, F.avgPool3d] as const;

type Size = [number];

/** What a node's windows are over an input, and how many. */
function over(settings: WindowSettings, x: Tensor): { windows: Windows; counts: number[] } {
  if (settings.kernel === undefined) throw new TypeError("attribute 'kernel_shape' is missing");
  const sizes = x.shape.slice(2);
  const windows = windowsOver(settings, sizes, settings.kernel);
  const counts = windowCounts(windows, sizes, settings.ceil);
  if (counts.some((count) => count < 1)) throw new RangeError(`no window fits into shape [${x.shape.join(", ")}]`);
  return { windows, counts };
}

/** Whether the core has it: no more padding than half of the kernel, the same on both sides. */
function isPlain(windows: Windows): boolean {
  return (
    windows.kernel.length <= 3 &&
    isSymmetric(windows) &&
    windows.before.every((pad, d) => pad >= 0 && 2 * pad <= (windows.kernel[d] as number))
  );
}

function maxPool(node: NodeReader) {
  const settings = windowSettings(node);
  const [wantsIndices, isColumnMajor] = [node.hasOutput(1), node.flag("storage_order")];
  return (inputs: Inputs) => {
    const given = tensorAt(inputs, 0);
    const x = given.dtype.isFloatingPoint ? given : given.float();
    const { windows, counts } = over(settings, x);
    const { kernel, stride, dilation, before } = windows;
    const dims = kernel.length;
    const [isNative, none] = [isPlain(windows), new Array<number>(dims).fill(0)];
    const from = isNative ? x : surroundWindows(x, windows, counts, -Infinity);
    const pool = (wantsIndices ? maxPoolsWithIndices : maxPools)[dims - 1];
    if (pool === undefined) throw new RangeError(`there is none of ${dims} dims`);
    const padding = isNative ? before : none;
    const pooled = (pool as typeof F.maxPool1d)(
      from,
      [...kernel] as Size,
      [...stride] as Size,
      [...padding] as Size,
      [...dilation] as Size,
      {
        ceilMode: isNative && settings.ceil,
      },
    );
    if (!wantsIndices) return (pooled as Tensor).to(given.dtype);
    const [values, indices] = pooled as unknown as [Tensor, Tensor];
    const shift = isNative ? none : before;
    return new Outputs(
      values.to(given.dtype),
      indicesInAll(indices, from.shape.slice(2), shift, x.shape, isColumnMajor),
    );
  };
}

/** Indices into a padded plane as indices into the whole input. */
function indicesInAll(
  indices: Tensor,
  padded: readonly number[],
  shift: readonly number[],
  shape: readonly number[],
  isColumnMajor: boolean,
): Tensor {
  const sizes = shape.slice(2);
  let rest = indices;
  const places = upTo(sizes.length)
    .reverse()
    .map((d) => {
      const place = rest.remainder(padded[d] as number).sub(shift[d] as number);
      rest = rest.div(padded[d] as number, { roundingMode: "floor" });
      return place;
    })
    .reverse();
  const order = isColumnMajor ? upTo(sizes.length).reverse() : upTo(sizes.length);
  const inPlane = order.reduce(
    (sum, d) => sum.mul(sizes[d] as number).add(places[d] as Tensor),
    torch.zerosLike(indices),
  );
  const planes = torch.arange(productOf(shape.slice(0, 2))).mul(productOf(sizes));
  return inPlane.add(planes.reshape([...shape.slice(0, 2), ...sizes.map(() => 1)]));
}

function averagePool(node: NodeReader) {
  const settings = windowSettings(node);
  const countsPadding = node.flag("count_include_pad");
  return (inputs: Inputs) => {
    const x = tensorAt(inputs, 0);
    const { windows, counts } = over(settings, x);
    const { kernel, stride, dilation, before, after } = windows;
    const pool = averagePools[kernel.length - 1];
    if (pool !== undefined && isPlain(windows) && dilation.every((step) => step === 1)) {
      return (pool as typeof F.avgPool1d)(x, [...kernel] as Size, [...stride] as Size, [...before] as Size, {
        ceilMode: settings.ceil,
        countIncludePad: countsPadding,
      });
    }
    const plane = torch.ones([1, 1, ...x.shape.slice(2)], { dtype: x.dtype });
    const mask = countsPadding ? surround(plane, before, after, 1) : plane;
    const around = countsPadding ? { ...windows, before: before.map(() => 0) } : windows;
    return sumOf(kernelPlaces(x, windows, counts, 0)).div(sumOf(kernelPlaces(mask, around, counts, 0)));
  };
}

function sumOf(tensors: Iterable<Tensor>): Tensor {
  return [...tensors].reduce((sum, tensor) => sum.add(tensor));
}

/** The norm of each window. Its order was a float at first. */
function lpPool(node: NodeReader) {
  const settings = windowSettings(node);
  const p = node.version < 2 ? node.float("p", 2) : node.int("p", 2);
  return (inputs: Inputs) => {
    const x = tensorAt(inputs, 0);
    const { windows, counts } = over(settings, x);
    return sumOf(kernelPlaces(x.abs().pow(p), windows, counts, 0)).pow(1 / p);
  };
}

/** A function of all elements of each channel. */
function globalPool(compute: (x: Tensor, dims: number[]) => Tensor): Operator {
  return () => (inputs) => {
    const x = tensorAt(inputs, 0);
    return compute(x, upTo(x.dim()).slice(2));
  };
}

function globalLpPool(node: NodeReader) {
  const p = node.version < 2 ? node.float("p", 2) : node.int("p", 2);
  return globalPool((x, dims) =>
    x
      .abs()
      .pow(p)
      .sum(dims, { keepdim: true })
      .pow(1 / p),
  )(node);
}

/** Puts the elements of max pooling back to where they were, among zeros. */
function maxUnpool(node: NodeReader) {
  const settings = windowSettings(node);
  const sizes = node.numbersIn(2);
  return (inputs: Inputs) => {
    const [x, indices] = [tensorAt(inputs, 0), tensorAt(inputs, 1).long()];
    const kernel = settings.kernel ?? [];
    const { stride, before, after } = windowsOver(settings, x.shape.slice(2), kernel);
    const plane = kernel.map(
      (size, d) =>
        ((x.shape[d + 2] as number) - 1) * (stride[d] as number) + size - (before[d] as number) - (after[d] as number),
    );
    const shape = [...x.shape.slice(0, 2), ...plane];
    const flat = torch.zeros([productOf(shape)], { dtype: x.dtype });
    const placed = flat.scatter(0, indices.reshape([-1]), x.reshape([-1])).reshape(shape);
    const wanted = sizes(inputs);
    if (wanted === undefined) return placed;
    const more = plane.map((size, d) => (wanted[d + 2] as number) - size);
    return surround(
      placed,
      more.map(() => 0),
      more,
      0,
    );
  };
}

export const pooling: Family = {
  AveragePool: averagePool,
  GlobalAveragePool: globalPool((x, dims) => x.mean(dims, { keepdim: true })),
  GlobalLpPool: globalLpPool,
  GlobalMaxPool: globalPool((x, dims) => x.amax(dims, { keepdim: true })),
  LpPool: lpPool,
  MaxPool: maxPool,
  MaxUnpool: maxUnpool,
};
