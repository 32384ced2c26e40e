/** Activation functions that are also functions of `torch` and methods: `relu`, `sigmoid`, `tanh`, `softmax`. */
import { dtype as dtypeParam, int, optional, tensor } from "../../arguments/params.js";
import { binary, softmaxBackward, softmax as softmaxKernel } from "../../backend/kernels.js";
import { bool, type DType, scalarTypeName } from "../../core/dtype.js";
import { floatingType } from "../../core/promotion.js";
import { wrapDim } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { inplace, op } from "../define.js";
import { flat, floatingOp, unaryOp } from "../pointwise/elementary.js";
import { cast, emptyResult } from "../pointwise/pointwise.js";
import type { FunctionOp, InplaceFunction, InplaceOp, Op, Out } from "../types.js";

type Unary = InplaceOp<(input: Tensor, options?: Out) => Tensor>;

type ResultGradient = FunctionOp<(grad: Tensor, result: Tensor) => Tensor>;

/**
 * A gradient that one kernel computes from the outer gradient and the function's result.
 *
 * @param slope how the factor in front of the outer gradient changes with the result, times a gradient.
 */
function fromResult(
  kernel: "reluBackward" | "sigmoidBackward" | "tanhBackward",
  slope: (grad: Tensor, result: Tensor) => Tensor,
): ResultGradient {
  const compute: ResultGradient = op({
    name: kernel,
    elementwise: true,
    variants: "function",
    params: { grad: tensor, output: tensor },
    forward: ({ grad, output }) => {
      const gradient = emptyResult(output.sizes, output.dtype, [output]);
      binary[kernel](gradient, grad, output);
      return gradient;
    },
    saves: ["grad", "output"],
    derivative: {
      grad: (outer, { output }) => compute(outer, output),
      output: (outer, { grad, output }) => slope(outer.mul(grad), output),
    },
  });
  return compute;
}

const reluGradient = fromResult("reluBackward", flat);
const sigmoidGradient = fromResult("sigmoidBackward", (grad, result) => grad.mul(result.mul(-2).add(1)));
const tanhGradient = fromResult("tanhBackward", (grad, result) => grad.mul(result).mul(-2));

/**
 * `max(0, x)`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.relu.html
 */
export const relu: InplaceOp<(input: Tensor) => Tensor> = unaryOp(
  "relu",
  "relu",
  (grad, { result }) => reluGradient(grad, result),
  {
    saves: ["result"],
    out: false,
    compute: (dtype) => {
      if (dtype === bool) throw new TypeError("Boolean inputs not supported for relu");
      return dtype;
    },
  },
);

/**
 * `1 / (1 + exp(-x))`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.sigmoid.html
 */
export const sigmoid: Unary = floatingOp("sigmoid", "sigmoid", (grad, { result }) => sigmoidGradient(grad, result), [
  "result",
]);
export const sigmoid_: InplaceFunction<typeof sigmoid> = inplace(sigmoid);

/**
 * The hyperbolic tangent.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.tanh.html
 */
export const tanh: Unary = floatingOp("tanh", "tanh", (grad, { result }) => tanhGradient(grad, result), ["result"]);
export const tanh_: InplaceFunction<typeof tanh> = inplace(tanh);

type Softmax = Op<(input: Tensor, dim: number, options?: { dtype?: DType } & Out) => Tensor>;

function softmaxOp(name: "softmax" | "logSoftmax", log: boolean): Softmax {
  const gradient: FunctionOp<(grad: Tensor, result: Tensor, dim: number) => Tensor> = op({
    name: `${name}Backward`,
    variants: "function",
    params: { grad: tensor, output: tensor, dim: int },
    forward: ({ grad, output, dim }) => {
      const gradInput = Tensor.empty(output.sizes, output.dtype);
      softmaxBackward(gradInput, grad, output, dim, log);
      return gradInput;
    },
    saves: ["grad", "output"],
    derivative: {
      grad: (outer, { output, dim }) => {
        const total = (x: Tensor) => x.sum(dim, { keepdim: true });
        return log ? outer.sub(total(outer.mul(output.exp()))) : output.mul(outer.sub(total(outer.mul(output))));
      },
      output: (outer, { grad, output, dim }) => {
        const total = (x: Tensor) => x.sum(dim, { keepdim: true });
        if (log) return output.exp().mul(total(grad)).mul(outer).neg();
        return outer
          .mul(grad)
          .sub(outer.mul(total(grad.mul(output))))
          .sub(grad.mul(total(outer.mul(output))));
      },
    },
  });
  return op({
    name,
    params: { input: tensor, dim: int, dtype: optional(dtypeParam) },
    out: true,
    overlap: "any",
    forward: ({ input, dim, dtype }) => {
      const target = dtype ?? input.dtype;
      if (!target.isFloatingPoint) rejectIntegers(name, target);
      const source = cast(input, floatingType(target));
      const result = Tensor.empty(input.sizes, source.dtype);
      softmaxKernel(result, source, wrapDim(dim, input.sizes.length), log);
      return result;
    },
    saves: ["result"],
    derivative: { input: (grad, { result, dim }) => gradient(grad, result, wrapDim(dim, result.sizes.length)) },
  });
}

function rejectIntegers(name: string, dtype: DType): never {
  const kernelName = name === "softmax" ? "softmax_lastdim_kernel_impl" : "log_softmax_lastdim_kernel_impl";
  throw new TypeError(`"${kernelName}" not implemented for '${scalarTypeName(dtype)}'`);
}

/**
 * exp(x) over the sum of exp(x) along a dim: numbers from 0 to 1 that sum to 1.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.softmax.html
 */
export const softmax: Softmax = softmaxOp("softmax", false);

/**
 * The logarithm of `softmax`, without overflow.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.log_softmax.html
 */
export const logSoftmax: Softmax = softmaxOp("logSoftmax", true);
