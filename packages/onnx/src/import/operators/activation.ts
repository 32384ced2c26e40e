/** Activations. */
import torch, { F, type Tensor } from "flambeau";
import { type NodeReader, tensorAt } from "../nodeReader.js";
import type { Inputs } from "../values.js";
import { type Family, type Operator, versions } from "./define.js";
import { dimOf, flattened } from "./dims.js";
import { unary } from "./pointwise.js";

/** An activation with one number, an attribute. */
function withNumber(name: string, otherwise: number, compute: (x: Tensor, value: number) => Tensor): Operator {
  return (node) => {
    const value = node.float(name, otherwise);
    return (inputs) => compute(tensorAt(inputs, 0), value);
  };
}

/** A function along an axis. Before version 13 all dims from the axis on counted as one. */
function alongAxis(compute: (x: Tensor, dim: number) => Tensor): Operator {
  return versions({
    1: (node) => {
      const axis = node.int("axis", 1);
      return (inputs) => {
        const x = tensorAt(inputs, 0);
        return compute(flattened(x, axis), 1).reshape([...x.shape]);
      };
    },
    13: (node) => {
      const axis = node.int("axis", -1);
      return (inputs) => {
        const x = tensorAt(inputs, 0);
        return compute(x, dimOf(axis, x.dim()));
      };
    },
  });
}

/** One where the largest element is, the first of equal ones, and zero elsewhere. */
function hardmax(x: Tensor, dim: number): Tensor {
  return torch.zerosLike(x).scatter(dim, x.argmax(dim, { keepdim: true }), 1);
}

function hardSigmoid(node: NodeReader) {
  const [alpha, beta] = [node.float("alpha", 0.2), node.float("beta", 0.5)];
  return (inputs: Inputs) => tensorAt(inputs, 0).mul(alpha).add(beta).clamp(0, 1);
}

function selu(node: NodeReader) {
  const [alpha, gamma] = [node.float("alpha", 1.6732631921768188), node.float("gamma", 1.0507010221481323)];
  return (inputs: Inputs) => F.elu(tensorAt(inputs, 0), alpha).mul(gamma);
}

/** Before version 7 a list of slopes belonged to the channels; since then it is broadcast as all else is. */
function prelu(node: NodeReader) {
  const isOld = node.version < 7;
  return (inputs: Inputs) => {
    const [x, slope] = [tensorAt(inputs, 0), tensorAt(inputs, 1)];
    const ofChannels = isOld && slope.numel() > 1 && x.dim() > 2;
    const factors = ofChannels ? slope.reshape([-1, ...new Array<number>(x.dim() - 2).fill(1)]) : slope;
    return torch.where(x.lt(0), x.mul(factors), x);
  };
}

function gelu(node: NodeReader) {
  const approximate = node.word("approximate", ["none", "tanh"], "none");
  return (inputs: Inputs) => F.gelu(tensorAt(inputs, 0), { approximate });
}

function swish(x: Tensor, alpha: number): Tensor {
  return alpha === 1 ? F.silu(x) : x.mul(x.mul(alpha).sigmoid());
}

/** A gate with the swish of its first input. */
function swiGlu(node: NodeReader) {
  const alpha = node.float("alpha", 1);
  return (inputs: Inputs) => swish(tensorAt(inputs, 0), alpha).mul(tensorAt(inputs, 1));
}

export const activation: Family = {
  Celu: withNumber("alpha", 1, (x, alpha) => F.celu(x, alpha)),
  Elu: withNumber("alpha", 1, (x, alpha) => F.elu(x, alpha)),
  Gelu: gelu,
  HardSigmoid: hardSigmoid,
  HardSwish: unary((x) => F.hardswish(x)),
  Hardmax: alongAxis(hardmax),
  LeakyRelu: withNumber("alpha", 0.01, (x, alpha) => F.leakyRelu(x, alpha)),
  LogSoftmax: alongAxis((x, dim) => F.logSoftmax(x, dim)),
  Mish: unary((x) => F.mish(x)),
  PRelu: prelu,
  Relu: unary((x) => F.relu(x)),
  Selu: selu,
  Sigmoid: unary((x) => x.sigmoid()),
  Softmax: alongAxis((x, dim) => F.softmax(x, dim)),
  Softplus: unary((x) => F.softplus(x)),
  Softsign: unary((x) => F.softsign(x)),
  SwiGLU: swiGlu,
  Swish: withNumber("alpha", 1, swish),
  Tanh: unary((x) => x.tanh()),
  ThresholdedRelu: withNumber("alpha", 1, (x, alpha) => F.threshold(x, alpha, 0)),
};
