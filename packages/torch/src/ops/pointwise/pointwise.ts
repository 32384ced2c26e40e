/**
 * What elementwise operations share: broadcasting, type promotion, the layout of the result, writing in place.
 */

import { copy, scalarView } from "../../backend/kernels.js";
import type { DType } from "../../core/dtype.js";
import {
  broadcastShapes,
  contiguousStrides,
  dimsByStride,
  expandsTo,
  isNonOverlappingAndDense,
  numelOf,
  sameShape,
} from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import type { Scalar } from "../../core/view.js";
import { checkCast, checkWritable } from "../copyInto.js";

/** A new tensor laid out as the first dense operand of that shape is, row-major by default. */
export function emptyResult(shape: readonly number[], dtype: DType, operands: readonly Tensor[]): Tensor {
  for (const operand of operands) {
    if (!sameShape(operand.sizes, shape)) continue;
    if (operand.contiguousFlag) break;
    if (!isNonOverlappingAndDense(operand.sizes, operand.strides)) continue;
    return Tensor.emptyStrided(shape, denseStridesLike(operand), dtype, numelOf(shape));
  }
  return Tensor.empty(shape, dtype);
}

/** Strides without gaps in the order of a tensor's own. */
export function denseStridesLike(tensor: Tensor): readonly number[] {
  const strides = contiguousStrides(tensor.sizes);
  let step = 1;
  for (const d of dimsByStride(tensor.sizes, tensor.strides)) {
    strides[d] = step;
    step *= tensor.sizes[d] as number;
  }
  return strides;
}

/** The tensor in a dtype, itself if it has it. Not recorded. */
export function cast(tensor: Tensor, dtype: DType): Tensor {
  if (tensor.dtype === dtype) return tensor;
  const result = emptyResult(tensor.sizes, dtype, [tensor]);
  copy(result, tensor);
  return result;
}

/**
 * Runs an elementwise kernel into `out` where that has the right dtype, else into a new tensor.
 *
 * Checks `out` before anything is computed.
 */
export function intoResult(
  shape: readonly number[],
  dtype: DType,
  operands: readonly Tensor[],
  out: Tensor | undefined,
  run: (result: Tensor) => void,
): Tensor {
  if (out !== undefined) {
    checkCast(dtype, out.dtype);
    if (sameShape(out.sizes, shape)) {
      checkWritable(out, shape);
      if (out.dtype === dtype) {
        run(out);
        return out;
      }
    }
  }
  const result = emptyResult(shape, dtype, operands);
  run(result);
  return result;
}

/** The result of a kernel of one operand, computed in a dtype. */
export function unaryResult(
  input: Tensor,
  dtype: DType,
  out: Tensor | undefined,
  run: (result: Tensor, input: Tensor) => void,
): Tensor {
  if (out !== undefined || !input.contiguousFlag) {
    return intoResult(input.sizes, dtype, [input], out, (result) => run(result, cast(input, dtype)));
  }
  // The case of every day, without lists and closures.
  const result = Tensor.emptyAs(input, dtype);
  run(result, cast(input, dtype));
  return result;
}

/** Operands of a kernel: tensors of the dtype in which is computed, or a number in their place. */
type KernelOperand = Tensor | ReturnType<typeof scalarView>;

/** An operand of a kernel in the dtype in which is computed; a number takes a place (0 to 3) of its own. */
export function kernelOperand(operand: Tensor | Scalar, dtype: DType, place: number): KernelOperand {
  return operand instanceof Tensor ? cast(operand, dtype) : scalarView(operand, dtype, place);
}

/**
 * The result of a kernel of two operands, computed in a dtype.
 *
 * @param resultDtype the dtype of the result, where it is another one (bool for comparisons).
 */
export function binaryResult(
  a: Tensor | Scalar,
  b: Tensor | Scalar,
  dtype: DType,
  out: Tensor | undefined,
  run: (result: Tensor, a: KernelOperand, b: KernelOperand) => void,
  resultDtype: DType = dtype,
): Tensor {
  const first = a instanceof Tensor ? a : b;
  if (!(first instanceof Tensor)) throw new TypeError("at least one operand must be a Tensor");
  const second = b instanceof Tensor ? b : first;
  if (out === undefined && first.contiguousFlag && expandsTo(second.sizes, first.sizes)) {
    const result = Tensor.emptyAs(first, resultDtype);
    run(result, kernelOperand(a, dtype, 0), kernelOperand(b, dtype, 1));
    return result;
  }
  return intoResult(broadcastShapes(first.sizes, second.sizes), resultDtype, [first, second], out, (result) =>
    run(result, kernelOperand(a, dtype, 0), kernelOperand(b, dtype, 1)),
  );
}
