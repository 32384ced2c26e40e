/** The `out` option: results that are written to tensors that exist already. */
import { copy } from "../backend/kernels.js";
import { elementTypeName } from "../core/dtype.js";
import { contiguousStrides, numelOf, sameShape } from "../core/shape.js";
import { allocate } from "../core/storage.js";
import { Tensor } from "../core/tensor.js";
import { checkCast } from "./copyInto.js";
import { apartFrom, checkNoInternalOverlap } from "./overlap.js";
import { type NamedResult, named, outputsOf, type Result } from "./results.js";

/** Throws if autograd would have to see through `out`. */
export function checkOutGrad(name: string, outs: readonly Tensor[], recorded: boolean): void {
  if (recorded || outs.some((out) => out.requiresGrad)) {
    throw new Error(
      `${name}(): functions with out=... arguments don't support automatic differentiation, but one of the arguments requires grad.`,
    );
  }
}

/** Throws unless each `out` has the dtype of its result. */
export function checkOutDtypes(outs: readonly Tensor[], result: Result): void {
  for (const [i, { dtype }] of outputsOf(result).entries()) {
    const out = outs[i];
    if (out === undefined || out.dtype === dtype) continue;
    throw new TypeError(
      `Expected out tensor to have dtype ${elementTypeName(dtype)}, but got ${elementTypeName(out.dtype)} instead`,
    );
  }
}

/** Gives a tensor another shape, with new memory where the old does not suffice. */
export function resize(target: Tensor, shape: readonly number[]): void {
  if (sameShape(target.sizes, shape)) return;
  const needed = (target.offset + numelOf(shape)) * target.dtype.itemsize;
  if (needed > target.storage.nbytes) {
    const storage = allocate(needed);
    storage.version = target.storage.version;
    storage.keep();
    target.storage = storage;
  }
  target.sizes = [...shape];
  target.strides = contiguousStrides(shape);
  target.contiguousFlag = true;
}

/** Throws unless a result can be written to a tensor; one of another shape gets places of its own. */
function checkOut(out: Tensor, result: Tensor): void {
  checkCast(result.dtype, out.dtype);
  if (out !== result && sameShape(out.sizes, result.sizes)) checkNoInternalOverlap(out);
}

function writeOne(out: Tensor, result: Tensor): Tensor {
  if (out !== result) {
    resize(out, result.sizes);
    copy(out, apartFrom(out, result));
  }
  out.bumpVersion();
  return out;
}

/** Writes a result to the tensors of `out`, which are resized to fit. */
export function writeOut(name: string, outs: readonly Tensor[], result: Result): Result {
  if (result instanceof Tensor) {
    const [out] = outs;
    if (out === undefined || outs.length > 1) {
      throw new TypeError(`${name}() expected 'out' to be one tensor, got a list of ${outs.length}`);
    }
    checkOut(out, result);
    return writeOne(out, result);
  }
  const entries = Object.entries(result as NamedResult);
  if (entries.length !== outs.length) {
    throw new TypeError(`${name}() expected 'out' to be a list of ${entries.length} tensors, got ${outs.length}`);
  }
  entries.forEach(([, tensor], i) => checkOut(outs[i] as Tensor, tensor));
  const written = entries.map(([field, tensor], i) => [field, writeOne(outs[i] as Tensor, tensor)] as const);
  return Array.isArray(result) ? written.map(([, tensor]) => tensor) : named(Object.fromEntries(written));
}
