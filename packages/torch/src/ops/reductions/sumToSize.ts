/** Broadcasting undone. */
import { dims as dimsParam, tensor } from "../../arguments/params.js";
import type { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { MethodOp } from "../types.js";
import { sum } from "./reductions.js";

/**
 * Sums a tensor over the dims along which a shape broadcasts to its own.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.sum_to_size.html
 */
export const sumToSize: MethodOp<(input: Tensor, ...size: [...number[]] | [readonly number[]]) => Tensor> = op({
  name: "sumToSize",
  variants: "method",
  params: { input: tensor, size: { ...dimsParam, isSpread: true } },
  composite: ({ input, size }) => {
    const added = input.sizes.length - size.length;
    const fits = added >= 0 && size.every((n, d) => n === 1 || n === input.sizes[d + added]);
    if (!fits) throw new Error(`size {[${size.join(", ")}]} is not expandable to size {[${input.sizes.join(", ")}]}.`);
    const over = input.sizes
      .map((_, d) => d)
      .filter((d) => d < added || (size[d - added] === 1 && input.sizes[d] !== 1));
    if (over.length === 0) return added === 0 ? input : input.reshape(size);
    const result = sum(input, over, { keepdim: true });
    return added > 0 ? result.view(size) : result;
  },
});
