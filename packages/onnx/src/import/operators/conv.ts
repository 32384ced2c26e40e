/** Convolutions. */
import torch, { F, type Tensor } from "flambeau";
import { productOf, upTo } from "../../lists.js";
import { checkedCount } from "../limits.js";
import { type NodeReader, optionalTensorAt, tensorAt, tensorOfDims } from "../nodeReader.js";
import type { Inputs } from "../values.js";
import type { Family } from "./define.js";
import { int64 } from "./dims.js";
import {
  evenlyPadded,
  halves,
  reach,
  surround,
  type WindowSettings,
  type Windows,
  windowCounts,
  windowSettings,
  windowsOver,
} from "./windows.js";

const convolutions = [F.conv1d, F.conv2d, F.conv3d] as const;
const transposed = [F.convTranspose1d, F.convTranspose2d, F.convTranspose3d] as const;

type Size = [number];

/** The function for as many dims. */
function ofDims<T>(functions: readonly T[], dims: number): T {
  const found = functions[dims - 1];
  if (found === undefined) throw new RangeError(`there is none of ${dims} dims`);
  return found;
}

/** A convolution over what is padded as the node says. */
export function convolve(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  settings: WindowSettings,
  groups: number,
): Tensor {
  const kernel = settings.kernel ?? weight.shape.slice(2);
  const windows = windowsOver(settings, x.shape.slice(2), kernel);
  const { stride, dilation } = windows;
  const conv = ofDims(convolutions, kernel.length);
  const { around, padding } = evenlyPadded(x, windows);
  return conv(around, weight, bias, [...stride] as Size, [...padding] as Size, [...dilation] as Size, groups);
}

function conv(node: NodeReader) {
  const [settings, groups] = [windowSettings(node), node.int("group", 1)];
  return (inputs: Inputs) =>
    convolve(tensorAt(inputs, 0), tensorAt(inputs, 1), optionalTensorAt(inputs, 2), settings, groups);
}

/** How much is cut off before and behind what a transposed convolution gives. */
function cutOff(
  settings: WindowSettings,
  x: Tensor,
  kernel: readonly number[],
  more: readonly number[],
  sizes: readonly number[] | undefined,
) {
  const dims = kernel.length;
  const same = { ...settings, autoPad: "NOTSET" as const };
  const windows = windowsOver(same, x.shape.slice(2), kernel);
  const { stride, dilation } = windows;
  const full = kernel.map(
    (size, d) => (stride[d] as number) * ((x.shape[d + 2] as number) - 1) + reach(size, dilation[d] as number),
  );
  const isSame = settings.autoPad === "SAME_UPPER" || settings.autoPad === "SAME_LOWER";
  const wanted =
    sizes?.slice(-dims) ??
    (isSame ? kernel.map((_, d) => (x.shape[d + 2] as number) * (stride[d] as number)) : undefined);
  if (wanted === undefined) return { ...windows, full };
  const total = kernel.map((_, d) => (full[d] as number) + (more[d] as number) - (wanted[d] as number));
  return { ...windows, full, ...halves(total, settings.autoPad) };
}

function convTranspose(node: NodeReader) {
  const [settings, groups] = [windowSettings(node), node.int("group", 1)];
  const [outputPadding, outputShape] = [node.ints("output_padding"), node.ints("output_shape")];
  return (inputs: Inputs) => {
    const [x, weight, bias] = [tensorAt(inputs, 0), tensorAt(inputs, 1), optionalTensorAt(inputs, 2)];
    const kernel = settings.kernel ?? weight.shape.slice(2);
    const dims = kernel.length;
    const more = outputPadding ?? new Array<number>(dims).fill(0);
    const { stride, dilation, before, after, full } = cutOff(settings, x, kernel, more, outputShape);
    checkedCount([x.shape[0] as number, (weight.shape[1] as number) * groups, ...full], x.dtype, "a tensor");
    const none = new Array<number>(dims).fill(0);
    const conv = ofDims(transposed, dims);
    const all = conv(x, weight, undefined, [...stride] as Size, none as Size, none as Size, groups, [
      ...dilation,
    ] as Size);
    const cut = surround(
      all,
      before.map((pad) => -pad),
      after.map((pad, d) => (more[d] as number) - pad),
      0,
    );
    return bias === undefined ? cut : cut.add(bias.reshape([-1, ...new Array<number>(dims).fill(1)]));
  };
}

