/** Activation functions. */
import torch, { type DType } from "flambeau";
import { int } from "../builder.js";
import type { Call, Translation, Translations } from "../call.js";
import { combined, type Extent } from "../sizes.js";
import { formula, unary } from "./elementwise.js";

/** `max(0, x) + min(0, alpha · (exp(x / beta) - 1))`, scaled. */
function exponentialUnit(t: Call, x: string, dtype: DType, alpha: number, beta: number, scale: number): string {
  const number = (value: number) => t.literal(value, dtype);
  const zero = number(0);
  // Large numbers would be infinite before they are not used.
  const below = t.op("Div", t.op("Min", x, zero), number(beta));
  const curve = t.op("Mul", t.op("Sub", t.op("Exp", below), number(1)), number(alpha * scale));
  return t.where(t.op("Greater", x, zero), t.op("Mul", x, number(scale)), curve);
}

const selu = { alpha: 1.6732632423543772, scale: 1.0507009873554805 };

const gelu: Translation = (t) =>
  t.computed((dtype) => {
    const number = (value: number) => t.literal(value, dtype);
    const x = t.x("input", dtype);
    const half = t.op("Mul", x, number(0.5));
    if (t.arg("approximate") !== "tanh") {
      const share = t.op("Add", t.op("Erf", t.op("Mul", x, number(Math.SQRT1_2))), number(1));
      return t.op("Mul", half, share);
    }
    const cube = t.op("Mul", t.op("Mul", x, x), t.op("Mul", x, number(0.044715)));
    const inner = t.op("Mul", t.op("Add", x, cube), number(Math.sqrt(2 / Math.PI)));
    return t.op("Mul", half, t.op("Add", t.op("Tanh", inner), number(1)));
  });

const softplus: Translation = (t) =>
  t.computed((dtype) => {
    const [beta, threshold] = [t.number("beta"), t.number("threshold")];
    const x = t.x("input", dtype);
    const steep = beta === 1 ? x : t.op("Mul", x, t.literal(beta, dtype));
    const curve = stableSoftplus(t, steep, dtype);
    const flat = beta === 1 ? curve : t.op("Div", curve, t.literal(beta, dtype));
    return t.where(t.op("Greater", steep, t.literal(threshold, dtype)), x, flat);
  });

/** `log(1 + exp(x))`, of which runtimes have a kernel for float32 alone. */
function stableSoftplus(t: Call, x: string, dtype: DType): string {
  return dtype === torch.float64 ? softplusFormula(t, x, dtype) : t.op("Softplus", x);
}

/** `log(1 + exp(x))` without overflow. */
export function softplusFormula(t: Call, x: string, dtype: DType): string {
  const far = t.op("Exp", t.op("Neg", t.op("Abs", x)));
  return t.op("Add", t.op("Max", x, t.literal(0, dtype)), t.op("Log", t.op("Add", far, t.literal(1, dtype))));
}

const glu: Translation = (t) =>
  t.computed((dtype) => {
    const { sizes } = t.value();
    const dim = t.dim();
    const half = combined((size) => size / 2, sizes[dim] as Extent);
    const x = t.x("input", dtype);
    const gate = t.op("Sigmoid", t.slice(x, dim, half));
    return t.op("Mul", t.slice(x, dim, 0, half), gate);
  });

/** Softmax and its logarithm; of a scalar, that of a list of one. */
function normalized(opType: string): Translation {
  return (t) =>
    t.computed((dtype) => {
      const { rank } = t.value();
      const x = t.x("input", dtype);
      if (rank > 0) return t.opWith({ axis: int(t.dim()) }, opType, x);
      return t.squeeze(t.opWith({ axis: 0n }, opType, t.unsqueeze(x, 0)), 0);
    });
}

/** Below and above a threshold. */
function shrink(t: Call, x: string, dtype: DType, bias: number): string {
  const lambd = t.number("lambd");
  const number = (value: number) => t.literal(value, dtype);
  const above = t.op("Greater", x, number(lambd));
  const below = t.op("Less", x, number(-lambd));
  const moved = (by: number) => (by === 0 ? x : t.op("Add", x, number(by)));
  return t.where(above, moved(-bias), t.where(below, moved(bias), t.op("Mul", x, number(0))));
}

export const activations: Translations = {
  relu: formula((t, x, dtype) => (dtype.isFloatingPoint ? t.op("Relu", x) : t.op("Max", x, t.literal(0, dtype)))),
  sigmoid: unary("Sigmoid"),
  tanh: unary("Tanh"),
  softmax: normalized("Softmax"),
  logSoftmax: normalized("LogSoftmax"),
  hardtanh: (t) => t.computed((dtype) => t.op("Clip", t.x("input", dtype), t.x("minVal", dtype), t.x("maxVal", dtype))),
  leakyRelu: (t) => {
    const dtype = t.dtype;
    if (dtype === torch.float32) return t.opWith({ alpha: t.number("negativeSlope") }, "LeakyRelu", t.x());
    return t.computed((wide) => {
      const x = t.x("input", wide);
      return t.where(t.op("Greater", x, t.literal(0, wide)), x, t.op("Mul", x, t.x("negativeSlope", wide)));
    });
  },
  threshold: formula((t, x, dtype) => t.where(t.op("LessOrEqual", x, t.x("threshold", dtype)), t.x("value", dtype), x)),
  softshrink: formula((t, x, dtype) => shrink(t, x, dtype, t.number("lambd"))),
  hardshrink: formula((t, x, dtype) => shrink(t, x, dtype, 0)),
  preluKernel: formula((t, x, dtype) => {
    const sloped = t.op("Mul", x, t.x("weight", dtype));
    return t.where(t.op("Greater", x, t.literal(0, dtype)), x, sloped);
  }),
  rreluWithNoise: formula((t, x, dtype) => t.op("Mul", x, t.x("noise", dtype))),
  elu: formula((t, x, dtype) => exponentialUnit(t, x, dtype, t.number("alpha"), 1, 1)),
  celu: formula((t, x, dtype) => exponentialUnit(t, x, dtype, t.number("alpha"), t.number("alpha"), 1)),
  selu: formula((t, x, dtype) => exponentialUnit(t, x, dtype, selu.alpha, 1, selu.scale)),
  silu: formula((t, x) => t.op("Mul", x, t.op("Sigmoid", x))),
  mish: formula((t, x, dtype) => t.op("Mul", x, t.op("Tanh", stableSoftplus(t, x, dtype)))),
  gelu,
  softplus,
  logSigmoid: formula((t, x, dtype) => t.op("Neg", stableSoftplus(t, t.op("Neg", x), dtype))),
  hardsigmoid: formula((t, x, dtype) => hardSigmoid(t, x, dtype)),
  hardswish: formula((t, x, dtype) => {
    if (t.opset >= 14 && dtype === torch.float32) return t.op("HardSwish", x);
    return t.op("Mul", x, hardSigmoid(t, x, dtype));
  }),
  glu,
};

function hardSigmoid(t: Call, x: string, dtype: DType): string {
  if (dtype === torch.float32) return t.opWith({ alpha: 1 / 6, beta: 0.5 }, "HardSigmoid", x);
  const number = (value: number) => t.literal(value, dtype);
  return t.op("Div", t.op("Clip", t.op("Add", x, number(3)), number(0), number(6)), number(6));
}
