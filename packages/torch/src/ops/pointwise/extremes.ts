/** The larger and the smaller of two, and limits: `maximum`, `minimum`, `clamp`. */
import { type Operand, operand, optional, type Param, tensor } from "../../arguments/params.js";
import { type BinaryOp, binary, clampTensor, unaryWith } from "../../backend/kernels.js";
import { bool, type DType } from "../../core/dtype.js";
import { resultType } from "../../core/promotion.js";
import { rangeOf } from "../../core/scalars.js";
import { broadcastShapes } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import type { Scalar } from "../../core/view.js";
import { inplace, op, synonym } from "../define.js";
import type { AnyFunction, Args, InplaceFunction, InplaceOp, Op, Out } from "../types.js";
import { pair } from "./elementary.js";
import { binaryResult, cast, intoResult } from "./pointwise.js";

type Pairwise = Op<(input: Tensor, other: Tensor, options?: Out) => Tensor>;

/** The gradient of the side that was taken; equal ones share it. */
function ofTaken(grad: Tensor, lost: Tensor, equal: Tensor): Tensor {
  return grad.div(equal.add(1)).maskedFill(lost, 0);
}

/** The dtype of the result, which has an order. */
function comparable(name: string, input: Tensor, other: Tensor): DType {
  const dtype = resultType(input, other);
  if (dtype.isComplex) throw new TypeError(`${name} not implemented for complex tensors.`);
  return dtype;
}

function pairwise(
  name: string,
  kernel: BinaryOp,
  loses: (a: Tensor, b: Tensor) => Tensor,
  ties: (a: Tensor, b: Tensor) => Tensor,
): Pairwise {
  return op({
    name,
    elementwise: true,
    params: pair,
    out: "cast",
    forward: ({ input, other }, out) => binaryResult(input, other, comparable(name, input, other), out, binary[kernel]),
    saves: ["input", "other"],
    derivative: {
      input: (grad, { input, other }) => ofTaken(grad, loses(input, other), ties(input, other)),
      other: (grad, { input, other }) => ofTaken(grad, loses(other, input), ties(input, other)),
    },
  });
}

/**
 * The larger of each pair; NaN where either is.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.maximum.html
 */
export const maximum: Pairwise = pairwise(
  "maximum",
  "maximum",
  (a, b) => a.lt(b),
  (a, b) => a.eq(b),
);

/**
 * The smaller of each pair; NaN where either is.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.minimum.html
 */
export const minimum: Pairwise = pairwise(
  "minimum",
  "minimum",
  (a, b) => a.gt(b),
  (a, b) => a.eq(b),
);

/** `fmax` and `fmin`: as `maximum` and `minimum`, but a number wins over NaN. Of equal ones the first is taken. */
function ignoringNan(name: "fmax" | "fmin", wins: (a: Tensor, b: Tensor) => Tensor): Pairwise {
  const first = (a: Tensor, b: Tensor) => wins(a, b).logicalOr(b.isnan());
  return op({
    name,
    elementwise: true,
    params: pair,
    out: "cast",
    forward: ({ input, other }, out) => binaryResult(input, other, comparable(name, input, other), out, binary[name]),
    saves: ["input", "other"],
    derivative: {
      input: (grad, { input, other }) => grad.maskedFill(first(input, other).logicalNot(), 0),
      other: (grad, { input, other }) => grad.maskedFill(first(input, other), 0),
    },
  });
}

/** The larger of each pair; NaN only where both are. */
export const fmax: Pairwise = ignoringNan("fmax", (a, b) => a.ge(b));
/** The smaller of each pair; NaN only where both are. */
export const fmin: Pairwise = ignoringNan("fmin", (a, b) => a.le(b));

type Bound = Operand | null;
type Clamp = InplaceOp<(input: Tensor, ...args: Args<[min?: Bound, max?: Bound], ["min", "max"], Out>) => Tensor>;

interface Bounds {
  readonly input: Tensor;
  readonly min: Operand | undefined;
  readonly max: Operand | undefined;
}

function clampedType({ input, min, max }: Bounds): DType {
  if (min === undefined && max === undefined)
    throw new Error("torch.clamp: At least one of 'min' or 'max' must not be None");
  const dtype = resultType(...[input, min, max].filter((value) => value !== undefined));
  if (dtype.isComplex) throw new TypeError("clamp is not supported for complex types");
  const single = (min ?? max) instanceof Tensor && (min === undefined || max === undefined);
  if (dtype === bool && !single) throw new TypeError(`"clamp" not implemented for 'Bool'`);
  return dtype;
}

