/** Products of matrices and vectors. */
import { bool } from "../../core/dtype.js";
import type { ArrayView, Scalar } from "../../core/view.js";
import { kernel } from "../native.js";
import { begin, put, putAddress, putBroadcast, putScalar } from "./launch.js";

export interface MatmulOptions {
  /** Factor of the product; 1 unless given. At 0 the product counts as 0, whatever is in `a` and `b`. */
  alpha?: Scalar;
  /** Factor of what `out` holds before; 0 unless given, and then `out` is not read. */
  beta?: Scalar;
  /** Added to the product; broadcasts to the shape of `out`, so `[n]` is one number for each column. */
  bias?: ArrayView;
  /** Applied to the result, after the bias. */
  activation?: "relu";
}

const runMatmul = kernel("matmul");

/**
 * out = activation(beta * out + alpha * (a @ b) + bias)
 *
 * `out[..., m, n]`, `a[..., m, k]` and `b[..., k, n]` have at least two dims and any strides; the leading dims of
 * `a` and `b` broadcast to those of `out`. All have one dtype, which is not bool. `out` must not overlap with
 * `a`, `b` or `bias`. Integers wrap around.
 */
export function matmul(out: ArrayView, a: ArrayView, b: ArrayView, options: MatmulOptions = {}): void {
  const { dtype, sizes } = out;
  const { alpha = 1, beta = 0, bias, activation } = options;
  if (dtype === bool) throw new Error(`"matmul" not implemented for 'Bool'`);
  const batchDims = sizes.length - 2;
  begin();
  put(dtype.id);
  put(batchDims);
  for (let d = 0; d < sizes.length; d++) put(sizes[d] as number);
  put(a.sizes[a.sizes.length - 1] as number);
  putScalar(alpha, dtype);
  putScalar(beta, dtype);
  put(activation === "relu" ? 1 : 0);
  putBroadcast(out, sizes);
  putBroadcast(a, sizes);
  putBroadcast(b, sizes);
  if (bias !== undefined) putBroadcast(bias, sizes);
  else putNothing(sizes.length);
  runMatmul();
}

/** out[] = the sum of a[i] * b[i]; `a` and `b` have one dim, and all have one dtype, which is not bool. */
export function dot(out: ArrayView, a: ArrayView, b: ArrayView): void {
  const { dtype } = out;
  if (dtype === bool) throw new Error(`"dot" not implemented for 'Bool'`);
  begin();
  put(dtype.id);
  put(0);
  put(1);
  put(1);
  put(a.sizes[0] as number);
  putScalar(1, dtype);
  putScalar(0, dtype);
  put(0);
  putMatrix(out, 0, 0);
  putMatrix(a, 0, a.strides[0] as number);
  putMatrix(b, b.strides[0] as number, 0);
  putNothing(2);
  runMatmul();
}

function putMatrix(view: ArrayView, rowStride: number, colStride: number): void {
  putAddress(view);
  put(rowStride);
  put(colStride);
}

/** Stands for an operand that is not given. */
function putNothing(ndim: number): void {
  for (let i = 0; i <= ndim; i++) put(0);
}
