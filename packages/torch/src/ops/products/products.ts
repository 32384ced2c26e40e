/** Products of vectors and matrices. */
import { tensor } from "../../arguments/params.js";
import { dot as dotKernel, matmul as matmulKernel } from "../../backend/kernels.js";
import type { DType } from "../../core/dtype.js";
import { broadcastShapes, sameShape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import { checkNoInternalOverlap } from "../overlap.js";
import { unsafeView } from "../shape/viewParts.js";
import type { Op, Out } from "../types.js";
import { asColumn, checkInner, checkNdim, checkSameDtype } from "./checks.js";

type Product = Op<(input: Tensor, other: Tensor, options?: Out) => Tensor>;

/** Writes a product into `out` where that has the shape and dtype. */
function productInto(
  shape: readonly number[],
  dtype: DType,
  out: Tensor | undefined,
  run: (result: Tensor) => void,
): Tensor {
  const isUsable = out !== undefined && out.dtype === dtype && sameShape(out.sizes, shape);
  if (isUsable) checkNoInternalOverlap(out);
  const result = isUsable ? out : Tensor.empty(shape, dtype);
  run(result);
  return result;
}

/**
 * The product of two matrices.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.mm.html
 */
export const mm: Op<(input: Tensor, mat2: Tensor, options?: Out) => Tensor> = op({
  name: "mm",
  params: { input: tensor, mat2: tensor },
  out: true,
  overlap: "any",
  forward: ({ input, mat2 }, out) => {
    if (input.sizes.length !== 2) throw new Error("self must be a matrix");
    if (mat2.sizes.length !== 2) throw new Error("mat2 must be a matrix");
    checkInner(input.sizes, mat2.sizes);
    checkSameDtype("mm", input, mat2);
    const shape = [input.sizes[0] as number, mat2.sizes[1] as number];
    return productInto(shape, input.dtype, out, (result) => matmulKernel(result, input, mat2));
  },
  saves: ["input", "mat2"],
  savedFor: { input: "mat2", mat2: "input" },
  derivative: {
    input: (grad, { mat2 }) => grad.mm(mat2.t()),
    mat2: (grad, { input }) => input.t().mm(grad),
  },
});

/**
 * The products of two batches of matrices.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.bmm.html
 */
export const bmm: Op<(input: Tensor, mat2: Tensor, options?: Out) => Tensor> = op({
  name: "bmm",
  params: { input: tensor, mat2: tensor },
  out: true,
  overlap: "any",
  forward: ({ input, mat2 }, out) => {
    if (input.sizes.length !== 3) throw new Error("batch1 must be a 3D tensor");
    if (mat2.sizes.length !== 3) throw new Error("batch2 must be a 3D tensor");
    const [batch, rows, inner] = input.sizes as [number, number, number];
    if (mat2.sizes[0] !== batch || mat2.sizes[1] !== inner) {
      throw new Error(
        `Expected size for first two dimensions of batch2 tensor to be: [${batch}, ${inner}] but got: [${mat2.sizes[0]}, ${mat2.sizes[1]}].`,
      );
    }
    checkSameDtype("bmm", input, mat2);
    return productInto([batch, rows, mat2.sizes[2] as number], input.dtype, out, (result) =>
      matmulKernel(result, input, mat2),
    );
  },
  saves: ["input", "mat2"],
  savedFor: { input: "mat2", mat2: "input" },
  derivative: {
    input: (grad, { mat2 }) => grad.bmm(mat2.transpose(1, 2)),
    mat2: (grad, { input }) => input.transpose(1, 2).bmm(grad),
  },
});

/**
 * The product of a matrix and a vector.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.mv.html
 */
export const mv: Op<(input: Tensor, vec: Tensor, options?: Out) => Tensor> = op({
  name: "mv",
  params: { input: tensor, vec: tensor },
  out: true,
  overlap: "any",
  forward: ({ input, vec }, out) => {
    checkNdim("mv", "matrix", input, 2);
    checkNdim("mv", "vector", vec, 1);
    if (input.sizes[1] !== vec.sizes[0]) {
      throw new Error(`size mismatch, got ${input.sizes[0]}, ${input.sizes.join("x")},${vec.sizes[0]}`);
    }
    checkSameDtype("mv", input, vec);
    return productInto([input.sizes[0] as number], input.dtype, out, (result) => {
      matmulKernel(asColumn(result), input, asColumn(vec));
    });
  },
  saves: ["input", "vec"],
  savedFor: { input: "vec", vec: "input" },
  derivative: {
    input: (grad, { vec }) => grad.unsqueeze(1).mul(vec),
    vec: (grad, { input }) => input.t().mv(grad),
  },
});

/**
 * The sum of the products of two vectors' elements.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.dot.html
 */
export const dot: Product = dotOp("dot", false);

/** `dot`; of complex vectors the first is conjugated. */
export const vdot: Product = dotOp("vdot", true);

function dotOp(name: string, conjugates: boolean): Product {
  return op({
    name,
    params: { input: tensor, other: tensor },
    out: true,
    overlap: "any",
    forward: ({ input, other }, out) => {
      if (input.sizes.length !== 1 || other.sizes.length !== 1) {
        throw new Error(`1D tensors expected, but got ${input.sizes.length}D and ${other.sizes.length}D tensors`);
      }
      if (input.sizes[0] !== other.sizes[0]) {
        throw new Error(
          `inconsistent tensor size, expected tensor [${input.sizes[0]}] and src [${other.sizes[0]}] to have the same number of elements, but got ${input.sizes[0]} and ${other.sizes[0]} elements respectively`,
        );
      }
      checkSameDtype("dot", input, other);
      const first = conjugates ? input.conj() : input;
      return productInto([], input.dtype, out, (result) => dotKernel(result, first, other));
    },
    saves: ["input", "other"],
    savedFor: { input: "other", other: "input" },
    ownConjugation: conjugates,
    derivative: {
      input: (grad, { other }) => (conjugates ? grad.conj() : grad).mul(other),
      other: (grad, { input }) => grad.mul(input),
    },
  });
}

/**
 * The product of two tensors: of vectors, of matrices, or of batches of matrices that broadcast.
 *
 * @throws Error if the inner sizes differ.
 * @example torch.rand(10, 3, 4).matmul(torch.rand(4, 5)).shape // [10, 3, 5]
 * @see https://pytorch.org/docs/stable/generated/torch.matmul.html
 */
export const matmul: Product = op({
  name: "matmul",
  params: { input: tensor, other: tensor },
  out: true,
  overlap: "any",
  composite: ({ input, other }) => multiply(input, other),
});

function multiply(a: Tensor, b: Tensor): Tensor {
  const dimsA = a.sizes.length;
  const dimsB = b.sizes.length;
  if (dimsA === 0 || dimsB === 0) {
    throw new Error(`both arguments to matmul need to be at least 1D, but they are ${dimsA}D and ${dimsB}D`);
  }
  if (dimsA === 1 && dimsB === 1) return dot(a, b);
  if (dimsA === 2 && dimsB === 1) return mv(a, b);
  if (dimsA === 1 && dimsB === 2) return mm(a.unsqueeze(0), b).squeeze(0);
  if (dimsA === 2 && dimsB === 2) return mm(a, b);
  // One matrix for a whole batch: a single larger product.
  if (dimsA > 2 && dimsB <= 2) return foldBatch(a, b);
  return multiplyBatches(a, b);
}

function foldBatch(a: Tensor, b: Tensor): Tensor {
  const inner = a.sizes.at(-1) as number;
  const rows = a.sizes.slice(0, -1);
  const count = rows.reduce((n, size) => n * size, 1);
  const flat = a.reshape([count, inner]);
  return b.sizes.length === 1
    ? unsafeView(mv(flat, b), rows)
    : unsafeView(mm(flat, b), [...rows, b.sizes[1] as number]);
}

function multiplyBatches(a: Tensor, b: Tensor): Tensor {
  const left = a.sizes.length === 1 ? a.unsqueeze(0) : a;
  const right = b.sizes.length === 1 ? b.unsqueeze(1) : b;
  const [rows, inner] = left.sizes.slice(-2) as [number, number];
  const columns = right.sizes.at(-1) as number;
  checkInner(left.sizes, right.sizes);
  const batch = broadcastShapes(left.sizes.slice(0, -2), right.sizes.slice(0, -2));
  const count = batch.reduce((n, size) => n * size, 1);
  const product = unsafeView(
    bmm(
      left.expand([...batch, rows, inner]).reshape([count, rows, inner]),
      right.expand([...batch, inner, columns]).reshape([count, inner, columns]),
    ),
    [...batch, rows, columns],
  );
  if (a.sizes.length === 1) return product.squeeze(-2);
  return b.sizes.length === 1 ? product.squeeze(-1) : product;
}
