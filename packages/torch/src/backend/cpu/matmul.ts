/** Products of matrices and vectors. */
import { bool } from "../../core/dtype.js";
import type { ArrayView, Scalar } from "../../core/view.js";
import { kernel } from "./block.js";
import {
  begin,
  checkedSize,
  launch,
  put,
  putAddress,
  putBroadcast,
  putDType,
  putNowhere,
  putScalar,
  putSizes,
  putStride,
  putStrided,
  reachOf,
} from "./launch.js";

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
  const { alpha = 1, beta = 0, bias, activation } = options;
  const ndim = out.sizes.length;
  const list = begin();
  const dtype = putDType(out.dtype);
  if (dtype === bool) throw new Error(`"matmul" not implemented for 'Bool'`);
  put(ndim - 2);
  putSizes(out.sizes, ndim);
  const k = checkedSize(a.sizes[a.sizes.length - 1] as number);
  put(k);
  putScalar(alpha, dtype);
  putScalar(beta, dtype);
  put(activation === "relu" ? 1 : 0);
  putBroadcast(out, dtype);
  putBroadcast(a, dtype, ndim - 1, k);
  putBroadcast(b, dtype, ndim - 2, k);
  if (bias !== undefined) putBroadcast(bias, dtype);
  else putNowhere();
  launch(runMatmul, list);
}

/** out[] = the sum of a[i] * b[i]; `a` and `b` have one dim, and all have one dtype, which is not bool. */
export function dot(out: ArrayView, a: ArrayView, b: ArrayView): void {
  const n = checkedSize(a.sizes[0] as number);
  const list = begin();
  const dtype = putDType(out.dtype);
  if (dtype === bool) throw new Error(`"dot" not implemented for 'Bool'`);
  put(0);
  putSizes([1, 1], 2);
  put(n);
  putScalar(1, dtype);
  putScalar(0, dtype);
  put(0);
  putStrided(out, dtype, [0, 0]);
  const [stepA, stepB] = [a.strides[0] as number, b.strides[0] as number];
  putAddress(a, dtype, reachOf([n], [stepA]) + 1);
  put(0);
  putStride(n, stepA);
  putAddress(b, dtype, reachOf([n], [stepB]) + 1);
  putStride(n, stepB);
  put(0);
  putNowhere();
  launch(runMatmul, list);
}
