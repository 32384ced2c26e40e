/** Sums, differences, products, quotients and remainders. */
import {
  keyword,
  nullable,
  type Operand,
  operand,
  optional,
  refusing,
  scalar,
  tensor,
  word,
} from "../../arguments/params.js";
import { addScaled, binary } from "../../backend/kernels.js";
import { Complex } from "../../core/complex.js";
import { bool, type DType } from "../../core/dtype.js";
import { dtypeOfScalar, floatingType, resultType } from "../../core/promotion.js";
import { Tensor } from "../../core/tensor.js";
import type { Scalar } from "../../core/view.js";
import { inplace, op, synonym } from "../define.js";
import type { FunctionOp, InplaceFunction, InplaceOp, Op, Out } from "../types.js";
import { binaryOp, flat, numberFirst, rejectBool, tensorFirst, unaryOp } from "./elementary.js";
import { binaryResult } from "./pointwise.js";

export type { Operand };

type Binary<O = unknown> = InplaceOp<(input: Operand, other: Operand, options?: Out & O) => Tensor>;

const scaled = { input: operand, other: operand, alpha: keyword(optional(scalar, 1)) };

/** Throws where a factor is of a higher kind than the numbers that it multiplies. */
function checkAlpha(alpha: Scalar, dtype: DType): void {
  if (typeof alpha === "boolean" && dtype !== bool)
    throw new Error("Boolean alpha only supported for Boolean results.");
  if (alpha instanceof Complex && !dtype.isComplex) {
    throw new Error("For non-complex input tensors, argument alpha must not be a complex number.");
  }
  if (dtypeOfScalar(alpha).isFloatingPoint && !dtype.isDifferentiable) {
    throw new Error("For integral input tensors, argument alpha must not be a floating point number.");
  }
}

/**
 * `input + alpha * other`, elementwise.
 *
 * @example torch.tensor([1, 2]).add(10) // tensor([11., 12.])
 * @see https://pytorch.org/docs/stable/generated/torch.add.html
 */
export const add: Binary<{ alpha?: Scalar }> = op({
  name: "add",
  elementwise: true,
  variants: "function, method, inplace",
  params: scaled,
  out: "cast",
  forward: ({ input, other, alpha }, out) => {
    const dtype = resultType(input, other);
    if (alpha === 1) return binaryResult(input, other, dtype, out, binary.add);
    checkAlpha(alpha, dtype);
    return binaryResult(input, other, dtype, out, (result, a, b) => addScaled(result, a, b, alpha));
  },
  derivative: {
    input: (grad) => grad,
    other: (grad, { alpha }) => (alpha === 1 ? grad : grad.mul(alpha)),
  },
});

/**
 * `input - alpha * other`, elementwise.
 *
 * @throws TypeError for bool tensors, for which there is `logicalXor`.
 * @see https://pytorch.org/docs/stable/generated/torch.sub.html
 */
export const sub: Binary<{ alpha?: Scalar }> = op({
  name: "sub",
  elementwise: true,
  variants: "function, method, inplace",
  params: scaled,
  out: "cast",
  forward: ({ input, other, alpha }, out) => difference(input, other, alpha, out),
  derivative: {
    input: (grad) => grad,
    other: (grad, { alpha }) => grad.mul(negated(alpha)),
  },
});

/** `a - alpha * b`. */
function difference(a: Operand, b: Operand, alpha: Scalar, out: Tensor | undefined): Tensor {
  const dtype = resultType(a, b);
  const isBool = (value: Operand) => typeof value === "boolean" || (value instanceof Tensor && value.dtype === bool);
  if (isBool(a) && isBool(b)) {
    throw new TypeError(
      "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead.",
    );
  }
  if (isBool(a) || isBool(b)) {
    throw new TypeError(
      "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.",
    );
  }
  if (alpha === 1) return binaryResult(a, b, dtype, out, binary.sub);
  checkAlpha(alpha, dtype);
  return binaryResult(a, b, dtype, out, (result, x, y) => addScaled(result, x, y, negated(alpha)));
}

function negated(factor: Scalar): Scalar {
  if (factor instanceof Complex) return new Complex(-factor.real, -factor.imag);
  return typeof factor === "bigint" ? -factor : -Number(factor);
}

/**
 * Subtraction the other way round: `other - alpha * input`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.rsub.html
 */
export const rsub: FunctionOp<(input: Tensor, other: Operand, options?: { alpha?: Scalar }) => Tensor> = op({
  name: "rsub",
  elementwise: true,
  variants: "function",
  params: { ...scaled, input: tensor },
  forward: ({ input, other, alpha }) => difference(other, input, alpha, undefined),
  overload: tensorFirst,
  derivative: {
    input: (grad, { alpha }) => grad.mul(negated(alpha)),
    other: (grad) => grad,
  },
});

/** `sub` under its other name. */
export const subtract: Binary<{ alpha?: Scalar }> = synonym("subtract", sub);