function clampNumbers(bounds: Bounds, out: Tensor | undefined): Tensor {
  const dtype = clampedType(bounds);
  const [lowest, highest] = rangeOf(dtype);
  const { min = lowest, max = highest } = bounds as { min?: Scalar; max?: Scalar };
  return intoResult(bounds.input.sizes, dtype, [bounds.input], out, (result) =>
    unaryWith("clamp", result, cast(bounds.input, dtype), min, max),
  );
}

function clampTensors(bounds: Bounds, out: Tensor | undefined): Tensor {
  const { input, min, max } = bounds;
  const dtype = clampedType(bounds);
  const tensors = [input, min, max].filter((value) => value instanceof Tensor);
  const shape = tensors.map((one) => one.sizes).reduce(broadcastShapes);
  return intoResult(shape, dtype, tensors, out, (result) => {
    const a = cast(input, dtype);
    if (min instanceof Tensor && max instanceof Tensor) clampTensor(result, a, cast(min, dtype), cast(max, dtype));
    else if (min instanceof Tensor) binary.maximum(result, a, cast(min, dtype));
    else binary.minimum(result, a, cast(max as Tensor, dtype));
  });
}

const limit: Param<Operand | undefined> = optional(operand);

/**
 * @param limits the ones that the function has.
 * @param tensorIsSecond whether PyTorch's second overload is the one with tensors.
 */
function clampOp(
  name: string,
  limits: Readonly<Record<string, Param<Operand | undefined>>>,
  tensorIsSecond: boolean,
): Op<AnyFunction, "function, method, inplace"> {
  return op({
    name,
    elementwise: true,
    variants: "function, method, inplace",
    params: { input: tensor, ...limits } as { input: Param<Tensor>; min: typeof limit; max: typeof limit },
    out: true,
    forward: (bounds, out) => {
      const { min, max } = bounds;
      const numbers = ![min, max].some((value) => value instanceof Tensor);
      if (numbers) return clampNumbers(bounds, out);
      if ([min, max].some((value) => value !== undefined && !(value instanceof Tensor))) {
        throw new TypeError(`${name}(): 'min' and 'max' must both be numbers or both be Tensors`);
      }
      return clampTensors(bounds, out);
    },
    saves: ["input", "min", "max"],
    overload: ({ min, max }) => Number((min instanceof Tensor || max instanceof Tensor) === tensorIsSecond),
    derivative: {
      input: (grad, { input, min, max }) => {
        let lost = input.isnan();
        if (min !== undefined) lost = lost.logicalOr(input.ge(min).logicalNot());
        if (max !== undefined) lost = lost.logicalOr(input.le(max).logicalNot());
        return grad.maskedFill(lost, 0);
      },
      min: (grad, { input, min, max }) => {
        const taken = input.lt(min as Tensor);
        return grad.maskedFill((max === undefined ? taken : taken.logicalAnd((min as Tensor).lt(max))).logicalNot(), 0);
      },
      max: (grad, { input, min, max }) => {
        const taken = input.gt(max as Tensor);
        return grad.maskedFill((min === undefined ? taken : taken.logicalOr((max as Tensor).lt(min))).logicalNot(), 0);
      },
    },
  });
}

/**
 * Each element, or the limit that it is beyond. Limits are numbers or tensors, and one of them may be missing; a
 * `max` below `min` wins.
 *
 * @throws Error if there is neither.
 * @example torch.tensor([-2, 0.5, 3]).clamp(0, 1) // tensor([0.0000, 0.5000, 1.0000])
 * @see https://pytorch.org/docs/stable/generated/torch.clamp.html
 */
export const clamp: Clamp = clampOp("clamp", { min: limit, max: limit }, false);
export const clamp_: InplaceFunction<typeof clamp> = inplace(clamp);
/** `clamp` under its other name. */
export const clip: Clamp = synonym("clip", clamp);
export const clip_: InplaceFunction<typeof clip> = inplace(clip);

/** `clamp` with a lower limit only. */
export const clampMin: InplaceOp<(input: Tensor, min: Operand, options?: Out) => Tensor> = clampOp(
  "clampMin",
  { min: operand },
  true,
);
export const clampMin_: InplaceFunction<typeof clampMin> = inplace(clampMin);
/** `clamp` with an upper limit only. */
export const clampMax: InplaceOp<(input: Tensor, max: Operand, options?: Out) => Tensor> = clampOp(
  "clampMax",
  { max: operand },
  true,
);
export const clampMax_: InplaceFunction<typeof clampMax> = inplace(clampMax);
