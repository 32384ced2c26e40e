/** Sums of a tensor and a product: `addmm`, `addmv`, `addr`, `addbmm`, `baddbmm`. */
import { tensor } from "../../arguments/params.js";
import { bool } from "../../core/dtype.js";
import { resultType } from "../../core/promotion.js";
import { formatShape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { inplace, op } from "../define.js";
import { resize } from "../out.js";
import type { InplaceFunction, InplaceOp } from "../types.js";
import {
  addedProduct,
  asColumn,
  checkFactors,
  checkInner,
  checkNdim,
  type Factors,
  factors,
  isZero,
  scaled,
} from "./checks.js";

/**
 * `beta * input + alpha * (mat1 @ mat2)`; `input` broadcasts.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.addmm.html
 */
export const addmm: InplaceOp<(input: Tensor, mat1: Tensor, mat2: Tensor, options?: Factors) => Tensor> = op({
  name: "addmm",
  variants: "function, method, inplace",
  params: { input: tensor, mat1: tensor, mat2: tensor, ...factors },
  out: true,
  overlap: { mat1: "any", mat2: "any" },
  forward: ({ input, mat1, mat2, beta, alpha }) => {
    checkNdim("addmm", "mat1", mat1, 2);
    checkNdim("addmm", "mat2", mat2, 2);
    checkInner(mat1.sizes, mat2.sizes);
    const shape = [mat1.sizes[0] as number, mat2.sizes[1] as number];
    return addedProduct("addmm", shape, input, mat1, mat2, beta, alpha);
  },
  saves: ["mat1", "mat2"],
  savedFor: { mat1: "mat2", mat2: "mat1" },
  derivative: {
    input: (grad, { beta }) => scaled(grad, beta),
    mat1: (grad, { mat2, alpha }) => scaled(grad.mm(mat2.t()), alpha),
    mat2: (grad, { mat1, alpha }) => scaled(mat1.t().mm(grad), alpha),
  },
});

/**
 * `beta * input + alpha * (mat @ vec)`; `input` broadcasts.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.addmv.html
 */
export const addmv: InplaceOp<(input: Tensor, mat: Tensor, vec: Tensor, options?: Factors) => Tensor> = op({
  name: "addmv",
  variants: "function, method, inplace",
  params: { input: tensor, mat: tensor, vec: tensor, ...factors },
  out: true,
  overlap: { mat: "any", vec: "any" },
  forward: ({ input, mat, vec, beta, alpha }) => {
    if (mat.sizes.length !== 2 || vec.sizes.length !== 1 || input.sizes.length > 1) {
      throw new Error(
        `vector + matrix @ vector expected, got ${input.sizes.length}, ${mat.sizes.length}, ${vec.sizes.length}`,
      );
    }
    if (mat.sizes[1] !== vec.sizes[0]) {
      throw new Error(`size mismatch, got ${input.sizes[0] ?? 1}, ${mat.sizes.join("x")},${vec.sizes[0]}`);
    }
    const rows = mat.sizes[0] as number;
    const start = input.sizes.length === 1 ? asColumn(input) : input;
    return addedProduct("addmv", [rows, 1], start, mat, asColumn(vec), beta, alpha).view([rows]);
  },
  saves: ["mat", "vec"],
  savedFor: { mat: "vec", vec: "mat" },
  derivative: {
    input: (grad, { beta }) => scaled(grad, beta),
    mat: (grad, { vec, alpha }) => scaled(grad.unsqueeze(1).mul(vec), alpha),
    vec: (grad, { mat, alpha }) => scaled(mat.t().mv(grad), alpha),
  },
});
export const addmv_: InplaceFunction<typeof addmv> = inplace(addmv);

/**
 * `beta * input + alpha * outer(vec1, vec2)`; `input` broadcasts.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.addr.html
 */
export const addr: InplaceOp<(input: Tensor, vec1: Tensor, vec2: Tensor, options?: Factors) => Tensor> = op({
  name: "addr",
  variants: "function, method, inplace",
  params: { input: tensor, vec1: tensor, vec2: tensor, ...factors },
  out: "cast",
  overlap: { vec1: "none", vec2: "none" },
  forward: ({ input, vec1, vec2, beta, alpha }) => {
    checkNdim("addr", "argument vec1", vec1, 1);
    checkNdim("addr", "argument vec2", vec2, 1);
    const expanded = input.expand([vec1.numel(), vec2.numel()]);
    const dtype = resultType(expanded, vec1, vec2);
    checkFactors(dtype, { beta, alpha });
    for (const [name, value] of Object.entries({ beta, alpha })) {
      if (typeof value === "boolean" && dtype !== bool) {
        throw new TypeError(`Boolean ${name} only supported for Boolean results.`);
      }
    }
    const product = scaled(vec1.to(dtype).unsqueeze(1).mul(vec2.to(dtype)), alpha);
    // A beta of 0 leaves out what is in `input`, also NaN.
    const sum = isZero(beta) ? product : product.add(scaled(expanded.to(dtype), beta));
    return sum.to(dtype);
  },
  saves: ["vec1", "vec2"],
  savedFor: { vec1: "vec2", vec2: "vec1" },
  derivative: {
    input: (grad, { beta }) => scaled(grad, beta),
    vec1: (grad, { vec2, alpha }) => scaled(grad.mv(vec2), alpha),
    vec2: (grad, { vec1, alpha }) => scaled(grad.t().mv(vec1), alpha),
  },
});

/** The sizes of a batch of products: how many, rows, inner size, columns. */
function batchSizes(batch1: Tensor, batch2: Tensor): [count: number, rows: number, inner: number, columns: number] {
  if (batch1.sizes.length !== 3) throw new Error("batch1 must be a 3D tensor");
  if (batch2.sizes.length !== 3) throw new Error("batch2 must be a 3D tensor");
  const [count, rows, inner] = batch1.sizes as [number, number, number];
  if (batch2.sizes[0] !== count || batch2.sizes[1] !== inner) {
    throw new Error(
      `Expected size for first two dimensions of batch2 tensor to be: ${formatShape([count, inner])} but got: ${formatShape(batch2.sizes.slice(0, 2))}.`,
    );
  }
  return [count, rows, inner, batch2.sizes[2] as number];
}

type Batched = InplaceOp<(input: Tensor, batch1: Tensor, batch2: Tensor, options?: Factors) => Tensor>;

const batched = { input: tensor, batch1: tensor, batch2: tensor, ...factors };

/**
 * `beta * input + alpha * (batch1 @ batch2)` for each matrix of a batch; `input` broadcasts.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.baddbmm.html
 */
export const baddbmm: Batched = op({
  name: "baddbmm",
  variants: "function, method, inplace",
  params: batched,
  out: true,
  overlap: { batch1: "any", batch2: "any" },
  forward: ({ input, batch1, batch2, beta, alpha }) => {
    const [count, rows, , columns] = batchSizes(batch1, batch2);
    return addedProduct("baddbmm", [count, rows, columns], input, batch1, batch2, beta, alpha);
  },
  saves: ["batch1", "batch2"],
  savedFor: { batch1: "batch2", batch2: "batch1" },
  derivative: {
    input: (grad, { beta }) => scaled(grad, beta),
    batch1: (grad, { batch2, alpha }) => scaled(grad.bmm(batch2.transpose(1, 2)), alpha),
    batch2: (grad, { batch1, alpha }) => scaled(batch1.transpose(1, 2).bmm(grad), alpha),
  },
});

/**
 * `beta * input + alpha * sum(batch1 @ batch2)`, the products summed over the batch; `input` broadcasts.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.addbmm.html
 */
export const addbmm: Batched = op({
  name: "addbmm",
  variants: "function, method, inplace",
  params: batched,
  out: true,
  overlap: { batch1: "any", batch2: "any" },
  forward: ({ input, batch1, batch2, beta, alpha }, out) => {
    const [count, rows, inner, columns] = batchSizes(batch1, batch2);
    const left = batch1.transpose(0, 1).reshape([rows, count * inner]);
    const right = batch2.reshape([count * inner, columns]);
    const result = addedProduct("addbmm", [rows, columns], input, left, right, beta, alpha);
    // In place, a tensor that was broadcast grows.
    if (out === input && input.base === undefined) resize(input, result.sizes);
    return result;
  },
  saves: ["batch1", "batch2"],
  savedFor: { batch1: "batch2", batch2: "batch1" },
  derivative: {
    input: (grad, { beta }) => scaled(grad, beta),
    batch1: (grad, { batch2, alpha }) => scaled(grad.matmul(batch2.transpose(1, 2)), alpha),
    batch2: (grad, { batch1, alpha }) => scaled(batch1.transpose(1, 2).matmul(grad), alpha),
  },
});
