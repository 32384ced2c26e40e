/**
 * What is asked of a gradient on its way: to be a tensor, of the dtype of the value it belongs to, and of its shape.
 *
 * The engine asks it of every result of a node, in one place: kernels take a gradient for what it should be. A result
 * may have a shape to which that of the value broadcasts, and any dtype; what a hook returns in place of a gradient has
 * to look like it.
 */
import { describe } from "../arguments/parse.js";
import type { DType } from "../core/dtype.js";
import { expandsTo, formatShape, sameShape } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import { type Grads, type Node, type OutputMeta, tensorTypeName } from "./node.js";

interface Like {
  readonly sizes: readonly number[];
  readonly dtype: DType;
}

/**
 * Brings the results of a node to the shapes and dtypes of the values that they are gradients of.
 *
 * @throws Error for a shape that cannot be summed to the value's.
 */
export function fitResults(node: Node, results: Grads): Grads {
  const { edges } = node;
  if (results.length !== edges.length) {
    throw new Error(
      `Function ${node.name()} returned an invalid number of gradients - expected ${edges.length}, but got ${results.length}`,
    );
  }
  let fitted: (Tensor | undefined)[] | undefined;
  for (let i = 0; i < edges.length; i++) {
    const edge = edges[i];
    const grad = results[i];
    if (edge === undefined || grad === undefined) continue;
    const output = edge.node.outputs[edge.inputNr] as OutputMeta;
    if (grad.dtype === output.dtype && sameShape(grad.sizes, output.sizes)) continue;
    fitted ??= [...results];
    fitted[i] = fitGradient(grad, output, i, node);
  }
  return fitted ?? results;
}

/** Brings a gradient that a node returned, or that a pass begins with, to the shape and dtype of its value. */
export function fitGradient(grad: Tensor, { sizes, dtype }: Like, index: number, node?: Node): Tensor {
  // A real value takes the real part, and casts of others say that they drop the rest.
  let result = grad.dtype.isComplex && !dtype.isComplex ? grad.real : grad;
  if (!sameShape(grad.sizes, sizes)) {
    if (!expandsTo(sizes, grad.sizes)) {
      const start = node === undefined ? "invalid" : `Function ${node.name()} returned an invalid`;
      throw new Error(
        `${start} gradient at index ${index} - got ${formatShape(grad.sizes)} but expected shape compatible with ${formatShape(sizes)}`,
      );
    }
    result = result.sumToSize(sizes);
  }
  return result.dtype === dtype ? result : result.to(dtype);
}

/**
 * Looks again at gradients that arrived at a node and were in the user's hands since: a hook may have changed a tensor
 * itself, with `resize_` or through its `data`.
 *
 * @throws Error if one has lost its shape or dtype.
 */
export function checkUnchanged(node: Node, gradAt: (index: number) => Tensor | undefined): void {
  node.outputs.forEach((output, i) => {
    const grad = gradAt(i);
    if (grad === undefined || output === undefined) return;
    if (grad.dtype === output.dtype && sameShape(grad.sizes, output.sizes)) return;
    const [was, got] = [output, grad].map(({ sizes, dtype }) => `${dtype} of ${formatShape(sizes)}`);
    throw new Error(`a hook has changed the size or type of a gradient in place (was ${was} got ${got})`);
  });
}

/** What is known of a hook where it is to blame. */
type Hook = { readonly name: string };

/**
 * What a hook wants in the place of a gradient: the gradient itself where it returned nothing.
 *
 * @throws TypeError for what is no tensor; Error for one of another shape or dtype.
 */
export function replacedGradient(hook: Hook, grad: Tensor, returned: unknown): Tensor {
  return replacedOrTaken(hook, grad, returned ?? grad) as Tensor;
}

/**
 * What a hook wants in the place of several gradients: the same ones where it returned nothing, none where there is
 * null in its list.
 */
export function replacedGradients(hook: Hook, grads: Grads, returned: unknown): Grads {
  if (returned === undefined || returned === null) return grads;
  if (!Array.isArray(returned)) throw new TypeError(`expected tuple, but hook returned '${describe(returned)}'`);
  if (returned.length !== grads.length) {
    throw new Error(
      `hook '${nameOf(hook)}' has returned an incorrect number of values (got ${returned.length}, but expected ${grads.length})`,
    );
  }
  return grads.map((grad, i) => replacedOrTaken(hook, grad, returned[i]));
}

function replacedOrTaken(hook: Hook, grad: Tensor | undefined, returned: unknown): Tensor | undefined {
  if (returned === undefined || returned === null) return undefined;
  if (grad === undefined) throw new Error("can't replace a None gradient with a non-None value");
  if (!(returned instanceof Tensor)) {
    throw new TypeError(`expected Variable, but hook returned '${describe(returned)}'`);
  }
  if (returned.dtype !== grad.dtype) {
    throw new Error(
      `hook '${nameOf(hook)}' has changed the type of value (was torch.${tensorTypeName(grad)} got torch.${tensorTypeName(returned)})`,
    );
  }
  if (!sameShape(returned.sizes, grad.sizes)) {
    throw new Error(
      `hook '${nameOf(hook)}' has changed the size of value (was ${formatShape(grad.sizes)} got ${formatShape(returned.sizes)})`,
    );
  }
  return returned;
}

function nameOf(hook: Hook): string {
  return hook.name || "<unknown>";
}
