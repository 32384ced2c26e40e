/**
 * Numbers from gamma distributions, which move with their parameters: what `torch.distributions` draws them by.
 *
 * A number stays at its quantile while a parameter moves. The derivatives that follow from that are computed in double
 * precision (native/kernels/sampling/implicit.cpp).
 */
import { tensor } from "../../arguments/params.js";
import * as kernels from "../../backend/kernels.js";
import { scalarTypeName } from "../../core/dtype.js";
import { broadcastShapes } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { FunctionOp } from "../types.js";
import { checkFloating, type FromGenerator, generator } from "./inplace.js";

/** Numbers from gamma distributions of such shapes, and scale 1: one for each element. */
export const standardGamma: FunctionOp<(concentration: Tensor, options?: FromGenerator) => Tensor> = op({
  name: "standardGamma",
  variants: "function",
  params: { concentration: tensor, generator },
  forward: ({ concentration, generator: source }) => {
    checkFloating("gamma_cpu", concentration.dtype);
    const result = Tensor.empty(concentration.sizes, concentration.dtype);
    kernels.standardGamma(result, source, concentration);
    return result;
  },
  saves: ["concentration", "result"],
  derivative: {
    concentration: (grad, { concentration, result }) => grad.mul(standardGammaGrad(concentration, result)),
  },
});

function checkOneDtype(name: string, given: readonly Tensor[]): void {
  const [{ dtype }] = given as readonly [Tensor];
  checkFloating(name, dtype);
  const other = given.find((one) => one.dtype !== dtype);
  if (other === undefined) return;
  const found = `${scalarTypeName(other.dtype)} but expected ${scalarTypeName(dtype)}`;
  throw new TypeError(`Found dtype ${found}: ${name}() takes tensors of one dtype`);
}

/** The derivative of what `standardGamma` drew by the shape. It has no derivative itself. */
export const standardGammaGrad: FunctionOp<(concentration: Tensor, output: Tensor) => Tensor> = op({
  name: "standardGammaGrad",
  variants: "function",
  params: { concentration: tensor, output: tensor },
  forward: ({ concentration, output }) => {
    checkOneDtype("standardGammaGrad", [concentration, output]);
    const result = Tensor.empty(broadcastShapes(concentration.sizes, output.sizes), concentration.dtype);
    kernels.gammaGradient(result, concentration, output);
    return result;
  },
});

/** The derivative of numbers `x` from beta distributions by their first parameters. It has no derivative itself. */
export const betaGrad: FunctionOp<(x: Tensor, alpha: Tensor, beta: Tensor) => Tensor> = op({
  name: "betaGrad",
  variants: "function",
  params: { x: tensor, alpha: tensor, beta: tensor },
  forward: ({ x, alpha, beta }) => {
    checkOneDtype("betaGrad", [x, alpha, beta]);
    const result = Tensor.empty(broadcastShapes(x.sizes, broadcastShapes(alpha.sizes, beta.sizes)), x.dtype);
    kernels.betaGradient(result, x, alpha, beta);
    return result;
  },
});
