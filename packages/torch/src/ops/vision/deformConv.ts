/** Convolution with a kernel each of whose places looks where an offset says. */
import { int, ints, nullable, requiredFlag, tensor } from "../../arguments/params.js";
import {
  deformColumns as columnsKernel,
  type DeformedWindows,
  deformColumnsInput as inputKernel,
  deformColumnsPlaces as placesKernel,
} from "../../backend/kernels.js";
import { scalarTypeName } from "../../core/dtype.js";
import { formatShape, numelOf } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { convolvedSize } from "../conv/geometry.js";
import { type Named, named, op } from "../define.js";
import type { FunctionOp } from "../types.js";

type Numbers = readonly number[];
type Pair = readonly [number, number];

/** Kernel size, stride, padding and dilation, two of each, and the number of groups of offsets. */
type Geometry = Numbers;

function windowsOf(geometry: Geometry, offset: Tensor, mask: Tensor | null): DeformedWindows {
  const [kernelSize, stride, padding, dilation] = [0, 2, 4, 6].map((i) =>
    geometry.slice(i, i + 2),
  ) as unknown as Pair[];
  return {
    kernelSize: kernelSize as Pair,
    stride: stride as Pair,
    padding: padding as Pair,
    dilation: dilation as Pair,
    groups: geometry[8] as number,
    offset: offset.contiguous(),
    mask: mask?.contiguous(),
  };
}

function once(): never {
  throw new Error("double backwards on deform_conv2d not supported");
}

const sightParams = { offset: tensor, mask: nullable(tensor), geometry: ints };

const columnsInput: FunctionOp<
  (grad: Tensor, offset: Tensor, mask: Tensor | null, geometry: Geometry, size: Numbers) => Tensor
> = op({
  name: "deformColumnsInput",
  variants: "function",
  params: { grad: tensor, ...sightParams, size: ints },
  forward: ({ grad, offset, mask, geometry, size }) => {
    const result = Tensor.empty(size, grad.dtype);
    inputKernel(result, grad.contiguous(), windowsOf(geometry, offset, mask));
    return result;
  },
  backward: once,
});

/** The gradients of offset and mask; where there is no mask, that of the offset in place of it. */
const columnsPlaces: FunctionOp<
  (
    grad: Tensor,
    input: Tensor,
    offset: Tensor,
    mask: Tensor | null,
    geometry: Geometry,
  ) => Named<{ offset: Tensor; mask: Tensor }>
> = op({
  name: "deformColumnsPlaces",
  variants: "function",
  params: { grad: tensor, input: tensor, ...sightParams },
  forward: ({ grad, input, offset, mask, geometry }) => {
    const ofOffset = Tensor.empty(offset.sizes, offset.dtype);
    const ofMask = mask === null ? undefined : Tensor.empty(mask.sizes, mask.dtype);
    placesKernel(ofOffset, ofMask, grad.contiguous(), input.contiguous(), windowsOf(geometry, offset, mask));
    return named({ offset: ofOffset, mask: ofMask ?? ofOffset });
  },
  backward: once,
});

/** What the kernel sees of images: `[N, C × kernelH × kernelW, rows × columns]`; arguments were checked. */
const deformColumns: FunctionOp<(input: Tensor, offset: Tensor, mask: Tensor | null, geometry: Geometry) => Tensor> =
  op({
    name: "deformColumns",
    variants: "function",
    nodeName: "DeformConv2DBackward0",
    params: { input: tensor, ...sightParams },
    forward: ({ input, offset, mask, geometry }) => {
      const [batch, channels] = input.sizes as [number, number];
      const places = numelOf(offset.sizes.slice(2));
      const result = Tensor.empty([batch, channels * numelOf(geometry.slice(0, 2)), places], input.dtype);
      columnsKernel(result, input.contiguous(), windowsOf(geometry, offset, mask));
      return result;
    },
    saves: ["input", "offset", "mask"],
    backward: ([grad], { input, offset, mask, geometry }, needs) => {
      if (grad === undefined) return {};
      const places = needs.offset || needs.mask ? columnsPlaces(grad, input, offset, mask, geometry) : undefined;
      return {
        input: needs.input ? columnsInput(grad, offset, mask, geometry, input.sizes) : undefined,
        offset: places?.offset,
        mask: mask === null ? undefined : places?.mask,
      };
    },
  });

const convParams = {
  input: tensor,
  weight: tensor,
  offset: tensor,
  mask: tensor,
  bias: tensor,
  strideH: int,
  strideW: int,
  padH: int,
  padW: int,
  dilationH: int,
  dilationW: int,
  groups: int,
  offsetGroups: int,
  useMask: requiredFlag,
};

type ConvCall = { readonly [K in "input" | "weight" | "offset" | "mask" | "bias"]: Tensor } & {
  readonly [K in Exclude<keyof typeof convParams, "input" | "weight" | "offset" | "mask" | "bias" | "useMask">]: number;
} & { readonly useMask: boolean };

function check(isTrue: boolean, words: string): void {
  if (!isTrue) throw new Error(words);
}

