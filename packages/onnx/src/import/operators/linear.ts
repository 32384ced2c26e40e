/** Products of matrices. */
import torch, { type Tensor } from "flambeau";
import { type NodeReader, optionalTensorAt, tensorAt } from "../nodeReader.js";
import type { Inputs } from "../values.js";
import type { Family } from "./define.js";

function times(x: Tensor, factor: number): Tensor {
  return factor === 1 ? x : x.mul(factor);
}

function gemm(node: NodeReader) {
  const [alpha, beta] = [node.float("alpha", 1), node.float("beta", 1)];
  const [transA, transB] = [node.flag("transA"), node.flag("transB")];
  return (inputs: Inputs) => {
    const [a, b, c] = [tensorAt(inputs, 0), tensorAt(inputs, 1), optionalTensorAt(inputs, 2)];
    const product = times((transA ? a.t() : a).matmul(transB ? b.t() : b), alpha).to(a.dtype);
    return c === undefined ? product : product.add(times(c, beta)).to(a.dtype);
  };
}

function einsum(node: NodeReader) {
  const equation = node.text("equation") ?? "";
  return (inputs: Inputs) => torch.einsum(equation, ...inputs.map((_, i) => tensorAt(inputs, i)));
}

export const linear: Family = {
  Det: () => (inputs) => torch.linalg.det(tensorAt(inputs, 0)),
  Einsum: einsum,
  Gemm: gemm,
  MatMul: () => (inputs) => tensorAt(inputs, 0).matmul(tensorAt(inputs, 1)),
};
