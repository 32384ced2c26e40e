/** Activation functions made of exponentials: `elu`, `gelu`, `silu`, `softplus` and their relatives. */
import { int, number, optional, tensor } from "../../arguments/params.js";
import { binary, unary, unaryWith } from "../../backend/kernels.js";
import { wrapDim } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import { where } from "../indexing/masks.js";
import { cat } from "../shape/joining.js";
import type { Args, FunctionOp, Out } from "../types.js";
import { type Activation, activation, approximateParam, byKernel, gradient } from "./define.js";

/** The gradient of `scale * x` for x > 0, and `scale * alpha * (exp(inputScale * x) - 1)` elsewhere. */
function eluGradient(grad: Tensor, input: Tensor, alpha: number, scale: number, inputScale: number): Tensor {
  // Of positive elements no exponential is taken: it may be infinite.
  const slope = input
    .clampMax(0)
    .mul(inputScale)
    .exp()
    .mul(alpha * scale * inputScale);
  return grad.mul(where(input.gt(0), scale, slope));
}

/**
 * x where it is positive, `alpha * (exp(x) - 1)` elsewhere.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.elu.html
 */
export const [elu, elu_]: Activation<[alpha?: number], ["alpha"]> = activation({
  name: "elu",
  elementwise: true,
  params: { input: tensor, alpha: optional(number, 1) },
  forward: byKernel((result, input, { alpha }) => unaryWith("elu", result, input, alpha, 1, 1)),
  saves: ["input"],
  derivative: { input: (grad, { input, alpha }) => eluGradient(grad, input, alpha, 1, 1) },
});

const seluAlpha = 1.6732632423543772;
const seluScale = 1.0507009873554805;

/**
 * `scale * elu(x, alpha)` with the two constants that keep mean and variance from layer to layer.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.selu.html
 */
export const [selu, selu_]: Activation = activation({
  name: "selu",
  elementwise: true,
  nodeName: "EluBackward0",
  params: { input: tensor },
  forward: byKernel((result, input) => unaryWith("elu", result, input, seluAlpha, seluScale, 1)),
  saves: ["input"],
  derivative: { input: (grad, { input }) => eluGradient(grad, input, seluAlpha, seluScale, 1) },
});

/**
 * x where it is positive, `alpha * (exp(x / alpha) - 1)` elsewhere.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.celu.html
 */
export const [celu, celu_]: Activation<[alpha?: number], ["alpha"]> = activation({
  name: "celu",
  elementwise: true,
  params: { input: tensor, alpha: optional(number, 1) },
  forward: byKernel((result, input, { alpha }) => {
    if (alpha === 0) throw new Error("ZeroDivisionError: alpha cannot be 0 for CELU");
    unaryWith("elu", result, input, alpha, 1, 1 / alpha);
  }),
  saves: ["input"],
  derivative: { input: (grad, { input, alpha }) => eluGradient(grad, input, alpha, 1, 1 / alpha) },
});

const siluGradient = gradient(
  "siluBackward",
  (result, grad, input) => binary.siluBackward(result, grad, input),
  (input) => {
    const s = input.sigmoid();
    return s.mul(s.neg().add(1)).mul(input.mul(s.mul(-2).add(1)).add(2));
  },
);

/**
 * `x * sigmoid(x)`, also known as swish.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.silu.html
 */
export const [silu]: Activation = activation({
  name: "silu",
  elementwise: true,
  params: { input: tensor },
  forward: byKernel((result, input) => unary.silu(result, input)),
  saves: ["input"],
  derivative: { input: (grad, { input }) => siluGradient(grad, input) },
});

/**
 * `x * tanh(softplus(x))`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.mish.html
 */
export const [mish]: Activation = activation({
  name: "mish",
  elementwise: true,
  params: { input: tensor },
  forward: byKernel((result, input) => unary.mish(result, input)),
  saves: ["input"],
  derivative: {
    input: (grad, { input }) => {
      const t = softplus(input).tanh();
      return grad.mul(t.add(input.mul(input.sigmoid()).mul(t.mul(t).neg().add(1))));
    },
  },
});

const geluGradient = gradient(
  "geluBackward",
  (result, grad, input) => binary.geluBackward(result, grad, input),
  (input) => {
    const square = input.mul(input);
    return square
      .mul(-0.5)
      .exp()
      .mul(1 / Math.sqrt(2 * Math.PI))
      .mul(square.neg().add(2));
  },
);

const geluTanhGradient = gradient(
  "geluTanhBackward",
  (result, grad, input) => binary.geluTanhBackward(result, grad, input),
  (input) => {
    const [k, c] = [Math.sqrt(2 / Math.PI), 0.044715];
    const square = input.mul(input);
    const t = input.mul(square.mul(c).add(1)).mul(k).tanh();
    const slope = square
      .mul(3 * c)
      .add(1)
      .mul(k);
    const bend = slope.sub(input.mul(t).mul(slope.mul(slope))).add(square.mul(3 * k * c));
    return t.mul(t).neg().add(1).mul(bend);
  },
);

