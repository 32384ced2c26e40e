/**
 * Tensors that stand for others while a function of functions runs: with a batch dim that is out of sight, or with a
 * place in a graph of derivatives of their own.
 *
 * A wrapper looks like the tensor that a program sees, and has the memory of the tensor for which it stands. Operations
 * are called with what it stands for by the mode to which it belongs.
 */
import { isContiguous, type Shape } from "./shape.js";
import { Tensor } from "./tensor.js";

export abstract class Wrapper extends Tensor {
  constructor(
    /** @internal What it stands for. */
    public value: Tensor,
    sizes: Shape,
    strides: Shape,
  ) {
    super(value.storage, value.offset, sizes, strides, value.dtype, isContiguous(sizes, strides));
    this.inference = value.inference;
  }

  /** @internal One of the same kind that stands for another tensor. */
  abstract like(value: Tensor): Wrapper;

  /** @internal Throws where a program may not look at the numbers. */
  checkReadable(what: string): void {
    checkReadable(this.value, what);
  }
}

/** What stands in the place of a tensor, or of what it stands for; itself if nothing does. */
export function replaced(tensor: Tensor, by: ReadonlyMap<Tensor, Tensor>): Tensor {
  const other = by.get(tensor);
  if (other !== undefined || !(tensor instanceof Wrapper)) return other ?? tensor;
  const value = replaced(tensor.value, by);
  return value === tensor.value ? tensor : tensor.like(value);
}

/** @throws Error for tensors that stand for others, where the memory of a tensor is replaced. */
export function checkNotWrapped(what: string, ...tensors: readonly Tensor[]): void {
  if (!tensors.some((tensor) => tensor instanceof Wrapper)) return;
  throw new Error(
    `You are attempting to call Tensor.${what} inside of a function being transformed by a functorch transform. This is unsupported, as it replaces memory that stands for others`,
  );
}

/** @throws Error for a tensor at whose numbers a program may not look now. */
export function checkReadable(tensor: Tensor, what: string): void {
  if (tensor instanceof Wrapper) tensor.checkReadable(what);
}
