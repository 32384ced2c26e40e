/** Questions about a tensor as a whole. */
import { tensor } from "../../arguments/params.js";
import { sameShape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { FunctionOp, Op } from "../types.js";

type Predicate = Op<(input: Tensor) => boolean>;

/**
 * Whether something is a tensor.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.is_tensor.html
 */
export function isTensor(obj: unknown): obj is Tensor {
  return obj instanceof Tensor;
}

/**
 * The type of an object in PyTorch's words: `"torch.FloatTensor"`, or the name of its class.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.typename.html
 */
export function typename(obj: unknown): string {
  if (obj instanceof Tensor) return obj.type();
  return obj === undefined || obj === null ? String(obj) : String(obj.constructor?.name);
}

/** Whether the tensor was made in inference mode. */
export const isInference: FunctionOp<(input: Tensor) => boolean> = op({
  name: "isInference",
  variants: "function",
  params: { input: tensor },
  composite: ({ input }) => input.isInference(),
});

/** Whether the elements are floating-point numbers. */
export const isFloatingPoint: Predicate = op({
  name: "isFloatingPoint",
  params: { input: tensor },
  composite: ({ input }) => input.dtype.isFloatingPoint,
});

/** Whether the elements are complex numbers. */
export const isComplex: Predicate = op({
  name: "isComplex",
  params: { input: tensor },
  composite: ({ input }) => input.dtype.isComplex,
});

/** Whether the dtype has negative numbers. */
export const isSigned: Predicate = op({
  name: "isSigned",
  params: { input: tensor },
  composite: ({ input }) => input.dtype.isSigned,
});

/**
 * Whether the one element is not 0.
 *
 * @throws Error if there is not exactly one.
 * @see https://pytorch.org/docs/stable/generated/torch.is_nonzero.html
 */
export const isNonzero: Predicate = op({
  name: "isNonzero",
  params: { input: tensor },
  composite: ({ input }) => {
    const count = input.numel();
    if (count !== 1) {
      throw new Error(`Boolean value of Tensor with ${count === 0 ? "no values" : "more than one value"} is ambiguous`);
    }
    return input.ne(0).item() === 1;
  },
});

/** Whether two tensors have the same sizes. */
export const isSameSize: Op<(input: Tensor, other: Tensor) => boolean> = op({
  name: "isSameSize",
  params: { input: tensor, other: tensor },
  composite: ({ input, other }) => sameShape(input.sizes, other.sizes),
});
