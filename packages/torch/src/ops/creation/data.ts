/**
 * Tensors made from data.
 *
 * Numbers give the default dtype (float32), a bigint int64, a boolean bool; a typed array keeps its dtype.
 *
 * Source: https://pytorch.org/docs/stable/torch.html#creation-ops
 */

import { anything, ints, optional, type Param } from "../../arguments/params.js";
import { readArgument, Signature } from "../../arguments/parse.js";
import { tensorOver } from "../../backend/arrays.js";
import { deviceInForce, onDevice } from "../../backend/devices.js";
import { type DType, dtypeOfTypedArray, type TypedArray } from "../../core/dtype.js";
import { kindOf, lengthOf } from "../../core/intrinsics.js";
import { checkSizes, numelOf } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import type { Args, TensorOptions } from "../types.js";
import { common, finish } from "./factory.js";
import { anyData, fromData, type TensorData } from "./fromData.js";

export type { TensorData };

const tensorSignature = new Signature("tensor", { data: anyData, ...common });

/**
 * A tensor with a copy of the data: a number, nested arrays of numbers, a typed array, or a tensor.
 *
 * @param data numbers give the default dtype, bigints int64, booleans bool, a typed array its own dtype.
 * @throws Error if the arrays are not all of one length at each level; TypeError if numbers and bigints mix.
 * @example torch.tensor([[1, 2], [3, 4]]) // float32, shape [2, 2]
 * @see https://pytorch.org/docs/stable/generated/torch.tensor.html
 */
export function tensor(data: TensorData, options?: TensorOptions): Tensor {
  const given = tensorSignature.parse(options === undefined ? [data] : [data, options]);
  const make = () => finish(fromData(given.data, given.dtype), given.requiresGrad);
  return given.device === undefined ? make() : onDevice(given.device, make);
}

const asTensorSignature = new Signature("asTensor", { data: anyData, dtype: common.dtype, device: common.device });

/**
 * The data as a tensor, without a copy where that is possible: a tensor of the dtype itself, or the memory of a
 * typed array.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.as_tensor.html
 */
export function asTensor(data: TensorData, options?: Omit<TensorOptions, "requiresGrad">): Tensor {
  const { dtype, ...rest } = asTensorSignature.parse(options === undefined ? [data] : [data, options]);
  const { device = deviceInForce() } = rest;
  if (rest.data instanceof Tensor)
    return rest.data.to({ device: rest.device ?? rest.data.device, dtype: dtype ?? rest.data.dtype });
  if (ArrayBuffer.isView(rest.data)) {
    const shared = fromTypedArray(rest.data as TypedArray);
    return shared.to({ device, dtype: dtype ?? shared.dtype });
  }
  return onDevice(device, () => finish(fromData(rest.data, dtype), false));
}

/** The dtype of an array's elements, which of bits has to be said. */
function dtypeOfArray(array: TypedArray, asked: DType | undefined): DType {
  const own = dtypeOfTypedArray(array) ?? (kindOf(array) === "Uint16Array" && asked?.isHalf ? asked : undefined);
  if (asked?.isComplex && array instanceof asked.arrayType) return asked;
  if (own === undefined) throw new TypeError("fromTypedArray(): expected a typed array that a dtype matches");
  if (asked === undefined || asked === own) return own;
  throw new TypeError(`fromTypedArray(): the elements of a ${kindOf(array)} are ${own}, not ${asked}`);
}

const fromTypedArraySignature = new Signature("fromTypedArray", {
  array: anything as Param<TypedArray>,
  shape: optional(ints),
  dtype: common.dtype,
});

/**
 * A tensor over the memory of a typed array: a change of one changes the other.
 *
 * @param shape the array's length by default.
 * @param options.dtype float16 or bfloat16, of which a `Uint16Array` has the bits, or a complex dtype, of which the array
 *   has both parts side by side; any other array has its own.
 * @throws Error if the shape does not fit the length; TypeError if the array holds no elements of the dtype.
 * @example const t = torch.fromTypedArray(new Float32Array([1, 2, 3, 4]), [2, 2]);
 * torch.fromTypedArray(new Uint16Array([0x3f80]), { dtype: torch.bfloat16 }) // tensor([1.], dtype=torch.bfloat16)
 * @see https://pytorch.org/docs/stable/generated/torch.from_numpy.html
 */
export function fromTypedArray(
  ...args: [array: TypedArray, ...Args<[shape?: readonly number[]], ["shape"], { dtype?: DType }>]
): Tensor {
  const { array, shape, dtype: asked } = fromTypedArraySignature.parse(args);
  const dtype = dtypeOfArray(array, asked);
  const count = () => lengthOf(array) / dtype.arrayElements;
  const sizes = shape === undefined ? [Math.floor(count())] : readArgument("fromTypedArray", "shape", ints, shape);
  checkSizes(sizes);
  // Asked last: reading the shape may have run code that resized the array.
  const length = count();
  if (numelOf(sizes) !== length) {
    throw new Error(`shape '[${sizes.join(", ")}]' is invalid for input of size ${length}`);
  }
  return finish(tensorOver(array, sizes, dtype), false);
}
