/** Random numbers: other ones each time that the file is run. */
import torch, { type DType } from "flambeau";
import type { Attributes } from "../builder.js";
import type { Call, Translation, Translations } from "../call.js";

const { float32, float64, float16, bool } = torch;

/** Numbers of a distribution in the shape of the result. */
function drawn(t: Call, opType: string, attributes: Attributes): string {
  const shape = t.filled(t.out.sizes, 0, float32);
  const { dtype } = t;
  const own = dtype === float64 || dtype === float16 ? dtype : float32;
  return t.cast(t.opWith({ ...attributes, dtype: own }, opType, shape), own, dtype);
}

const uniform =
  (low: number, high: number): Translation =>
  (t) =>
    drawn(t, "RandomUniformLike", { low, high });

/** Whether numbers between 0 and 1 are below a probability. */
function bernoulli(t: Call, p: string, dtype: DType): string {
  const numbers = t.opWith({ low: 0, high: 1, dtype: float32 }, "RandomUniformLike", t.filled(t.out.sizes, 0, float32));
  return t.cast(t.op("Less", numbers, p), bool, dtype);
}

const bernoulliInPlace: Translation = (t) => bernoulli(t, t.x(t.has("p") ? "p" : "input", float32), t.dtype);

const whole: Translation = (t) => {
  // With one number, or with the sizes in the second place, the first is the upper end.
  const isUpper = !t.has("high") || Array.isArray(t.arg("high"));
  const [low, high] = isUpper ? [0, t.number("low")] : [t.number("low"), t.number("high")];
  const numbers = t.opWith({ low, high, dtype: float64 }, "RandomUniformLike", t.filled(t.out.sizes, 0, float32));
  return t.cast(t.op("Floor", numbers), float64, t.dtype);
};

export const random: Translations = {
  rand: uniform(0, 1),
  randn: (t) => drawn(t, "RandomNormalLike", { mean: 0, scale: 1 }),
  randint: whole,
  randLike: uniform(0, 1),
  randnLike: (t) => drawn(t, "RandomNormalLike", { mean: 0, scale: 1 }),
  randintLike: whole,
  uniform_: (t) => drawn(t, "RandomUniformLike", { low: t.number("from"), high: t.number("to") }),
  normal_: (t) => drawn(t, "RandomNormalLike", { mean: t.number("mean"), scale: t.number("std") }),
  bernoulli_: bernoulliInPlace,
  bernoulli: bernoulliInPlace,
};
