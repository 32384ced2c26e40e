/** Gradients of a composition that stands for a kernel, so that gradients of a fused operation can be differentiated. */
import { grad } from "../autograd/backward.js";
import { withRecording } from "../autograd/modes.js";
import type { Tensor } from "../core/tensor.js";
import { isTransforming } from "./dispatch.js";

type MaybeTensor = Tensor | null | undefined;

type Differentiate = (
  compose: (inputs: readonly MaybeTensor[]) => readonly (Tensor | undefined)[],
  inputs: readonly MaybeTensor[],
  needs: readonly boolean[],
  grads: readonly (Tensor | undefined)[],
) => (Tensor | undefined)[];

let inLevel: Differentiate | undefined;

/** Says how a composition is differentiated while tensors stand for others. */
export function differentiateInLevel(differentiate: Differentiate): void {
  inLevel = differentiate;
}

/**
 * The gradients of a function's inputs from those of its results, as functions of the inputs and of those gradients.
 *
 * @param compose the function, made of operations that are recorded.
 * @param needs which inputs want a gradient.
 * @param grads the gradients of the results; undefined for those that nobody used.
 */
export function differentiate(...[compose, inputs, needs, grads]: Parameters<Differentiate>): (Tensor | undefined)[] {
  if (inLevel !== undefined && isTransforming()) return inLevel(compose, inputs, needs, grads);
  return withRecording(true, () => {
    // The gradients are those along this composition alone, though the inputs may depend on each other.
    const own = inputs.map((input, i) => (input && needs[i] ? input.viewAs(input) : input));
    const wanted = own.filter(
      (input, i): input is Tensor => needs[i] === true && input !== null && input !== undefined,
    );
    const results = compose(own);
    const used = results.flatMap((result, i) => {
      const outer = grads[i];
      return result?.requiresGrad && outer !== undefined ? [{ result, outer }] : [];
    });
    if (used.length === 0 || wanted.length === 0) return inputs.map(() => undefined);
    const found = grad(
      used.map(({ result }) => result),
      wanted,
      used.map(({ outer }) => outer),
      { createGraph: true, allowUnused: true },
    );
    let at = 0;
    return inputs.map((input, i) => (needs[i] && input ? (found[at++] ?? undefined) : undefined));
  });
}
