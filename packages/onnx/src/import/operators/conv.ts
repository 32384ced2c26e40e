/** Convolutions. */
import torch, { F, type Tensor } from "flambeau";
import { checkedCount } from "../limits.js";
import { type NodeReader, optionalTensorAt, tensorAt } from "../nodeReader.js";
import type { Inputs } from "../values.js";
import type { Family } from "./define.js";
import { isSymmetric, reach, surround, type WindowSettings, windowSettings, windowsOver } from "./windows.js";

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
  const { stride, dilation, before, after } = windows;
  const conv = ofDims(convolutions, kernel.length);
  const isEven = isSymmetric(windows);
  const padding = isEven ? before : new Array<number>(kernel.length).fill(0);
  const around = isEven ? x : surround(x, before, after, 0);
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
  const smaller = total.map((pad) => Math.floor(pad / 2));
  const larger = total.map((pad) => Math.ceil(pad / 2));
  return settings.autoPad === "SAME_UPPER"
    ? { ...windows, full, before: smaller, after: larger }
    : { ...windows, full, before: larger, after: smaller };
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
    const isEven = isSymmetric(windows);
    const padding = isEven ? windows.before : [0, 0];
    const around = isEven ? x : surround(x, windows.before, windows.after, 0);
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
    const x = tensorAt(inputs, 0);
    const [image, block] = [sizes(inputs) ?? [], blocks(inputs) ?? []];
    checkedCount([x.shape[0] as number, x.shape[1] as number, ...image], x.dtype, "an image");
    const { stride, dilation, before, after } = windowsOver(settings, image, block);
    if (image.length === 1) {
      const lifted = foldImage(
        x,
        [1, ...image],
        [1, ...block],
        [1, ...stride],
        [1, ...dilation],
        [0, ...before],
        [0, ...after],
      );
      return lifted.squeeze(2);
    }
    return foldImage(x, image, block, stride, dilation, before, after);
  };
}

function foldImage(
  x: Tensor,
  image: readonly number[],
  block: readonly number[],
  stride: readonly number[],
  dilation: readonly number[],
  before: readonly number[],
  after: readonly number[],
): Tensor {
  if (image.length !== 2) throw new RangeError(`there is none of ${image.length} dims`);
  const around = image.map((size, d) => size + (before[d] as number) + (after[d] as number));
  const folded = F.fold(x, around, [...block], [...dilation], [0, 0], [...stride]);
  return surround(
    folded,
    before.map((pad) => -pad),
    after.map((pad) => -pad),
    0,
  );
}

export const convolution: Family = {
  Col2Im: col2im,
  Conv: conv,
  ConvTranspose: convTranspose,
  DeformConv: deformConv,
};
