/** What functions of linear algebra demand of their arguments, in PyTorch's words. */
import { scalarTypeName } from "../../core/dtype.js";
import type { Tensor } from "../../core/tensor.js";

/** Throws unless a tensor is of a floating dtype. */
export function checkFloating(name: string, input: Tensor): void {
  if (input.dtype.isFloatingPoint) return;
  throw new TypeError(
    `${name}: Expected a floating point or complex tensor as input. Got ${scalarTypeName(input.dtype)}`,
  );
}