function deformConv(node: NodeReader) {
  const [settings, groups, offsetGroups] = [windowSettings(node), node.int("group", 1), node.int("offset_group", 1)];
  return (inputs: Inputs) => {
    const [x, weight, offset] = [tensorAt(inputs, 0), tensorAt(inputs, 1), tensorAt(inputs, 2)];
    const kernel = settings.kernel ?? weight.shape.slice(2);
    const windows = windowsOver(settings, x.shape.slice(2), kernel);
    const { around, padding } = evenlyPadded(x, windows);
    if ((x.shape[1] as number) !== (weight.shape[1] as number) * groups)
      throw new RangeError(`${groups} groups do not fit`);
    if (offset.shape[1] !== 2 * offsetGroups * (kernel[0] as number) * (kernel[1] as number)) {
      throw new RangeError(`an offset of shape [${offset.shape.join(", ")}] for ${offsetGroups} groups`);
    }
    const [bias, mask] = [optionalTensorAt(inputs, 3), optionalTensorAt(inputs, 4)];
    const [strideH, strideW] = windows.stride as [number, number];
    const [dilationH, dilationW] = windows.dilation as [number, number];
    return torch.ops.torchvision.deformConv2d(
      around,
      weight,
      offset,
      mask ?? torch.zeros([0], { dtype: x.dtype }),
      bias ?? torch.zeros([weight.shape[0] as number], { dtype: x.dtype }),
      strideH,
      strideW,
      padding[0] as number,
      padding[1] as number,
      dilationH,
      dilationW,
      groups,
      offsetGroups,
      mask !== undefined,
    );
  };
}

/** Puts the columns of `Im2Col` back, and adds where they lie on each other. */
function col2im(node: NodeReader) {
  const [sizes, blocks] = [node.numbersIn(1), node.numbersIn(2)];
  const settings = windowSettings(node);
  return (inputs: Inputs) => {
    const x = tensorOfDims(inputs, 0, 3);
    const [image, block] = [sizes(inputs) ?? [], blocks(inputs) ?? []];
    const windows = windowsOver(settings, image, block);
    const around = image.map((size, d) => size + (windows.before[d] as number) + (windows.after[d] as number));
    const [batch, rows, columns] = x.shape as [number, number, number];
    const channels = rows / productOf(block);
    checkedCount([batch, channels, ...around], x.dtype, "an image");
    const flat = torch.zeros([batch, channels, productOf(around)], { dtype: x.dtype });
    const places = columnPlaces(windows, windowCounts(windows, image, false), around);
    if (places.length !== productOf(block) * columns)
      throw new RangeError(`${columns} columns for an image of [${image}]`);
    const folded = flat.indexAdd(2, int64(places), x.reshape([batch, channels, -1]));
    const cut = (pads: readonly number[]) => pads.map((pad) => -pad);
    return surround(folded.reshape([batch, channels, ...around]), cut(windows.before), cut(windows.after), 0);
  };
}

/** Where in the image each place of the kernel lies in each window, row-major. */
function columnPlaces(
  { kernel, stride, dilation }: Windows,
  counts: readonly number[],
  around: readonly number[],
): number[] {
  const inDim = (d: number) => {
    const step = productOf(around.slice(d + 1));
    return (k: number, window: number) => (window * (stride[d] as number) + k * (dilation[d] as number)) * step;
  };
  const combine = (sizes: readonly number[]) =>
    sizes.reduce<number[][]>((all, size) => all.flatMap((one) => upTo(size).map((i) => [...one, i])), [[]]);
  const dims = kernel.map((_, d) => inDim(d));
  const windows = combine(counts);
  return combine(kernel).flatMap((place) =>
    windows.map((window) => dims.reduce((sum, at, d) => sum + at(place[d] as number, window[d] as number), 0)),
  );
}

export const convolution: Family = {
  Col2Im: col2im,
  Conv: conv,
  ConvTranspose: convTranspose,
  DeformConv: deformConv,
};
