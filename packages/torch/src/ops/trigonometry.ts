/** Trigonometric and hyperbolic functions, and their inverses. */
import type { Tensor } from "../core/tensor.js";
import { floatingOp } from "./elementary.js";
import type { InplaceOp, Out } from "./types.js";

type Unary = InplaceOp<(input: Tensor, options?: Out) => Tensor>;

/**
 * The sine.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.sin.html
 */
export const sin: Unary = floatingOp("sin", "sin", (grad, { input }) => grad.mul(input.cos()), ["input"]);

/**
 * The cosine.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.cos.html
 */
export const cos: Unary = floatingOp("cos", "cos", (grad, { input }) => grad.mul(input.sin().neg()), ["input"]);
