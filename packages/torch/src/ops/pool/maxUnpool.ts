/**
 * The way back from max pooling.
 *
 * Source: https://pytorch.org/docs/stable/nn.functional.html#pooling-functions
 */
import { intOrInts, nullable, optional, tensor } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { int64, scalarTypeName } from "../../core/dtype.js";
import { formatShape, type Shape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import type { Args } from "../types.js";
import { checkDims, forEachDim, type Sizes, windowParams } from "./geometry.js";
import { maxUnpool } from "./max.js";

type UnpoolArguments = [
  input: Tensor,
  indices: Tensor,
  kernelSize: Sizes,
  ...rest: Args<
    [stride?: Sizes | null, padding?: Sizes, outputSize?: readonly number[] | null],
    ["stride", "padding", "outputSize"]
  >,
];

/** The inner sizes of what is unpooled: those that the windows give, or others that give as many windows. */
function unpooledSizes(
  input: Shape,
  kernelSize: readonly number[],
  stride: readonly number[],
  padding: readonly number[],
  outputSize: readonly number[] | null,
): readonly number[] {
  const ndim = kernelSize.length;
  const usual = kernelSize.map(
    (size, d) => ((input.at(d - ndim) as number) - 1) * (stride[d] as number) + size - 2 * (padding[d] as number),
  );
  if (outputSize === null) return usual;
  const wanted = outputSize.length === ndim + 2 ? outputSize.slice(2) : outputSize;
  if (wanted.length !== ndim) {
    throw new Error(
      `output_size should be a sequence containing ${ndim} or ${ndim + 2} elements, but it has a length of '${outputSize.length}'`,
    );
  }
  for (const [d, size] of wanted.entries()) {
    const [least, greatest] = [-1, 1].map((sign) => (usual[d] as number) + sign * (stride[d] as number)) as [
      number,
      number,
    ];
    if (size > least && size < greatest) continue;
    throw new Error(`invalid output_size "${formatShape(wanted)}" (dim ${d} must be between ${least} and ${greatest})`);
  }
  return wanted;
}

function checkUnpool(name: string, input: Tensor, indices: Tensor, ndim: number): void {
  if (indices.dtype !== int64) {
    throw new TypeError(`elements in indices should be type int64 but got: ${scalarTypeName(indices.dtype)}`);
  }
  if (input.ndim !== ndim + 1 && input.ndim !== ndim + 2) {
    throw new Error(
      `Input to ${name} should be a ${ndim + 1}d or ${ndim + 2}d Tensor, but got a tensor with ${input.ndim} dimensions.`,
    );
  }
  if (formatShape(input.sizes) !== formatShape(indices.sizes)) {
    throw new Error(
      `Expected shape of indices to be same as that of the input tensor (${formatShape(input.sizes)}) but got indices tensor with shape: ${formatShape(indices.sizes)}`,
    );
  }
  checkDims(name, input, ndim);
}

function defineMaxUnpool(ndim: number): (...args: UnpoolArguments) => Tensor {
  const signature = new Signature(`maxUnpool${ndim}d`, {
    input: tensor,
    indices: tensor,
    kernelSize: intOrInts,
    ...windowParams,
    outputSize: optional(nullable(intOrInts), null),
  });
  return (...args) => {
    const { input, indices, kernelSize, stride, padding, outputSize } = signature.parse(args);
    const name = `max_unpool${ndim}d`;
    const kernel = forEachDim(name, "kernel_size", kernelSize, ndim);
    const steps = stride === undefined ? kernel : forEachDim(name, "stride", stride, ndim);
    const pads = forEachDim(name, "padding", padding, ndim);
    checkUnpool(name, input, indices, ndim);
    const sizes = unpooledSizes(input.sizes, kernel, steps, pads, outputSize);
    if (sizes.some((size) => size < 0)) throw new RangeError(`${name}: no output has the size ${formatShape(sizes)}`);
    return maxUnpool(input, indices, sizes);
  };
}

/**
 * The way back from `maxPool1d`: zeros but for the elements that it chose.
 *
 * @param indices the places of the elements, as `maxPool1d` returns them.
 * @param outputSize which of several sizes whose pooling would have the size of the input.
 * @throws RangeError for an index out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.max_unpool1d.html
 */
export const maxUnpool1d: (...args: UnpoolArguments) => Tensor = defineMaxUnpool(1);

/**
 * The way back from `maxPool2d`: zeros but for the elements that it chose.
 *
 * @param indices the places of the elements, as `maxPool2d` returns them.
 * @param outputSize which of several sizes whose pooling would have the size of the input.
 * @throws RangeError for an index out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.max_unpool2d.html
 */
export const maxUnpool2d: (...args: UnpoolArguments) => Tensor = defineMaxUnpool(2);

/**
 * The way back from `maxPool3d`; see `maxUnpool2d`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.max_unpool3d.html
 */
export const maxUnpool3d: (...args: UnpoolArguments) => Tensor = defineMaxUnpool(3);
