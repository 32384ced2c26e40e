/**
 * Elementwise kernels: one number from one, two or three numbers at the same place.
 *
 * Operands broadcast to the shape of the output. All operands have the dtype in which is computed; the output
 * has it too, or bool for comparisons and tests.
 */
import { kernel } from "../native.js";
import type { ArrayView, Scalar } from "../view.js";
import { begin, put, putLoop, putScalar } from "./launch.js";

/** Kernel names in the order of the codes in kernels/binary.cpp. */
const binaryOps = ["add", "sub", "mul", "div"] as const;
export type BinaryOp = (typeof binaryOps)[number];
const binaryCodes = new Map<string, number>(binaryOps.map((name, code) => [name, code]));

const runBinary = kernel("binary");

/** out = op(a, b); a and b have one dtype. */
export function binary(op: BinaryOp, out: ArrayView, a: ArrayView, b: ArrayView): void {
  begin();
  put(binaryCodes.get(op) as number);
  put(a.dtype.id);
  putLoop(out, a, b);
  runBinary();
}

const runFill = kernel("fill");

/** Sets every element of `out` to a value. */
export function fill(out: ArrayView, value: Scalar): void {
  begin();
  put(out.dtype.id);
  putScalar(value, out.dtype);
  putLoop(out);
  runFill();
}

const runCopy = kernel("copy");

/** out = a, converted to the dtype of `out`. */
export function copy(out: ArrayView, a: ArrayView): void {
  begin();
  put(out.dtype.id);
  put(a.dtype.id);
  putLoop(out, a);
  runCopy();
}
export function scalarView(value: Scalar, dtype: any, place: number): any {
  const t = new (globalThis as any).TensorForStub(value, dtype, place);
  return t;
}
export function addScaled(out: ArrayView, a: ArrayView, b: any, alpha: Scalar): void { void out; void a; void b; void alpha; throw new Error("stub"); }
