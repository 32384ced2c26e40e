/** Operations that go along dims: reductions, scans, sorting, softmax, and views. */
import { inferSize, wrapDim } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { mapResult, type Result } from "../../ops/results.js";
import { stack } from "../../ops/shape/joining.js";
import { spread } from "./align.js";
import type { BatchedCall } from "./call.js";
import type { Rule } from "./rules.js";

/** A dim of an entry, as one of what it stands for. */
export function shifted(dim: number, rank: number): number {
  return wrapDim(dim, rank) + 1;
}

/** All tensors of a call in full, by name. */
function allFull(call: BatchedCall): Record<string, Tensor> {
  return Object.fromEntries(call.tensorNames.map((name) => [name, call.full(name)]));
}

function mapAll(tensors: Readonly<Record<string, Tensor>>, change: (tensor: Tensor) => Tensor): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, change(tensor)]));
}

/** Whether the dims of a reduction may be several. */
function takesSeveral(call: BatchedCall): boolean {
  return call.operation.definition.params.dim?.expected.includes("tuple") ?? false;
}

/** Drops the last dim of a batch of numbers that got one so that there is a dim to go along. */
function dropped(result: Result): Result {
  return mapResult(result, (tensor) => tensor.squeeze(1));
}

/** What goes along one dim and keeps its size or changes it: scans, sorting, softmax, flips, `topk`. */
export function along(name = "dim"): Rule {
  return (call) => {
    const tensors = allFull(call);
    const rank = largestOf(call);
    const dim = call.arg(name) as number | null | undefined;
    if (dim === undefined || dim === null) return undefined;
    if (rank > 0) return call.run({ ...tensors, [name]: shifted(dim, rank) });
    wrapDim(dim, 1);
    return dropped(call.run({ ...mapAll(tensors, (tensor) => tensor.unsqueeze(1)), [name]: 1 }));
  };
}

function largestOf(call: BatchedCall): number {
  return Math.max(...call.tensorNames.map((name) => call.rank(name)));
}

/** A reduction over one dim, over several, or over all where none is given. */
export const reducing: Rule = (call) => {
  const { names } = call.operation.signature;
  const input = call.full("input");
  const rank = input.sizes.length - 1;
  const keepdim = names.includes("keepdim") ? { keepdim: call.arg("keepdim") } : {};
  const none = names.includes("keepdim") ? { keepdim: false } : {};
  const dim = call.arg("dim") as number | readonly number[] | null | undefined;
  const several = takesSeveral(call);
  const isAll = dim === undefined || dim === null || (Array.isArray(dim) && dim.length === 0);
  if (rank === 0) {
    for (const d of isAll ? [] : [dim].flat()) wrapDim(d as number, 1);
    return call.run({ input: input.unsqueeze(1), dim: several ? [1] : 1, ...none });
  }
  if (!isAll) {
    const wanted = Array.isArray(dim) ? dim.map((d) => shifted(d, rank)) : shifted(dim as number, rank);
    return call.run({ input, dim: wanted, ...keepdim });
  }
  const inner = Array.from({ length: rank }, (_, d) => d + 1);
  if (several) return call.run({ input, dim: inner, ...keepdim });
  const flat = input.reshape([call.size, call.tensor("input").numel()]);
  const result = call.run({ input: flat, dim: 1, ...none });
  if (!call.arg("keepdim")) return result;
  return mapResult(result, (tensor) => tensor.view([call.size, ...inner.map(() => 1)]));
};

/** A reduction of all elements whose operation has no dim, by another that has one. */
export function reducingAll(reduce: (flat: Tensor) => Tensor): Rule {
  return (call) => {
    const count = call.tensor("input").numel();
    return count === 0 ? undefined : reduce(call.full("input").reshape([call.size, count]));
  };
}

/** Views and movements whose dims stand under these names. */
export function dimsAt(...dims: readonly string[]): Rule {
  return (call) => {
    const tensors = allFull(call);
    const rank = largestOf(call);
    const moved = dims.map((name) => {
      const given = call.arg(name) as number | readonly number[];
      return [name, typeof given === "number" ? shifted(given, rank) : given.map((d) => shifted(d, rank))];
    });
    return call.run({ ...tensors, ...Object.fromEntries(moved) });
  };
}

/** Views by a shape. */
export function shapeAt(name: string): Rule {
  return (call) => {
    const shape = inferSize(call.arg(name) as readonly number[], call.tensor("input").numel());
    return call.run({ [name]: [call.size, ...shape] });
  };
}

/** The tensors of a list in full, of which an operation makes one along a dim. */
export const joining =
  (isNew: boolean): Rule =>
  (call) => {
    const given = call.arg("tensors") as readonly Tensor[];
    const rank = Math.max(...given.map((tensor) => tensor.sizes.length)) + (isNew ? 1 : 0);
    const dim = call.arg("dim") as number;
    // Tensors of one dim and no elements are left out, whatever the others' shape is.
    const counted = isNew
      ? given
      : given.filter(({ sizes }) => sizes.length === rank || sizes.length !== 1 || sizes[0] !== 0);
    const parts = counted.length === 0 ? given : counted;
    return call.run({ tensors: parts.map((tensor) => call.level.full(tensor)), dim: shifted(dim, rank) });
  };

