/** Complex numbers from their parts, and what makes them conjugate. */
import { tensor } from "../../arguments/params.js";
import { binary, copy, ofComplex } from "../../backend/kernels.js";
import { type DType, float32, float64, scalarTypeName } from "../../core/dtype.js";
import { broadcastShapes } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { inplace, op } from "../define.js";
import { complexOf, imag, real, viewAsReal } from "../shape/complexViews.js";
import type { FunctionOp, InplaceFunction, InplaceOp, Op, Out } from "../types.js";
import { intoResult, unaryResult } from "./pointwise.js";

/** The complex dtype of two tensors of one floating dtype; throws for others. */
function complexDtype(a: Tensor, b: Tensor): DType {
  const [first, second] = [complexOf(a.dtype), complexOf(b.dtype)];
  if (first === undefined || second === undefined) {
    throw new TypeError(
      `Expected both inputs to be Half, Float or Double tensors but got ${scalarTypeName(a.dtype)} and ${scalarTypeName(b.dtype)}`,
    );
  }
  if (first !== second) {
    throw new TypeError(
      `Expected object of scalar type ${scalarTypeName(a.dtype)} but got scalar type ${scalarTypeName(b.dtype)} for second argument`,
    );
  }
  return first;
}

/**
 * Complex numbers from their real and imaginary parts, which broadcast.
 *
 * @param real float16, float32 or float64.
 * @param imag of the same dtype.
 * @example torch.complex(torch.tensor([1, 2]), torch.tensor([3, -4])) // tensor([1.+3.j, 2.-4.j])
 * @see https://pytorch.org/docs/stable/generated/torch.complex.html
 */
export const complex: FunctionOp<(real: Tensor, imag: Tensor, options?: Out) => Tensor> = op({
  name: "complex",
  variants: "function",
  params: { real: tensor, imag: tensor },
  out: true,
  ownConjugation: true,
  forward: ({ real: re, imag: im }, out) => {
    const dtype = complexDtype(re, im);
    return intoResult(broadcastShapes(re.sizes, im.sizes), dtype, [re, im], out, (result) => {
      const parts = viewAsReal(result.detach());
      copy(parts.select(-1, 0), re);
      copy(parts.select(-1, 1), im);
    });
  },
  derivative: { real: (grad) => real(grad), imag: (grad) => imag(grad) },
});

/**
 * Complex numbers from their magnitudes and angles, which broadcast: `abs * (cos(angle) + i sin(angle))`.
 *
 * @param abs float32 or float64.
 * @param angle of the same dtype.
 * @see https://pytorch.org/docs/stable/generated/torch.polar.html
 */
export const polar: FunctionOp<(abs: Tensor, angle: Tensor, options?: Out) => Tensor> = op({
  name: "polar",
  variants: "function",
  params: { abs: tensor, angle: tensor },
  out: true,
  ownConjugation: true,
  forward: ({ abs, angle }, out) => {
    const dtype = complexDtype(abs, angle);
    if (abs.dtype !== float32 && abs.dtype !== float64) {
      throw new TypeError(`"polar_cpu" not implemented for '${scalarTypeName(abs.dtype)}'`);
    }
    return intoResult(broadcastShapes(abs.sizes, angle.sizes), dtype, [abs, angle], out, (result) => {
      const parts = viewAsReal(result.detach());
      binary.mul(parts.select(-1, 0), abs, angle.cos());
      binary.mul(parts.select(-1, 1), abs, angle.sin());
    });
  },
  saves: ["angle", "result"],
  savedFor: { angle: "abs", result: "angle" },
  derivative: {
    abs: (grad, { angle }) => real(grad).mul(angle.cos()).add(imag(grad).mul(angle.sin())),
    // The number turned by a quarter is its slope.
    angle: (grad, { result }) =>
      imag(grad)
        .mul(real(result))
        .sub(real(grad).mul(imag(result))),
  },
});

function conjugate(result: Tensor, input: Tensor): void {
  ofComplex("conj", result, input);
}

const conjugated = (grad: Tensor): Tensor => grad.conj();

/**
 * The complex conjugates; a tensor that is not complex is returned itself.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.conj.html
 */
export const conj: Op<(input: Tensor) => Tensor> = op({
  name: "conj",
  params: { input: tensor },
  composite: ({ input }) => (input.dtype.isComplex ? conjugates(input) : input),
});

const conjugates: FunctionOp<(input: Tensor) => Tensor> = op({
  name: "conj",
  id: "conjugates",
  variants: "function",
  params: { input: tensor },
  ownConjugation: true,
  forward: ({ input }) => unaryResult(input, input.dtype, undefined, conjugate),
  derivative: { input: conjugated },
});

/**
 * The complex conjugates in memory of their own; of a tensor that is not complex, a copy.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.conj_physical.html
 */
export const conjPhysical: InplaceOp<(input: Tensor, options?: Out) => Tensor> = op({
  name: "conjPhysical",
  variants: "function, method, inplace",
  params: { input: tensor },
  out: true,
  ownConjugation: true,
  forward: ({ input }, out) => unaryResult(input, input.dtype, out, input.dtype.isComplex ? conjugate : copy),
  derivative: { input: conjugated },
});
export const conjPhysical_: InplaceFunction<typeof conjPhysical> = inplace(conjPhysical);

/** An operation that gives the tensor itself. */
function itself(name: string): Op<(input: Tensor) => Tensor> {
  return op({ name, params: { input: tensor }, composite: ({ input }) => input });
}

/** The tensor itself: conjugates are computed at once here, and no tensor is marked as one of them. */
export const resolveConj: Op<(input: Tensor) => Tensor> = itself("resolveConj");
/** The tensor itself: negatives are computed at once here, and no tensor is marked as one of them. */
export const resolveNeg: Op<(input: Tensor) => Tensor> = itself("resolveNeg");

function never(name: string): Op<(input: Tensor) => boolean> {
  return op({ name, params: { input: tensor }, composite: () => false });
}

/** Whether a tensor is marked to be conjugated later: none is. */
export const isConj: Op<(input: Tensor) => boolean> = never("isConj");
/** Whether a tensor is marked to be negated later: none is. */
export const isNeg: Op<(input: Tensor) => boolean> = never("isNeg");
