/**
 * Max pooling over windows at random places.
 *
 * Source: https://pytorch.org/docs/stable/nn.functional.html#pooling-functions
 */
import { flag, intOrInts, invalid, keyword, nullable, optional, type Param, tensor } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { checkListLength, formatShape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { rand } from "../random/randomTensors.js";
import type { Args } from "../types.js";
import { checkDims, forEachDim, type Sizes } from "./geometry.js";
import { fractionalMaxPoolWithIndices } from "./max.js";
import { type Indices, type NoIndices, type Picking, picking, type WithIndices } from "./picking.js";

type FractionalArguments<O> = [
  input: Tensor,
  kernelSize: Sizes,
  ...rest: Args<
    [outputSize?: Sizes | null, outputRatio?: Sizes | null],
    ["outputSize", "outputRatio"],
    O & { _randomSamples?: Tensor | null }
  >,
];
type FractionalMaxPool = Picking<FractionalArguments<NoIndices>, FractionalArguments<Indices>>;
type FractionalMaxPoolWithIndices = (...args: FractionalArguments<NoIndices>) => WithIndices;

/** One number for all dims, or one for each. */
const numberOrNumbers: Param<readonly number[]> = {
  ...intOrInts,
  expected: "float or tuple of floats",
  read: (value) => {
    if (typeof value === "number") return [value];
    if (!Array.isArray(value)) return invalid;
    checkListLength(value.length);
    return value.every((item) => typeof item === "number") ? [...value] : invalid;
  },
};

/** How the size of a fractional pooling is given. */
export const fractionalParams = {
  kernelSize: intOrInts,
  outputSize: optional(intOrInts),
  outputRatio: optional(numberOrNumbers),
};

function checkFractional(name: string, input: Tensor, kernel: readonly number[], output: readonly number[]): void {
  const ndim = kernel.length;
  if (kernel.some((size) => size <= 0)) {
    throw new RangeError(`${name}: kernel_size must be greater than zero, got ${formatShape(kernel)}`);
  }
  if (output.some((size) => size < 0)) {
    throw new RangeError(`${name}: output_size must not be negative, got ${formatShape(output)}`);
  }
  const names = ["time", "height", "width"].slice(3 - ndim);
  for (const [d, size] of kernel.entries()) {
    const length = input.sizes.at(d - ndim) as number;
    // As in PyTorch, there is one place less in three dims.
    if ((output[d] as number) + size - 1 <= (ndim === 3 ? length - 1 : length)) continue;
    const place = ndim === 3 ? `${name}_out` : name;
    throw new Error(`${place}(): pool ${names[d]} ${size} too large relative to input ${names[d]} ${length}`);
  }
}

function defineFractional(ndim: number): { asAsked: FractionalMaxPool; withIndices: FractionalMaxPoolWithIndices } {
  const name = `fractional_max_pool${ndim}d`;
  const signature = new Signature(`fractionalMaxPool${ndim}d`, {
    input: tensor,
    ...fractionalParams,
    returnIndices: flag,
    _randomSamples: keyword(optional(nullable(tensor), null)),
  });
  return picking(name, (args, hasToGive) => {
    const { input, kernelSize, outputSize, outputRatio, returnIndices, _randomSamples } = signature.parse(args);
    checkDims(name, input, ndim);
    const kernel = forEachDim(name, "kernel_size", kernelSize, ndim);
    if (outputSize === undefined && outputRatio === undefined) {
      throw new Error(`${name} requires specifying either an output_size or an output_ratio`);
    }
    const ratios = outputRatio && forEachDim(name, "output_ratio", outputRatio, ndim);
    const output =
      outputSize === undefined
        ? (ratios as readonly number[]).map((ratio, d) => Math.trunc((input.sizes.at(d - ndim) as number) * ratio))
        : forEachDim(name, "output_size", outputSize, ndim);
    checkFractional(name, input, kernel, output);
    const planes = [input.ndim === ndim + 1 ? 1 : (input.sizes[0] as number), input.sizes.at(-ndim - 1) as number];
    const samples = _randomSamples ?? rand([...planes, ndim], { dtype: input.dtype, device: input.device });
    if (formatShape(samples.sizes) !== formatShape([...planes, ndim]) || samples.dtype !== input.dtype) {
      throw new Error(
        `Expect _random_samples of shape ${formatShape([...planes, ndim])} and dtype ${input.dtype}, got ${formatShape(samples.sizes)} and ${samples.dtype}`,
      );
    }
    const found = fractionalMaxPoolWithIndices(input, kernel, output, samples);
    return returnIndices || hasToGive ? found : found.output;
  });
}

const [fractional2d, fractional3d] = [defineFractional(2), defineFractional(3)];

/**
 * The largest elements of windows at random places of images `[N, C, H, W]` or `[C, H, W]`.
 *
 * @param outputSize how many windows there are along each dim; or else
 * @param outputRatio their number as a part of the input's size.
 * @param options.returnIndices whether the places of the elements are returned too: `[output, indices]`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.fractional_max_pool2d.html
 */
export const fractionalMaxPool2d: FractionalMaxPool = fractional2d.asAsked;

/**
 * The largest elements of windows at random places of volumes `[N, C, D, H, W]` or `[C, D, H, W]`; see
 * `fractionalMaxPool2d`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.fractional_max_pool3d.html
 */
export const fractionalMaxPool3d: FractionalMaxPool = fractional3d.asAsked;

/** `fractionalMaxPool2d` with the places of the elements: `[output, indices]`. */
export const fractionalMaxPool2dWithIndices: FractionalMaxPoolWithIndices = fractional2d.withIndices;
/** `fractionalMaxPool3d` with the places of the elements: `[output, indices]`. */
export const fractionalMaxPool3dWithIndices: FractionalMaxPoolWithIndices = fractional3d.withIndices;
