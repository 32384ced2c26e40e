/** Products of matrices and vectors. */
import { bool, complex64 } from "../../core/dtype.js";
import { isContiguous } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import type { ArrayView, Scalar } from "../../core/view.js";
import { kernel } from "./block.js";
import { isComplexHalf, temporary } from "./complex.js";
import { binary, copy, scalarView } from "./elementwise.js";
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
  if (out.dtype.isComplex) return productOfParts(out, a, b, options);
  product(out, a, b, options, false);
}

/** @param turnsB whether the rows of `b` are complex numbers, and under each stands the same one times i, which is not there. */
function product(out: ArrayView, a: ArrayView, b: ArrayView, options: MatmulOptions, turnsB: boolean): void {
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
  put(Number(turnsB));
  putBroadcast(out, dtype);
  putBroadcast(a, dtype, ndim - 1, k);
  putBroadcast(b, dtype, ndim - 2, turnsB ? k / 2 : k);
  if (bias !== undefined) putBroadcast(bias, dtype);
  else putNowhere();
  launch(runMatmul, list);
}

/** out[] = the sum of a[i] * b[i]; `a` and `b` have one dim, and all have one dtype, which is not bool. */
export function dot(out: ArrayView, a: ArrayView, b: ArrayView): void {
  const n = checkedSize(a.sizes[0] as number);
  if (out.dtype.isComplex) {
    const row: ArrayView = { ...a, sizes: [1, n], strides: [0, a.strides[0] as number] };
    const column: ArrayView = { ...b, sizes: [n, 1], strides: [b.strides[0] as number, 1] };
    return matmul({ ...out, sizes: [1, 1], strides: [1, 1] }, row, column);
  }
  const list = begin();
  const dtype = putDType(out.dtype);
  if (dtype === bool) throw new Error(`"dot" not implemented for 'Bool'`);
  put(0);
  putSizes([1, 1], 2);
  put(n);
  putScalar(1, dtype);
  putScalar(0, dtype);
  put(0);
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

/**
 * A product of complex matrices as one of real matrices: the parts of a row of `a` stand side by side, and under each row
 * of `b` stands the same one times i.
 */
function productOfParts(out: ArrayView, a: ArrayView, b: ArrayView, options: MatmulOptions): void {
  const { alpha = 1, beta = 0, bias, activation } = options;
  if (activation !== undefined) throw new TypeError("complex numbers have no relu");
  const owned: ArrayView[] = [];
  const own = (view: ArrayView, dtype = view.dtype, copies = true): ArrayView => {
    const made = temporary(view, dtype);
    owned.push(made);
    if (copies) copy(made, view);
    return made;
  };
  if (isComplexHalf(out.dtype)) {
    const result = own(out, complex64);
    productOfParts(result, own(a, complex64), own(b, complex64), options);
    copy(out, result);
  } else {
    const isReal = typeof alpha !== "object" && typeof beta !== "object";
    const direct = isReal && hasRows(out);
    // A factor of what is there is applied to it before, if it is complex.
    const result = direct ? out : own(out, out.dtype, beta !== 0);
    if (!isReal && beta !== 0) binary.mul(result, result, scalarView(beta, out.dtype));
    const right = isReal && hasRows(b) ? b : own(b, b.dtype, isReal);
    if (!isReal) binary.mul(right, b, scalarView(alpha, b.dtype));
    const rest = isReal ? { alpha, beta } : { alpha: 1, beta: beta === 0 ? 0 : 1 };
    const left = rowsOfParts(hasRows(a) ? a : own(a));
    const added = bias && { bias: rowsOfParts(own(expandedTo(bias, out.sizes.at(-1) as number))) };
    product(rowsOfParts(result), left, rowsOfParts(right), { ...rest, ...added }, true);
    if (result !== out) copy(out, result);
  }
  for (const { storage } of owned) storage.release();
}

/** Whether the numbers of a row stand side by side. */
function hasRows({ sizes, strides }: ArrayView): boolean {
  return (sizes.at(-1) as number) <= 1 || strides.at(-1) === 1;
}

/** Both parts of the numbers of each row, side by side. */
function rowsOfParts({ storage, offset, sizes, strides, dtype }: ArrayView): ArrayView {
  const wide = [...sizes.slice(0, -1), (sizes.at(-1) as number) * 2];
  const steps = [...strides.slice(0, -1).map((stride) => 2 * stride), 1];
  return new Tensor(storage, 2 * offset, wide, steps, dtype.toReal(), isContiguous(wide, steps));
}

/** A bias with a number for each column. */
function expandedTo(bias: ArrayView, columns: number): ArrayView {
  if (bias.sizes.at(-1) === columns) return bias;
  return { ...bias, sizes: [...bias.sizes.slice(0, -1), columns], strides: [...bias.strides.slice(0, -1), 0] };
}
