import assert from "node:assert/strict";
import { test } from "node:test";
import torch from "../../src/index.js";

const { sampleDirichlet } = torch.ops.torchvision;

test("sampleDirichlet draws the numbers of PyTorch's _sample_dirichlet", () => {
  torch.manualSeed(3);
  const float = sampleDirichlet(
    torch.tensor([
      [1, 1, 1],
      [0.3, 2, 5],
    ]),
  );
  assert.deepEqual(float.tolist(), [
    [0.5058643221855164, 0.2656608819961548, 0.22847479581832886],
    [0.004252823069691658, 0.34508436918258667, 0.6506628394126892],
  ]);
  assert.deepEqual(
    sampleDirichlet(torch.tensor([0.3, 2], { dtype: torch.float64 })).tolist(),
    [0.18565428264316478, 0.8143457173568353],
  );
  assert.equal(torch.rand(1).item(), 0.3686259388923645);
});

test("sampleDirichlet refuses whole numbers, and takes a generator", () => {
  assert.throws(() => sampleDirichlet(torch.tensor([1n, 1n])), TypeError);
  const [first, second] = [7, 7].map((seed) =>
    sampleDirichlet(torch.ones(4), { generator: new torch.Generator().manualSeed(seed) }).tolist(),
  );
  assert.deepEqual(first, second);
});
