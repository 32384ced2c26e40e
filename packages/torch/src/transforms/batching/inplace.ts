/** Changes in place, of tensors that differ from entry to entry. */
import type { Tensor } from "../../core/tensor.js";
import type { Result } from "../../ops/results.js";
import { aligned } from "./align.js";
import type { BatchedCall } from "./call.js";

/**
 * Writes the result for all entries into what the first argument stands for.
 *
 * @throws Error where the first argument is the same for all entries, and another one is not.
 */
export function changeInPlace(call: BatchedCall): Result {
  const { level, operation, given } = call;
  const [self] = given as [Tensor];
  const { name, view, changesInput } = operation.definition;
  if (!level.owns(self)) {
    const inplaceName = name.endsWith("_") ? name : `${name}_`;
    const other = operation.signature.names.find((_, i) => i > 0 && level.holds(given[i])) ?? "other";
    throw new Error(
      `vmap: ${inplaceName}(self, *extra_args) is not possible because there exists a Tensor \`${other}\` in extra_args that has more elements than \`self\`. This happened due to \`${other}\` being vmapped over but \`self\` not being vmapped over at level ${level.depth}. Please try to use out-of-place operators instead of ${inplaceName}. If said operator is being called inside the PyTorch framework, please file a bug report instead.`,
    );
  }
  if (changesInput) {
    operation.invoke("inplace", aligned(call, self.sizes.length));
    return self;
  }
  const result = level.compute(call) as Tensor;
  const value = level.owns(result) ? result.value : result;
  if (view) {
    self.value = value;
    self.follow();
  } else self.value.copy_(value);
  return self;
}
