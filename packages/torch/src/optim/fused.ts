/** Runs a fused step, which needs contiguous tensors of one dtype and size, on any parameter. */
import { isGradEnabled } from "../autograd/modes.js";
import { checkInplace } from "../autograd/views.js";
import { sameShape } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import { checkNoInternalOverlap, checkNoPartialOverlap } from "../ops/overlap.js";

/** A step on the memory of a parameter, its gradient, and the tensors of its state. */
type FusedStep = (param: Tensor, grad: Tensor, state: readonly Tensor[]) => void;

/** Runs a step on what `checkStep` let pass, and notes that the parameter changed. */
export function updateFused(param: Tensor, grad: Tensor, state: readonly Tensor[], step: FusedStep): void {
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

/**
 * Throws unless a step can change a parameter and the tensors of its state.
 *
 * @param name of the parameter, for messages.
 * @param state the tensors by their keys in the state dict.
 * @throws TypeError for a dtype that is not floating; Error if the gradient or the state does not fit the parameter,
 *   as after a change of its dtype, or if memory is gone or may not be written to.
 */
export function checkStep(name: string, param: Tensor, grad: Tensor, state: Readonly<Record<string, unknown>>): void {
  if (!param.dtype.isFloatingPoint) throw new TypeError(`optimizers update floating-point tensors, got ${param.dtype}`);
  checkInplace(param, isGradEnabled());
  checkNoInternalOverlap(param);
  param.storage.pointer();
  checkFits(param, grad, `gradient of ${name}`);
  for (const key in state) {
    const tensor = state[key];
    if (!(tensor instanceof Tensor)) {
      throw new Error(`the state of ${name} lacks the tensor '${key}'; it was loaded from another optimizer`);
    }
    checkFits(param, tensor, `state '${key}' of ${name}`);
    checkNoInternalOverlap(tensor);
  }
}

function checkFits(param: Tensor, tensor: Tensor, what: string): void {
  if (tensor.dtype !== param.dtype || !sameShape(tensor.sizes, param.sizes)) {
    throw new Error(
      `the ${what}, of size [${tensor.sizes.join(", ")}] and ${tensor.dtype}, does not fit the parameter, ` +
        `of size [${param.sizes.join(", ")}] and ${param.dtype}`,
    );
  }
  checkNoPartialOverlap(param, tensor);
}

function rowMajorCopy(tensor: Tensor): Tensor {
  return Tensor.empty(tensor.sizes, tensor.dtype).copy_(tensor.detach());
}
