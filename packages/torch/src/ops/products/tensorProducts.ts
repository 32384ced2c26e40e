/** More products of vectors, matrices and tensors: `outer`, `inner`, `cross`, `tensordot`, `trace`, … */
import { int, optional, type Param, spreadTensors, tensor } from "../../arguments/params.js";
import { formatShape, wrapDim, wrapDims } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { arange } from "../creation/ranges.js";
import { op, synonym } from "../define.js";
import type { Args, FunctionOp, Op, Out } from "../types.js";
import { checkNdim } from "./checks.js";
import { crossAlong, multiplyChain } from "./parts.js";
import { mm } from "./products.js";

type Product = Op<(input: Tensor, other: Tensor, options?: Out) => Tensor>;

/**
 * The products of each element of one vector with each of another.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.outer.html
 */
export const outer: Op<(input: Tensor, vec2: Tensor, options?: Out) => Tensor> = op({
  name: "outer",
  params: { input: tensor, vec2: tensor },
  out: "cast",
  overlap: "none",
  composite: ({ input, vec2 }) => {
    checkNdim("outer", "argument self", input, 1);
    checkNdim("outer", "argument vec2", vec2, 1);
    return input.unsqueeze(1).mul(vec2);
  },
});

/** `outer` under its other name. */
export const ger: Op<(input: Tensor, vec2: Tensor, options?: Out) => Tensor> = synonym("ger", outer);

/**
 * The sums of products over the last dim of both tensors; for numbers the product.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.inner.html
 */
export const inner: Product = op({
  name: "inner",
  params: { input: tensor, other: tensor },
  out: true,
  // A product with a number is one of elements.
  overlap: ({ input, other }: { input: Tensor; other: Tensor }) =>
    input.sizes.length === 0 || other.sizes.length === 0 ? {} : { input: "any", other: "any" },
  composite: ({ input, other }) => {
    if (input.sizes.length === 0 || other.sizes.length === 0) return input.mul(other);
    if (input.sizes.at(-1) !== other.sizes.at(-1)) {
      throw new Error(
        `inner() the last dimension must match on both input tensors but got shapes ${formatShape(input.sizes)} and ${formatShape(other.sizes)}`,
      );
    }
    return tensordot(input, other, [[-1], [-1]]);
  },
});

/** The dims to sum over: so many (the last of `a`, the first of `b`), or those of each. */
export type ContractedDims = number | readonly [readonly number[], readonly number[]];

const contracted: Param<ContractedDims> = {
  ...(int as Param<ContractedDims>),
  expected: "int or a pair of lists of ints",
  read: (value) => {
    const isList = (list: unknown): list is readonly number[] => Array.isArray(list) && list.every(Number.isInteger);
    return Array.isArray(value) && value.length === 2 && value.every(isList)
      ? (value as unknown as ContractedDims)
      : int.read(value);
  },
};

function dimsOf(a: Tensor, dims: ContractedDims): readonly [readonly number[], readonly number[]] {
  if (typeof dims !== "number") return dims;
  if (dims < 0) throw new RangeError(`tensordot expects dims >= 0, but got dims=${dims}`);
  const ndim = a.sizes.length;
  if (dims > ndim) wrapDim(-dims, ndim);
  return [Array.from({ length: dims }, (_, i) => ndim - dims + i), Array.from({ length: dims }, (_, i) => i)];
}

/**
 * The sums of products over several dims of two tensors.
 *
 * @param dims how many dims, 2 by default, or the dims of each.
 * @see https://pytorch.org/docs/stable/generated/torch.tensordot.html
 */
export const tensordot: FunctionOp<
  (a: Tensor, b: Tensor, ...args: Args<[dims?: ContractedDims], ["dims"], Out>) => Tensor
