/** Linear and bilinear maps. */
import { nullable, optional, tensor } from "../../arguments/params.js";
import { matmul } from "../../backend/kernels.js";
import { scalarTypeName } from "../../core/dtype.js";
import { formatShape, numelOf } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { Args, FunctionOp, Out } from "../types.js";

/** All dims but the last as one: the rows of a matrix. */
function asRows(input: Tensor): Tensor {
  if (input.sizes.length === 2) return input;
  const width = input.sizes.at(-1) as number;
  return input.reshape(numelOf(input.sizes.slice(0, -1)), width);
}

/** The weight as a matrix; a vector is one of a single row. */
function asMatrix(weight: Tensor): Tensor {
  return weight.sizes.length === 1 ? weight.unsqueeze(0) : weight;
}

/** The gradient of an output whose last dim a vector as weight has taken away. */
function withOutputs(grad: Tensor, weight: { readonly sizes: readonly number[] }): Tensor {
  return weight.sizes.length === 1 ? grad.unsqueeze(-1) : grad;
}

function transposed(matrix: Tensor): Tensor {
  const [rows, columns] = matrix.sizes as [number, number];
  const [rowStride, columnStride] = matrix.strides as [number, number];
  return matrix.viewOf([columns, rows], [columnStride, rowStride], matrix.offset);
}

function check(input: Tensor, weight: Tensor, bias: Tensor | null | undefined): void {
  if (input.sizes.length === 0)
    throw new Error("both arguments to matmul need to be at least 1D, but they are 0D and 2D");
  if (weight.sizes.length !== 2)
    throw new Error(`linear(): weight must be a matrix or a vector, got shape ${formatShape(weight.sizes)}`);
  const [outputs, width] = weight.sizes as [number, number];
  const rows = numelOf(input.sizes.slice(0, -1));
  if (input.sizes.at(-1) !== width) {
    throw new Error(
      `mat1 and mat2 shapes cannot be multiplied (${rows}x${input.sizes.at(-1)} and ${width}x${outputs})`,
    );
  }
  for (const other of bias ? [weight, bias] : [weight]) {
    if (other.dtype === input.dtype) continue;
    throw new TypeError(
      `mat1 and mat2 must have the same dtype, but got ${scalarTypeName(input.dtype)} and ${scalarTypeName(other.dtype)}`,
    );
  }
  if (bias && bias.sizes.length > 0 && (bias.sizes.length > 1 || ![1, outputs].includes(bias.sizes[0] as number))) {
    throw new Error(
      `The expanded size of the tensor (${outputs}) must match the existing size (${bias.sizes.at(-1)}) at non-singleton dimension 1.  Target sizes: ${formatShape([rows, outputs])}.  Tensor sizes: ${formatShape(bias.sizes)}`,
    );
  }
}

/** The name of the last of the nodes that PyTorch records. */
function nodeName({ sizes, contiguousFlag }: Tensor, weight: Tensor, hasBias: boolean): string {
  if (weight.sizes.length === 1 && !hasBias) return sizes.length === 1 ? "DotBackward0" : "MvBackward0";
  if (weight.sizes.length === 1) return "AddBackward0";
  if (sizes.length === 2) return hasBias ? "AddmmBackward0" : "MmBackward0";
  if (!hasBias) return sizes.length === 1 ? "SqueezeBackward3" : "UnsafeViewBackward0";
  return sizes.length > 2 && contiguousFlag ? "ViewBackward0" : "AddBackward0";
}

/**
 * `input @ weight.T + bias` for an input of shape `[..., in]`, a weight `[out, in]` and a bias `[out]`; with a
 * weight `[in]` and a bias `[]` the result has shape `[...]`.
 *
 * @throws Error if the sizes do not match.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.linear.html
 */
export const linear: FunctionOp<
  (input: Tensor, weight: Tensor, ...args: Args<[bias?: Tensor | null], ["bias"], Out>) => Tensor
> = op({
  name: "linear",
  variants: "function",
  params: { input: tensor, weight: tensor, bias: optional(nullable(tensor)) },
  out: true,
  overlap: { input: "any", weight: "any" },
  nodeName: ({ input, weight, bias }) => nodeName(input, weight, bias instanceof Tensor),
  forward: ({ input, weight, bias }) => {
    const matrix = asMatrix(weight);
    check(input, matrix, bias);
    const rows = asRows(input);
    const result = Tensor.empty([rows.sizes[0] as number, matrix.sizes[0] as number], input.dtype);
    matmul(result, rows, transposed(matrix), bias ? { bias } : {});
    return input.sizes.length === 2 && weight === matrix
      ? result
      : result.view([...input.sizes.slice(0, -1), ...weight.sizes.slice(0, -1)]);
  },
  saves: ["input", "weight"],
  savedFor: { input: "weight", weight: "input" },
  derivative: {
    input: (grad, { weight }) => withOutputs(grad, weight).matmul(asMatrix(weight)),
    weight: (grad, { input, weight }) => asRows(withOutputs(grad, weight)).t().mm(asRows(input)).view(weight.sizes),
    bias: (grad, { weight }) => asRows(withOutputs(grad, weight)).sum(0),
  },
});

/**
 * `input1 @ weight[k] @ input2 + bias[k]` for each k: inputs `[..., in1]` and `[..., in2]`, a weight
 * `[out, in1, in2]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.bilinear.html
 */
export const bilinear: FunctionOp<
  (input1: Tensor, input2: Tensor, weight: Tensor, ...args: Args<[bias?: Tensor | null], ["bias"]>) => Tensor
> = op({
  name: "bilinear",
  variants: "function",
  params: { input1: tensor, input2: tensor, weight: tensor, bias: optional(nullable(tensor)) },
  composite: ({ input1, input2, weight, bias }) => {
    const [outputs, in1, in2] = weight.sizes as [number, number, number];
    checkBilinear(input1.sizes, input2.sizes, weight.sizes);
    const leading = input1.sizes.slice(0, -1);
    const left = input1.matmul(weight.permute(1, 0, 2).reshape(in1, outputs * in2)).view([...leading, outputs, in2]);
    const result = left.matmul(input2.unsqueeze(-1)).squeeze(-1);
    return bias ? result.add(bias) : result;
  },
});

function checkBilinear(sizes1: readonly number[], sizes2: readonly number[], weight: readonly number[]): void {
  if (sizes1.length !== sizes2.length) {
    throw new Error(`bilinear(): input dimensions do not match: got ${sizes1.length} and ${sizes2.length}`);
  }
  sizes1.slice(0, -1).forEach((size, d) => {
    if (size !== sizes2[d])
      throw new Error(`bilinear(): input batch dimensions do not match at dim ${d}: got ${size} and ${sizes2[d]}`);
  });
  [sizes1, sizes2].forEach((sizes, i) => {
    if (sizes.at(-1) !== weight[i + 1]) {
      throw new Error(
        `bilinear(): input${i + 1} size does not match weight size: got ${sizes.at(-1)} but expected ${weight[i + 1]}`,
      );
    }
  });
}
