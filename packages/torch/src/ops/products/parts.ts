/** What several products are made of, which has no public function of its own. */
import { int, tensor } from "../../arguments/params.js";
import type { Tensor } from "../../core/tensor.js";
import { arange } from "../creation/ranges.js";
import { op } from "../define.js";
import type { FunctionOp } from "../types.js";
import { mm } from "./products.js";

/** `cross` along a dim, of tensors of one shape. */
export const crossAlong: FunctionOp<(input: Tensor, other: Tensor, dim: number) => Tensor> = op({
  name: "cross",
  id: "cross.dim",
  nodeName: "LinalgCrossBackward0",
  variants: "function",
  params: { input: tensor, other: tensor, dim: int },
  forward: ({ input, other, dim }) => {
    const next = arange(1, 4).remainder(3);
    const afterNext = arange(2, 5).remainder(3);
    const at = (places: Tensor, vectors: Tensor) => vectors.indexSelect(dim, places);
    return at(next, input)
      .mul(at(afterNext, other))
      .sub(at(afterNext, input).mul(at(next, other)));
  },
  saves: ["input", "other"],
  savedFor: { input: "other", other: "input" },
  derivative: {
    input: (grad, { other, dim }) => crossAlong(other.expandAs(grad), grad, dim),
    other: (grad, { input, dim }) => crossAlong(grad, input.expandAs(grad), dim),
  },
});

/** The product of matrices, multiplied in the order that takes the fewest multiplications. */
export function multiplyChain(matrices: readonly Tensor[]): Tensor {
  const count = matrices.length;
  const size = [matrices[0]?.sizes[0] as number, ...matrices.map((matrix) => matrix.sizes[1] as number)];
  // cost[i][j]: the fewest multiplications for the matrices i to j; cut[i][j]: the last one of the left part.
  const cost = matrices.map(() => new Array<number>(count).fill(0));
  const cut = matrices.map(() => new Array<number>(count).fill(0));
  for (let length = 1; length < count; length++) {
    for (let i = 0; i + length < count; i++) {
      const j = i + length;
      const costs = Array.from({ length }, (_, k) => total(i, i + k, j));
      const least = Math.min(...costs);
      (cost[i] as number[])[j] = least;
      (cut[i] as number[])[j] = i + costs.indexOf(least);
    }
  }
  function total(i: number, k: number, j: number): number {
    const outside = (size[i] as number) * (size[k + 1] as number) * (size[j + 1] as number);
    return (cost[i]?.[k] as number) + (cost[k + 1]?.[j] as number) + outside;
  }
  const multiply = (i: number, j: number): Tensor => {
    if (i === j) return matrices[i] as Tensor;
    const k = cut[i]?.[j] as number;
    return mm(multiply(i, k), multiply(k + 1, j));
  };
  return multiply(0, count - 1);
}
