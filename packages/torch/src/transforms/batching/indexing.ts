/** Picking elements by indices, and putting them at places. */
import { bool, int64 } from "../../core/dtype.js";
import { inverseOrder } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import type { Scalar } from "../../core/view.js";
import { arange } from "../../ops/creation/ranges.js";
import { isMask } from "../../ops/indexing/items.js";
import { where } from "../../ops/indexing/masks.js";
import { mapResult, type Result } from "../../ops/results.js";
import { searchsorted as searchsortedIn } from "../../ops/sorting/searching.js";
import { aligned, entries, entriesAsRows, spread } from "./align.js";
import type { BatchedCall } from "./call.js";
import { shifted } from "./dims.js";
import { dynamicShape } from "./dynamicShape.js";
import { merged } from "./products.js";
import type { Rule } from "./rules.js";

/** Operations along a dim on tensors of the same rank: `gather`, `scatter`. */
function sameRank(...others: readonly string[]): Rule {
  return (call) => {
    const names = ["input", ...others].filter((name) => call.arg(name) instanceof Tensor);
    const rank = call.rank("input");
    const dim = call.arg("dim") as number;
    if (rank > 0) {
      if (names.some((name) => call.rank(name) !== rank && name !== "value")) return undefined;
      const tensors = Object.fromEntries(names.map((name) => [name, call.full(name)]));
      return call.run({ ...tensors, dim: shifted(dim, rank) });
    }
    if (names.some((name) => call.rank(name) !== 0)) return undefined;
    const tensors = Object.fromEntries(names.map((name) => [name, call.full(name).unsqueeze(1)]));
    return mapResult(call.run({ ...tensors, dim: 1 }), (tensor) => tensor.squeeze(1));
  };
}

const indexSelect: Rule = (call) => {
  const rank = call.rank("input");
  if (rank === 0 || call.rank("index") > 1) return undefined;
  const dim = shifted(call.arg("dim") as number, rank);
  if (!call.isBatched("index")) return call.run({ dim });
  // Each entry picks for itself: by indices that are as large as what is picked.
  const input = call.full("input");
  const index = call.rank("index") === 0 ? call.value("index").unsqueeze(1) : call.value("index");
  const count = index.sizes[1] as number;
  const shape = input.sizes.map((size, d) => (d === dim ? count : size));
  const ones = input.sizes.map((_, d) => (d === 0 ? call.size : d === dim ? count : 1));
  return input.gather(dim, index.to(int64).view(ones).expand(shape));
};

/** What puts slices along a dim by one index for all entries. */
function slicesAlong(other: string): Rule {
  return (call) => {
    const rank = call.rank("input");
    if (rank === 0 || call.isBatched("index")) return undefined;
    const source = call.arg(other);
    if (!(source instanceof Tensor))
      return call.run({ input: call.full("input"), dim: shifted(call.arg("dim") as number, rank) });
    if (other === "value" && call.isBatched(other)) return undefined;
    const given = other === "value" ? {} : { [other]: call.full(other) };
    if (other !== "value" && call.rank(other) !== rank) return undefined;
    return call.run({ input: call.full("input"), ...given, dim: shifted(call.arg("dim") as number, rank) });
  };
}

/** `indexAdd` with an index of each entry: as additions to places in all entries together. */
const indexAdd: Rule = (call) => {
  const rank = call.rank("input");
  if (!call.isBatched("index")) return slicesAlong("source")(call);
  if (rank === 0 || call.rank("index") !== 1 || call.rank("source") !== rank) return undefined;
  const dim = shifted(call.arg("dim") as number, rank);
  const input = call.full("input").movedim(dim, 1);
  const source = call.full("source").movedim(dim, 1);
  const rows = input.sizes[1] as number;
  const places = call.value("index").to(int64).add(entries(call, 1).mul(rows)).reshape([-1]);
  const summed = call.run({ input: merged(input, 0), dim: 0, index: places, source: merged(source, 0) }) as Tensor;
  return summed.view(input.sizes).movedim(1, dim);
};

const embedding: Rule = (call) => {
  // Each entry counts for itself how often a row occurs.
  if (!call.isBatched("weight") && !call.arg("scaleGradByFreq")) return call.run();
  const weight = call.full("weight");
  const rows = weight.sizes[1] as number;
  const indices = call.full("indices");
  const places = indices.add(entries(call, indices.sizes.length - 1).mul(rows));
  const padded = withoutGradient(weight, call.arg("paddingIdx") as number);
  return call.run({ weight: merged(padded, 0), indices: places, paddingIdx: -1 });
};

