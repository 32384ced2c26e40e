/**
 * Elements read and written at the places that an index tensor of the same number of dims names: `gather`,
 * `scatter` and their relatives.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.gather.html
 */
import { flag, int, keyword, type Operand, operand, optional, tensor, word } from "../../arguments/params.js";
import { gather as gatherKernel, putFlat, take as takeKernel } from "../../backend/kernels.js";
import { int64, scalarTypeName } from "../../core/dtype.js";
import { broadcastShapes, formatShape, numelOf, type Shape, withDim, wrapDim } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { Args, InplaceOp, Op, Out } from "../types.js";
import { checkLong, checkPut } from "./checks.js";
import { checkIndex, isWithin, scatterInto } from "./scatterInto.js";
import { changed, padded } from "./target.js";

/**
 * `result[i][j] = input[index[i][j]][j]` for dim 0 of a matrix, and so on.
 *
 * @param index int64; at most as large as the input at the other dims. The result has its shape.
 * @throws RangeError if an index is out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.gather.html
 */
export const gather: Op<
  (input: Tensor, dim: number, index: Tensor, options?: { sparseGrad?: boolean } & Out) => Tensor
> = op({
  name: "gather",
  params: { input: tensor, dim: int, index: tensor, sparseGrad: keyword(flag) },
  out: true,
  overlap: { input: "none" },
  forward: ({ input, dim, index }) => {
    const d = wrapDim(dim, input.sizes.length);
    checkIndex("gather", input.sizes.length, index, "input");
    if (numelOf(index.sizes) > 0 && !isWithin(index.sizes, input.sizes, d)) {
      throw new Error(
        `Size does not match: expected index ${formatShape(index.sizes)} to be smaller than self ${formatShape(input.sizes)} apart from dimension ${d}`,
      );
    }
    const result = Tensor.empty(index.sizes, input.dtype);
    if (numelOf(index.sizes) > 0) gatherKernel(result, input, d, index);
    return result;
  },
  saves: ["index"],
  derivative: {
    input: (grad, { input, dim, index }) => grad.newZeros(input.sizes).scatterAdd_(dim, index, grad),
  },
});

/** The gradient of a source: that of what was written, and zeros for the rest of it. */
function sourceGradient(grad: Tensor, dim: number, index: Tensor, { sizes }: { readonly sizes: Shape }): Tensor {
  if (numelOf(index.sizes) === 0) return grad.newZeros(sizes);
  return padded(grad.gather(dim, index), sizes);
}

/**
 * `result[index[i][j]][j] = src[i][j]` for dim 0 of a matrix, and so on; the rest is that of the input.
 *
 * @param index int64; where indices repeat, one of the values wins.
 * @param src a tensor at least as large as the index, or a number.
 * @param options.reduce `"add"` or `"multiply"`: combines with what is there; see also `scatterReduce`.
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.scatter_.html
 */
export const scatter: InplaceOp<
  (input: Tensor, dim: number, index: Tensor, src: Operand, options?: { reduce?: "add" | "multiply" } & Out) => Tensor
> = op({
  name: "scatter",
  variants: "function, method, inplace",
  params: { input: tensor, dim: int, index: tensor, src: operand, reduce: keyword(optional(word("add", "multiply"))) },
  out: true,
  overlap: { index: "none", src: "none" },
  forward: (args, out) => scatterInto("scatter", args, out, args.reduce ?? "assign"),
  overload: ({ src, reduce }) => (reduce === undefined ? 0 : 2) + (src instanceof Tensor ? 0 : 1),
  saves: ["index"],
  derivative: {
    input: (grad, { dim, index, reduce }) => {
      checkDifferentiable(reduce);
      return reduce === "add" ? grad : grad.scatter(dim, index, 0);
    },
    src: (grad, { dim, index, src, reduce }) => {
      checkDifferentiable(reduce);
      return sourceGradient(grad, dim, index, src as Tensor);
    },
  },
});

function checkDifferentiable(reduce: string | undefined): void {
  if (reduce !== "multiply") return;
  throw new Error('the derivative of scatter with reduce "multiply" is not implemented; use scatterReduce with "prod"');
}

