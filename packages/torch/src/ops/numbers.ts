/** Where operations look at the numbers of their arguments. */
import { deviceInForce } from "../backend/devices.js";
import { int64 } from "../core/dtype.js";
import type { Tensor } from "../core/tensor.js";
import type { Scalar } from "../core/view.js";
import { Wrapper } from "../core/wrapper.js";

/**
 * Whether a condition is true of some element; of tensors without numbers nothing is known, and it is not. Of one that
 * stands for a batch all elements count.
 */
export function holdsAnywhere(condition: Tensor): boolean {
  if (condition instanceof Wrapper) return holdsAnywhere(condition.value);
  return !condition.isMeta && condition.any().item() === 1;
}

/** The number in a tensor of one element. It does not matter where kernels do nothing. */
export function numberOf(value: Tensor): Scalar {
  if (value.isMeta && deviceInForce() === "meta") return 0;
  return value.dtype === int64 ? value.itemBigInt() : value.item();
}
