/** Special functions: error functions, gamma functions and their relatives. */
import type { Tensor } from "../core/tensor.js";
import { floatingOp } from "./elementary.js";
import type { InplaceOp, Out } from "./types.js";

type Unary = InplaceOp<(input: Tensor, options?: Out) => Tensor>;

const twoBySqrtPi = 2 / Math.sqrt(Math.PI);

/** The slope of `erf`: 2/sqrt(pi) exp(-x^2). */
function erfSlope(x: Tensor): Tensor {
  return x.mul(x).neg().exp().mul(twoBySqrtPi);
}

/**
 * The error function, 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.erf.html
 */
export const erf: Unary = floatingOp("erf", "erf", (grad, { input }) => grad.mul(erfSlope(input)), ["input"]);
