/** Derivatives of functions of which samples are known. */
import { dims, int, invalid, keyword, numbers, optional, type Param, tensor, tensors } from "../../arguments/params.js";
import { uint8 } from "../../core/dtype.js";
import { maxDims, wrapDims } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import { cat } from "../shape/joining.js";
import type { Dims, FunctionOp } from "../types.js";

/** A distance for all dims, one for each, or the places of the samples along each. */
type Spacing = number | readonly number[] | readonly Tensor[];

const spacingParam: Param<Spacing> = {
  ...(tensors as unknown as Param<Spacing>),
  item: undefined,
  expected: "Number, list of Numbers or list of Tensors",
  read: (value) => {
    if (typeof value === "number") return value;
    if (!Array.isArray(value) || value.length > maxDims) return invalid;
    const places = numbers.read(value);
    return places === invalid ? tensors.read(value) : places;
  },
};

/**
 * The derivatives of a function along dims, estimated from its values at the elements: by the differences of the
 * neighbours on both sides, and at the edges of the one there is.
 *
 * @param options.spacing how far samples are apart: 1 by default, a number for all dims or for each, or a tensor for
 *   each dim with the places of its samples.
 * @param options.dim all dims by default.
 * @param options.edgeOrder 2 takes one more element into account at the edges.
 * @returns a tensor for each dim.
 * @example torch.gradient(torch.tensor([1, 2, 4, 8])) // [tensor([1.0000, 1.5000, 3.0000, 4.0000])]
 * @see https://pytorch.org/docs/stable/generated/torch.gradient.html
 */
export const gradient: FunctionOp<
  (input: Tensor, options?: { spacing?: Spacing; dim?: Dims; edgeOrder?: number }) => Tensor[]
> = op({
  name: "gradient",
  variants: "function",
  params: {
    input: tensor,
    spacing: keyword(optional(spacingParam, 1)),
    dim: keyword(optional(dims)),
    edgeOrder: keyword(optional(int, 1)),
  },
  composite: ({ input, spacing, dim, edgeOrder }) => {
    if (input.dtype === uint8) throw new TypeError("torch.gradient does not support uint8 input.");
    if (edgeOrder !== 1 && edgeOrder !== 2)
      throw new RangeError("torch.gradient only supports edge_order=1 and edge_order=2.");
    const along = dim === undefined ? input.sizes.map((_, d) => d) : wrapDims(dim, input.sizes.length);
    if (typeof spacing !== "number" && spacing.length !== along.length) {
      throw new Error(
        `torch.gradient expected spacing to be unspecified, a scalar or a list of length ${along.length} but got a list of length ${spacing.length}`,
      );
    }
    for (const d of along) {
      if ((input.sizes[d] as number) <= edgeOrder)
        throw new Error("torch.gradient expected each dimension size to be at least edge_order+1");
    }
    return along.map((d, i) => derivative(input, d, gaps(input, d, spacing, i), edgeOrder));
  },
});

/** How far each element along a dim is from the next: one number, or a tensor that broadcasts. */
function gaps(input: Tensor, dim: number, spacing: Spacing, at: number): number | Tensor {
  const given = typeof spacing === "number" ? spacing : (spacing[at] as number | Tensor);
  if (typeof given === "number") return given;
  const size = input.sizes[dim] as number;
  if (given.sizes.length !== 1 || given.sizes[0] !== size) {
    throw new Error(
      `torch.gradient expected each tensor of spacing to have one dim of the size of its dim of input, ${size}, but got shape [${given.sizes}]`,
    );
  }
  return given.diff().view(input.sizes.map((_, d) => (d === dim ? -1 : 1)));
}

function derivative(input: Tensor, dim: number, gap: number | Tensor, edgeOrder: number): Tensor {
  const size = input.sizes[dim] as number;
  const part = (of: Tensor, start: number, length: number) => of.narrow(dim, start, length);
  const slopes = part(input, 1, size - 1)
    .sub(part(input, 0, size - 1))
    .div(gap);
  /** The slope at an end, and of the line that the last two slopes make where three elements count. */
  const edge = (at: number, next: number): Tensor => {
    const slope = part(slopes, at, 1);
    if (edgeOrder === 1) return slope;
    const bend = slope.sub(part(slopes, next, 1));
    if (!(gap instanceof Tensor)) return slope.add(bend.div(2));
    const own = part(gap, at, 1);
    return slope.add(bend.mul(own).div(own.add(part(gap, next, 1))));
  };
  return cat([edge(0, 1), inside(), edge(size - 2, size - 3)], dim);

  /** The slopes on both sides, each with the weight of the other's gap: those of a parabola through three elements. */
  function inside(): Tensor {
    const count = size - 2;
    if (!(gap instanceof Tensor))
      return part(input, 2, count)
        .sub(part(input, 0, count))
        .div(2 * gap);
    const [left, right] = [part(gap, 0, count), part(gap, 1, count)];
    return part(slopes, 0, count)
      .mul(right)
      .add(part(slopes, 1, count).mul(left))
      .div(left.add(right));
  }
}
