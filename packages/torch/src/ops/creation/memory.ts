/**
 * Conversions and overwriting: `to`, `contiguous`, `copy_`, `fill_`.
 */

import {
  anything,
  callable,
  device,
  dtype as dtypeParam,
  flag,
  invalid,
  operand,
  optional,
  type Param,
  tensor,
} from "../../arguments/params.js";
import { warn } from "../../arguments/warn.js";
import { tensorTypeName } from "../../autograd/node.js";
import { checkInferenceUpdate } from "../../autograd/views.js";
import { share } from "../../backend/arrays.js";
import { copy, fill } from "../../backend/kernels.js";
import type { Device } from "../../core/devices.js";
import {
  bfloat16,
  bool,
  complex32,
  complex64,
  complex128,
  DType,
  float16,
  float32,
  float64,
  int8,
  int16,
  int32,
  int64,
  newTypedArray,
  uint8,
} from "../../core/dtype.js";
import { broadcastShapes, contiguousStrides } from "../../core/shape.js";
import { keepingTemporaries } from "../../core/storage.js";
import { Tensor } from "../../core/tensor.js";
import type { Scalar } from "../../core/view.js";
import { checkWritable, copyFrom } from "../copyInto.js";
import { op } from "../define.js";
import { isInOrder, memoryOrder } from "../memoryOrder.js";
import { flat } from "../pointwise/elementary.js";
import type { AnyFunction, MethodOp, Op, OverloadedOp } from "../types.js";
import { clone } from "./copies.js";
import { copyOf } from "./factory.js";
import { format, type MemoryFormat, orderOf } from "./memoryFormat.js";

function warnOfCast(from: DType, to: DType): void {
  if (from.isComplex && !to.isComplex) warn("Casting complex values to real discards the imaginary part");
}

/** The recorded conversion behind `to` and its relatives. */
const toCopy: Op<
  (input: Tensor, dtype: DType, options: { device: Device; memoryFormat?: MemoryFormat | undefined }) => Tensor
> = op({
  name: "toCopy",
  elementwise: true,
  params: {
    input: tensor,
    dtype: { ...dtypeParam, endsPositional: false },
    device: optional(device),
    memoryFormat: format,
  },
  forward: ({ input, dtype, memoryFormat: memory }) => {
    warnOfCast(input.dtype, dtype);
    return copyOf(input, dtype, memory);
  },
  derivative: { input: (grad, { input }) => (grad.device === input.device ? grad : grad.to(input.device)) },
});

/** What `to` takes first: a dtype, a device, or a tensor whose dtype is wanted. */
type ToTarget = DType | Device | Tensor;

const toTarget: Param<ToTarget> = {
  ...(anything as Param<ToTarget>),
  expected: "torch.dtype, torch.device or Tensor",
  read: (value) => {
    if (value instanceof DType || value instanceof Tensor) return value;
    const read = device.read(value);
    return read === invalid ? invalid : read;
  },
};

export interface ToOptions {
  dtype?: DType;
  device?: Device;
  nonBlocking?: boolean;
  copy?: boolean;
  memoryFormat?: MemoryFormat;
}

export type ToArguments =
  | [target: ToTarget, options?: ToOptions]
  | [device: Device, dtype: DType, options?: ToOptions]
  | [options: ToOptions];

/** What follows the tensor in `to`. */
export const toParams = {
  target: optional(toTarget),
  dtype: optional({ ...dtypeParam, endsPositional: false }),
  device: optional(device),
  nonBlocking: flag,
  copy: flag,
  memoryFormat: format,
};

/** The dtype that the arguments of `to` ask for, if any. */
export function wantedDtype({ target, dtype }: { target?: ToTarget; dtype?: DType }): DType | undefined {
  if (dtype !== undefined) return dtype;
  return target instanceof Tensor ? target.dtype : target instanceof DType ? target : undefined;
}

/** The device that the arguments of `to` ask for, if any. */
export function wantedDevice({ target, device: wanted }: { target?: ToTarget; device?: Device }): Device | undefined {
  if (wanted !== undefined) return wanted;
  return target instanceof Tensor ? target.device : target instanceof DType ? undefined : target;
}

interface Conversion {
  readonly device?: Device | undefined;
  readonly memoryFormat?: MemoryFormat | undefined;
  readonly copy?: boolean;
}