/**
 * `input * other`, elementwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.mul.html
 */
export const mul: Binary = binaryOp(
  "mul",
  "mul",
  { input: (grad, { other }) => grad.mul(other), other: (grad, { input }) => grad.mul(input) },
  { saves: ["input", "other"], savedFor: { input: "other", other: "input" } },
);

/** `mul` under its other name. */
export const multiply: Binary = synonym("multiply", mul);

/** How a quotient is rounded: towards zero, down, or (null) not at all. */
export type RoundingMode = "trunc" | "floor" | null;

const roundingMode = keyword(
  optional(
    nullable(
      refusing(
        word("trunc", "floor"),
        (given) => `div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '${given}'`,
      ),
    ),
  ),
);

/**
 * `input / other`, elementwise; a true division unless `roundingMode` says otherwise.
 *
 * @example torch.tensor([7n]).div(2) // tensor([3.5000])
 * @see https://pytorch.org/docs/stable/generated/torch.div.html
 */
export const div: Binary<{ roundingMode?: RoundingMode }> = op({
  name: "div",
  elementwise: true,
  variants: "function, method, inplace",
  params: { input: operand, other: operand, roundingMode },
  out: "cast",
  forward: ({ input, other, roundingMode: mode }, out) => {
    const dtype = resultType(input, other);
    if (!mode) return binaryResult(input, other, floatingType(dtype), out, binary.div);
    const kernel = mode === "floor" ? "floorDivide" : "truncDivide";
    return binaryResult(input, other, rejectBool("div")(dtype), out, binary[kernel]);
  },
  saves: ["input", "other"],
  savedFor: { input: "other" },
  overload: ({ roundingMode: mode }) => (mode ? 2 : 0),
  derivative: {
    input: (grad, { other, roundingMode: mode }) => (mode ? flat(grad) : grad.div(other)),
    other: (grad, { input, other, roundingMode: mode }) => (mode ? flat(grad) : quotientSlope(grad, input, other)),
  },
});

/** The gradient of the divisor: -grad * input / other^2. */
function quotientSlope(grad: Tensor, input: Operand, other: Operand): Tensor {
  return grad.neg().mul(input).div(other).div(other);
}

/** `div` under its other name. */
export const divide: Binary<{ roundingMode?: RoundingMode }> = synonym("divide", div);

/** `div` without rounding. */
export const trueDivide: Binary = synonym(
  "trueDivide",
  binaryOp(
    "div",
    "div",
    {
      input: (grad, { other }) => grad.div(other),
      other: (grad, { input, other }) => quotientSlope(grad, input, other),
    },
    { id: "div.true", saves: ["input", "other"], savedFor: { input: "other" }, compute: floatingType },
  ),
);

/**
 * `input / other` rounded down.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.floor_divide.html
 */
export const floorDivide: Binary = binaryOp("floorDivide", "floorDivide", {}, { compute: rejectBool("floor_divide") });

/**
 * What is left of `input / other` rounded down; it has the sign of the divisor, as Python's `%`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.remainder.html
 */
export const remainder: Binary = binaryOp(
  "remainder",
  "remainder",
  {
    input: (grad) => grad,
    other: (grad, { input, other }) => grad.neg().mul(div(input, other, { roundingMode: "floor" })),
  },
  {
    saves: ["input", "other"],
    savedFor: { input: "other", other: "other" },
    compute: rejectBool("remainder"),
    overload: numberFirst,
  },
);

/**
 * What is left of `input / other` rounded towards zero; it has the sign of the dividend, as C's `fmod`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.fmod.html
 */
export const fmod: Binary = binaryOp(
  "fmod",
  "fmod",
  {
    input: (grad) => grad,
    other: (grad, { input, other }) => grad.neg().mul(div(input, other, { roundingMode: "trunc" })),
  },
  {
    saves: ["input", "other"],
    savedFor: { input: "other", other: "other" },
    compute: rejectBool("fmod"),
    overload: numberFirst,
  },
);

/**
 * `-input`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.neg.html
 */
export const neg: InplaceOp<(input: Tensor, options?: Out) => Tensor> = unaryOp("neg", "neg", (grad) => grad.neg(), {
  compute: (dtype) => {
    if (dtype !== bool) return dtype;
    throw new TypeError(
      "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.",
    );
  },
});
export const neg_: InplaceFunction<typeof neg> = inplace(neg);

/** `neg` under its other name. */
export const negative: InplaceOp<(input: Tensor, options?: Out) => Tensor> = synonym("negative", neg);
export const negative_: InplaceFunction<typeof negative> = inplace(negative);

/**
 * The tensor itself.
 *
 * @throws TypeError for bool.
 */
export const positive: Op<(input: Tensor) => Tensor> = op({
  name: "positive",
  params: { input: tensor },
  composite: ({ input }) => {
    if (input.dtype === bool) throw new TypeError("The `+` operator, on a bool tensor is not supported.");
    return input;
  },
});