/**
 * `result[index[i][j]][j] += src[i][j]` for dim 0 of a matrix, and so on.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.scatter_add_.html
 */
export const scatterAdd: InplaceOp<(input: Tensor, dim: number, index: Tensor, src: Tensor, options?: Out) => Tensor> =
  op({
    name: "scatterAdd",
    variants: "function, method, inplace",
    params: { input: tensor, dim: int, index: tensor, src: tensor },
    out: true,
    overlap: { index: "none", src: "none" },
    forward: (args, out) => scatterInto("scatter_add", args, out, "add"),
    saves: ["index"],
    savedFor: { index: "src" },
    derivative: {
      input: (grad) => grad,
      src: (grad, { dim, index, src }) => sourceGradient(grad, dim, index, src),
    },
  });

/**
 * The elements at flat, row-major positions; the result has the shape of the index.
 *
 * @param index int64; negative ones count from the end.
 * @see https://pytorch.org/docs/stable/generated/torch.take.html
 */
export const take: Op<(input: Tensor, index: Tensor, options?: Out) => Tensor> = op({
  name: "take",
  params: { input: tensor, index: tensor },
  out: true,
  overlap: "none",
  forward: ({ input, index }) => {
    checkLong("take", index);
    if (input.numel() === 0 && index.numel() > 0) throw new RangeError("take(): tried to take from an empty tensor");
    const result = Tensor.empty(index.sizes, input.dtype);
    if (index.numel() > 0) takeKernel(result, input, index);
    return result;
  },
  saves: ["index"],
  derivative: {
    input: (grad, { input, index }) => grad.newZeros(input.sizes).put_(index, grad, { accumulate: true }),
  },
});

/**
 * Writes the elements of a source to flat, row-major positions, or adds them with `accumulate`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.put_.html
 */
export const put: InplaceOp<
  (input: Tensor, index: Tensor, source: Tensor, options?: { accumulate?: boolean }) => Tensor
> = op({
  name: "put",
  variants: "function, method, inplace",
  params: { input: tensor, index: tensor, source: tensor, accumulate: flag },
  overlap: { index: "none", source: "none" },
  forward: ({ input, index, source, accumulate }, out) => {
    checkPut(input, index, source);
    return changed(input, out, (target) => {
      if (index.numel() > 0) putFlat(target, index, source, accumulate);
    });
  },
  saves: ["index"],
  derivative: {
    input: (grad, { index, accumulate }) => (accumulate ? grad : grad.put(index, grad.newZeros(index.sizes))),
    source: (grad, { index, source }) => grad.take(index).reshape(source.sizes),
  },
});

/**
 * `gather` with input and indices broadcast at the other dims; without a dim, of the flattened input.
 *
 * @example x.takeAlongDim(x.argsort(1), 1)
 * @see https://pytorch.org/docs/stable/generated/torch.take_along_dim.html
 */
export const takeAlongDim: Op<(input: Tensor, indices: Tensor, ...args: Args<[dim?: number], ["dim"], Out>) => Tensor> =
  op({
    name: "takeAlongDim",
    params: { input: tensor, indices: tensor, dim: optional(int) },
    out: true,
    overlap: { input: "none" },
    composite: ({ input, indices, dim }) => {
      if (indices.dtype !== int64) {
        throw new TypeError(
          `torch.take_along_dim(): dtype of indices should be Long but got ${scalarTypeName(indices.dtype)}`,
        );
      }
      if (dim === undefined) return gather(input.reshape(-1), 0, indices.reshape(-1));
      const [own, theirs] = [input.sizes, indices.sizes];
      if (own.length !== theirs.length) {
        throw new Error(
          `torch.take_along_dim(): input and indices should have the same number of dimensions, but got ${own.length} dimensions for input, and ${theirs.length} dimensions for indices`,
        );
      }
      const d = wrapDim(dim, own.length);
      const indexShape = broadcastShapes(withDim(own, d, theirs[d] ?? 1), theirs);
      const inputShape = broadcastShapes(own, withDim(theirs, d, own[d] ?? 1));
      return gather(input.broadcastTo(inputShape), d, indices.broadcastTo(indexShape));
    },
  });
