/** Runs a fused step, which needs contiguous tensors of one dtype and size, on any parameter. */
import { sameShape } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";

/** A step on the memory of a parameter, its gradient, and the tensors of its state. */
type FusedStep = (param: Tensor, grad: Tensor, state: readonly Tensor[]) => void;

/**
 * Runs a step, and notes that the parameter changed.
 *
 * @throws Error if the gradient or the state does not fit the parameter, as after a change of its dtype.
 */
export function updateFused(param: Tensor, grad: Tensor, state: readonly Tensor[], step: FusedStep): void {
  if (!param.dtype.isFloatingPoint) throw new TypeError(`optimizers update floating-point tensors, got ${param.dtype}`);
  checkFits(param, grad, "gradient");
  for (const tensor of state) checkState(param, tensor);
  const g = grad.contiguous();
  if (param.contiguousFlag && state.every((tensor) => tensor.contiguousFlag)) {
    step(param, g, state);
    param.bumpVersion();
    return;
  }
  const [p, ...own] = [param, ...state].map(rowMajorCopy) as [Tensor, ...Tensor[]];
  step(p, g, own);
  param.copy_(p);
  state.forEach((tensor, i) => {
    tensor.copy_(own[i] as Tensor);
  });
}

/** Throws unless a tensor of the state fits the parameter. */
export function checkState(param: Tensor, tensor: Tensor | undefined): void {
  checkFits(param, tensor, "state of the optimizer");
}

function checkFits(param: Tensor, tensor: Tensor | undefined, what: string): void {
  if (!(tensor instanceof Tensor)) throw new Error(`the ${what} lacks a tensor; it was loaded from another optimizer`);
  if (tensor.dtype !== param.dtype || !sameShape(tensor.sizes, param.sizes)) {
    throw new Error(
      `the ${what}, of size [${tensor.sizes.join(", ")}] and ${tensor.dtype}, does not fit the parameter, ` +
        `of size [${param.sizes.join(", ")}] and ${param.dtype}`,
    );
  }
}

function rowMajorCopy(tensor: Tensor): Tensor {
  return Tensor.empty(tensor.sizes, tensor.dtype).copy_(tensor.detach());
}
