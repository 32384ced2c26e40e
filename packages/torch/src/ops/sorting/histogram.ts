/** Counts of elements by where they lie among edges. */
import {
  flag,
  int,
  ints,
  invalid,
  keyword,
  number,
  numbers,
  optional,
  type Param,
  tensor,
  tensors,
} from "../../arguments/params.js";
import { histc as histcKernel } from "../../backend/kernels.js";
import { formatShape, numelOf, sameShape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { zeros } from "../creation/filled.js";
import { type Named, named, op } from "../define.js";
import type { Args, FunctionOp, Op, Out } from "../types.js";
import {
  checkDtype,
  counts,
  densities,
  evenEdges,
  givenEdges,
  type Histogram,
  histogramOf,
  rangeOfBins,
} from "./bins.js";

type HistogramOptions = { range?: readonly number[]; weight?: Tensor | null; density?: boolean };

const bins: Param<number | Tensor> = {
  ...(tensor as Param<number | Tensor>),
  expected: "int or Tensor",
  read: (value) => (value instanceof Tensor ? value : int.read(value)),
};

/**
 * How many elements lie in each of equal parts of [min, max]; NaNs and what is outside are not counted.
 *
 * @param min with `max`, the range; that of the elements if both are equal.
 * @see https://pytorch.org/docs/stable/generated/torch.histc.html
 */
export const histc: Op<
  (input: Tensor, ...args: Args<[bins?: number, min?: number, max?: number], ["bins", "min", "max"], Out>) => Tensor
> = op({
  name: "histc",
  params: { input: tensor, bins: optional(int, 100), min: optional(number, 0), max: optional(number, 0) },
  out: true,
  overlap: "any",
  forward: ({ input, bins, min, max }) => {
    const [low, high] = rangeOfBins({ input, bins, min, max });
    const result = zeros([bins], { dtype: input.dtype });
    if (input.numel() > 0) histcKernel(result, input, low, high);
    return result;
  },
});

/**
 * How many elements lie between edges; each part has its lower edge, and the last one its upper edge too.
 *
 * @param bins how many parts of one width, or a tensor with the edges.
 * @param options.range the first edge and the last; those of the elements by default.
 * @param options.weight what each element counts; 1 by default.
 * @param options.density whether to divide so that the areas of all bars sum to 1.
 * @example torch.histogram(torch.tensor([1, 2, 1]), 4, { range: [0, 3] }).hist // tensor([0., 2., 1., 0.])
 * @see https://pytorch.org/docs/stable/generated/torch.histogram.html
 */
export const histogram: Op<
  (input: Tensor, bins: number | Tensor, options?: HistogramOptions & { out?: readonly [Tensor, Tensor] }) => Histogram
> = op({
  name: "histogram",
  params: {
    input: tensor,
    bins,
    range: keyword(optional(numbers)),
    weight: keyword(optional(tensor)),
    density: flag,
  },
  out: 2,
  overlap: "any",
  forward: (given) => histogramOf(given),
});

/** What a call of `histogramdd` may ask for: bins for all dims, their number for each, or the edges for each. */
type BinsOfDims = number | readonly number[] | readonly Tensor[];

const binsOfDims: Param<BinsOfDims> = {
  ...(tensors as Param<BinsOfDims>),
  expected: "int, tuple of ints or list of Tensors",
  read: (value) => {
    const one = int.read(value);
    if (one !== invalid) return one;
    const several = ints.read(value);
    return several === invalid ? tensors.read(value) : several;
  },
};

/**
 * How many points lie in each cell of a grid; `histogram` in several dims.
 *
 * @param input points, one in each row of the last dim; the dims before it are flattened.
 * @param bins how many parts of one width, for all coordinates or for each, or a tensor with the edges for each.
 * @param options.range the first edge and the last of each coordinate, one after the other.
 * @param options.weight what each point counts, in the shape of the input without its last dim; 1 by default.
 * @param options.density whether to divide by the sum and the volume of the cells.
 * @example
 * torch.histogramdd(torch.tensor([[0, 1], [1, 0], [2, 0], [2, 2]]), 3).hist
 * // tensor([[0., 1., 0.], [1., 0., 0.], [1., 0., 1.]])
 * @see https://pytorch.org/docs/stable/generated/torch.histogramdd.html
 */
export const histogramdd: FunctionOp<
  (input: Tensor, bins: BinsOfDims, options?: HistogramOptions) => Named<{ hist: Tensor; binEdges: readonly Tensor[] }>
> = op({
  name: "histogramdd",
  variants: "function",
  params: {
    input: tensor,
    bins: binsOfDims,
    range: keyword(optional(numbers)),
    weight: keyword(optional(tensor)),
    density: flag,
  },
  composite: ({ input, bins: wanted, range, weight, density }) => {
    checkPoints(input, weight);
    const count = input.sizes.at(-1) as number;
    const each = typeof wanted === "number" ? new Array<number>(count).fill(wanted) : wanted;
    if (each.length !== count) {
      throw new Error(
        `torch.histogramdd: expected ${count} sequences of bin edges for a ${count}-dimensional histogram but got ${each.length}`,
      );
    }
    if (range !== undefined && range.length !== 2 * count) {
      throw new Error(
        `torch.histogramdd: for a ${count}-dimensional histogram range should have ${2 * count} elements, but got ${range.length}`,
      );
    }
    const points = input.reshape(numelOf(input.sizes.slice(0, -1)), count);
    const binEdges = each.map((bins, d) =>
      bins instanceof Tensor
        ? givenEdges(input, bins)
        : evenEdges(points.select(1, d), bins, range?.slice(2 * d, 2 * d + 2), d),
    );
    const hist = counts(points, binEdges, weight?.reshape(-1));
    return named({ hist: density ? densities(hist, binEdges) : hist, binEdges });
  },
});

function checkPoints(input: Tensor, weight: Tensor | undefined): void {
  if (input.sizes.length < 2) throw new Error("torch.histogramdd: input tensor should have at least 2 dimensions");
  checkDtype(input);
  if (weight === undefined) return;
  if (!sameShape(weight.sizes, input.sizes.slice(0, -1))) {
    throw new Error(
      `torch.histogramdd: if weight tensor is provided it should have the same shape as the input tensor excluding its innermost dimension, but got input with shape ${formatShape(input.sizes)} and weight with shape ${formatShape(weight.sizes)}`,
    );
  }
  if (weight.dtype !== input.dtype) {
    throw new TypeError(
      `torch.histogramdd: if weight tensor is provided, input tensor and weight tensor should have the same dtype, but got input(${input.dtype}), and weight(${weight.dtype})`,
    );
  }
}
