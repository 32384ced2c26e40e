/** Differences between neighbours, and areas under the lines between them. */
import { int, keyword, number, optional, tensor } from "../../arguments/params.js";
import { bool, int64 } from "../../core/dtype.js";
import { wrapDim } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { op, synonym } from "../define.js";
import { cat } from "../shape/joining.js";
import type { Args, FunctionOp, Op, Out } from "../types.js";

/**
 * The n-th differences between neighbours along a dim.
 *
 * @param prepend stands before the input, `append` behind it, along the dim.
 * @example torch.tensor([1, 3, 2]).diff() // tensor([ 2., -1.])
 * @see https://pytorch.org/docs/stable/generated/torch.diff.html
 */
export const diff: Op<
  (
    input: Tensor,
    ...args: Args<
      [n?: number, dim?: number, prepend?: Tensor | null, append?: Tensor | null],
      ["n", "dim", "prepend", "append"],
      Out
    >
  ) => Tensor
> = op({
  name: "diff",
  params: {
    input: tensor,
    n: optional(int, 1),
    dim: optional(int, -1),
    prepend: optional(tensor),
    append: optional(tensor),
  },
  out: "cast",
  overlap: { prepend: "any", append: "any" },
  composite: ({ input, n, dim, prepend, append }) => {
    if (input.sizes.length === 0) throw new Error("diff expects input to be at least one-dimensional");
    if (n < 0) throw new RangeError(`order must be non-negative but got ${n}`);
    const d = wrapDim(dim, input.sizes.length);
    let result = padded(input, { prepend, append }, d);
    if (n === 0) return input.clone();
    const steps = Math.max(Math.min(n, result.sizes[d] as number), 1);
    for (let i = 0; i < steps; i++) result = difference(result, d);
    return result;
  },
});

function padded(
  input: Tensor,
  { prepend, append }: { prepend: Tensor | undefined; append: Tensor | undefined },
  dim: number,
): Tensor {
  for (const part of [prepend, append]) {
    if (part !== undefined && part.sizes.length !== input.sizes.length) {
      throw new Error("diff expects prepend or append to be the same dimension as input");
    }
  }
  const parts = [prepend, input, append].filter((part) => part !== undefined);
  return parts.length === 1 ? input : cat(parts, dim);
}

function difference(input: Tensor, dim: number): Tensor {
  const count = Math.max((input.sizes[dim] as number) - 1, 0);
  const later = input.narrow(dim, Math.min(1, input.sizes[dim] as number), count);
  const earlier = input.narrow(dim, 0, count);
  return input.dtype === bool ? later.logicalXor(earlier) : later.sub(earlier);
}

type Integral = FunctionOp<
  (y: Tensor, ...args: Args<[x?: Tensor | null], ["x"], { dx?: number; dim?: number }>) => Tensor
>;

function integral(name: string, total: (areas: Tensor, dim: number) => Tensor): Integral {
  return op({
    name,
    variants: "function",
    params: { y: tensor, x: optional(tensor), dx: keyword(optional(number, 1)), dim: keyword(optional(int, -1)) },
    composite: ({ y, x, dx, dim }) => {
      if (y.sizes.length === 0) throw new RangeError(`Dimension specified as ${dim} but tensor has no dimensions`);
      if (y.dtype === bool) throw new TypeError(`${name}: received a bool input for \`y\`, but bool is not supported`);
      if (x?.dtype === bool) throw new TypeError(`${name}: received a bool input for \`x\`, but bool is not supported`);
      const d = wrapDim(dim, y.sizes.length);
      const size = y.sizes[d] as number;
      if (size === 0) return total(y, d);
      const values = y.dtype.isDifferentiable ? y : y.to(int64);
      const heights = values.narrow(d, 1, size - 1).add(values.narrow(d, 0, size - 1));
      const widths = x === undefined ? dx : widthsOf(name, x, y, d);
      return total(heights.mul(widths), d).div(2);
    },
  });
}

/** The distances between neighbours of `x`, in a shape that broadcasts to that of `y`. */
function widthsOf(name: string, x: Tensor, y: Tensor, dim: number): Tensor {
  const size = y.sizes[dim];
  if (x.sizes.length === 0) throw new Error(`${name}: There must be one \`x\` value for each sample point`);
  const along =
    x.sizes.length === 1 ? 0 : x.sizes.length < y.sizes.length ? dim - (y.sizes.length - x.sizes.length) : dim;
  if (x.sizes[along] !== size) {
    throw new Error(`${name}: There must be one \`x\` value for each sample point`);
  }
  const widths = difference(x, along);
  return x.sizes.length === 1 ? widths.view(y.sizes.map((_, i) => (i === dim ? -1 : 1))) : widths;
}

/**
 * The integral of `y` along a dim by the trapezoidal rule.
 *
 * @param x the places of the samples; without them they are `dx` apart (1 by default).
 * @see https://pytorch.org/docs/stable/generated/torch.trapezoid.html
 */
export const trapezoid: Integral = integral("trapezoid", (areas, dim) => areas.sum(dim));
/** `trapezoid` under its other name. */
export const trapz: Integral = synonym("trapz", trapezoid);
/** The integrals of `y` up to each sample but the first; see `trapezoid`. */
export const cumulativeTrapezoid: Integral = integral("cumulativeTrapezoid", (areas, dim) => areas.cumsum(dim));
