/**
 * Lets `expect(x).toEqual(y)` of Vitest and Jest compare tensors: inside of them, where their list of testers is there,
 * it gets one that knows tensors. Elsewhere nothing happens.
 */
import { sameShape } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";

/** Whether two tensors have the same shape, dtype and bits; undefined for what are no tensors. */
export function areEqual(a: unknown, b: unknown): boolean | undefined {
  if (!(a instanceof Tensor) || !(b instanceof Tensor)) return undefined;
  if (a.dtype !== b.dtype || a.device !== b.device || !sameShape(a.sizes, b.sizes)) return false;
  return a.isMeta || Object.prototype.toString.call(a) === Object.prototype.toString.call(b);
}

interface Matchers {
  readonly customEqualityTesters?: unknown[];
}

const matchers = (globalThis as Record<symbol, Matchers | undefined>)[Symbol.for("$$jest-matchers-object")];
matchers?.customEqualityTesters?.push(areEqual);
