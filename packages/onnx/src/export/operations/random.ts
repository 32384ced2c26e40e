/** Random numbers: other ones each time that the file is run. */
import torch, { type DType } from "flambeau";
import type { Attributes } from "../builder.js";
import { int } from "../builder.js";
import type { Call, Translation, Translations } from "../call.js";
import type { Extent } from "../sizes.js";

const { float32, float64, float16, bool, int64 } = torch;

/** Numbers of a distribution, in a dtype that the operators have. */
function source(t: Call, opType: string, attributes: Attributes, sizes: readonly Extent[], dtype: DType): string {
  return t.opWith({ ...attributes, dtype }, opType, t.filled(sizes, 0, float32));
}

/** Numbers of a distribution in the shape and the dtype of the result. */
function drawn(t: Call, opType: string, attributes: Attributes): string {
  const { dtype } = t;
  const own = dtype === float64 || dtype === float16 ? dtype : float32;
  return t.cast(source(t, opType, attributes, t.out.sizes, own), own, dtype);
}

const uniform =
  (low: number, high: number): Translation =>
  (t) =>
    drawn(t, "RandomUniformLike", { low, high });

/** Numbers above 0, up to 1, of which logarithms are taken. */
function positive(t: Call, dtype: DType, sizes: readonly Extent[] = t.out.sizes): string {
  const numbers = source(t, "RandomUniformLike", { low: 0, high: 1 }, sizes, dtype);
  return t.op("Max", t.op("Sub", t.literal(1, dtype), numbers), t.literal(2 ** -25, dtype));
}

/** What is computed of random numbers, in a dtype in which that is done well. */
function computedOf(compute: (t: Call, dtype: DType) => string): Translation {
  return (t) => {
    const own = t.dtype === float64 || !t.dtype.isFloatingPoint ? float64 : float32;
    return t.cast(compute(t, own), own, t.dtype);
  };
}

const exponential = (t: Call, dtype: DType, sizes?: readonly Extent[]) =>
  t.op("Neg", t.op("Log", positive(t, dtype, sizes)));

/** Numbers with a mean and a standard deviation of their own each, or with one for all. */
const normal: Translation = (t) => {
  const numbers = drawn(t, "RandomNormalLike", { mean: 0, scale: 1 });
  return t.computed((dtype) => {
    const spread = t.op("Mul", t.cast(numbers, t.dtype, dtype), t.x("std", dtype));
    return t.op("Add", spread, t.x("mean", dtype));
  });
};

/** Whether numbers between 0 and 1 are below a probability. */
function bernoulli(t: Call, p: string, dtype: DType): string {
  const numbers = source(t, "RandomUniformLike", { low: 0, high: 1 }, t.out.sizes, float32);
  return t.cast(t.op("Less", numbers, p), bool, dtype);
}

const bernoulliInPlace: Translation = (t) => bernoulli(t, t.x(t.has("p") ? "p" : "input", float32), t.dtype);

/** Whole numbers from one up to, but not with, another. */
function integers(t: Call, low: number, high: number): string {
  const numbers = source(t, "RandomUniformLike", { low, high }, t.out.sizes, float64);
  return t.cast(t.op("Floor", numbers), float64, t.dtype);
}

const whole: Translation = (t) => {
  // With one number, or with the sizes in the second place, the first is the upper end.
  const isUpper = !t.has("high") || Array.isArray(t.arg("high"));
  return isUpper ? integers(t, 0, t.number("low")) : integers(t, t.number("low"), t.number("high"));
};

/** How many numbers a dtype has from 0 on, without gaps. */
function range(dtype: DType): number {
  if (dtype === bool) return 2;
  if (!dtype.isFloatingPoint) return Number(torch.iinfo(dtype).max) + 1;
  return 2 / torch.finfo(dtype).eps + 1;
}

const wholeInPlace: Translation = (t) => {
  if (!t.has("from")) return integers(t, 0, range(t.dtype));
  const first = t.number("from");
  if (t.arg("to") === undefined) return integers(t, 0, first);
  return integers(t, first, t.has("to") ? t.number("to") : range(t.dtype));
};

/** The order of random numbers. */
const permutation: Translation = (t) => {
  const { sizes } = t.out;
  if (sizes[0] === 0) return t.filled(sizes, 0, t.dtype);
  const numbers = source(t, "RandomUniformLike", { low: 0, high: 1 }, sizes, float32);
  const [, order] = t.ops(2, { axis: 0n }, "TopK", numbers, t.session.extents(sizes)) as [string, string];
  return t.cast(order, int64, t.dtype);
};

/**
 * Columns by weights. Without replacement they are those for which a number of an exponential distribution, divided by
 * the weight, is smallest.
 */
const multinomial: Translation = (t) => {
  const { rank, sizes, dtype } = t.value();
  if (t.out.sizes.includes(0)) return t.filled(t.out.sizes, 0, int64);
  const own = dtype === float64 ? float64 : float32;
  const weights = rank === 1 ? t.unsqueeze(t.x("input", own), 0) : t.x("input", own);
  const rows = rank === 1 ? [1, ...sizes] : sizes;
  const columns = (): string => {
    if (t.arg("replacement") === true) {
      const logs = t.cast(t.op("Log", weights), own, float32);
      return t.opWith({ sample_size: int(t.number("numSamples")), dtype: int64 }, "Multinomial", logs);
    }
    const keys = t.op("Div", weights, exponential(t, own, rows));
    const count = t.session.extent(t.extent("numSamples"));
    return t.ops(2, { axis: 1n }, "TopK", keys, count)[1] as string;
  };
  return rank === 1 ? t.squeeze(columns(), 0) : columns();
};

export const random: Translations = {
  rand: uniform(0, 1),
  randn: (t) => drawn(t, "RandomNormalLike", { mean: 0, scale: 1 }),
  randint: whole,
  randperm: permutation,
  randLike: uniform(0, 1),
  randnLike: (t) => drawn(t, "RandomNormalLike", { mean: 0, scale: 1 }),
  randintLike: whole,
  normal,
  multinomial,
  uniform_: (t) => drawn(t, "RandomUniformLike", { low: t.number("from"), high: t.number("to") }),
  normal_: (t) => drawn(t, "RandomNormalLike", { mean: t.number("mean"), scale: t.number("std") }),
  logNormal_: computedOf((t, dtype) =>
    t.op("Exp", source(t, "RandomNormalLike", { mean: t.number("mean"), scale: t.number("std") }, t.out.sizes, dtype)),
  ),
  exponential_: computedOf((t, dtype) => t.op("Div", exponential(t, dtype), t.literal(t.number("lambd"), dtype))),
  geometric_: computedOf((t, dtype) => {
    const trials = t.op("Div", exponential(t, dtype), t.literal(-Math.log1p(-t.number("p")), dtype));
    return t.op("Max", t.op("Ceil", trials), t.literal(1, dtype));
  }),
  cauchy_: computedOf((t, dtype) => {
    const angle = source(t, "RandomUniformLike", { low: -Math.PI / 2, high: Math.PI / 2 }, t.out.sizes, dtype);
    const spread = t.op("Mul", t.op("Tan", angle), t.literal(t.number("sigma"), dtype));
    return t.op("Add", spread, t.literal(t.number("median"), dtype));
  }),
  random_: wholeInPlace,
  bernoulli_: bernoulliInPlace,
  bernoulli: bernoulliInPlace,
};
