/** Arithmetic of three operands in one step: `addcmul`, `addcdiv`, `lerp`. */
import { keyword, type Operand, operand, optional, scalar, tensor } from "../../arguments/params.js";
import {
  addcdiv as addcdivKernel,
  addcmul as addcmulKernel,
  binaryWith,
  lerp as lerpKernel,
} from "../../backend/kernels.js";
import { Complex } from "../../core/complex.js";
import { bool, elementTypeName } from "../../core/dtype.js";
import { resultType } from "../../core/promotion.js";
import { broadcastShapes } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import type { ArrayView, Scalar } from "../../core/view.js";
import { op } from "../define.js";
import { checkOutDtypes } from "../out.js";
import type { InplaceOp, Out } from "../types.js";
import { cast, intoResult } from "./pointwise.js";

type Fused = InplaceOp<(input: Tensor, tensor1: Tensor, tensor2: Tensor, options?: { value?: Scalar } & Out) => Tensor>;

const triple = { input: tensor, tensor1: tensor, tensor2: tensor, value: keyword(optional(scalar, 1)) };

interface Triple {
  readonly input: Tensor;
  readonly tensor1: Tensor;
  readonly tensor2: Tensor;
  readonly value: Scalar;
}

type Kernel = (out: ArrayView, self: ArrayView, a: ArrayView, b: ArrayView, value: Scalar) => void;

function fused(kernel: Kernel, { input, tensor1, tensor2, value }: Triple, out: Tensor | undefined): Tensor {
  const operands = [input, tensor1, tensor2] as const;
  const dtype = resultType(...operands);
  const shape = operands.map((one) => one.sizes).reduce(broadcastShapes);
  return intoResult(shape, dtype, operands, out, (result) =>
    kernel(result, cast(input, dtype), cast(tensor1, dtype), cast(tensor2, dtype), value),
  );
}

/**
 * `input + value * tensor1 * tensor2`, elementwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.addcmul.html
 */
export const addcmul: Fused = op({
  name: "addcmul",
  elementwise: true,
  variants: "function, method, inplace",
  params: triple,
  out: true,
  forward: (args, out) => {
    if (resultType(args.input, args.tensor1, args.tensor2) === bool)
      throw new TypeError(`"addcmul_cpu_out" not implemented for 'Bool'`);
    return fused(addcmulKernel, args, out);
  },
  saves: ["tensor1", "tensor2"],
  savedFor: { tensor1: "tensor2", tensor2: "tensor1" },
  derivative: {
    input: (grad) => grad,
    tensor1: (grad, { tensor2, value }) => grad.mul(tensor2.mul(value)),
    tensor2: (grad, { tensor1, value }) => grad.mul(tensor1.mul(value)),
  },
});

/**
 * `input + value * tensor1 / tensor2`, elementwise.
 *
 * @throws TypeError if `tensor1` and `tensor2` are both whole numbers.
 * @see https://pytorch.org/docs/stable/generated/torch.addcdiv.html
 */
export const addcdiv: Fused = op({
  name: "addcdiv",
  elementwise: true,
  variants: "function, method, inplace",
  params: triple,
  out: true,
  forward: (args, out) => {
    if (!args.tensor1.dtype.isDifferentiable && !args.tensor2.dtype.isDifferentiable) {
      throw new TypeError(
        "Integer division with addcdiv is no longer supported, and in a future release addcdiv will perform a true division of tensor1 and tensor2. The historic addcdiv behavior can be implemented as (input + value * torch.trunc(tensor1 / tensor2)).to(input.dtype) for integer inputs and as (input + value * tensor1 / tensor2) for float inputs.",
      );
    }
    return fused(addcdivKernel, args, out);
  },
  saves: ["tensor1", "tensor2"],
  savedFor: { tensor1: "tensor2", tensor2: ["tensor1", "tensor2"] },
  derivative: {
    input: (grad) => grad,
    tensor1: (grad, { tensor2, value }) => grad.mul(value).div(tensor2),
    tensor2: (grad, { tensor1, tensor2, value }) => grad.neg().mul(tensor1.mul(value).div(tensor2.mul(tensor2))),
  },
});

function oneMinus(weight: Scalar): Scalar {
  return weight instanceof Complex ? new Complex(1 - weight.real, -weight.imag) : 1 - Number(weight);
}

/**
 * `input + weight * (end - input)`, elementwise: a point on the line between two.
 *
 * @param weight a number, or a tensor with one for each element.
 * @see https://pytorch.org/docs/stable/generated/torch.lerp.html
 */
export const lerp: InplaceOp<(input: Tensor, end: Tensor, weight: Operand, options?: Out) => Tensor> = op({
  name: "lerp",
  elementwise: true,
  variants: "function, method, inplace",
  params: { input: tensor, end: tensor, weight: operand },
  out: "cast",
  forward: ({ input, end, weight }, out) => {
    const operands = weight instanceof Tensor ? [input, end, weight] : [input, end];
    for (const [name, one] of [
      ["end", end],
      ["weight", weight],
    ] as const) {
      if (one instanceof Tensor && one.dtype !== input.dtype) {
        throw new TypeError(
          `expected dtype ${elementTypeName(input.dtype)} for \`${name}\` but got dtype ${elementTypeName(one.dtype)}`,
        );
      }
    }
    if (weight instanceof Tensor && out !== undefined) checkOutDtypes([out], input);
    const shape = operands.map((one) => one.sizes).reduce(broadcastShapes);
    return intoResult(shape, input.dtype, operands, out, (result) =>
      weight instanceof Tensor
        ? lerpKernel(result, input, end, weight)
        : binaryWith("lerp", result, input, end, weight),
    );
  },
  saves: ["input", "end", "weight"],
  savedFor: { input: "weight", end: "weight", weight: ["input", "end"] },
  overload: ({ weight }) => (weight instanceof Tensor ? 1 : 0),
  derivative: {
    input: (grad, { weight }) => grad.mul(weight instanceof Tensor ? weight.neg().add(1) : oneMinus(weight)),
    end: (grad, { weight }) => grad.mul(weight),
    weight: (grad, { input, end }) => grad.mul(end.sub(input)),
  },
});
