/** The elements that index tensors name. */
import { tensor } from "../../arguments/params.js";
import { indexGet, maskedSelect as maskedSelectKernel } from "../../backend/kernels.js";
import { readCount } from "../../backend/reading.js";
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
      const selected = Tensor.empty([readCount(mask.aligned)], input.dtype);
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
    input: (grad, { input, indices }) => {
      const zeros = grad.newZeros(input.sizes);
      // What a mask selects are different elements, in row-major order.
      const mask = onlyMask(zeros, indices as IndexList);
      return mask
        ? zeros.maskedScatter_(mask.aligned, grad)
        : zeros.indexPut_(indices as IndexList, grad, { accumulate: true });
    },
  },
});