/** Rules of views and of what moves elements, by id. */
export const viewRules: Readonly<Record<string, Rule>> = {
  transpose: dimsAtOrNumbers("dim0", "dim1"),
  swapaxes: dimsAtOrNumbers("dim0", "dim1"),
  swapdims: dimsAtOrNumbers("dim0", "dim1"),
  t: (call) => {
    const value = call.value("input");
    if (call.rank("input") > 2)
      throw new Error(`t() expects a tensor with <= 2 dimensions, but self is ${call.rank("input")}D`);
    return call.rank("input") < 2 ? value.viewAs(value) : value.transpose(1, 2);
  },
  permute: (call) => {
    const rank = call.rank("input");
    const dims = call.arg("dims") as readonly number[];
    if (dims.length !== rank) {
      throw new Error(
        `permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. input.dim() = ${rank} is not equal to len(dims) = ${dims.length}`,
      );
    }
    return call.run({ dims: [0, ...dims.map((d) => shifted(d, rank))] });
  },
  select: dimsAt("dim"),
  slice: dimsAt("dim"),
  unbind: dimsAt("dim"),
  "split.size": dimsAt("dim"),
  splitWithSizes: dimsAt("dim"),
  diagonal: dimsAt("dim1", "dim2"),
  unfold: (call) => {
    const rank = call.rank("input");
    if (rank === 0) return undefined;
    return call.run({ dimension: shifted(call.arg("dimension") as number, rank) });
  },
  view: shapeAt("shape"),
  unsafeView: shapeAt("shape"),
  expand: (call) => {
    const size = call.arg("size") as readonly number[];
    if (size.length < call.rank("input")) return undefined;
    return call.run({ input: spread(call.value("input"), size.length), size: [call.size, ...size] });
  },
  unsqueeze: (call) => call.run({ dim: shifted(call.arg("dim") as number, call.rank("input") + 1) }),
  squeeze: (call) => {
    const rank = call.rank("input");
    const given = call.arg("dim") as number | readonly number[] | null | undefined;
    const all = Array.from({ length: rank }, (_, d) => d);
    if (rank === 0) {
      const input = call.value("input");
      return input.viewAs(input);
    }
    const dims = given === undefined || given === null ? all : [given].flat().map((d) => wrapDim(d, rank));
    const ones = dims.filter((d) => call.tensor("input").sizes[d] === 1).map((d) => d + 1);
    const input = call.value("input");
    return ones.length === 0 ? input.viewAs(input) : call.run({ dim: ones });
  },
  asStrided: (call) => {
    const value = call.value("input");
    const [batchStride] = value.stride();
    const offset = (call.arg("storageOffset") as number | null | undefined) ?? value.storageOffset();
    return value.asStrided(
      [call.size, ...(call.arg("size") as readonly number[])],
      [batchStride as number, ...(call.arg("stride") as readonly number[])],
      offset,
    );
  },
  flip: dimsAt("dims"),
  roll: (call) => {
    const rank = call.rank("input");
    const dims = call.arg("dims") as readonly number[];
    if (dims.length > 0 && rank > 0) return call.run({ dims: dims.map((d) => shifted(d, rank)) });
    const input = call.value("input");
    const flat = input.reshape([call.size, call.tensor("input").numel()]);
    return flat.roll(call.arg("shifts") as number[], [1]).view(input.sizes);
  },
  rot90: dimsAt("dims"),
  repeat: (call) => {
    const repeats = call.arg("repeats") as readonly number[];
    return call.run({ input: spread(call.value("input"), repeats.length), repeats: [1, ...repeats] });
  },
  diagEmbed: (call) => {
    const rank = call.rank("input") + 1;
    return call.run({
      dim1: shifted(call.arg("dim1") as number, rank),
      dim2: shifted(call.arg("dim2") as number, rank),
    });
  },
  tril: lastTwo,
  triu: lastTwo,
  selectScatter: dimsAt("dim"),
  sliceScatter: dimsAt("dim"),
  diagonalScatter: dimsAt("dim1", "dim2"),
  asStridedScatter: (call) => {
    // Places in memory are counted from where an entry begins.
    const input = call.full("input");
    const src = call.full("src");
    const offset = (call.arg("storageOffset") as number | undefined) ?? input.storageOffset();
    const made = Array.from({ length: call.size }, (_, i) => {
      const entry = { input: input.select(0, i), src: src.select(0, i), storageOffset: offset + i * input.stride(0) };
      return call.run(entry) as Tensor;
    });
    return made.length === 0 ? undefined : stack(made);
  },
  cat: joining(false),
  concat: joining(false),
  concatenate: joining(false),
  stack: joining(true),
};

function lastTwo(call: BatchedCall): Result | undefined {
  return call.rank("input") < 2 ? undefined : call.run();
}

/** Two dims that may be those of a number, which has one for this. */
function dimsAtOrNumbers(...names: readonly string[]): Rule {
  const rule = dimsAt(...names);
  return (call) => {
    if (call.rank("input") > 0) return rule(call);
    for (const name of names) wrapDim(call.arg(name) as number, 1);
    const input = call.value("input");
    return input.viewAs(input);
  };
}

const reductions =
  "sum nansum mean amax amin logsumexp var std varMean stdMean any all countNonzero norm prod argmax argmin";
const scans =
  "cumsum cumprod cummax cummin logcumsumexp logcumsumexpBackward sort argsort topk glu softmax logSoftmax softmaxBackward logSoftmaxBackward";
const picks = "max.dim min.dim median.dim nanmedian.dim mode kthvalue";

/** Rules of reductions and scans, by id. */
export const reductionRules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(reductions.split(" ").map((id) => [id, reducing])),
  ...Object.fromEntries(scans.split(" ").map((id) => [id, along()])),
  ...Object.fromEntries(picks.split(" ").map((id) => [id, reducing])),
  "max.all": reducingAll((flat) => flat.amax(1)),
  "min.all": reducingAll((flat) => flat.amin(1)),
  "median.all": reducingAll((flat) => flat.median(1).values),
  "nanmedian.all": reducingAll((flat) => flat.nanmedian(1).values),
};
