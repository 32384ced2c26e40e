/** Losses. */
import { F, type Tensor } from "flambeau";
import { type NodeReader, optionalTensorAt, tensorAt } from "../nodeReader.js";
import type { Inputs } from "../values.js";
import { type Family, Outputs } from "./define.js";

function likelihood(node: NodeReader) {
  const reduction = node.word("reduction", ["none", "mean", "sum"], "mean");
  const ignored = node.int("ignore_index");
  return (logProbabilities: Tensor, target: Tensor, weight: Tensor | undefined) =>
    F.nllLoss(logProbabilities, target.long(), weight, {
      reduction,
      ...(ignored !== undefined && { ignoreIndex: ignored }),
    });
}

function negativeLogLikelihood(node: NodeReader) {
  const loss = likelihood(node);
  return (inputs: Inputs) => loss(tensorAt(inputs, 0), tensorAt(inputs, 1), optionalTensorAt(inputs, 2));
}

function softmaxCrossEntropy(node: NodeReader) {
  const loss = likelihood(node);
  return (inputs: Inputs) => {
    const logProbabilities = F.logSoftmax(tensorAt(inputs, 0), 1);
    return new Outputs(loss(logProbabilities, tensorAt(inputs, 1), optionalTensorAt(inputs, 2)), logProbabilities);
  };
}

export const losses: Family = {
  NegativeLogLikelihoodLoss: negativeLogLikelihood,
  SoftmaxCrossEntropyLoss: softmaxCrossEntropy,
};
