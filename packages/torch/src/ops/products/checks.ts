/** What products demand of their factors, in PyTorch's words, and their scaled sums. */
import { keyword, optional, scalar } from "../../arguments/params.js";
import { matmul as matmulKernel } from "../../backend/kernels.js";
import { imaginaryPart, realPart } from "../../core/complex.js";
import { bool, elementTypeName, scalarTypeName } from "../../core/dtype.js";
import { checkedScalar } from "../../core/scalars.js";
import { broadcastShapes, formatShape, sameShape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import type { Scalar } from "../../core/view.js";
import type { Out } from "../types.js";

/** Throws unless both factors have one dtype. */
export function checkSameDtype(name: string, a: Tensor, b: Tensor): void {
  if (a.dtype !== b.dtype) {
    if (name === "dot") {
      throw new TypeError(
        `dot : expected both vectors to have same dtype, but found ${scalarTypeName(a.dtype)} and ${scalarTypeName(b.dtype)}`,
      );
    }
    throw new TypeError(
      `${name}: expected m1 and m2 to have the same dtype, but got: ${elementTypeName(a.dtype)} != ${elementTypeName(b.dtype)}`,
    );
  }
}

/** Throws unless a tensor has a number of dims. */
export function checkNdim(name: string, which: string, input: Tensor, ndim: number): void {
  if (input.sizes.length !== ndim) {
    throw new Error(
      `${name}: Expected ${ndim}-D ${which}, but got ${input.sizes.length}-D tensor of shape ${formatShape(input.sizes)}`,
    );
  }
}

/** Throws unless two matrices can be multiplied, in PyTorch's words. */
export function checkInner(a: readonly number[], b: readonly number[]): void {
  if (a.at(-1) !== b.at(-2)) {
    throw new Error(
      `mat1 and mat2 shapes cannot be multiplied (${a.slice(-2).join("x")} and ${b.slice(-2).join("x")})`,
    );
  }
}

/** The factors of a sum of a tensor and a product: `beta * input + alpha * product`. */
export const factors = { beta: keyword(optional(scalar, 1)), alpha: keyword(optional(scalar, 1)) };
export type Factors = { beta?: Scalar; alpha?: Scalar } & Out;

/** Throws for factors that the dtype cannot hold: fractions where tensors hold whole numbers, and too large ones. */
export function checkFactors(dtype: Tensor["dtype"], values: Readonly<Record<string, Scalar>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (!dtype.isDifferentiable && typeof value === "number" && !Number.isInteger(value)) {
      throw new TypeError(`For integral input tensors, argument ${name} must not be a floating point number.`);
    }
    checkedScalar(value, dtype);
  }
}

/** Whether a factor is 0. */
export function isZero(factor: Scalar): boolean {
  return realPart(factor) === 0 && imaginaryPart(factor) === 0;
}

/** `beta * input + alpha * (a @ b)` in a shape to which `input` has to broadcast. */
export function addedProduct(
  name: string,
  shape: readonly number[],
  input: Tensor,
  a: Tensor,
  b: Tensor,
  beta: Scalar,
  alpha: Scalar,
): Tensor {
  checkSameDtype(name, a, b);
  checkSameDtype(name, input, a);
  checkFactors(input.dtype, { beta, alpha });
  if (input.dtype === bool) throw new TypeError(`"${name}_impl_cpu_" not implemented for 'Bool'`);
  const fits = input.sizes.length <= shape.length && sameShape(broadcastShapes(input.sizes, shape), shape);
  if (!fits)
    throw new Error(
      `${name}: Expected tensor of shape ${formatShape(input.sizes)} to be expandable to ${formatShape(shape)}`,
    );
  const result = Tensor.empty(shape, input.dtype);
  if (!isZero(beta)) result.copy_(input);
  matmulKernel(result, a, b, { alpha, beta });
  return result;
}

/** A gradient times a factor. */
export function scaled(value: Tensor, factor: Scalar): Tensor {
  return factor === 1 ? value : value.mul(factor);
}

/** A vector as a matrix of one column. */
export function asColumn(vector: Tensor): Tensor {
  return vector.viewOf([vector.sizes[0] as number, 1], [vector.strides[0] as number, 1], vector.offset);
}
