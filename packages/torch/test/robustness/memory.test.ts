/** Plain synchronous loops run in bounded memory, and buffers are handed out again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Buffer, recycle, takeBuffer } from "../../src/backend/cpu/memory/buffers.js";
import torch, { nn, optim } from "../../src/index.js";

/** The growth of the resident memory from the second tenth of a loop to the last. */
function growth(steps: number, body: () => void): number {
  const tenth = Math.ceil(steps / 10);
  let early = 0;
  for (let i = 0; i < steps; i++) {
    body();
    if (i === 2 * tenth - 1) early = process.memoryUsage.rss();
  }
  return process.memoryUsage.rss() / early;
}

test("training steps in a synchronous loop", () => {
  const model = new nn.Sequential(new nn.Linear(64, 128), new nn.ReLU(), new nn.Linear(128, 10));
  const optimizer = new optim.SGD(model.parameters(), { lr: 1e-3 });
  const inputs = torch.randn(32, 64);
  const labels = torch.randint(0, 10, [32]);
  const ratio = growth(3000, () => {
    nn.functional.crossEntropy(model(inputs), labels).backward();
    optimizer.step();
    optimizer.zeroGrad();
  });
  assert.ok(ratio < 1.25, `the resident size grew to ${ratio.toFixed(2)} times`);
});

test("small operations in a synchronous loop", () => {
  const a = torch.ones(4);
  const ratio = growth(200_000, () => a.add(1));
  assert.ok(ratio < 1.25, `the resident size grew to ${ratio.toFixed(2)} times`);
});

test("large temporaries in a synchronous loop", () => {
  const a = torch.ones(512, 512);
  torch.memory.resetPeakMemoryStats();
  for (let i = 0; i < 2000; i++) a.add(1);
  assert.ok(torch.memory.stats().peak < 2 ** 30, `${torch.memory.stats().peak} bytes at the peak`);
});

test("what a backward pass leaves is found right after it, also where it is in recycled memory", () => {
  const w = torch.ones(1, { requiresGrad: true });
  const x = torch.ones(1000, 2000);
  const step = () => {
    let y = x;
    for (let i = 0; i < 6; i++) y = y.mul(w).relu();
    y.sum().backward();
  };
  const aliveAfterwards = Array.from({ length: 50 }, () => {
    step();
    return torch.memory.stats().alive / x.nbytes;
  });
  // The first steps teach how much one of them makes.
  for (const alive of aliveAfterwards.slice(10)) assert.ok(alive < 10, `${alive} times an operand`);
});

test("what a pass over batches leaves is found with the next batch", () => {
  const makes = { at: () => torch.ones(500, 500), length: 400 };
  const sample = makes.at().nbytes;
  torch.memory.emptyCache();
  torch.memory.resetPeakMemoryStats();
  for (const _ of new torch.utils.data.DataLoader(makes, 8));
  const { peak } = torch.memory.stats();
  assert.ok(peak < 150 * sample, `${peak / sample} samples at the peak`);
});

test("what a product sets aside for itself is counted", () => {
  const a = torch.ones(700, 900);
  const b = torch.ones(800, 900).t();
  const out = torch.empty(700, 800);
  const before = torch.memory.stats().alive;
  torch.mm(a, b, { out });
  assert.ok(torch.memory.stats().alive > before, "the packed factor");
});

test("lanes that a softmax copies to rows are counted", () => {
  const a = torch.ones(300_000, 2).t().contiguous().t();
  const before = torch.memory.stats().alive;
  const result = a.at("::2").softmax(0);
  assert.ok(torch.memory.stats().alive > before + 1.6 * result.nbytes);
});

test("what a large network makes on its way is kept for the next results", () => {
  const large = takeBuffer(50 * 2 ** 20);
  const others = [takeBuffer(50 * 2 ** 20), takeBuffer(50 * 2 ** 20)];
  for (const buffer of [large, ...others]) recycle(buffer);
  const taken = [1, 2, 3].map(() => takeBuffer(50 * 2 ** 20));
  const addresses = (buffers: readonly Buffer[]) => buffers.map(({ address }) => address).sort();
  assert.deepEqual(addresses(taken), addresses([large, ...others]));
  for (const buffer of taken) recycle(buffer);
});

test("a program that goes on to other sizes gets its buffers back, too", () => {
  const before = Array.from({ length: 6 }, () => takeBuffer(48 * 2 ** 20));
  for (const buffer of before) recycle(buffer);
  const other = takeBuffer(30 * 2 ** 20);
  recycle(other);
  assert.equal(takeBuffer(30 * 2 ** 20).address, other.address);
});
