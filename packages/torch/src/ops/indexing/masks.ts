/**
 * Masks and conditions: `where`, `maskedFill`, `maskedSelect`, `maskedScatter`, `nonzero`.
 *
 * Source: https://pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
 */
import { flag, int, keyword, type Operand, operand, optional, tensor } from "../../arguments/params.js";
import {
  maskedFill as fillKernel,
  nonzero as nonzeroKernel,
  maskedScatter as scatterKernel,
  maskedSelect as selectKernel,
  where as whereKernel,
} from "../../backend/kernels.js";
import { readCount } from "../../backend/reading.js";
import { bool, int64, scalarTypeName, uint8 } from "../../core/dtype.js";
import { resultType } from "../../core/promotion.js";
import { checkedScalar } from "../../core/scalars.js";
import { broadcastShapes, numelOf, type Shape, sameShape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { checkWritable } from "../copyInto.js";
import { op } from "../define.js";
import { cast, intoResult, kernelOperand } from "../pointwise/pointwise.js";
import type { FunctionOp, InplaceOp, Op, Out } from "../types.js";
import { checkedMask, checkedScatter, fillValue } from "./checks.js";
import { broadcastView, changed, padded } from "./target.js";

/** The tensor whose elements a masked operation changes: in place itself, else a copy as large as the mask needs. */
function maskedTarget(input: Tensor, mask: Tensor, out: Tensor | undefined): Tensor {
  const shape = broadcastShapes(input.sizes, mask.sizes);
  if (out === input) checkWritable(input, shape);
  return sameShape(shape, input.sizes) ? input : broadcastView(input, shape);
}

/**
 * A value in place of the elements where the mask is set.
 *
 * @param mask bool; broadcasts with the input.
 * @param value a number or a 0-d tensor.
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.masked_fill_.html
 */
export const maskedFill: InplaceOp<(input: Tensor, mask: Tensor, value: Operand) => Tensor> = op({
  name: "maskedFill",
  variants: "function, method, inplace",
  params: { input: tensor, mask: tensor, value: operand },
  overlap: { value: "any" },
  forward: ({ input, mask, value }, out) => {
    const set = checkedMask("masked_fill", mask);
    const filling = fillValue("masked_fill_", value, input.dtype);
    const target = maskedTarget(input, set, out);
    return changed(target, out, (result) => fillKernel(result, set, filling));
  },
  saves: ["mask"],
  overload: ({ value }) => (value instanceof Tensor ? 1 : 0),
  derivative: {
    input: (grad, { mask }) => grad.maskedFill(mask, 0),
    value: (grad, { mask }) => grad.maskedFill(mask.logicalNot(), 0).sum(),
  },
});

/**
 * The elements where the mask is set, in row-major order, in one dim.
 *
 * @param mask bool; both broadcast.
 * @see https://pytorch.org/docs/stable/generated/torch.masked_select.html
 */
export const maskedSelect: Op<(input: Tensor, mask: Tensor, options?: Out) => Tensor> = op({
  name: "maskedSelect",
  params: { input: tensor, mask: tensor },
  out: true,
  overlap: "none",
  forward: ({ input, mask }) => {
    const shape = broadcastShapes(input.sizes, mask.sizes);
    const set = broadcastView(checkedMask("masked_select", mask), shape);
    const result = Tensor.empty([readCount(set)], input.dtype);
    selectKernel(result, input, set, shape);
    return result;
  },
  saves: ["mask"],
  derivative: {
    input: (grad, { input, mask }) =>
      grad.newZeros(broadcastShapes(input.sizes, mask.sizes)).maskedScatter_(mask, grad),
  },
});

/**
 * The elements of a source, one after the other, in place of those where the mask is set.
 *
 * @param mask bool; broadcasts with the input.
 * @throws Error if the source has fewer elements than the mask has set ones.
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.masked_scatter_.html
 */
export const maskedScatter: InplaceOp<(input: Tensor, mask: Tensor, source: Tensor) => Tensor> = op({
  name: "maskedScatter",
  variants: "function, method, inplace",
  params: { input: tensor, mask: tensor, source: tensor },
  overlap: "any",
  forward: ({ input, mask, source }, out) => {
    const set = checkedScatter(input, mask, source);
    const target = maskedTarget(input, set, out);
    return changed(target, out, (result) => scatterKernel(result, set, source));
  },
  saves: ["mask"],
  derivative: {
    input: (grad, { mask }) => grad.maskedFill(mask, 0),
    source: (grad, { mask, source }) => padded(grad.maskedSelect(mask), [numelOf(source.sizes)]).view(source.sizes),
  },
});

/** The choice between two operands, elementwise. */
const choose: FunctionOp<(condition: Tensor, input: Operand, other: Operand) => Tensor> = op({
  name: "where",
  id: "where.operands",
  elementwise: true,
  variants: "function",
  params: { condition: tensor, input: operand, other: operand },
  forward: ({ condition, input, other }) => {
    const set = checkedCondition(condition);
    const operands = [input, other].filter((value) => value instanceof Tensor);
    const shape = operands.reduce((sizes: Shape, { sizes: own }) => broadcastShapes(sizes, own), condition.sizes);
    const dtype = resultType(input, other);
    const elements = (value: Operand, place: number) =>
      kernelOperand(value instanceof Tensor ? value : checkedScalar(value, dtype), dtype, place);
    return intoResult(shape, dtype, [condition, ...operands], undefined, (result) =>
      whereKernel(result, set, elements(input, 0), elements(other, 1)),
    );
  },
  saves: ["condition"],
  derivative: {
    input: (grad, { condition }) => choose(condition, grad, 0),
    other: (grad, { condition }) => choose(condition, 0, grad),
  },
});

function checkedCondition(condition: Tensor): Tensor {
  if (condition.dtype === bool) return condition;
  if (condition.dtype === uint8) return cast(condition, bool);
  throw new TypeError(
    `where expected condition to be a boolean tensor, but got a tensor with dtype ${scalarTypeName(condition.dtype)}`,
  );
}

/** Both ways to call `where`. */
type Where = {
  (condition: Tensor, input: Operand, other: Operand, options?: Out): Tensor;
  (condition: Tensor): Tensor[];
};

/**
 * Elements of one operand where the condition holds, and of another elsewhere; with the condition alone, the
 * indices where it holds (`nonzero` with `asTuple`).
 *
 * @example torch.where(x.gt(0), x, 0)
 * @see https://pytorch.org/docs/stable/generated/torch.where.html
 */
export const where: FunctionOp<Where> = op({
  name: "where",
  variants: "function",
  params: { condition: tensor, input: optional(operand), other: optional(operand) },
  out: true,
  composite: ({ condition, input, other }) => {
    if (input === undefined && other === undefined) return coordinatesOf(condition);
    if (input === undefined || other === undefined) {
      throw new TypeError("where() expects either the condition alone or both input and other");
    }
    return choose(condition, input, other);
  },
});

/** The coordinates of the elements that are not zero, one row for each. */
const coordinateTable: FunctionOp<(input: Tensor) => Tensor> = op({
  name: "nonzero",
  id: "nonzero.rows",
  variants: "function",
  params: { input: tensor },
  differentiable: false,
  forward: ({ input }) => {
    const table = Tensor.empty([readCount(input), input.sizes.length], int64);
    nonzeroKernel(table, input);
    return table;
  },
});

/** The coordinates of the elements that are not zero, one tensor for each dim; a 0-d tensor counts as 1-d. */
function coordinatesOf(input: Tensor): Tensor[] {
  return coordinateTable(input.sizes.length === 0 ? input.view(1) : input).unbind(1);
}

/** Both ways to call `nonzero`. */
type Nonzero = {
  (input: Tensor, options: { asTuple: true }): Tensor[];
  (input: Tensor, options?: { asTuple?: false } & Out): Tensor;
};

/**
 * The indices of the elements that are not zero, in row-major order: one row for each, or with `asTuple` one
 * tensor for each dim, which can be used as indices.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nonzero.html
 */
export const nonzero: FunctionOp<Nonzero> = op({
  name: "nonzero",
  variants: "function",
  params: { input: tensor, asTuple: flag },
  out: true,
  overlap: "none",
  composite: ({ input, asTuple }) => (asTuple ? coordinatesOf(input) : coordinateTable(input)),
});

/**
 * The indices of the elements that are not zero, one row for each.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.argwhere.html
 */
export const argwhere: Op<(input: Tensor) => Tensor> = op({
  name: "argwhere",
  params: { input: tensor },
  composite: ({ input }) => coordinateTable(input),
});

/**
 * `nonzero` with a number of rows that is known beforehand: the first `size` of them, or all and then `fillValue`.
 *
 * @example torch.nonzeroStatic(torch.tensor([0, 5, 7]), { size: 3 }) // tensor([[1], [2], [-1]])
 * @throws RangeError for a negative size.
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.nonzero_static.html
 */
export const nonzeroStatic: Op<(input: Tensor, options?: { size: number; fillValue?: number } & Out) => Tensor> = op({
  name: "nonzeroStatic",
  params: { input: tensor, size: keyword(int), fillValue: keyword(optional(int, -1)) },
  out: true,
  overlap: "none",
  composite: ({ input, size, fillValue }) => {
    if (size < 0) throw new RangeError(`nonzero_static: 'size' must be an non-negative integer, but got ${size}`);
    const result = input.newFull([size, input.sizes.length], fillValue, { dtype: int64 });
    if (input.isMeta) return result;
    const rows = coordinateTable(input);
    const count = Math.min(size, rows.sizes[0] as number);
    return result.sliceScatter(rows.narrow(0, 0, count), 0, 0, count);
  },
});
