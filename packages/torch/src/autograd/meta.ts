/** What autograd keeps with a tensor that takes part in a graph. */
import { sameShape } from "../core/shape.js";
import type { Tensor } from "../core/tensor.js";
import type { AccumulateGrad, Edge, Node } from "./node.js";

// biome-ignore lint/suspicious/noConfusingVoidType: a hook may return nothing at all
export type TensorHook = (grad: Tensor) => Tensor | undefined | null | void;

export class AutogradMeta {
  /** Set by the user, on leaves. */
  requiresGrad = false;
  grad: Tensor | null = null;
  /** Whether `backward` made the memory of `grad`, and no code of the user has seen it. */
  ownsGrad = false;
  node: Node | null = null;
  outputNr = 0;
  /** The version at which `node` was right; a view whose memory changed since gets a new one. */
  nodeVersion = 0;
  retainsGrad = false;
  hooks: Map<number, TensorHook> | undefined = undefined;
  accumulator: AccumulateGrad | undefined = undefined;
  /** Where the gradient goes, once it was asked for. */
  edge: Edge | undefined = undefined;
}

/** The gradient of a tensor, for code of the library that keeps no reference to it. */
export function borrowGrad(tensor: Tensor): Tensor | null {
  return tensor.autograd?.grad ?? null;
}

/** Puts another gradient in place of a tensor's; memory that nobody else can refer to goes back at once. */
export function replaceGrad(tensor: Tensor, grad: Tensor | null): void {
  const meta = metaOf(tensor);
  if (meta.ownsGrad && meta.grad !== grad) meta.grad?.storage.release();
  meta.ownsGrad = false;
  meta.grad = grad;
}

/**
 * Adds to the gradient of a leaf, in place unless the addition is recorded. The first becomes a copy, since others
 * may refer to what arrived: the user, or a leaf that was added to this one.
 */
export function addToGrad(leaf: Tensor, grad: Tensor, createGraph: boolean): void {
  const meta = metaOf(leaf);
  if (meta.grad === null) {
    meta.grad = grad.clone({ memoryFormat: leaf.contiguousFlag ? "contiguous" : "preserve" });
    meta.ownsGrad = !createGraph;
  } else if (createGraph) {
    replaceGrad(leaf, meta.grad.add(grad));
  } else {
    meta.grad.add_(grad);
  }
}

/** Adds to the gradient that `retainGrad` keeps; what was there before stays as it is. */
export function addToRetained(meta: AutogradMeta, grad: Tensor): void {
  meta.grad = meta.grad?.add(grad) ?? grad.clone({ memoryFormat: "contiguous" });
  meta.ownsGrad = false;
}

/** @internal Lets a tensor show the elements of another in the place of its own, in the same memory. */
export function showElements(
  tensor: Tensor,
  { storage: memory, offset, sizes, strides, dtype, contiguousFlag }: Tensor,
): void {
  // What gathers the gradient knows the former shape and dtype.
  const looksAlike = dtype === tensor.dtype && sameShape(sizes, tensor.sizes);
  if (tensor.autograd !== undefined && !looksAlike) tensor.autograd.accumulator = undefined;
  const storage = memory.alias();
  // What was saved of the tensor before is not what it holds now.
  storage.version = tensor.storage.version + 1;
  Object.assign(tensor, { storage, offset, sizes, strides, dtype, contiguousFlag });
}

/** The state of a tensor, made on first use. */
export function metaOf(tensor: Tensor): AutogradMeta {
  tensor.autograd ??= new AutogradMeta();
  return tensor.autograd;
}

declare module "../core/tensor.js" {
  interface AutogradState extends AutogradMeta {}
}