/** The tensor in a dtype and on a device: itself where nothing changes and no copy is asked for. */
function converted(input: Tensor, dtype: DType, options: Conversion): Tensor {
  const { device: to = input.device, memoryFormat, copy: copies = false } = options;
  const staysInMemory =
    memoryFormat === undefined ||
    memoryFormat === "preserve" ||
    memoryFormat ===
      (memoryOrder(input) === undefined ? "contiguous" : ["channels_last", "channels_last_3d"][input.ndim - 4]);
  return dtype === input.dtype && to === input.device && !copies && staysInMemory
    ? input
    : toCopy(input, dtype, { device: to, memoryFormat });
}

/**
 * Conversion to a dtype, a device or the dtype of another tensor: the tensor itself if nothing changes and
 * `copy` is not set.
 *
 * @example x.to(torch.float64)
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.to.html
 */
export const to: MethodOp<(input: Tensor, ...args: ToArguments) => Tensor> = op({
  name: "to",
  variants: "method",
  params: { input: tensor, ...toParams },
  composite: (given) => {
    const { input, memoryFormat, copy: copies } = given;
    return converted(input, wantedDtype(given) ?? input.dtype, {
      device: wantedDevice(given),
      memoryFormat,
      copy: copies,
    });
  },
});

/**
 * The tensor itself if it is row-major without gaps, else a copy that is.
 *
 * @param options.memoryFormat another order in memory, such as `torch.channelsLast`.
 * @example images.contiguous({ memoryFormat: torch.channelsLast })
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.contiguous.html
 */
export const contiguous: MethodOp<(input: Tensor, options?: { memoryFormat?: MemoryFormat }) => Tensor> = op({
  name: "contiguous",
  variants: "method",
  params: { input: tensor, memoryFormat: format },
  composite: ({ input, memoryFormat: wanted = "contiguous" }) => {
    if (wanted === "preserve") throw new Error("preserve memory format is unsupported by the contiguous operator");
    const order = orderOf(wanted, input.sizes.length);
    const isThere = order === undefined ? input.contiguousFlag : isInOrder(input, order);
    return isThere ? input : clone(input, { memoryFormat: wanted });
  },
});

/**
 * Overwrites the elements with those of another tensor, which broadcasts and is converted.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.copy_.html
 */
export const copy_: MethodOp<(input: Tensor, src: Tensor, options?: { nonBlocking?: boolean }) => Tensor> = op({
  name: "copy_",
  variants: "method",
  nodeName: "CopyBackwards",
  params: { input: tensor, src: operand, nonBlocking: flag },
  changesInput: true,
  acrossDevices: true,
  forward: ({ input, src }) => {
    if (!(src instanceof Tensor)) {
      fill(input, src);
      return input;
    }
    checkWritable(input, src.sizes);
    warnOfCast(src.dtype, input.dtype);
    copyFrom(input, src);
    return input;
  },
  derivative: { input: flat, src: (grad) => grad },
});

/**
 * Sets every element to a value.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.fill_.html
 */
export const fill_: MethodOp<(input: Tensor, value: Scalar | Tensor) => Tensor> = op({
  name: "fill_",
  variants: "method",
  params: { input: tensor, value: operand },
  changesInput: true,
  overlap: { value: "any" },
  forward: ({ input, value }) => {
    if (value instanceof Tensor) {
      if (value.sizes.length > 0) {
        throw new Error(
          `fill_ only supports 0-dimension value tensor but got tensor with ${value.sizes.length} dimensions.`,
        );
      }
      copy(input, value);
    } else {
      fill(input, value);
    }
    return input;
  },
  derivative: { input: flat, value: (grad) => grad.sum() },
});

/** Sets every element to 0. */
export const zero_: MethodOp<(input: Tensor) => Tensor> = op({
  name: "zero_",
  variants: "method",
  params: { input: tensor },
  changesInput: true,
  forward: ({ input }) => {
    fill(input, 0);
    return input;
  },
  derivative: { input: flat },
});

interface TypeFunction {
  (input: Tensor): string;
  (input: Tensor, dtype: DType): Tensor;
}

interface TypeMethod {
  (): string;
  (dtype: DType): Tensor;
}

/**
 * The tensor in a dtype; without one the old name of the tensor's own type, such as `"torch.FloatTensor"`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.type.html
 */
export const type: OverloadedOp<TypeFunction, TypeMethod, "method"> = op({
  name: "type",
  variants: "method",
  params: { input: tensor, dtype: optional({ ...dtypeParam, endsPositional: false }) },
  composite: ({ input, dtype }) => (dtype === undefined ? `torch.${tensorTypeName(input)}` : input.to(dtype)),
});

/** The tensor in the dtype of another. */
export const typeAs: MethodOp<(input: Tensor, other: Tensor) => Tensor> = op({
  name: "typeAs",
  variants: "method",
  params: { input: tensor, other: tensor },
  composite: ({ input, other }) => input.to(other.dtype),
});