/** The weights of the entries with a row, the same in all, that gets no gradient; a negative place is none. */
function withoutGradient(weight: Tensor, row: number): Tensor {
  if (row < 0 || !weight.requiresGrad) return weight;
  const isRow = arange(0, weight.sizes[1] as number, { dtype: int64 }).eq(row);
  return where(isRow.view([-1, ...new Array<number>(weight.sizes.length - 2).fill(1)]), weight.detach(), weight);
}

/** Indices by tensors: with a number of the entry before them where they differ from entry to entry. */
const index: Rule = (call) => {
  const given = call.arg("indices") as readonly (Tensor | null)[];
  if (given.some((one) => one?.dtype === bool && call.level.owns(one))) throw dynamicShape("index");
  if (!call.level.holds(given)) return byTheSame(call, given);
  const plan = planIndices(call, given);
  if (plan === undefined) return undefined;
  const input = call.full("input").permute(plan.order);
  const picked = call.run({ input, indices: plan.indices }) as Tensor;
  return picked.permute(plan.back);
};

/** Indices that are the same for all entries. Where there is a dim between them, what they give stands in front. */
function byTheSame(call: BatchedCall, given: readonly (Tensor | null)[]): Tensor {
  const picked = call.run({ indices: [null, ...given] }) as Tensor;
  const places = given.flatMap((one, i) => (one === null || one === undefined ? [] : [i]));
  const isTogether = places.every((place, i) => place === (places[0] as number) + i);
  if (isTogether) return picked;
  const width = Math.max(...places.map((i) => (isMask(given[i] as Tensor) ? 1 : (given[i] as Tensor).sizes.length)));
  return picked.movedim(width, 0);
}

interface IndexPlan {
  /** Puts the dims that are indexed behind the batch. */
  readonly order: readonly number[];
  readonly indices: readonly Tensor[];
  /** Puts the dims of the result where an entry has them. */
  readonly back: readonly number[];
}

function planIndices(call: BatchedCall, given: readonly (Tensor | null)[]): IndexPlan | undefined {
  if (given.some((one) => one !== null && isMask(one))) return undefined;
  const rank = call.rank("input");
  const indexed = given.flatMap((one, d) => (one === null || one === undefined ? [] : [d]));
  const others = Array.from({ length: rank }, (_, d) => d).filter((d) => !indexed.includes(d));
  const tensors = indexed.map((d) => given[d] as Tensor);
  const width = Math.max(...tensors.map((one) => one.sizes.length));
  const indices = [
    entries(call, width),
    ...tensors.map((one) => (call.level.owns(one) ? spread(one.value, width) : one)),
  ];
  const first = indexed[0] as number;
  const isTogether = indexed.every((d, i) => d === first + i);
  // The result is [batch, ...indices, ...others]; an entry has them where the first index was, or in front.
  const before = isTogether ? others.filter((d) => d < first).length : 0;
  const ofOthers = others.map((_, i) => 1 + width + i);
  const ofIndices = Array.from({ length: width }, (_, i) => 1 + i);
  return {
    order: [0, ...indexed.map((d) => d + 1), ...others.map((d) => d + 1)],
    indices,
    back: [0, ...ofOthers.slice(0, before), ...ofIndices, ...ofOthers.slice(before)],
  };
}

const indexPut: Rule = (call) => {
  const given = call.arg("indices") as readonly (Tensor | null)[];
  const values = call.arg("values");
  const masks = given.filter((one) => one !== null && one !== undefined && isMask(one)) as Tensor[];
  if (masks.length > 0) return putByMask(call, given, masks);
  const plan = planIndices(call, given);
  if (plan === undefined) return undefined;
  const input = call.full("input").permute(plan.order);
  const width = plan.indices[0]?.sizes.length as number;
  const inner = plan.indices.reduce<number[]>((shape, one) => {
    const sizes =
      one.sizes.length < width ? [...new Array<number>(width - one.sizes.length).fill(1), ...one.sizes] : one.sizes;
    return shape.length === 0 ? [...sizes] : shape.map((size, d) => (size === 1 ? (sizes[d] as number) : size));
  }, []);
  const shape = [...inner, ...input.sizes.slice(plan.indices.length)];
  // As an entry sees the values, they broadcast to what its index gives.
  const seen = plan.back.slice(1).map((d) => shape[d] as number);
  if (!(values instanceof Tensor)) {
    const filled = call.run({ input, indices: plan.indices }) as Tensor;
    return filled.permute(inverseOrder(plan.order));
  }
  const spreadValues = call.level.owns(values) ? spread(values.value, seen.length) : values;
  const all = spreadValues.expand([call.size, ...seen]);
  const inPlan = all.permute(inverseOrder(plan.back));
  const done = call.run({ input, indices: plan.indices, values: inPlan }) as Tensor;
  return done.permute(inverseOrder(plan.order));
};