/**
 * `x * Φ(x)`, with the normal distribution's Φ; with `approximate: "tanh"` by the hyperbolic tangent.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.gelu.html
 */
export const gelu: FunctionOp<(input: Tensor, options?: { approximate?: "none" | "tanh" } & Out) => Tensor> = op({
  name: "gelu",
  elementwise: true,
  variants: "function",
  params: { input: tensor, approximate: approximateParam },
  out: true,
  forward: byKernel((result, input, { approximate }) =>
    unary[approximate === "tanh" ? "geluTanh" : "gelu"](result, input),
  ),
  saves: ["input"],
  derivative: {
    input: (grad, { input, approximate }) => (approximate === "tanh" ? geluTanhGradient : geluGradient)(grad, input),
  },
});

/**
 * `log(1 + exp(beta * x)) / beta`, and x itself where `beta * x` is greater than `threshold`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.softplus.html
 */
export const softplus: FunctionOp<
  (input: Tensor, ...args: Args<[beta?: number, threshold?: number], ["beta", "threshold"], Out>) => Tensor
> = op({
  name: "softplus",
  elementwise: true,
  variants: "function",
  params: { input: tensor, beta: optional(number, 1), threshold: optional(number, 20) },
  out: true,
  forward: byKernel((result, input, { beta, threshold }) => unaryWith("softplus", result, input, beta, threshold)),
  saves: ["input"],
  derivative: {
    input: (grad, { input, beta, threshold }) => {
      const scaled = input.mul(beta);
      return grad.mul(scaled.sigmoid().maskedFill(scaled.gt(threshold), 1));
    },
  },
});

/**
 * `log(sigmoid(x))`, without underflow.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.logsigmoid.html
 */
export const logsigmoid: FunctionOp<(input: Tensor, options?: Out) => Tensor> = op({
  name: "logSigmoid",
  elementwise: true,
  variants: "function",
  params: { input: tensor },
  out: true,
  overlap: "any",
  forward: byKernel((result, input) => unary.logSigmoid(result, input)),
  saves: ["input"],
  derivative: { input: (grad, { input }) => grad.mul(input.neg().sigmoid()) },
});

/**
 * `x / 6 + 1 / 2` between -3 and 3, 0 below and 1 above.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.hardsigmoid.html
 */
export const [hardsigmoid]: Activation = activation({
  name: "hardsigmoid",
  elementwise: true,
  params: { input: tensor },
  forward: byKernel((result, input) => unary.hardsigmoid(result, input)),
  saves: ["input"],
  derivative: { input: (grad, { input }) => grad.div(6).maskedFill(input.abs().ge(3), 0) },
});

/**
 * `x * hardsigmoid(x)`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.hardswish.html
 */
export const [hardswish]: Activation = activation({
  name: "hardswish",
  elementwise: true,
  params: { input: tensor },
  forward: byKernel((result, input) => unary.hardswish(result, input)),
  saves: ["input"],
  derivative: {
    input: (grad, { input }) => {
      const isLevel = input.le(-3);
      const slope = input.div(3).add(0.5).maskedFill(isLevel, 0).maskedFill(input.ge(3), 1);
      return grad.mul(slope).maskedFill(isLevel, 0);
    },
  },
});

/**
 * `x - tanh(x)`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.tanhshrink.html
 */
export const tanhshrink: FunctionOp<(input: Tensor) => Tensor> = op({
  name: "tanhshrink",
  variants: "function",
  params: { input: tensor },
  composite: ({ input }) => input.sub(input.tanh()),
});

/**
 * `x / (1 + |x|)`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.softsign.html
 */
export const softsign: FunctionOp<(input: Tensor) => Tensor> = op({
  name: "softsign",
  variants: "function",
  params: { input: tensor },
  composite: ({ input }) => input.div(input.abs().add(1)),
});

/**
 * `a * sigmoid(b)` for the two halves a and b of a dim.
 *
 * @throws Error if the dim's size is odd.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.glu.html
 */
export const glu: FunctionOp<(input: Tensor, ...args: Args<[dim?: number], ["dim"]>) => Tensor> = op({
  name: "glu",
  variants: "function",
  params: { input: tensor, dim: optional(int, -1) },
  forward: ({ input, dim }) => {
    if (input.sizes.length === 0) throw new Error("glu does not support scalars because halving size must be even");
    const d = wrapDim(dim, input.sizes.length);
    const size = input.sizes[d] as number;
    if (size % 2 !== 0) throw new Error(`Halving dimension must be even, but dimension ${d} is size ${size}`);
    const [value, gate] = input.chunk(2, d) as [Tensor, Tensor];
    return value.mul(gate.sigmoid());
  },
  saves: ["input"],
  derivative: {
    input: (grad, { input, dim }) => {
      const [value, gate] = input.chunk(2, dim) as [Tensor, Tensor];
      const s = gate.sigmoid();
      const gradValue = grad.mul(s);
      return cat([gradValue, gradValue.mul(value).mul(s.neg().add(1))], dim);
    },
  },
});
