/** Loss functions. */
import torch, { type DType } from "flambeau";
import { upTo } from "../../lists.js";
import { int } from "../builder.js";
import type { Call, Translation, Translations } from "../call.js";
import { softplusFormula } from "./activations.js";

const { bool, int64 } = torch;

/** The losses put together as the call says. */
function put(t: Call, losses: string, rank: number): string {
  const how = t.arg("reduction");
  if (how === "none" || rank === 0) return losses;
  const all = upTo(rank);
  const isEmpty = [t.value(), t.value("target")].some(({ sizes }) => sizes.includes(0));
  if (how === "mean" && isEmpty) return t.literal(Number.NaN, t.dtype);
  return t.reduce(how === "mean" ? "ReduceMean" : "ReduceSum", losses, all, false);
}

function elementwise(compute: (t: Call, input: string, target: string, dtype: DType) => string): Translation {
  return (t) =>
    t.computed((dtype) => {
      const losses = compute(t, t.x("input", dtype), t.x("target", dtype), dtype);
      const weighed = t.has("weight") ? t.op("Mul", losses, t.x("weight", dtype)) : losses;
      return put(t, weighed, Math.max(t.value().rank, t.value("target").rank));
    });
}

const distance = (t: Call, a: string, b: string) => t.op("Abs", t.op("Sub", a, b));

/** Half the square near zero, and a line beyond a border. */
function rounded(t: Call, a: string, b: string, dtype: DType, border: number, slope: number): string {
  const number = (value: number) => t.literal(value, dtype);
  const away = distance(t, a, b);
  const near = t.op("Mul", t.op("Mul", away, away), number((0.5 * slope) / border));
  const far = t.op("Mul", t.op("Sub", away, number(0.5 * border)), number(slope));
  return t.where(t.op("Less", away, number(border)), near, far);
}

const binaryCrossEntropy = elementwise((t, input, target, dtype) => {
  const number = (value: number) => t.literal(value, dtype);
  const log = (x: string) => t.op("Max", t.op("Log", x), number(-100));
  const yes = t.op("Mul", target, log(input));
  const no = t.op("Mul", t.op("Sub", number(1), target), log(t.op("Sub", number(1), input)));
  return t.op("Neg", t.op("Add", yes, no));
});

const withLogits = elementwise((t, input, target, dtype) => {
  const one = t.literal(1, dtype);
  const yes = softplusFormula(t, t.op("Neg", input), dtype);
  const rest = t.op("Mul", t.op("Sub", one, target), input);
  if (!t.has("posWeight")) return t.op("Add", rest, yes);
  const more = t.op("Mul", t.op("Sub", t.x("posWeight", dtype), one), target);
  return t.op("Add", rest, t.op("Mul", yes, t.op("Add", more, one)));
});

const ignored = (t: Call) => int(t.number("ignoreIndex"));

/** The loss, with `[classes, …]` as a batch of one. */
function ofClasses(t: Call, run: (input: string, target: string, weight: string | undefined) => string): string {
  return t.computed((dtype) => {
    const weight = t.optional("weight", dtype);
    const [x, target] = [t.x("input", dtype), t.x("target", int64)];
    if (t.value().rank > 1) return run(x, target, weight);
    const made = run(t.unsqueeze(x, 0), t.unsqueeze(target, 0), weight);
    return t.arg("reduction") === "none" ? t.squeeze(made, 0) : made;
  });
}

const crossEntropy: Translation = (t) => {
  const smoothing = t.has("labelSmoothing") ? t.number("labelSmoothing") : 0;
  if (smoothing !== 0) return smoothedCrossEntropy(t, smoothing);
  const attributes = { ignore_index: ignored(t), reduction: String(t.arg("reduction")) };
  return ofClasses(t, (x, target, weight) => t.opWith(attributes, "SoftmaxCrossEntropyLoss", x, target, weight));
};

/** A share of the target spread over all classes. */
function smoothedCrossEntropy(t: Call, smoothing: number): string {
  return t.computed((dtype) => {
    const { rank, sizes } = t.value();
    const dim = rank === 1 ? 0 : 1;
    const number = (value: number) => t.literal(value, dtype);
    const count = sizes[dim] as number;
    const logs = t.opWith({ axis: int(dim) }, "LogSoftmax", t.x("input", dtype));
    const target = t.x("target", int64);
    const isKept = t.op("Not", t.op("Equal", target, t.literal(t.number("ignoreIndex"), int64)));
    const kept = t.cast(isKept, bool, dtype);
    const place = t.where(isKept, target, t.literal(0, int64));
    const shape = sizes.map((_, d) => (d === dim ? count : 1));
    const weight = t.has("weight") ? t.reshape(t.x("weight", dtype), [count], shape) : undefined;
    const weighed = weight === undefined ? logs : t.op("Mul", logs, weight);
    const picked = t.squeeze(t.opWith({ axis: int(dim) }, "GatherElements", weighed, t.unsqueeze(place, dim)), dim);
    const spread = t.reduce("ReduceSum", weighed, [dim], false);
    const sum = t.op(
      "Add",
      t.op("Mul", picked, number(smoothing - 1)),
      t.op("Mul", spread, number(-smoothing / count)),
    );
    const losses = t.op("Mul", sum, kept);
    if (t.arg("reduction") !== "mean") return put(t, losses, rank - 1);
    const weights = weight === undefined ? kept : t.op("Mul", kept, t.op("Gather", t.x("weight", dtype), place));
    const total = (x: string) => t.reduce("ReduceSum", x, upTo(rank - 1), false);
    return t.op("Div", total(losses), total(weights));
  });
}

const nllLoss: Translation = (t) => {
  const attributes = { ignore_index: ignored(t), reduction: String(t.arg("reduction")) };
  return ofClasses(t, (x, target, weight) => t.opWith(attributes, "NegativeLogLikelihoodLoss", x, target, weight));
};

export const losses: Translations = {
  mseLoss: elementwise((t, a, b) => {
    const difference = t.op("Sub", a, b);
    return t.op("Mul", difference, difference);
  }),
  smoothL1Loss: elementwise((t, a, b, dtype) => {
    const beta = t.number("beta");
    return beta === 0 ? distance(t, a, b) : rounded(t, a, b, dtype, beta, 1);
  }),
  huberLoss: elementwise((t, a, b, dtype) => rounded(t, a, b, dtype, t.number("delta"), t.number("delta"))),
  softMarginLoss: elementwise((t, a, b, dtype) => softplusFormula(t, t.op("Neg", t.op("Mul", a, b)), dtype)),
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits: withLogits,
  crossEntropy,
  nllLoss,
};