/** A mask and nothing else: the same for all entries, or with one value for what it shows of each. */
function putByMask(
  call: BatchedCall,
  given: readonly (Tensor | null)[],
  [mask]: readonly Tensor[],
): Result | undefined {
  if (mask === undefined || given.length > 1) return undefined;
  const [input, values] = [call.full("input"), call.arg("values")];
  const shape = [...mask.sizes, ...new Array<number>(call.rank("input") - mask.sizes.length).fill(1)];
  if (!call.level.owns(mask)) {
    const seen = shape.length - mask.sizes.length + 1;
    const all = call.level.owns(values) ? spread(values.value, seen) : values;
    return call.run({ input, indices: [null, mask], values: all });
  }
  if (call.arg("accumulate") || (values instanceof Tensor && values.sizes.length > 0)) return undefined;
  const isShown = mask.value.to(bool).view([call.size, ...shape]);
  const value = call.level.owns(values) ? spread(values.value, shape.length) : values;
  return where(isShown, value instanceof Tensor ? value.to(input.dtype) : input.newFull([], value as Scalar), input);
}

/** A value that differs from entry to entry is no number any more that a mask could fill in. */
const maskedFill: Rule = (call) => {
  const args = aligned(call);
  const [input, mask, value] = args as [Tensor, Tensor, unknown];
  const shape = call.isBatched("input") ? input : input.expand([call.size, ...call.tensor("input").sizes]);
  if (!call.isBatched("value")) return call.operation.invoke("call", [shape, mask, value]);
  return where(mask, (value as Tensor).to(input.dtype), shape);
};

const take: Rule = (call) => {
  const index = call.full("index");
  const input = entriesAsRows(call.full("input"));
  if (!call.isBatched("input")) return call.tensor("input").take(call.value("index"));
  const count = input.sizes[1] as number;
  if (count === 0) return undefined;
  const flat = entriesAsRows(index);
  const places = where(flat.lt(0), flat.add(count), flat);
  return input.gather(1, places).view(index.sizes);
};

const searchsorted: Rule = (call) => {
  const names = call.tensorNames;
  if (!names.includes("input") || names.some((name) => call.rank(name) === 0 && name !== "input")) return undefined;
  const sequence = call.tensor("sortedSequence");
  const isShared = sequence.sizes.length === 1 && !call.isBatched("sortedSequence") && !call.isBatched("sorter");
  if (isShared) return call.run();
  if (sequence.sizes.length === 1) {
    // Each entry looks for its numbers, in any shape, in a row of its own.
    const input = call.full("input");
    const rows = names.filter((name) => name !== "input").map((name) => [name, call.full(name)]);
    const found = call.run({ ...Object.fromEntries(rows), input: entriesAsRows(input) }) as Tensor;
    return found.view(input.sizes);
  }
  if (call.rank("input") === 0) return undefined;
  return call.run(Object.fromEntries(names.map((name) => [name, call.full(name)])));
};

const bucketize: Rule = (call) => {
  if (!call.isBatched("boundaries")) return call.run();
  if (call.rank("boundaries") !== 1 || !(call.arg("input") instanceof Tensor)) return undefined;
  const input = call.full("input");
  const options = { right: call.arg("right") as boolean, outInt32: call.arg("outInt32") as boolean };
  return searchsortedIn(call.value("boundaries"), entriesAsRows(input), options).view(input.sizes);
};

/** Rules of indexing, by id. */
export const indexingRules: Readonly<Record<string, Rule>> = {
  gather: sameRank("index"),
  scatter: sameRank("index", "src"),
  scatterAdd: sameRank("index", "src"),
  scatterReduce: sameRank("index", "src"),
  indexSelect,
  indexAdd,
  indexCopy: slicesAlong("source"),
  indexReduce: slicesAlong("source"),
  indexFill: slicesAlong("value"),
  embedding,
  index,
  indexPut,
  maskedFill,
  take,
  searchsorted,
  bucketize,
  isin: (call) =>
    call.isBatched("testElements") || !(call.arg("elements") instanceof Tensor) ? undefined : call.run(),
  ...dynamic("nonzero.rows", "maskedSelect", "unique", "uniqueConsecutive"),
};

function dynamic(...ids: readonly string[]): Readonly<Record<string, Rule>> {
  return Object.fromEntries(
    ids.map((id) => [
      id,
      (call: BatchedCall): Result => {
        throw dynamicShape(call.operation.definition.name);
      },
    ]),
  );
}
