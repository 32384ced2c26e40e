/** How much memory calls leave behind and need on the way, without the help of the collector. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { collectGarbage } from "../../src/backend/cpu/host/collect.js";
import torch, { nn, type Tensor } from "../../src/index.js";

const mebibyte = 2 ** 20;

// With several, which thread packs matrices first, and so makes a place for them, is left to chance.
torch.setNumThreads(1);

/** Bytes in use after a call, and at the peak of it, beyond those before. */
function measured(run: () => unknown): { left: number; peak: number } {
  // What is made once (places to pack matrices in) is there from the first call on.
  run();
  collectGarbage("all");
  torch.memory.emptyCache();
  torch.memory.resetPeakMemoryStats();
  const before = torch.memory.stats().alive;
  const result = run();
  const { alive, peak } = torch.memory.stats();
  assert.ok(result !== undefined);
  return { left: (alive - before) / mebibyte, peak: (peak - before) / mebibyte };
}

/** 1 MiB. */
const x = torch.rand(512, 512);

function mlp(depth: number): nn.Sequential {
  const layers = Array.from({ length: depth }, () => [new nn.Linear(512, 512), new nn.GELU()]);
  return new nn.Sequential(...layers.flat());
}

for (const [mode, run] of Object.entries({ noGrad: torch.noGrad, inferenceMode: torch.inferenceMode })) {
  test(`a deep model in ${mode} needs no more memory than a shallow one`, () => {
    const [shallow, deep] = [mlp(2), mlp(12)].map((model) => measured(() => run(() => model(x))));
    assert.deepEqual(deep, shallow);
    assert.ok(deep && deep.left <= 1 && deep.peak <= 3, `${JSON.stringify(deep)} MiB`);
  });
}

test("a deep stack of transformer layers needs no more memory than a shallow one", () => {
  const layer = new nn.TransformerEncoderLayer(512, 8, { dimFeedforward: 1024 });
  const [shallow, deep] = [2, 6].map((depth) => {
    const model = new nn.TransformerEncoder(layer, depth);
    model.eval();
    const run = () => torch.noGrad(() => model(x));
    // What making the layers left behind goes back in the first one.
    measured(run);
    return measured(run);
  });
  assert.deepEqual(deep, shallow);
});

test("a model in training keeps what the backward pass needs, and no more", () => {
  const layers = Array.from({ length: 8 }, () => [new nn.Linear(512, 512), new nn.ReLU()]);
  const model = new nn.Sequential(...layers.flat());
  // The output of each activation.
  assert.equal(measured(() => model(x)).left, 8);
});

test("after its backward pass a model keeps nothing of what the graph had saved", () => {
  const layers = Array.from({ length: 8 }, () => [new nn.Linear(512, 512), new nn.LayerNorm(512), new nn.ReLU()]);
  const model = new nn.Sequential(...layers.flat());
  const { left, peak } = measured(() => {
    model.zeroGrad();
    const loss = model(x).sum();
    loss.backward();
    return loss;
  });
  // The model's output, which the program saw.
  assert.ok(left < 1.5, `${left} MiB left`);
  // What the graph saves, the gradients of eight weights, and two on their way.
  assert.ok(peak < 28, `${peak} MiB at the peak`);
});

const F = nn.functional;
/** 2 MiB. */
const whole = torch.randint(1, 5, [512, 512]);
const grid = torch.rand(1, 256, 256, 2);

const composites: Record<string, (x: Tensor) => unknown> = {
  cov: (input) => input.cov(),
  isclose: (input) => input.isclose(input),
  diff: (input) => input.diff(3),
  normalize: (input) => torch.nn.functional.normalize(input),
  corrcoef: (input) => input.corrcoef(),
  quantile: (input) => input.quantile(0.5, 1),
  out: (input) => torch.diff(input, { out: torch.empty(512, 511) }),
  "in place": (input) => input.clone().nanToNum_(),
  "operands of two dtypes": (input) => input.atan2(whole),
  "whole numbers made floating": () => whole.sin(),
  "two dtypes in place": (input) => input.clone().pow_(whole),
  "two dtypes with out": (input) => torch.mul(input, whole, { out: torch.empty(512, 512) }),
  angle: (input) => input.angle(),
  isin: (input) => torch.isin(whole, input.select(0, 0)),
  unique: (input) => input.unique(),
  histogram: (input) => torch.histogram(input, 10),
  glu: (input) => F.glu(input),
  softmin: (input) => F.softmin(input),
  gumbelSoftmax: (input) => F.gumbelSoftmax(input, { hard: true }),
  dropout: (input) => F.dropout(input),
  alphaDropout: (input) => F.alphaDropout(input),
  cosineSimilarity: (input) => F.cosineSimilarity(input, input),
  gridSample: (input) => F.gridSample(input.view(1, 4, 256, 256), grid),
  affineGrid: () => F.affineGrid(torch.ones(1, 2, 3), [1, 1, 256, 256]),
  lpPool2d: (input) => F.lpPool2d(input.view(1, 4, 256, 256), 2, 2),
  embeddingBag: (input) => F.embeddingBag(torch.arange(512).view(256, 2), input),
  binaryCrossEntropy: (input) => F.binaryCrossEntropy(input, input),
  binaryCrossEntropyWithLogits: (input) => F.binaryCrossEntropyWithLogits(input, input, input),
  crossEntropy: (input) => F.crossEntropy(input, torch.arange(512)),
  "crossEntropy of probabilities": (input) => F.crossEntropy(input, input),
  mseLoss: (input) => F.mseLoss(input, input),
  "mseLoss with weights": (input) => F.mseLoss(input, input, { weight: input }),
  l1Loss: (input) => F.l1Loss(input, input),
  smoothL1Loss: (input) => F.smoothL1Loss(input, input),
  huberLoss: (input) => F.huberLoss(input, input),
  hingeEmbeddingLoss: (input) => F.hingeEmbeddingLoss(input, input),
  marginRankingLoss: (input) => F.marginRankingLoss(input, input, input),
  multiMarginLoss: (input) => F.multiMarginLoss(input, torch.arange(512)),
  multilabelSoftMarginLoss: (input) => F.multilabelSoftMarginLoss(input, input),
  tripletMarginLoss: (input) => F.tripletMarginLoss(input, input, input),
  klDiv: (input) => F.klDiv(input, input, { reduction: "sum" }),
  poissonNllLoss: (input) => F.poissonNllLoss(input, input, { full: true }),
  gaussianNllLoss: (input) => F.gaussianNllLoss(input, input, input),
};

for (const [name, run] of Object.entries(composites)) {
  test(`${name} leaves its result alone`, () => {
    const { left } = measured(() => torch.noGrad(() => run(x)));
    assert.ok(left <= 1, `${left} MiB`);
  });
}