/** The tensor in the memory of the CPU: itself if it is there. */
export const cpu: MethodOp<(input: Tensor, options?: { memoryFormat?: MemoryFormat }) => Tensor> = op({
  name: "cpu",
  variants: "method",
  params: { input: tensor, memoryFormat: format },
  composite: ({ input, memoryFormat }) => {
    const here = converted(input, input.dtype, { device: "cpu", memoryFormat });
    return memoryFormat === "contiguous" ? here.contiguous() : here;
  },
});

/**
 * Replaces each element by what a function makes of it. Slow: meant for odd jobs, not for computations.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.apply_.html
 */
export const apply_: MethodOp<(input: Tensor, callable: (value: number) => number) => Tensor> = op({
  name: "apply_",
  variants: "method",
  params: { input: tensor, callable },
  composite: ({ input, callable: compute }) => mapInto("apply_", input, [input], compute),
});

/**
 * Replaces each element by what a function makes of it and of the element of another tensor, which broadcasts.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.map_.html
 */
export const map_: MethodOp<(input: Tensor, tensor: Tensor, callable: (a: number, b: number) => number) => Tensor> = op(
  {
    name: "map_",
    variants: "method",
    params: { input: tensor, tensor, callable },
    composite: ({ input, tensor: other, callable: compute }) => mapInto("map_", input, [input, other], compute),
  },
);

/**
 * Replaces each element by what a function makes of it and of those of two other tensors, which broadcast.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.map_.html
 */
export const map2_: MethodOp<
  (input: Tensor, x: Tensor, y: Tensor, callable: (a: number, b: number, c: number) => number) => Tensor
> = op({
  name: "map2_",
  variants: "method",
  params: { input: tensor, x: tensor, y: tensor, callable },
  composite: ({ input, x, y, callable: compute }) => mapInto("map2_", input, [input, x, y], compute),
});

function mapInto(name: string, input: Tensor, operands: readonly Tensor[], compute: AnyFunction): Tensor {
  if (operands.some((operand) => operand.requiresGrad)) {
    throw new Error(`Can't call ${name}() on Variable that requires grad. Use var.detach().${name}() instead.`);
  }
  checkInferenceUpdate(input);
  checkWritable(input, operands.map((operand) => operand.sizes).reduce(broadcastShapes));
  // The function may give the tensor another shape and other memory meanwhile.
  const target = input.detach();
  const columns = operands.map((operand) => operand.double().expand(input.sizes).toTypedArray());
  const values = newTypedArray(Float64Array, input.numel());
  keepingTemporaries(() => {
    for (let i = 0; i < values.length; i++) values[i] = Number(compute(...columns.map((column) => column[i])));
  });
  const strides = contiguousStrides(target.sizes);
  copy(target, new Tensor(share(values), 0, target.sizes, strides, float64, true));
  input.bumpVersion();
  return input;
}

/** A method that converts to one dtype: `x.float()`. */
type DtypeMethod = MethodOp<(input: Tensor, options?: { memoryFormat?: MemoryFormat }) => Tensor>;

function conversion(name: string, dtype: DType): DtypeMethod {
  return op({
    name,
    variants: "method",
    params: { input: tensor, memoryFormat: format },
    composite: ({ input, memoryFormat }) => converted(input, dtype, { memoryFormat }),
  });
}

/** The tensor in float16. */
export const half: DtypeMethod = conversion("half", float16);
/** The tensor in bfloat16. */
const toBFloat16: DtypeMethod = conversion("bfloat16", bfloat16);
/** The tensor in float32. */
export const float: DtypeMethod = conversion("float", float32);
/** The tensor in float64. */
export const double: DtypeMethod = conversion("double", float64);
/** The tensor in int64. */
export const long: DtypeMethod = conversion("long", int64);
/** The tensor in int32. */
export const int: DtypeMethod = conversion("int", int32);
/** The tensor in int16. */
export const short: DtypeMethod = conversion("short", int16);
/** The tensor in int8. */
export const char: DtypeMethod = conversion("char", int8);
/** The tensor in uint8. */
export const byte: DtypeMethod = conversion("byte", uint8);
/** The tensor as bool: whether each element is not 0. */
const toBool: DtypeMethod = conversion("bool", bool);

/** The tensor in complex64. */
export const cfloat: DtypeMethod = conversion("cfloat", complex64);
/** The tensor in complex128. */
export const cdouble: DtypeMethod = conversion("cdouble", complex128);
/** The tensor in complex32. */
export const chalf: DtypeMethod = conversion("chalf", complex32);

export { toBFloat16 as bfloat16, toBool as bool };
