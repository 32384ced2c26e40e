/** Comparisons, logic and tests, whose results are bool. */
import { flag, number, type Operand, optional, tensor } from "../../arguments/params.js";
import { test } from "../../backend/kernels.js";
import { bool } from "../../core/dtype.js";
import { sameShape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { op, synonym } from "../define.js";
import type { Args, InplaceOp, Op, Out } from "../types.js";
import { binaryOp, compareOp, flat, integralOnly, pair, testOp, unaryOp } from "./elementary.js";
import { intoResult } from "./pointwise.js";

type Compare = InplaceOp<(input: Tensor, other: Operand, options?: Out) => Tensor>;
type Logic = InplaceOp<(input: Tensor, other: Tensor, options?: Out) => Tensor>;
type Test = Op<(input: Tensor) => Tensor>;
type TestInto = Op<(input: Tensor, options?: Out) => Tensor>;

/** Whether `input == other`, elementwise. */
export const eq: Compare = compareOp("eq", "eq");
/** Whether `input != other`, elementwise. */
export const ne: Compare = compareOp("ne", "ne");
/** Whether `input < other`, elementwise. */
export const lt: Compare = compareOp("lt", "lt");
/** Whether `input <= other`, elementwise. */
export const le: Compare = compareOp("le", "le");
/** Whether `input > other`, elementwise. */
export const gt: Compare = compareOp("gt", "gt");
/** Whether `input >= other`, elementwise. */
export const ge: Compare = compareOp("ge", "ge");
/** `ne` under its other name. */
export const notEqual: Compare = synonym("notEqual", ne);
/** `lt` under its other name. */
export const less: Compare = synonym("less", lt);
/** `le` under its other name. */
export const lessEqual: Compare = synonym("lessEqual", le);
/** `gt` under its other name. */
export const greater: Compare = synonym("greater", gt);
/** `ge` under its other name. */
export const greaterEqual: Compare = synonym("greaterEqual", ge);

/** Whether both are not 0. */
export const logicalAnd: Logic = compareOp("logicalAnd", "logicalAnd", pair);
/** Whether one of both is not 0. */
export const logicalOr: Logic = compareOp("logicalOr", "logicalOr", pair);
/** Whether exactly one of both is not 0. */
export const logicalXor: Logic = compareOp("logicalXor", "logicalXor", pair);

/** Whether an element is 0. */
export const logicalNot: InplaceOp<(input: Tensor, options?: Out) => Tensor> = op({
  name: "logicalNot",
  elementwise: true,
  variants: "function, method, inplace",
  params: { input: tensor },
  out: "cast",
  forward: ({ input }, out) =>
    intoResult(input.sizes, bool, [input], out, (result) => test("logicalNot", result, input)),
  derivative: { input: flat },
});

/** Whether an element is NaN. */
export const isnan: Test = testOp("isnan", "isnan");
/** Whether an element is infinite. */
export const isinf: Test = testOp("isinf", "isinf");
/** Whether an element is neither infinite nor NaN. */
export const isfinite: Test = testOp("isfinite", "isfinite");
/** Whether an element is +infinity. */
export const isposinf: TestInto = testOp("isposinf", "isposinf", true);
/** Whether an element is -infinity. */
export const isneginf: TestInto = testOp("isneginf", "isneginf", true);
/** Whether the sign bit is set (for -0 too). */
export const signbit: TestInto = testOp("signbit", "signbit", true);

/** Whether an element is real: all are but complex numbers whose imaginary part is not 0. */
export const isreal: Test = op({
  name: "isreal",
  params: { input: tensor },
  composite: ({ input }) => (input.dtype.isComplex ? input.imag.eq(0) : input.newOnes(input.sizes, { dtype: bool })),
});

/** Bits that are set in both. */
export const bitwiseAnd: InplaceOp<(input: Operand, other: Operand, options?: Out) => Tensor> = binaryOp(
  "bitwiseAnd",
  "bitwiseAnd",
  {},
  { compute: integralOnly("bitwise_and_cpu") },
);
/** Bits that are set in one of both. */
export const bitwiseOr: InplaceOp<(input: Operand, other: Operand, options?: Out) => Tensor> = binaryOp(
  "bitwiseOr",
  "bitwiseOr",
  {},
  { compute: integralOnly("bitwise_or_cpu") },
);
/** Bits that are set in exactly one of both. */
export const bitwiseXor: InplaceOp<(input: Operand, other: Operand, options?: Out) => Tensor> = binaryOp(
  "bitwiseXor",
  "bitwiseXor",
  {},
  { compute: integralOnly("bitwise_xor_cpu") },
);
/** `input * 2^other`: bits moved up. */
export const bitwiseLeftShift: InplaceOp<(input: Operand, other: Operand, options?: Out) => Tensor> = binaryOp(
  "bitwiseLeftShift",
  "leftShift",
  {},
  { compute: integralOnly("lshift_cpu") },
);
/** `input / 2^other` rounded down: bits moved down. */
export const bitwiseRightShift: InplaceOp<(input: Operand, other: Operand, options?: Out) => Tensor> = binaryOp(
  "bitwiseRightShift",
  "rightShift",
  {},
  { compute: integralOnly("rshift_cpu") },
);
/** All bits turned over; for bool the logical not. */
export const bitwiseNot: InplaceOp<(input: Tensor, options?: Out) => Tensor> = unaryOp(
  "bitwiseNot",
  "bitwiseNot",
  (grad) => grad,
  { compute: integralOnly("bitwise_not_cpu") },
);

/**
 * Whether elements are close: `|input - other| <= atol + rtol * |other|`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.isclose.html
 */
export const isclose: Op<
  (
    input: Tensor,
    other: Tensor,
    ...args: Args<[rtol?: number, atol?: number], ["rtol", "atol"], { equalNan?: boolean }>
  ) => Tensor
> = op({
  name: "isclose",
  params: { input: tensor, other: tensor, rtol: optional(number, 1e-5), atol: optional(number, 1e-8), equalNan: flag },
  composite: ({ input, other, rtol, atol, equalNan }) => {
    if (input.dtype !== other.dtype) throw new Error(`${input.dtype} did not match ${other.dtype}`);
    if (rtol < 0) throw new RangeError(`rtol must be greater than or equal to zero, but got ${rtol}`);
    if (atol < 0) throw new RangeError(`atol must be greater than or equal to zero, but got ${atol}`);
    const exact = input.eq(other);
    const bothNan = equalNan && input.dtype.isDifferentiable ? input.isnan().logicalAnd(other.isnan()) : undefined;
    const equal = bothNan === undefined ? exact : exact.logicalOr(bothNan);
    if (rtol === 0 && atol === 0) return equal;
    const [a, b] = input.dtype.isDifferentiable ? [input, other] : [input.double(), other.double()];
    const difference = a.sub(b).abs();
    const allowed = b.mul(rtol).abs().add(atol);
    return equal.logicalOr(difference.isfinite().logicalAnd(difference.le(allowed)));
  },
});

/** Whether all elements are close; see `isclose`. */
export const allclose: Op<
  (
    input: Tensor,
    other: Tensor,
    ...args: Args<[rtol?: number, atol?: number], ["rtol", "atol"], { equalNan?: boolean }>
  ) => boolean
> = op({
  name: "allclose",
  params: { input: tensor, other: tensor, rtol: optional(number, 1e-5), atol: optional(number, 1e-8), equalNan: flag },
  composite: ({ input, other, rtol, atol, equalNan }) =>
    isclose(input, other, rtol, atol, { equalNan }).all().item() === 1,
});

/**
 * Whether two tensors have the same shape and the same elements.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.equal.html
 */
export const equal: Op<(input: Tensor, other: Tensor) => boolean> = op({
  name: "equal",
  params: { input: tensor, other: tensor },
  composite: ({ input, other }) => sameShape(input.sizes, other.sizes) && input.eq(other).all().item() === 1,
});
