/** Views of complex numbers as two real ones, and of pairs of real numbers as complex ones. */
import { tensor } from "../../arguments/params.js";
import { setPartViews } from "../../autograd/views.js";
import { type DType, scalarTypeName } from "../../core/dtype.js";
import { isContiguous } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { FunctionOp } from "../types.js";

type View = FunctionOp<(input: Tensor) => Tensor>;

function seenAs(input: Tensor, offset: number, sizes: readonly number[], strides: number[], dtype: DType): Tensor {
  return new Tensor(input.storage, offset, sizes, strides, dtype, isContiguous(sizes, strides));
}

/**
 * The real and the imaginary part of each complex number, in a last dim of size 2: the same memory.
 *
 * @throws TypeError for a tensor that is not complex.
 * @see https://pytorch.org/docs/stable/generated/torch.view_as_real.html
 */
export const viewAsReal: View = op({
  name: "viewAsReal",
  variants: "function",
  params: { input: tensor },
  view: true,
  ownConjugation: true,
  forward: ({ input }) => {
    const { sizes, strides, offset, dtype } = input;
    if (!dtype.isComplex) throw new TypeError("view_as_real is only supported for complex tensors");
    const doubled = strides.map((stride) => 2 * stride);
    return seenAs(input, 2 * offset, [...sizes, 2], [...doubled, 1], dtype.toReal());
  },
  derivative: { input: (grad) => viewAsComplex(grad.contiguous()) },
});

/**
 * The pairs in the last dim, which has size 2, as complex numbers: the same memory.
 *
 * @param input float16, float32 or float64, whose pairs stand side by side.
 * @throws Error if the last dim is another one, or the memory is not in pairs.
 * @see https://pytorch.org/docs/stable/generated/torch.view_as_complex.html
 */
export const viewAsComplex: View = op({
  name: "viewAsComplex",
  variants: "function",
  params: { input: tensor },
  view: true,
  ownConjugation: true,
  forward: ({ input }) => {
    const { sizes, strides, offset } = input;
    const dtype = complexOf(input.dtype);
    if (dtype === undefined) {
      throw new TypeError(
        `view_as_complex is only supported for half, float and double tensors, but got a tensor of scalar type: ${scalarTypeName(input.dtype)}`,
      );
    }
    if (sizes.length === 0) throw new Error("Input tensor must have one or more dimensions");
    if (sizes.at(-1) !== 2) throw new Error("Tensor must have a last dimension of size 2");
    if (strides.at(-1) !== 1) throw new Error("Tensor must have a last dimension with stride 1");
    const outer = sizes.slice(0, -1);
    const steps = strides.slice(0, -1).map((stride, d) => (outer[d] === 1 ? 2 : stride));
    if (steps.some((stride) => stride % 2 !== 0)) {
      throw new Error("Tensor must have a stride divisible by 2 for all but last dimension");
    }
    if (offset % 2 !== 0) throw new Error("Tensor must have a storage_offset divisible by 2");
    const halves = steps.map((stride) => stride / 2);
    return seenAs(input, offset / 2, outer, halves, dtype);
  },
  derivative: { input: (grad) => viewAsReal(grad) },
});

setPartViews({ viewAsReal, viewAsComplex });

/** The complex dtype of pairs of a floating one, if there is one. */
export function complexOf(dtype: DType): DType | undefined {
  if (!dtype.isFloatingPoint) return undefined;
  const complex = dtype.toComplex();
  return complex.toReal() === dtype ? complex : undefined;
}

/**
 * The real part: a view of complex numbers, and any other tensor itself.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.real.html
 */
export const real: View = op({
  name: "real",
  variants: "function",
  params: { input: tensor },
  composite: ({ input }) => (input.dtype.isComplex ? viewAsReal(input).select(-1, 0) : input),
});

/**
 * The imaginary part of complex numbers, as a view.
 *
 * @throws TypeError for a tensor that is not complex.
 * @see https://pytorch.org/docs/stable/generated/torch.imag.html
 */
export const imag: View = op({
  name: "imag",
  variants: "function",
  params: { input: tensor },
  composite: ({ input }) => {
    if (!input.dtype.isComplex) throw new TypeError("imag is not implemented for tensors with non-complex dtypes.");
    return viewAsReal(input).select(-1, 1);
  },
});
