/** Reductions. Their axes are an attribute at first, and an input later. */
import torch, { type Tensor } from "flambeau";
import { upTo } from "../../lists.js";
import { type NodeReader, numbersOf, tensorAt } from "../nodeReader.js";
import type { Inputs } from "../values.js";
import { type Family, type Operator, Outputs } from "./define.js";
import { dimOf, dimsOf, int64 } from "./dims.js";

/** Reduces some dims; the result keeps them. */
type Reduce = (x: Tensor, dims: readonly number[]) => Tensor;

/**
 * @param since the version from which the axes are an input.
 */
function reduction(since: number, compute: Reduce): Operator {
  return (node) => {
    const axes = node.intsOrInput("axes", 1, since);
    const [keepdims, isNothing] = [node.flag("keepdims", true), node.flag("noop_with_empty_axes")];
    return (inputs) => {
      const x = tensorAt(inputs, 0);
      const given = axes(inputs) ?? [];
      if (given.length === 0 && isNothing) return compute(x.unsqueeze(0), [0]).squeeze(0);
      const dims = given.length === 0 ? upTo(x.dim()) : dimsOf(given, x.dim());
      if (x.dim() === 0) return compute(x.unsqueeze(0), [0]).squeeze(0);
      const reduced = compute(x, dims).to(x.dtype);
      return keepdims ? reduced : reduced.reshape(x.shape.filter((_, d) => !dims.includes(d)));
    };
  };
}

const sum: Reduce = (x, dims) => x.sum([...dims], { keepdim: true, dtype: x.dtype });

const mean: Reduce = (x, dims) =>
  x.dtype.isFloatingPoint ? x.mean([...dims], { keepdim: true }) : x.double().mean([...dims], { keepdim: true });

const prod: Reduce = (x, dims) =>
  dims.reduce((product, dim) => product.prod(dim, { keepdim: true, dtype: x.dtype }), x);

/** The largest or smallest element; of no elements at all what is beyond every other. */
function extreme(name: "amax" | "amin"): Reduce {
  return (x, dims) => {
    if (dims.some((dim) => x.shape[dim] === 0)) {
      const shape = x.shape.map((size, dim) => (dims.includes(dim) ? 1 : size));
      return torch.full(shape, beyond(x, name === "amax"), { dtype: x.dtype });
    }
    if (x.dtype === torch.bool) return x.to(torch.uint8)[name]([...dims], { keepdim: true });
    return x[name]([...dims], { keepdim: true });
  };
}

function beyond({ dtype }: Tensor, isLow: boolean): number | bigint | boolean {
  if (dtype.isFloatingPoint) return isLow ? -Infinity : Infinity;
  if (dtype === torch.bool) return !isLow;
  const { min, max } = torch.iinfo(dtype);
  return isLow ? min : max;
}

/** A function of floating numbers, of whole ones too. */
function inFloat(compute: Reduce): Reduce {
  return (x, dims) => compute(x.dtype.isFloatingPoint ? x : x.double(), dims);
}

/** The place of the largest or smallest element; of equal ones the first, or the last. */
function place(name: "argmax" | "argmin"): Operator {
  return (node) => {
    const [axis, keepdim] = [node.int("axis", 0), node.flag("keepdims", true)];
    const isLast = node.flag("select_last_index");
    return (inputs) => {
      const x = tensorAt(inputs, 0);
      const dim = dimOf(axis, x.dim());
      if (!isLast) return x[name](dim, { keepdim });
      return x
        .flip([dim])
        [name](dim, { keepdim })
        .neg()
        .add((x.shape[dim] as number) - 1);
    };
  };
}

/** The first elements of an order. Of equal ones the first comes first, so it has to be a sort that keeps their order. */
function topK(node: NodeReader) {
  const attribute = node.version < 10 ? node.requiredInt("k") : undefined;
  const k = attribute === undefined ? node.numberIn(1) : () => attribute;
  const [axis, descending] = [node.int("axis", -1), node.flag("largest", true)];
  return (inputs: Inputs) => {
    const x = tensorAt(inputs, 0);
    const dim = dimOf(axis, x.dim());
    const { values, indices } = x.sort({ dim, descending, stable: true });
    const count = k(inputs) ?? 0;
    return new Outputs(values.narrow(dim, 0, count), indices.narrow(dim, 0, count));
  };
}

/** The different elements or slices, where each is first, which of them each element is, and how many there are. */
function unique(node: NodeReader) {
  const [axis, isSorted] = [node.int("axis"), node.flag("sorted", true)];
  return (inputs: Inputs) => {
    const given = tensorAt(inputs, 0).detach();
    const x = axis === undefined ? given.reshape([-1]) : given;
    const dim = axis === undefined ? 0 : dimOf(axis, x.dim());
    const options = { returnInverse: true, returnCounts: true } as const;
    const [values, inverse, counts] = torch.unique(x, { ...options, dim }) as unknown as [Tensor, Tensor, Tensor];
    const first = new Array<number>(counts.numel()).fill(-1);
    const places = numbersOf(inverse);
    for (let i = places.length - 1; i >= 0; i--) first[places[i] as number] = i;
    if (isSorted) return new Outputs(values, int64(first), inverse.reshape([-1]), counts);
    const order = int64(upTo(first.length).sort((a, b) => (first[a] as number) - (first[b] as number)));
    const ranks = order.argsort();
    const pick = (x: Tensor, along = 0) => x.indexSelect(along, order);
    return new Outputs(
      pick(values, dim),
      pick(int64(first)),
      ranks.indexSelect(0, inverse.reshape([-1])),
      pick(counts),
    );
  };
}

export const reductions: Family = {
  ArgMax: place("argmax"),
  ArgMin: place("argmin"),
  ReduceL1: reduction(18, (x, dims) => sum(x.abs(), dims)),
  ReduceL2: reduction(
    18,
    inFloat((x, dims) => sum(x.square(), dims).sqrt()),
  ),
  ReduceLogSum: reduction(
    18,
    inFloat((x, dims) => sum(x, dims).log()),
  ),
  ReduceLogSumExp: reduction(
    18,
    inFloat((x, dims) => x.logsumexp([...dims], { keepdim: true })),
  ),
  ReduceMax: reduction(18, extreme("amax")),
  ReduceMean: reduction(18, mean),
  ReduceMin: reduction(18, extreme("amin")),
  ReduceProd: reduction(18, prod),
  ReduceSum: reduction(13, sum),
  ReduceSumSquare: reduction(18, (x, dims) => sum(x.square(), dims)),
  TopK: topK,
  Unique: unique,
};
