/** The derivative of norms and of distances. */
import type { Tensor } from "../../core/tensor.js";

/**
 * d norm / d x = sign(x) (|x| / norm)^(p - 1); where the norm is 0 it is 0. The number of elements (p = 0) has none.
 *
 * Zeros are replaced before a power is taken, lest its own derivative be infinite there.
 */
export function normGradient(grad: Tensor, input: Tensor, norms: Tensor, p: number): Tensor | undefined {
  if (p === 0) return undefined;
  if (p === 1) return input.sgn().mul(grad);
  if (!Number.isFinite(p)) return extremeGradient(grad, input, norms);
  const empty = norms.eq(0);
  const norm = norms.maskedFill(empty, 1);
  if (p === 2) return input.mul(grad.div(norm).maskedFill(empty, 0));
  const absent = input.eq(0);
  // The power of a quotient, as the powers of the two may be out of range.
  const powers = input
    .abs()
    .maskedFill(absent, 1)
    .div(norm)
    .pow(p - 1)
    .maskedFill(absent, 0);
  const outer = grad.maskedFill(empty, 0).maskedFill(norms.isnan(), NaN);
  return input.sgn().mul(powers).mul(outer);
}

/** Elements of the largest (smallest) magnitude share the gradient. */
function extremeGradient(grad: Tensor, input: Tensor, norms: Tensor): Tensor {
  const mask = input.abs().eq(norms).logicalOr(input.isnan());
  const count = norms.sizes.length === 0 ? mask.sum() : mask.sum(reducedIn(norms), { keepdim: true });
  return input.sgn().mul(grad.div(count)).maskedFill(mask.logicalNot(), 0);
}

/** The dims of size 1. */
function reducedIn({ sizes }: Tensor): number[] {
  return sizes.map((_, d) => d).filter((d) => sizes[d] === 1);
}
