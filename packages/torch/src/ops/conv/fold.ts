/**
 * Sliding blocks of images as columns, and columns summed into an image: each is the gradient of the other.
 *
 * Source: https://pytorch.org/docs/stable/nn.functional.html#convolution-functions
 */
import { ints, optional, sizeOrSizes, tensor } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { binary, copy, fill } from "../../backend/kernels.js";
import { formatShape, formatSides, numelOf, type Shape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { Args, FunctionOp } from "../types.js";
import { convolvedSize } from "./geometry.js";

type Numbers = readonly number[];
type Pair = readonly [height: number, width: number];

/** Which blocks of an image there are, with numbers for height and width. */
interface Blocks {
  readonly kernelSize: Pair;
  readonly dilation: Pair;
  readonly padding: Pair;
  readonly stride: Pair;
}

/** How many blocks fit beneath and beside each other. */
function countOf(sizes: Shape, { kernelSize, dilation, padding, stride }: Blocks): Pair {
  const [rows, columns] = ([0, 1] as const).map((d) =>
    convolvedSize(sizes[d] as number, kernelSize[d], stride[d], padding[d], dilation[d]),
  ) as [number, number];
  return [rows, columns];
}

/** Memory for images with a border. */
function emptyPadded([batch, channels, height, width]: Shape, padding: Pair, like: Tensor): Tensor {
  const sizes = [batch, channels, (height as number) + 2 * padding[0], (width as number) + 2 * padding[1]];
  return Tensor.empty(sizes as number[], like.dtype);
}

/** The images without the border. */
function inside(padded: Tensor, [batch, channels, height, width]: Shape, padding: Pair): Tensor {
  const [, , row, column] = padded.strides as [number, number, number, number];
  const offset = padded.offset + padding[0] * row + padding[1] * column;
  return padded.viewOf([batch, channels, height, width] as number[], padded.strides, offset);
}

/** All blocks of images with their border as one view: `[N, C, kernelH, kernelW, rows, columns]`. */
function blocksOf(padded: Tensor, [rows, columns]: Pair, { kernelSize, dilation, stride }: Blocks): Tensor {
  const [batch, channels] = padded.sizes as [number, number];
  const [image, plane, row, column] = padded.strides as [number, number, number, number];
  return padded.viewOf(
    [batch, channels, ...kernelSize, rows, columns],
    [image, plane, dilation[0] * row, dilation[1] * column, stride[0] * row, stride[1] * column],
    padded.offset,
  );
}

type Im2Col = FunctionOp<
  (input: Tensor, kernelSize: Numbers, dilation: Numbers, padding: Numbers, stride: Numbers) => Tensor
>;
type Col2Im = FunctionOp<
  (
    input: Tensor,
    outputSize: Numbers,
    kernelSize: Numbers,
    dilation: Numbers,
    padding: Numbers,
    stride: Numbers,
  ) => Tensor
>;

const blockParams = { kernelSize: ints, dilation: ints, padding: ints, stride: ints };

/** Images `[N, C, H, W]` as columns `[N, C * kernelH * kernelW, blocks]`; arguments were checked. */
const im2col: Im2Col = op({
  name: "im2col",
  variants: "function",
  nodeName: "Im2ColBackward0",
  params: { input: tensor, ...blockParams },
  forward: ({ input, ...given }) => {
    const blocks = given as unknown as Blocks;
    const [batch, channels, ...sizes] = input.sizes as [number, number, number, number];
    const padded = emptyPadded(input.sizes, blocks.padding, input);
    fill(padded, 0);
    copy(inside(padded, input.sizes, blocks.padding), input);
    const count = countOf(sizes, blocks);
    const result = Tensor.empty([batch, channels, ...blocks.kernelSize, ...count], input.dtype);
    copy(result, blocksOf(padded, count, blocks));
    return result.view([batch, channels * numelOf(blocks.kernelSize), numelOf(count)]);
  },
  derivative: {
    input: (grad, { input, kernelSize, dilation, padding, stride }) =>
      col2im(grad, input.sizes.slice(2), kernelSize, dilation, padding, stride),
  },
});

/** Columns `[N, C * kernelH * kernelW, blocks]` summed into images `[N, C, *outputSize]`; arguments were checked. */
const col2im: Col2Im = op({
  name: "col2im",
  variants: "function",
  nodeName: "Col2ImBackward0",
  params: { input: tensor, outputSize: ints, ...blockParams },
  forward: ({ input, outputSize, ...given }) => {
    const blocks = given as unknown as Blocks;
    const [batch, rows] = input.sizes as [number, number];
    const count = countOf(outputSize, blocks);
    const channels = rows / numelOf(blocks.kernelSize);
    const sizes = [batch, channels, ...outputSize];
    const padded = emptyPadded(sizes, blocks.padding, input);
    fill(padded, 0);
    const columns = input.contiguous().view([batch, channels, ...blocks.kernelSize, ...count]);
    const places = blocksOf(padded, count, blocks);
    // Blocks overlap, but within one place of the kernel every element is a different one.
    for (let y = 0; y < blocks.kernelSize[0]; y++) {
      for (let x = 0; x < blocks.kernelSize[1]; x++) {
        const place = atPlace(places, y, x);
        binary.add(place, place, atPlace(columns, y, x));
      }
    }
    const image = inside(padded, sizes, blocks.padding);
    if (blocks.padding[0] === 0 && blocks.padding[1] === 0) return padded;
    const result = Tensor.empty(sizes, input.dtype);
    copy(result, image);
    return result;
  },
  derivative: {
    input: (grad, { kernelSize, dilation, padding, stride }) => im2col(grad, kernelSize, dilation, padding, stride),
  },
});

/** What all blocks have at one place of the kernel. */
function atPlace(blocks: Tensor, y: number, x: number): Tensor {
  const [batch, channels, , , rows, columns] = blocks.sizes as number[];
  const [image, plane, row, column, down, across] = blocks.strides as number[];
  return blocks.viewOf(
    [batch, channels, rows, columns] as number[],
    [image, plane, down, across] as number[],
    blocks.offset + y * (row as number) + x * (column as number),
  );
}

/** Two numbers: those that are given, or one for both. */
function pair(name: string, values: Numbers, isSingle: boolean): Pair {
  if (isSingle) return [values[0] as number, values[0] as number];
  if (values.length === 2) return values as unknown as Pair;
  throw new Error(`It is expected ${name} equals to 2, but got size ${values.length}`);
}

/** One number for both height and width, or one for each. */
type Sizes = number | Numbers;

interface GivenBlocks {
  readonly kernelSize: Sizes;
  readonly dilation: Sizes;
  readonly padding: Sizes;
  readonly stride: Sizes;
}

function readBlocks(given: GivenBlocks): Blocks {
  const read = (name: string, value: Sizes) =>
    typeof value === "number" ? pair(name, [value], true) : pair(name, value, false);
  const blocks = {
    kernelSize: read("kernel_size", given.kernelSize),
    dilation: read("dilation", given.dilation),
    padding: read("padding", given.padding),
    stride: read("stride", given.stride),
  };
  const check = (name: string, prefix: string, sizes: Pair, least: number) => {
    if (sizes.every((size) => size >= least)) return;
    throw new RangeError(
      `${name} should be ${least > 0 ? "greater than zero" : "non-negative"}, but got ${formatSides(prefix, sizes)}`,
    );
  };
  check("kernel size", "kernel", blocks.kernelSize, 1);
  check("dilation", "dilation", blocks.dilation, 1);
  check("padding", "pad", blocks.padding, 0);
  check("stride", "stride", blocks.stride, 1);
  return blocks;
}

function tuple(values: Numbers): string {
  return `(${values.join(", ")})`;
}

/** Throws, in words of `wanted`, unless all sizes but that of the batch are at least 1. */
function checkNotEmpty(wanted: string, input: Tensor, ndim: number): void {
  const sizes = input.ndim === ndim ? input.sizes.slice(1) : input.sizes;
  if (sizes.length === ndim - 1 && sizes.every((size) => size > 0)) return;
  throw new Error(`Expected ${wanted} for input, but got: ${formatShape(input.sizes)}`);
}

function unbatched(input: Tensor, ndim: number, run: (batch: Tensor) => Tensor): Tensor {
  return input.ndim === ndim ? run(input) : run(input.unsqueeze(0)).squeeze(0);
}

const blockArgs = {
  dilation: optional(sizeOrSizes, 1),
  padding: optional(sizeOrSizes, 0),
  stride: optional(sizeOrSizes, 1),
};
const unfoldSignature = new Signature("unfold", { input: tensor, kernelSize: sizeOrSizes, ...blockArgs });

type Rest = Args<[dilation?: Sizes, padding?: Sizes, stride?: Sizes], ["dilation", "padding", "stride"]>;

/**
 * The blocks of images `[N, C, H, W]` or `[C, H, W]` over which a kernel slides, as columns:
 * `[N, C * kernelH * kernelW, blocks]`.
 *
 * @example F.unfold(torch.rand(2, 3, 6, 5), 2).shape // [2, 12, 20]
 * @throws Error if no block fits.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.unfold.html
 */
export function unfold(...args: [input: Tensor, kernelSize: Sizes, ...rest: Rest]): Tensor {
  const { input, ...given } = unfoldSignature.parse(args);
  const blocks = readBlocks(given);
  checkNotEmpty("3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions", input, 4);
  const sizes = input.sizes.slice(-2);
  const count = countOf(sizes, blocks);
  if (count[0] < 1 || count[1] < 1) {
    const { kernelSize, dilation, padding } = blocks;
    throw new Error(
      `Given input with spatial size ${tuple(sizes)}, kernel_size=${tuple(kernelSize)}, dilation=${tuple(dilation)}, padding=${tuple(padding)}, calculated shape of the array of sliding blocks as ${tuple(count)}, but its components must be at least one.`,
    );
  }
  const { kernelSize, dilation, padding, stride } = blocks;
  return unbatched(input, 4, (batch) => im2col(batch, kernelSize, dilation, padding, stride));
}

const foldSignature = new Signature("fold", {
  input: tensor,
  outputSize: sizeOrSizes,
  kernelSize: sizeOrSizes,
  ...blockArgs,
});

/**
 * Columns `[N, C * kernelH * kernelW, blocks]` as the images `[N, C, *outputSize]` of whose blocks they are the sums.
 *
 * @example F.fold(torch.rand(2, 12, 20), [6, 5], 2).shape // [2, 3, 6, 5]
 * @throws Error if the sizes do not fit.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.fold.html
 */
export function fold(...args: [input: Tensor, outputSize: Sizes, kernelSize: Sizes, ...rest: Rest]): Tensor {
  const { input, outputSize: size, ...given } = foldSignature.parse(args);
  const outputSize = pair("output_size", [size].flat(), typeof size === "number");
  const blocks = readBlocks(given);
  const { kernelSize, dilation, padding, stride } = blocks;
  checkNotEmpty("2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions", input, 3);
  const [rows, columns] = input.sizes.slice(-2) as [number, number];
  if (rows % numelOf(kernelSize) !== 0) {
    throw new Error(
      `Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got input.size(1)=${rows} and kernel_size=${tuple(kernelSize)}.`,
    );
  }
  const count = countOf(outputSize, blocks);
  if (count[0] < 1 || count[1] < 1 || numelOf(count) !== columns) {
    throw new Error(
      `Given output_size=${tuple(outputSize)}, kernel_size=${tuple(kernelSize)}, dilation=${tuple(dilation)}, padding=${tuple(padding)}, stride=${tuple(stride)}, expected size of input's dimension 2 to match the calculated number of sliding blocks ${count[0]} * ${count[1]} = ${numelOf(count)}, but got input.size(2)=${columns}.`,
    );
  }
  return unbatched(input, 3, (batch) => col2im(batch, outputSize, kernelSize, dilation, padding, stride));
}
