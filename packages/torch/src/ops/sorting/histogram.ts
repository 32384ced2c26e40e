/** Counts of elements by where they lie among edges. */
import {
  flag,
  int,
  ints,
  invalid,
  keyword,
  numbers,
  optional,
  type Param,
  tensor,
  tensors,
} from "../../arguments/params.js";
import { float32, float64, int64, scalarTypeName } from "../../core/dtype.js";
import { formatShape, numelOf, sameShape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { zeros } from "../creation/filled.js";
import { linspace } from "../creation/ranges.js";
import { type Named, named, op } from "../define.js";
import type { FunctionOp, Op } from "../types.js";
import { searchsorted } from "./searching.js";

type Histogram = Named<{ hist: Tensor; binEdges: Tensor }>;
type HistogramOptions = { range?: readonly number[]; weight?: Tensor | null; density?: boolean };

const bins: Param<number | Tensor> = {
  ...(tensor as Param<number | Tensor>),
  expected: "int or Tensor",
  read: (value) => (value instanceof Tensor ? value : int.read(value)),
};

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
  forward: ({ input, bins: wanted, range, weight, density }) => {
    checkDtype(input);
    if (weight !== undefined && !sameShape(weight.sizes, input.sizes)) {
      throw new Error(
        `torch.histogram: if weight tensor is provided it should have the same shape as the input tensor, but got input with shape [${input.sizes}] and weight with shape [${weight.sizes}]`,
      );
    }
    const binEdges = wanted instanceof Tensor ? givenEdges(input, wanted) : evenEdges(input, wanted, range, 0);
    const hist = counts(input.reshape(-1, 1), [binEdges], weight?.reshape(-1));
    return named({ hist: density ? densities(hist, [binEdges]) : hist, binEdges });
  },
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

function checkDtype(input: Tensor): void {
  if (input.dtype !== float32 && input.dtype !== float64)
    throw new TypeError(`"histogramdd" not implemented for '${scalarTypeName(input.dtype)}'`);
}

function givenEdges(input: Tensor, edges: Tensor): Tensor {
  if (edges.sizes.length !== 1) {
    throw new Error(
      `torch.histogram: bins tensor should have one dimension, but got ${edges.sizes.length} dimensions in the bins tensor`,
    );
  }
  if (edges.dtype !== input.dtype) {
    throw new TypeError(
      `torch.histogram: input tensor and bins tensors should have the same dtype, but got input with dtype ${input.dtype} and bins with dtype ${edges.dtype}`,
    );
  }
  checkCount(edges.numel() - 1, 0);
  return edges.clone();
}

function checkCount(count: number, dim: number): void {
  if (count < 1) throw new RangeError(`torch.histogram(): bins must be > 0, but got ${count} for dimension ${dim}`);
}

function evenEdges(input: Tensor, count: number, range: readonly number[] | undefined, dim: number): Tensor {
  checkCount(count, dim);
  const [low, high] = range === undefined ? rangeOf(input) : (range as readonly [number, number]);
  if (!Number.isFinite(low) || !Number.isFinite(high))
    throw new RangeError(`torch.histogram: dimension ${dim}'s range [${low}, ${high}] is not finite`);
  if (low > high) {
    throw new RangeError(
      `torch.histogram: min should not exceed max, but got min ${low} max ${high} for dimension ${dim}`,
    );
  }
  const [from, to] = low === high ? [low - 0.5, high + 0.5] : [low, high];
  return linspace(from, to, count + 1, { dtype: input.dtype });
}

function rangeOf(input: Tensor): readonly [number, number] {
  return input.numel() === 0 || input.isMeta ? [0, 1] : [input.amin().item(), input.amax().item()];
}

/** The sum of weights (1 each) of the points of shape [M, N] in each cell between N lists of edges. */
function counts(points: Tensor, edges: readonly Tensor[], weight: Tensor | undefined): Tensor {
  const sizes = edges.map((one) => one.numel() - 1);
  let cell = points.newZeros(points.sizes[0] as number, { dtype: int64 });
  let isInside = cell.eq(0);
  for (const [d, one] of edges.entries()) {
    const size = sizes[d] as number;
    const values = points.select(1, d).contiguous();
    const place = searchsorted(one, values, { right: true })
      .sub(1)
      .clamp(0, size - 1);
    cell = cell.mul(size).add(place);
    isInside = isInside.logicalAnd(values.ge(one.select(0, 0))).logicalAnd(values.le(one.select(0, size)));
  }
  const each =
    weight === undefined ? isInside.to(points.dtype) : weight.to(points.dtype).maskedFill(isInside.logicalNot(), 0);
  return zeros([numelOf(sizes)], { dtype: points.dtype, device: points.device })
    .indexAdd(0, cell, each)
    .reshape(sizes);
}

/** Counts divided by their sum and by the volumes of the cells. */
function densities(hist: Tensor, edges: readonly Tensor[]): Tensor {
  return edges.reduce((result, one, d) => {
    const widths = one.diff();
    return result.div(widths.reshape(edges.map((_, other) => (other === d ? -1 : 1))));
  }, hist.div(hist.sum()));
}
