/** The elements that index tensors name. */
import { tensor } from "../../arguments/params.js";
import { countNonzeroElements, indexGet, maskedSelect as maskedSelectKernel } from "../../backend/kernels.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { FunctionOp } from "../types.js";
import type { IndexList } from "./items.js";
import { indexDimsFirst, indexList, onlyMask, plan } from "./places.js";

/** The elements that index tensors name; behind `Tensor.at`. */
export const index: FunctionOp<(input: Tensor, indices: IndexList) => Tensor> = op({
  name: "index",
  variants: "function",
  params: { input: tensor, indices: indexList },
  forward: ({ input, indices }) => {
    const mask = onlyMask(input, indices);
    if (mask?.isWhole) {
      const selected = Tensor.empty([countNonzeroElements(mask.aligned)], input.dtype);
      maskedSelectKernel(selected, input, mask.aligned);
      return selected;
    }
    const places = plan(input, indices);
    const result = Tensor.empty(places.resultShape, input.dtype);
    indexGet(indexDimsFirst(result, places), input, places.indices);
    return result;
  },
  saves: ["indices"],
  derivative: {
    input: (grad, { input, indices }) =>
      grad.newZeros(input.sizes).indexPut_(indices as IndexList, grad, { accumulate: true }),
  },
});
