/** Order: sorting, selecting the largest. */
import { flag, flagOn, int, keyword, optional, tensor } from "../../arguments/params.js";
import { kthvalue as kthvalueKernel, sort as sortKernel, topk as topkKernel } from "../../backend/kernels.js";
import { int64 } from "../../core/dtype.js";
import { wrapDim } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { named, op } from "../define.js";
import { picked, scatterBack, type ValuesAndIndices } from "../reductions/reducing.js";
import type { Args, Op, Out } from "../types.js";

type Out2 = { out?: readonly [Tensor, Tensor] };
type SortOptions = { descending?: boolean; stable?: boolean };

const sorting = { input: tensor, dim: optional(int, -1), descending: flag, stable: keyword(flag) };

function sorted(input: Tensor, dim: number, descending: boolean): ValuesAndIndices {
  const d = wrapDim(dim, input.sizes.length);
  const values = Tensor.empty(input.sizes, input.dtype);
  const indices = Tensor.empty(input.sizes, int64);
  sortKernel(values, indices, input, d, descending);
  return named({ values, indices });
}

/**
 * The elements in ascending order along a dim, and where each of them was; always stable, NaN counts as the greatest.
 *
 * @param dim the last one by default.
 * @example const { values, indices } = torch.tensor([3, 1, 2]).sort({ descending: true });
 * @see https://pytorch.org/docs/stable/generated/torch.sort.html
 */
export const sort: Op<(input: Tensor, ...args: Args<[dim?: number], ["dim"], SortOptions & Out2>) => ValuesAndIndices> =
  op({
    name: "sort",
    params: sorting,
    out: 2,
    forward: ({ input, dim, descending }) => sorted(input, dim, descending),
    saves: ["results"],
    derivative: {
      input: (grad, { input, results, dim }) => scatterBack(grad, results[1] as Tensor, input.sizes, dim, true),
    },
  });

/**
 * The indices that sort a tensor along a dim; see `sort`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.argsort.html
 */
export const argsort: Op<(input: Tensor, ...args: Args<[dim?: number], ["dim"], SortOptions>) => Tensor> = op({
  name: "argsort",
  params: sorting,
  forward: ({ input, dim, descending }) => sorted(input, dim, descending).indices,
});

/** `sort` along the first dim, without the indices. */
export const msort: Op<(input: Tensor, options?: Out) => Tensor> = op({
  name: "msort",
  params: { input: tensor },
  out: true,
  composite: ({ input }) => sort(input, 0).values,
});

/**
 * The `k` largest elements along a dim, and where they are.
 *
 * @param options.largest false for the smallest.
 * @param options.sorted whether the best comes first; true by default.
 * @throws RangeError if there are fewer than `k`.
 * @see https://pytorch.org/docs/stable/generated/torch.topk.html
 */
export const topk: Op<
  (
    input: Tensor,
    k: number,
    ...args: Args<[dim?: number], ["dim"], { largest?: boolean; sorted?: boolean } & Out2>
  ) => ValuesAndIndices
> = op({
  name: "topk",
  params: { input: tensor, k: int, dim: optional(int, -1), largest: flagOn, sorted: flagOn },
  out: 2,
  forward: ({ input, k, dim, largest, sorted: inOrder }) => {
    const d = wrapDim(dim, input.sizes.length);
    if (k < 0 || k > (input.sizes[d] ?? 1)) throw new RangeError("selected index k out of range");
    const sizes = input.sizes.map((size, i) => (i === d ? k : size));
    const values = Tensor.empty(sizes, input.dtype);
    const indices = Tensor.empty(sizes, int64);
    topkKernel(values, indices, input, input.sizes.length === 0 ? 1 : k, d, largest, inOrder);
    return named({ values, indices });
  },
  saves: ["results"],
  derivative: {
    input: (grad, { input, results, dim }) => scatterBack(grad, results[1] as Tensor, input.sizes, dim, true),
  },
});

/**
 * The k-th smallest element along a dim, counted from 1, and where it is.
 *
 * @param dim the last one by default.
 * @see https://pytorch.org/docs/stable/generated/torch.kthvalue.html
 */
export const kthvalue: Op<
  (input: Tensor, k: number, ...args: Args<[dim?: number], ["dim"], { keepdim?: boolean } & Out2>) => ValuesAndIndices
> = op({
  name: "kthvalue",
  params: { input: tensor, k: int, dim: optional(int, -1), keepdim: flag },
  out: 2,
  overlap: "none",
  forward: ({ input, k, dim, keepdim }) => {
    const d = wrapDim(dim, input.sizes.length);
    const size = input.sizes[d] ?? 1;
    if (k < 1 || k > size) throw new RangeError(`kthvalue(): selected number k out of range for dimension ${d}`);
    return picked(input, d, keepdim, (values, indices) => kthvalueKernel(values, indices, input, k, d));
  },
  saves: ["results"],
  derivative: {
    input: (grad, { input, results, dim, keepdim }) =>
      scatterBack(grad, results[1] as Tensor, input.sizes, dim, keepdim),
  },
});