function checkKind({ input, weight, offset, mask, bias, useMask }: ConvCall): void {
  const tensors = { input, weight, offset, ...(useMask ? { mask } : {}) };
  for (const [name, { sizes }] of Object.entries(tensors))
    check(sizes.length === 4, `deform_conv2d: expected ${name} to have 4 dims, got ${formatShape(sizes)}`);
  for (const [name, { dtype }] of Object.entries({ ...tensors, bias })) {
    if (dtype !== input.dtype)
      throw new TypeError(
        `deform_conv2d: expected ${name} to have the dtype of input, ${input.dtype}, but got ${dtype}`,
      );
  }
  if (!input.dtype.isFloatingPoint)
    throw new TypeError(`"deformable_im2col" not implemented for '${scalarTypeName(input.dtype)}'`);
}

/** Throws unless all fits; returns the rows and columns of the result. */
function checkCall(call: ConvCall): Pair {
  const { input, weight, offset, mask, bias, strideH, strideW, padH, padW, dilationH, dilationW } = call;
  const { groups, offsetGroups, useMask } = call;
  checkKind(call);
  const [batch, channels, height, width] = input.sizes as [number, number, number, number];
  const [outChannels, perGroup, rows, columns] = weight.sizes as [number, number, number, number];
  check(rows > 0 && columns > 0, `weight_h: ${rows} weight_w: ${columns}`);
  check(strideH > 0 && strideW > 0, `stride_h: ${strideH} stride_w: ${strideW}`);
  check(padH >= 0 && padW >= 0, `pad_h: ${padH} pad_w: ${padW}`);
  check(dilationH > 0 && dilationW > 0, `dil_h: ${dilationH} dil_w: ${dilationW}`);
  check(
    groups > 0 && perGroup * groups === channels && outChannels % groups === 0,
    `deform_conv2d: weight of size ${formatShape(weight.sizes)} with ${groups} groups does not fit input of size ${formatShape(input.sizes)}`,
  );
  const outputs = offsetGroups * rows * columns;
  check(
    offset.sizes[1] === 2 * outputs,
    `offset.shape[1] is not valid: got: ${offset.sizes[1]} expected: ${2 * outputs}`,
  );
  check(
    offsetGroups > 0 && channels % offsetGroups === 0,
    `deform_conv2d: ${channels} channels cannot be ${offsetGroups} groups of offsets`,
  );
  check(offset.sizes[0] === batch, `invalid batch size of offset: got ${offset.sizes[0]}, expected ${batch}`);
  const out: Pair = [
    convolvedSize(height, rows, strideH, padH, dilationH),
    convolvedSize(width, columns, strideW, padW, dilationW),
  ];
  check(out[0] > 0 && out[1] > 0, `Calculated output size too small - out_h: ${out[0]} out_w: ${out[1]}`);
  checkPlaces("offset", offset, out);
  if (useMask) {
    check(mask.sizes[1] === outputs, `mask.shape[1] is not valid: got: ${mask.sizes[1]} expected: ${outputs}`);
    check(mask.sizes[0] === batch, `invalid batch size of mask: got ${mask.sizes[0]}, expected ${batch}`);
    checkPlaces("mask", mask, out);
  }
  check(
    bias.sizes.length === 1 && bias.sizes[0] === outChannels,
    `deform_conv2d: expected bias of size [${outChannels}], got ${formatShape(bias.sizes)}`,
  );
  return out;
}

function checkPlaces(name: string, { sizes }: Tensor, [rows, columns]: Pair): void {
  check(
    sizes[2] === rows && sizes[3] === columns,
    `${name} output dims: (${sizes[2]}, ${sizes[3]}) - computed output dims: (${rows}, ${columns})`,
  );
}

/**
 * Convolution of images `[N, C, H, W]` with a weight `[O, C / groups, kernelH, kernelW]`, each place of which looks where
 * the offset `[N, 2 × offsetGroups × kernelH × kernelW, rows, columns]` says (down, then across), and counts by the mask,
 * of as many channels without the 2, if it is used: `[N, O, rows, columns]`.
 *
 * @throws Error if sizes do not fit; TypeError for several dtypes.
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.deform_conv2d.html
 */
export const deformConv2d: FunctionOp<
  (
    input: Tensor,
    weight: Tensor,
    offset: Tensor,
    mask: Tensor,
    bias: Tensor,
    strideH: number,
    strideW: number,
    padH: number,
    padW: number,
    dilationH: number,
    dilationW: number,
    groups: number,
    offsetGroups: number,
    useMask: boolean,
  ) => Tensor
> = op({
  name: "deformConv2d",
  id: "torchvision.deformConv2d",
  variants: "function",
  params: convParams,
  composite: (call) => {
    const out = checkCall(call);
    const { input, weight, offset, mask, bias, groups, useMask } = call;
    const kernelSize = weight.sizes.slice(2);
    const { strideH, strideW, padH, padW, dilationH, dilationW, offsetGroups } = call;
    const geometry = [...kernelSize, strideH, strideW, padH, padW, dilationH, dilationW, offsetGroups];
    const columns = deformColumns(input, offset, useMask ? mask : null, geometry);
    const [batch] = input.sizes as [number];
    const [outChannels, perGroup] = weight.sizes as [number, number];
    const depth = perGroup * numelOf(kernelSize);
    const product = weight
      .reshape([1, groups, outChannels / groups, depth])
      .matmul(columns.view([batch, groups, depth, numelOf(out)]));
    return product.reshape([batch, outChannels, ...out]).add(bias.view([1, outChannels, 1, 1]));
  },
});
