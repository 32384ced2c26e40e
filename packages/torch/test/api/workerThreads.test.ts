/** The library in worker threads, each with tensors of its own, while the main thread computes too. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import torch, { nn, optim } from "../../src/index.js";

/** Trains a little network, and returns its losses: the same seed gives the same, in any thread. */
function train(seed: number): number[] {
  torch.manualSeed(seed);
  const model = new nn.Sequential(new nn.Linear(8, 32), new nn.ReLU(), new nn.Linear(32, 3));
  const optimizer = new optim.Adam(model.parameters(), { lr: 1e-2 });
  const inputs = torch.randn(64, 8);
  const labels = torch.randint(0, 3, [64]);
  const losses: number[] = [];
  for (let i = 0; i < 30; i++) {
    const loss = nn.functional.crossEntropy(model(inputs), labels);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
  }
  return losses;
}

const library = new URL("../../src/index.js", import.meta.url);

function startWorker(seed: number): Promise<number[]> {
  const source = `
    import { parentPort } from "node:worker_threads";
    import torch, { nn, optim } from ${JSON.stringify(library.href)};
    parentPort.postMessage((${train})(${seed}));
  `;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`the worker ended with ${code} and no result`)));
  });
}

test("threads compute beside each other what they compute alone", async () => {
  const expected = [1, 2, 3].map(train);
  const first = expected[0] as number[];
  assert.ok((first.at(-1) as number) < (first[0] as number));
  const running = [1, 2, 3].map(startWorker);
  const settled = { done: false };
  const all = Promise.all(running).finally(() => {
    settled.done = true;
  });
  let rounds = 0;
  while (!settled.done || rounds === 0) {
    assert.deepEqual(train(1), first, "the main thread, while workers run");
    rounds++;
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(await all, expected);
});

test("a mode, the seed and settings of one thread are not those of another", async () => {
  const source = `
    import { parentPort } from "node:worker_threads";
    import torch from ${JSON.stringify(library.href)};
    parentPort.postMessage([torch.isGradEnabled(), torch.getDefaultDtype().name, String(torch.tensor([0.5]))]);
  `;
  using _ = torch.noGrad();
  torch.setPrintoptions({ precision: 1 });
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
  const message = await new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  torch.setPrintoptions({ profile: "default" });
  assert.deepEqual(message, [true, "float32", "tensor([0.5000])"]);
});

test("a tensor's elements travel as a typed array", async () => {
  const source = `
    import { parentPort } from "node:worker_threads";
    import torch from ${JSON.stringify(library.href)};
    parentPort.once("message", (array) => {
      const result = torch.fromTypedArray(array, [2, 2]).matmul(torch.ones(2, 2)).toTypedArray();
      parentPort.postMessage(result, [result.buffer]);
    });
  `;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
  worker.postMessage(torch.tensor([1, 2, 3, 4]).toTypedArray());
  const result = await new Promise<Float32Array>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  assert.deepEqual([...result], [3, 3, 7, 7]);
});

test("a worker that is ended in the middle of its work leaves the others alone", async () => {
  const source = `
    import { parentPort } from "node:worker_threads";
    import torch from ${JSON.stringify(library.href)};
    parentPort.postMessage("ready");
    for (let a = torch.ones(256, 256); ; ) a = a.matmul(a).div(256);
  `;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
  await new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  const a = torch.ones(256, 256);
  for (let i = 0; i < 20; i++) assert.equal(a.matmul(a).at(0, 0).item(), 256);
  await worker.terminate();
  assert.equal(a.matmul(a).at(5, 5).item(), 256);
});
