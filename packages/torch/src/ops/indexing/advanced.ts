/**
 * Indexing with tensors: `x[i, j]` reads and writes elements whose places index tensors and masks name.
 *
 * Source: https://numpy.org/doc/stable/user/basics.indexing.html#advanced-indexing
 */
import { flag, operand, tensor } from "../../arguments/params.js";
import {
  indexPut as indexPutKernel,
  maskedFill as maskedFillKernel,
  maskedScatter as maskedScatterKernel,
} from "../../backend/kernels.js";
import { readCount } from "../../backend/reading.js";
import { scalarTypeName } from "../../core/dtype.js";
import { formatShape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import type { Scalar } from "../../core/view.js";
import { inplace, op } from "../define.js";
import type { InplaceFunction, InplaceOp } from "../types.js";
import { fillValue } from "./checks.js";
import { index } from "./elements.js";
import type { IndexList } from "./items.js";
import { indexDimsFirst, indexList, type OnlyMask, onlyMask, type Plan, plan } from "./places.js";
import { broadcastView, changed } from "./target.js";

/** Whether values go to where a mask is set one after the other, or are one for all. */
function isMaskable({ aligned, isWhole }: OnlyMask, values: Tensor | Scalar): boolean {
  if (!(values instanceof Tensor) || values.sizes.length === 0) return true;
  return isWhole && values.sizes.length === 1 && values.sizes[0] === readCount(aligned);
}

function putMasked(target: Tensor, mask: Tensor, values: Tensor | Scalar): void {
  if (values instanceof Tensor && values.sizes.length > 0) maskedScatterKernel(target, mask, values);
  else maskedFillKernel(target, mask, fillValue("index_put_", values, target.dtype));
}

/** The values as they are written: broadcast to what the indices name, the dims of the index tensors first. */
function arrangeValues(values: Tensor, places: Plan): Tensor {
  const { resultShape } = places;
  const missing = resultShape.length - values.sizes.length;
  const fits = missing >= 0 && values.sizes.every((size, d) => size === 1 || size === resultShape[d + missing]);
  if (!fits) {
    throw new Error(
      `shape mismatch: value tensor of shape ${formatShape(values.sizes)} cannot be broadcast to indexing result of shape ${formatShape(resultShape)}`,
    );
  }
  return indexDimsFirst(broadcastView(values, resultShape), places);
}

function checkValuesDtype(input: Tensor, values: Tensor): void {
  if (values.dtype === input.dtype) return;
  throw new Error(
    `Index put requires the source and destination dtypes match, got ${scalarTypeName(input.dtype)} for the destination and ${scalarTypeName(values.dtype)} for the source.`,
  );
}

interface IndexPutArguments {
  readonly input: Tensor;
  readonly indices: IndexList;
  readonly values: Tensor | Scalar;
  readonly accumulate: boolean;
}

function isSingle(values: Tensor | Scalar): boolean {
  return !(values instanceof Tensor) || values.numel() === 1;
}

/**
 * Writes values to the elements that index tensors name, or adds them.
 *
 * @param indices one index tensor or mask for each of the first dims; null leaves a dim whole.
 * @param values broadcast to the shape that indexing gives.
 * @throws Error if the dtypes differ.
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.index_put_.html
 */
export const indexPut: InplaceOp<
  (input: Tensor, indices: IndexList, values: Tensor | Scalar, options?: { accumulate?: boolean }) => Tensor
> = op({
  name: "indexPut",
  variants: "function, method, inplace",
  params: { input: tensor, indices: indexList, values: operand, accumulate: flag },
  // One value for what a mask shows is written as `maskedFill` does it.
  overlap: ({ input, indices, values, accumulate }: IndexPutArguments) =>
    !accumulate && isSingle(values) && onlyMask(input, indices) !== undefined
      ? { values: "any" }
      : { indices: "none", values: "none" },
  forward: ({ input, indices, values, accumulate }, out) => {
    if (values instanceof Tensor) checkValuesDtype(input, values);
    const mask = accumulate ? undefined : onlyMask(input, indices);
    if (mask !== undefined && isMaskable(mask, values)) {
      return changed(input, out, (target) => putMasked(target, mask.aligned, values));
    }
    const places = plan(input, indices);
    const written = values instanceof Tensor ? arrangeValues(values, places) : values;
    return changed(input, out, (target) => indexPutKernel(target, places.indices, written, accumulate));
  },
  saves: ["indices"],
  derivative: {
    input: (grad, { indices, accumulate }) => (accumulate ? grad : grad.indexPut(indices as IndexList, 0)),
    values: (grad, { indices }) => index(grad, indices as IndexList),
  },
});
export const indexPut_: InplaceFunction<typeof indexPut> = inplace(indexPut);
