/** Random numbers. A seed makes a generator of its own; without one they come from the library's. */
import torch, { type DType, type Generator, type Tensor } from "flambeau";
import { checkedCount } from "../limits.js";
import { type NodeReader, tensorAt } from "../nodeReader.js";
import type { Inputs } from "../values.js";
import { dtypeIn } from "./creation.js";
import type { Family, Operator } from "./define.js";

function generatorOf(node: NodeReader): { generator?: Generator } {
  const seed = node.float("seed");
  if (seed === undefined) return {};
  const generator = new torch.Generator();
  generator.manualSeed(Math.abs(Math.trunc(seed)) % 2 ** 31);
  return { generator };
}

/** Fills an empty tensor. */
type Fill = (x: Tensor, options: { generator?: Generator }) => Tensor;

function normalFill(node: NodeReader): Fill {
  const [mean, scale] = [node.float("mean", 0), node.float("scale", 1)];
  return (x, options) => x.normal_(mean, scale, options);
}

function uniformFill(node: NodeReader): Fill {
  const [low, high] = [node.float("low", 0), node.float("high", 1)];
  return (x, options) => x.uniform_(low, high, options);
}

function filled(shape: readonly number[], dtype: DType, fill: Fill, options: { generator?: Generator }): Tensor {
  checkedCount(shape, dtype, "a tensor");
  return fill(torch.empty([...shape], { dtype }), options);
}

/** Random numbers of a shape that an attribute tells. */
function ofShape(fillOf: (node: NodeReader) => Fill): Operator {
  return (node) => {
    const [shape, dtype] = [node.requiredInts("shape"), dtypeIn(node, "dtype") ?? torch.float32];
    const [fill, options] = [fillOf(node), generatorOf(node)];
    return () => filled(shape, dtype, fill, options);
  };
}

/** Random numbers of the shape of the input. */
function like(fillOf: (node: NodeReader) => Fill): Operator {
  return (node) => {
    const [fill, dtype, options] = [fillOf(node), dtypeIn(node, "dtype"), generatorOf(node)];
    return (inputs) => {
      const x = tensorAt(inputs, 0);
      return filled(x.shape, dtype ?? (x.dtype.isFloatingPoint ? x.dtype : torch.float32), fill, options);
    };
  };
}

/** Classes by their log-probabilities, which need not add up to one. */
function multinomial(node: NodeReader) {
  const [count, dtype] = [node.int("sample_size", 1), dtypeIn(node, "dtype") ?? torch.int32];
  const options = generatorOf(node);
  return (inputs: Inputs) => {
    const chances = tensorAt(inputs, 0).softmax(1);
    checkedCount([chances.shape[0] as number, count], dtype, "a tensor");
    return chances.multinomial(count, { replacement: true, ...options }).to(dtype);
  };
}

function bernoulli(node: NodeReader) {
  const [dtype, options] = [dtypeIn(node, "dtype"), generatorOf(node)];
  return (inputs: Inputs) => {
    const x = tensorAt(inputs, 0);
    return x.bernoulli(options).to(dtype ?? x.dtype);
  };
}

export const randomNumbers: Family = {
  Bernoulli: bernoulli,
  Multinomial: multinomial,
  RandomNormal: ofShape(normalFill),
  RandomNormalLike: like(normalFill),
  RandomUniform: ofShape(uniformFill),
  RandomUniformLike: like(uniformFill),
};