> = op({
  name: "tensordot",
  variants: "function",
  params: { a: tensor, b: tensor, dims: optional(contracted, 2) },
  out: true,
  overlap: "any",
  composite: ({ a, b, dims }) => {
    const [givenA, givenB] = dimsOf(a, dims);
    if (givenA.length !== givenB.length) throw new Error("both dimension lists should have same length");
    const [dimsA, dimsB] = [wrapDims(givenA, a.sizes.length), wrapDims(givenB, b.sizes.length)];
    let [left, right] = [a, b];
    dimsA.forEach((dimA, i) => {
      const dimB = dimsB[i] as number;
      const [sizeA, sizeB] = [a.sizes[dimA] as number, b.sizes[dimB] as number];
      if (sizeA === sizeB) return;
      if (sizeA !== 1 && sizeB !== 1) {
        throw new Error(
          `contracted dimensions need to match, but first has size ${sizeA} in dim ${dimA} and second has size ${sizeB} in dim ${dimB}`,
        );
      }
      if (sizeA === 1) right = right.sum(dimB, { keepdim: true });
      else left = left.sum(dimA, { keepdim: true });
    });
    return contract(left, right, dimsA, dimsB);
  },
});

function contract(a: Tensor, b: Tensor, dimsA: readonly number[], dimsB: readonly number[]): Tensor {
  const others = (input: Tensor, dims: readonly number[]) =>
    input.sizes.map((_, d) => d).filter((d) => !dims.includes(d));
  const sizesOf = (input: Tensor, dims: readonly number[]) => dims.map((d) => input.sizes[d] as number);
  const product = (sizes: readonly number[]) => sizes.reduce((n, size) => n * size, 1);
  const [restA, restB] = [others(a, dimsA), others(b, dimsB)];
  const inside = product(sizesOf(a, dimsA));
  const left = a.permute([...restA, ...dimsA]).reshape([product(sizesOf(a, restA)), inside]);
  const right = b.permute([...dimsB, ...restB]).reshape([inside, product(sizesOf(b, restB))]);
  return mm(left, right).reshape([...sizesOf(a, restA), ...sizesOf(b, restB)]);
}

/** The sum of the diagonal of a matrix. */
export const trace: Op<(input: Tensor) => Tensor> = op({
  name: "trace",
  params: { input: tensor },
  forward: ({ input }) => {
    if (input.sizes.length !== 2)
      throw new Error(`trace: expected a matrix, but got tensor with dim ${input.sizes.length}`);
    return input.diagonal().sum();
  },
  derivative: {
    input: (grad, { input }) => {
      const [rows, columns] = input.sizes as [number, number];
      return grad.newZeros(input.sizes).maskedFill(arange(rows).unsqueeze(1).eq(arange(columns)), grad);
    },
  },
});

/**
 * The vector product of vectors of three elements along a dim.
 *
 * @param dim the first of size 3 by default.
 * @see https://pytorch.org/docs/stable/generated/torch.cross.html
 */
export const cross: Op<(input: Tensor, other: Tensor, ...args: Args<[dim?: number | null], ["dim"], Out>) => Tensor> =
  op({
    name: "cross",
    params: { input: tensor, other: tensor, dim: optional(int) },
    out: true,
    overlap: "any",
    composite: ({ input, other, dim }) => {
      if (input.sizes.length !== other.sizes.length)
        throw new Error("linalg.cross: inputs must have the same number of dimensions.");
      const d = dim === undefined ? input.sizes.indexOf(3) : wrapDim(dim, input.sizes.length);
      if (d < 0) throw new Error("no dimension of size 3 in input");
      if (input.sizes[d] !== 3 || other.sizes[d] !== 3) {
        throw new Error(
          `linalg.cross: inputs dimension ${d} must have length 3. Got ${input.sizes[d]} and ${other.sizes[d]}`,
        );
      }
      return crossAlong(input, other, d);
    },
  });

/**
 * The product of several matrices, multiplied in the order that takes the fewest multiplications.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.chain_matmul.html
 */
export const chainMatmul: FunctionOp<
  (...matrices: [...Tensor[]] | [...Tensor[], Out] | [readonly Tensor[], Out?]) => Tensor
> = op({
  name: "chainMatmul",
  variants: "function",
  params: { matrices: spreadTensors },
  out: true,
  overlap: "any",
  composite: ({ matrices }) => {
    if (matrices.length === 0) throw new Error("chain_matmul(): Expected one or more matrices");
    for (const matrix of matrices) checkNdim("chain_matmul", "tensor", matrix, 2);
    return multiplyChain(matrices);
  },
});
