/** Sums, differences, products and quotients. */
import { keyword, operand, optional, scalar } from "../arguments/params.js";
import { addScaled, binary } from "../backend/cpu/elementwise.js";
import type { Scalar } from "../backend/view.js";
import { resultType } from "../core/promotion.js";
import type { Tensor } from "../core/tensor.js";
import { op } from "./define.js";
import { binaryResult } from "./pointwise.js";
import type { InplaceOp, Out } from "./types.js";

/** A number or a tensor. */
export type Operand = Tensor | Scalar;

/**
 * `input + alpha * other`, elementwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.add.html
 */
export const add: InplaceOp<(input: Operand, other: Operand, options?: { alpha?: Scalar } & Out) => Tensor> = op({
  name: "add",
  variants: "function, method, inplace",
  params: { input: operand, other: operand, alpha: keyword(optional(scalar, 1)) },
  out: true,
  forward: ({ input, other, alpha }, out) =>
    binaryResult(input, other, resultType(input, other), out, (result, a, b) =>
      alpha === 1 ? binary("add", result, a, b) : addScaled(result, a, b, alpha),
    ),
  derivative: {
    input: (grad) => grad,
    other: (grad, { alpha }) => (alpha === 1 ? grad : grad.mul(alpha)),
  },
});

/**
 * `input * other`, elementwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.mul.html
 */
export const mul: InplaceOp<(input: Operand, other: Operand, options?: Out) => Tensor> = op({
  name: "mul",
  variants: "function, method, inplace",
  params: { input: operand, other: operand },
  out: true,
  forward: ({ input, other }, out) =>
    binaryResult(input, other, resultType(input, other), out, (result, a, b) => binary("mul", result, a, b)),
  saves: ["input", "other"],
  derivative: {
    input: (grad, { other }) => grad.mul(other),
    other: (grad, { input }) => grad.mul(input),
  },
});
