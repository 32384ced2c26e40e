/** Runs a fused step, which needs contiguous tensors of one dtype, on any parameter. */
import { formatShape, sameShape } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";

/**
 * Calls `step` with the memory of the parameter and the gradient, and notes that the parameter changed.
 *
 * @param states what the step keeps for each element of the parameter.
 * @throws Error if the gradient or a state does not fit the parameter.
 */
export function updateFused(
  param: Tensor,
  grad: Tensor,
  states: readonly (Tensor | undefined)[],
  step: (param: Tensor, grad: Tensor) => void,
): void {
  if (!param.dtype.isFloatingPoint) throw new TypeError(`optimizers update floating-point parameters only, got ${param.dtype}`);
  checkShape("gradient", grad, param);
  for (const state of states) if (state !== undefined) checkState(state, param);
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

function checkShape(what: string, tensor: Tensor, param: Tensor): void {
  if (sameShape(tensor.sizes, param.sizes)) return;
  throw new Error(
    `the ${what} of a parameter has another shape than the parameter: ${formatShape(tensor.sizes)} and ${formatShape(param.sizes)}`,
  );
}

/** A state may come from a dictionary, or from before the parameter was given other `data`. */
function checkState(state: Tensor, param: Tensor): void {
  if (!(state instanceof Tensor)) throw new TypeError(`an optimizer keeps tensors for a parameter, got ${typeof state}`);
  checkShape("optimizer's state", state, param);
  if (state.dtype !== param.dtype || !state.contiguousFlag) {
    throw new Error(`the optimizer's state must be contiguous and of the parameter's dtype ${param.dtype}, got ${state.dtype}`);
  }
}
