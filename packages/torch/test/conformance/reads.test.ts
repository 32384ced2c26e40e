/**
 * Which operations read numbers of their arguments on the host: over all recorded calls, forward and backward. On a
 * device that does not answer at once, each of them waits.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { hostReads } from "../../src/backend/reading.js";
import torch from "../../src/index.js";
import { NeuralNetwork } from "../support/quickstartNetwork.js";
import { families, Golden, type GoldenCase, type GoldenOperation } from "./golden.js";
import { Arguments, changesInput, describeCall, flatten, fullName, mainForm } from "./replay.js";

/** Operations that may read, with the calls of them that do. */
const readers: Readonly<Record<string, RegExp>> = {
  // The numbers are the result.
  allclose: /./,
  equal: /./,
  isNonzero: /./,
  item: /./,
  tolist: /./,
  // The shape of the result depends on them.
  "linalg.lstsq": /gels[ds]/,
  // How often matrices have to be squared.
  "linalg.matrixExp": /./,
  matrixExp: /./,
  "F.oneHot": /./,
  argwhere: /./,
  at: /, bool\[|, int64\[\]/,
  bincount: /./,
  indexPut: /\[bool\[3\]/,
  maskedSelect: /./,
  nonzero: /./,
  repeatInterleave: /int64\[\d\](, \d)?\)$/,
  setAt: /bool\[3,4\]\], float64\[3\]|\[int64\[\]/,
  tensorSplit: /, int64\[/,
  unique: /./,
  uniqueConsecutive: /./,
  where: /^where\(bool\[3,4\]\)$/,
  // How far the bins reach, where that was not said.
  histc: /./,
  histogram: /./,
  histogramdd: /./,
  // Arguments are refused for their numbers, as PyTorch does it.
  "F.binaryCrossEntropy": /./,
  "F.embeddingBag": /, int64\[2\]\)$/,
  "F.gaussianNllLoss": /./,
  "F.multiMarginLoss": /./,
  "F.multilabelMarginLoss": /./,
  cov: /weights: /,
  istft: /./,
  "masked.median": /int|complex/,
  segmentReduce: /./,
  nanquantile: /, float\d\d\[\d/,
  quantile: /, float\d\d\[\d/,
  // Only a NaN makes a second look necessary.
  mode: /./,
  // How long sequences are.
  "F.ctcLoss": /./,
  // Sizes that the host works out in tensors of its own.
  "F.pdist": /./,
  pdist: /./,
  combinations: /./,
  trilIndices: /./,
  triuIndices: /./,
};

/** Operations whose derivative may read. */
const gradientReaders: Readonly<Record<string, string>> = {
  cumprod: "an input without zeros has a gradient that costs much less",
  "F.pdist": "the pairs of rows are worked out by the host",
  pdist: "the pairs of rows are worked out by the host",
  indexPut: "what a mask shows is selected",
  "linalg.matrixExp": "it is made of a matrix exponential",
  "linalg.vander": "it is made of cumprod",
  matrixExp: "it is made of a matrix exponential",
  "masked.cumprod": "it is made of cumprod",
  maskedScatter: "what a mask shows is selected",
};

/** What a call reads that it should not. */
function unexpectedReads(golden: Golden, operation: GoldenOperation, call: GoldenCase): string[] {
  const run = mainForm(operation);
  if (run === undefined || call.r === undefined) return [];
  const args = new Arguments(golden, call);
  const leaves = call.g === undefined || changesInput(operation) ? [] : args.differentiable(call.g);
  for (const leaf of leaves) leaf.requiresGrad_();
  const name = fullName(operation);
  const shown = describeCall(golden, operation.name, call);
  const wrong: string[] = [];
  let start = hostReads();
  let result: unknown;
  try {
    result = run(...args.list());
  } catch {
    return []; // Whether it may throw is asked in replay.test.ts.
  }
  if (hostReads() > start && !readers[name]?.test(shown)) wrong.push(shown);
  const outputs = flatten(result).filter((output) => output.requiresGrad);
  if (leaves.length === 0 || outputs.length === 0) return wrong;
  start = hostReads();
  torch.autograd.grad(
    outputs,
    leaves,
    outputs.map((output) => torch.onesLike(output)),
    { allowUnused: true },
  );
  if (hostReads() > start && !(name in gradientReaders)) wrong.push(`the gradient of ${shown}`);
  return wrong;
}

for (const family of families()) {
  const golden = new Golden(family);
  test(family, () => {
    const wrong = golden.operations.flatMap((operation) =>
      operation.cases.flatMap((call) => unexpectedReads(golden, operation, call)),
    );
    assert.deepEqual(wrong, []);
  });
}

test("a step of training reads nothing until the loss is asked for", () => {
  const model = new NeuralNetwork();
  const optimizers = [
    new torch.optim.SGD(model.parameters(), { lr: 1e-3, momentum: 0.9 }),
    new torch.optim.Adam(model.parameters()),
  ];
  const [x, y] = [torch.rand(4, 28, 28), torch.randint(10, [4])];
  const train = () => {
    for (const optimizer of optimizers) {
      const loss = torch.nn.functional.crossEntropy(model(x), y);
      loss.backward();
      optimizer.step();
      optimizer.zeroGrad();
    }
  };
  // The first step looks how many there were before, which a state that was loaded tells.
  train();
  const start = hostReads();
  train();
  assert.equal(hostReads() - start, 0);
});
