/** Runs a fused step, which needs contiguous tensors of one dtype, on any parameter. */
import { Tensor } from "../core/tensor.js";

/**
 * Calls `step` with the memory of the parameter and the gradient, and notes that the parameter changed.
 *
 * @throws Error if the gradient does not fit.
 */
export function updateFused(param: Tensor, grad: Tensor, step: (param: Tensor, grad: Tensor) => void): void {
  const g = grad.contiguous().to(param.dtype);
  if (param.contiguousFlag) {
    step(param, g);
  } else {
    const copy = Tensor.empty(param.sizes, param.dtype).copy_(param.detach());
    step(copy, g);
    param.copy_(copy);
  }
  param.bumpVersion();
}
