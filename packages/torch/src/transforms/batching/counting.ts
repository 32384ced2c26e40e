/** Counting into bins, for all entries of a batch: those of an entry follow those of the one before it. */
import { float32, float64, int64 } from "../../core/dtype.js";
import { Tensor } from "../../core/tensor.js";
import { Wrapper } from "../../core/wrapper.js";
import { tensor } from "../../ops/creation/data.js";
import { where } from "../../ops/indexing/masks.js";
import { mapResult } from "../../ops/results.js";
import { stack } from "../../ops/shape/joining.js";
import {
  evenEdges,
  type HistcArguments,
  type HistogramArguments,
  histogramOf,
  rangeOfBins,
} from "../../ops/sorting/bins.js";
import { bincount as ofOne } from "../../ops/sorting/searching.js";
import { entries, entriesAsRows } from "./align.js";
import type { BatchedCall } from "./call.js";
import { dynamicShape } from "./dynamicShape.js";
import type { Rule } from "./rules.js";

/** Whether the numbers of a tensor can be read here, and nobody asks for a derivative, which there is none of. */
function isPlain(value: Tensor): boolean {
  return !(value instanceof Wrapper || value.isMeta || value.requiresGrad || value.numel() === 0);
}

/** The first bin of each entry, as a column. */
function firstBins(call: BatchedCall, bins: number): Tensor {
  return entries(call, 1).mul(bins);
}

const bincount: Rule = (call) => {
  const weights = call.arg("weights") as Tensor | undefined;
  const isAsked = call.rank("input") === 1 && (weights === undefined || weights.sizes.length === 1);
  const input = call.full("input");
  if (!isAsked || input.dtype.isFloatingPoint || !isPlain(input) || input.amin().item() < 0) return undefined;
  const most = input.amax([1]);
  const minlength = call.arg("minlength") as number;
  const bins = Math.max(minlength, most.amax().item() + 1);
  if (Math.max(minlength, most.amin().item() + 1) !== bins) throw dynamicShape("bincount");
  if (weights !== undefined && weights.sizes[0] !== input.sizes[1]) return undefined;
  const places = input.to(int64).add(firstBins(call, bins)).reshape([-1]);
  const each = weights && call.full("weights").reshape([-1]);
  return ofOne(places, { ...(each && { weights: each }), minlength: call.size * bins }).view([call.size, bins]);
};

/** The arithmetic of the kernel, which is that of the dtype. */
const histc: Rule = (call) => {
  const input = entriesAsRows(call.full("input"));
  const { dtype } = input;
  if ((dtype !== float32 && dtype !== float64) || !isPlain(input)) return undefined;
  const asked = call.operation.signature.byName(call.given) as unknown as HistcArguments;
  const { bins } = asked;
  const ranges = Array.from({ length: call.size }, (_, i) => rangeOfBins({ ...asked, input: input.select(0, i) }));
  const [low, high] = [0, 1].map((end) =>
    tensor(
      ranges.map((range) => [range[end] as number]),
      { dtype },
    ),
  ) as [Tensor, Tensor];
  const width = where(low.lt(high), high.sub(low), 1);
  const bin = input
    .sub(low)
    .div(width)
    .mul(bins)
    .clampMax(bins - 1)
    .nanToNum(0)
    .to(int64);
  const isInside = input.ge(low).logicalAnd(input.le(high));
  // What is not counted has a bin of its own behind all others.
  const none = call.size * bins;
  const places = where(isInside, bin.add(firstBins(call, bins)), none).reshape([-1]);
  return ofOne(places, { minlength: none + 1 })
    .narrow(0, 0, none)
    .to(dtype)
    .view([call.size, bins]);
};

const histogram: Rule = (call) => {
  const asked = call.operation.signature.byName(call.given) as unknown as HistogramArguments;
  const { bins, range } = asked;
  const input = call.full("input");
  const isOfEach = !(bins instanceof Tensor) && range === undefined;
  if (isOfEach && !isPlain(input)) return undefined;
  const edges = () =>
    stack(Array.from({ length: call.size }, (_, i) => evenEdges(input.select(0, i), bins as number, range, 0)));
  const changes = isOfEach ? { bins: call.level.wrap(edges()) } : {};
  const found = call.level.run(() => histogramOf({ ...asked, ...changes }));
  return mapResult(found, (one) => call.level.full(one));
};

/** Rules of counting, by id. */
export const countingRules: Readonly<Record<string, Rule>> = { bincount, histc, histogram };
