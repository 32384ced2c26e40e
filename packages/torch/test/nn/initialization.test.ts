/** With a seed, modules begin with PyTorch's numbers bit for bit (conformance/nn/initialization.py). */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import torch, { F, nn, type Tensor } from "../../src/index.js";

/** Hashes by the keys of a state dict, and a number that is drawn afterwards. */
type Recorded = Record<string, string | number>;

const recorded = JSON.parse(
  readFileSync(new URL("../../../test/nn/golden-initialization.json", import.meta.url), "utf8"),
) as Record<string, Recorded>;

function lazyLinear(): nn.Module {
  const module = new nn.LazyLinear(7);
  module(torch.zeros(3, 5));
  return module;
}

function lazyConv(module: nn.Module, ...sizes: number[]): nn.Module {
  module(torch.zeros(sizes));
  return module;
}

const { float64 } = torch;
const matrix = () => torch.empty(12, 10);
const calls: Record<string, () => nn.Module | Tensor> = {
  Linear: () => new nn.Linear(784, 512),
  "small Linear": () => new nn.Linear(3, 2),
  "Linear without bias": () => new nn.Linear(5, 4, { bias: false }),
  "Linear in float64": () => new nn.Linear(5, 4, { dtype: float64 }),
  LazyLinear: lazyLinear,
  Conv2d: () => new nn.Conv2d(3, 8, 5),
  "Conv1d in groups": () => new nn.Conv1d(4, 8, 3, { groups: 2 }),
  ConvTranspose3d: () => new nn.ConvTranspose3d(4, 6, [1, 2, 3]),
  LazyConv2d: () => lazyConv(new nn.LazyConv2d(4, 3), 1, 2, 5, 5),
  LazyConvTranspose1d: () => lazyConv(new nn.LazyConvTranspose1d(4, 3), 1, 2, 5),
  Bilinear: () => new nn.Bilinear(3, 4, 5),
  Embedding: () => new nn.Embedding(100, 8),
  "Embedding with padding": () => new nn.Embedding(5, 3, 1),
  PReLU: () => new nn.PReLU(3, 0.3),
  Sequential: () => new nn.Sequential(new nn.Linear(4, 3), new nn.PReLU(), new nn.Linear(3, 2)),
  uniform_: () => nn.init.uniform_(matrix(), -2, 3),
  normal_: () => nn.init.normal_(matrix(), 1, 0.5),
  xavierUniform_: () => nn.init.xavierUniform_(matrix(), 1.5),
  xavierNormal_: () => nn.init.xavierNormal_(matrix()),
  kaimingUniform_: () => nn.init.kaimingUniform_(matrix(), 0.1),
  kaimingNormal_: () => nn.init.kaimingNormal_(matrix(), { mode: "fan_out", nonlinearity: "relu" }),
  sparse_: () => nn.init.sparse_(matrix(), 0.4, 0.1),
  truncNormal_: () => nn.init.truncNormal_(matrix(), 0.1, 0.5, -0.3, 2),
  "narrow truncNormal_": () => nn.init.truncNormal_(matrix(), { std: 0.02 }),
  rand: () => torch.rand(100),
  randn: () => torch.randn(1001),
  "short randn": () => torch.randn(7),
  "randn in float64": () => torch.randn(1001, { dtype: float64 }),
  randint: () => torch.randint(-5, 1000, [100]),
  randperm: () => torch.randperm(1000),
  normal: () => torch.normal(torch.arange(20).float(), torch.arange(1, 21).float()),
  multinomial: () => torch.multinomial(torch.arange(1, 9).float(), 5),
  bernoulli: () => torch.bernoulli(torch.full([100], 0.3)),
  binomial: () => torch.binomial(torch.arange(40).float(), torch.full([40], 0.4)),
  poisson: () => torch.poisson(torch.arange(40).float()),
  dropout: () => F.dropout(torch.ones(100), 0.3),
};

function hashOf(tensor: Tensor): string {
  const { buffer, byteOffset, byteLength } = tensor.detach().toTypedArray();
  return createHash("sha256")
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest("hex")
    .slice(0, 12);
}

test("every recorded call is replayed", () => assert.deepEqual(Object.keys(calls), Object.keys(recorded)));

for (const [name, make] of Object.entries(calls)) {
  test(name, () => {
    torch.manualSeed(0);
    const made = make();
    const state = made instanceof nn.Module ? made.stateDict() : { "": made };
    const hashes = Object.fromEntries(Object.entries(state).map(([key, tensor]) => [key, hashOf(tensor)]));
    assert.deepEqual({ ...hashes, next: torch.randint(1000000, []).item() }, recorded[name]);
  });
}

test("truncated normal numbers on the device meta", () => {
  const made = torch.device("meta", () => nn.init.truncNormal_(torch.empty(3), { std: 0.02 }));
  assert.equal(made.device, "meta");
});
