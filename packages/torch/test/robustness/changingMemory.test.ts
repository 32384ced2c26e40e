/** Memory that another thread writes while kernels read it: results may be anything, but nothing else is touched. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { Worker } from "node:worker_threads";
import torch, { type Tensor } from "../../src/index.js";

const count = 20_000;
const classes = 50;

// Three tensors whose elements a worker turns from good ones to bad ones and back, as fast as it can.
const indices = new BigInt64Array(new SharedArrayBuffer(8 * count));
const mask = new Uint8Array(new SharedArrayBuffer(count));
const numbers = new Float32Array(new SharedArrayBuffer(4 * count));
const stop = new Int32Array(new SharedArrayBuffer(4));

const program = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { indices, mask, numbers, stop, classes } = workerData;
  const bad = [2n ** 40n, -(2n ** 62n), -1n, ${count}n * 1000n];
  for (let round = 0; Atomics.load(stop, 0) === 0; round++) {
    const isBad = round % 2 === 1;
    for (let i = 0; i < indices.length; i++) {
      indices[i] = isBad && i % 7 === 0 ? bad[round % bad.length] : BigInt(i % classes);
      mask[i] = isBad ? 255 : i % 3;
      numbers[i] = isBad ? [1e30, NaN, -1e30, 5][(i + round) % 4] : i % 100;
    }
    if (round === 1) parentPort.postMessage("running");
  }`;

let worker: Worker;
before(() => {
  worker = new Worker(program, { eval: true, workerData: { indices, mask, numbers, stop, classes } });
  return once(worker, "message");
});
after(() => {
  Atomics.store(stop, 0, 1);
  return worker.terminate();
});

const index = torch.fromTypedArray(indices);
const bools = torch.fromTypedArray(mask).view(torch.bool);
const floats = torch.fromTypedArray(numbers);
const source = torch.rand(count);
const zeros = (...sizes: number[]): Tensor => torch.zeros(sizes);

const calls: Record<string, () => unknown> = {
  gather: () => source.gather(0, index),
  "gather of an expanded index": () => zeros(classes, 3).gather(0, index.view(-1, 1).expand(-1, 3)),
  indexSelect: () => zeros(classes, 3).indexSelect(0, index),
  "indexSelect of the last dim": () => zeros(3, classes).indexSelect(1, index),
  take: () => source.take(index),
  at: () => source.at(index),
  "at with two indices": () => zeros(classes, classes).at(index, index),
  scatter: () => zeros(classes).scatter(0, index, source),
  "scatter of rows": () => zeros(classes, 4).scatter(0, index.view(-1, 4), source.view(-1, 4)),
  scatterAdd: () => zeros(classes).scatterAdd(0, index, source),
  "scatterReduce to means": () => zeros(classes).scatterReduce(0, index, source, "mean"),
  indexAdd: () => zeros(classes, 2).indexAdd(0, index.narrow(0, 0, 1000), torch.ones(1000, 2)),
  indexPut: () => zeros(classes).indexPut([index], source),
  "indexPut, accumulating": () => zeros(classes).indexPut([index], source, { accumulate: true }),
  put: () => zeros(classes).put(index, source),
  crossEntropy: () => torch.nn.functional.crossEntropy(zeros(1000, classes), index.narrow(0, 0, 1000)),
  nllLoss: () => torch.nn.functional.nllLoss(zeros(1000, classes), index.narrow(0, 0, 1000)),
  "crossEntropy's gradient": () => {
    const input = zeros(1000, classes).requiresGrad_();
    torch.nn.functional.crossEntropy(input, index.narrow(0, 0, 1000)).backward();
  },
  embedding: () => torch.nn.functional.embedding(index, zeros(classes, 4)),
  oneHot: () => torch.nn.functional.oneHot(index.narrow(0, 0, 1000), classes),
  bincount: () => torch.bincount(index, null, classes),
  "bincount with weights": () => torch.bincount(index, source),
  searchsorted: () => torch.searchsorted(floats, source),
  "searchsorted with a sorter": () => torch.searchsorted(zeros(count), source, { sorter: index }),
  nonzero: () => bools.nonzero(),
  "nonzero of a matrix": () => bools.view(-1, 5).nonzero(),
  maskedSelect: () => source.maskedSelect(bools),
  "maskedSelect of a matrix": () => source.view(-1, 5).t().maskedSelect(bools.view(5, -1)),
  maskedScatter: () => zeros(count).maskedScatter(bools, source),
  maskedFill: () => zeros(count).maskedFill(bools, 1),
  "at a mask": () => source.at(bools),
  sort: () => floats.sort(),
  "sort of small integers": () => torch.fromTypedArray(mask).sort(),
  "sort of int64": () => index.sort(),
  "sort of rows": () => floats.view(-1, 20).sort(),
  topk: () => floats.topk(10),
  "topk of many": () => floats.topk(15_000),
  kthvalue: () => floats.kthvalue(7000),
  median: () => floats.median(0),
  nanmedian: () => floats.nanmedian(0),
  mode: () => floats.mode(0),
  argmax: () => [floats.argmax(), floats.argmin(), index.argmax()],
  "max of a dim": () => floats.view(2, -1).max(1),
  unique: () => torch.unique(floats, { returnInverse: true, returnCounts: true }),
  "unique rows": () => torch.unique(floats.view(-1, 2), { dim: 0, returnInverse: true }),
  uniqueConsecutive: () => torch.uniqueConsecutive(index, { returnInverse: true, returnCounts: true }),
  histc: () => floats.histc(100, 0, 100),
  histogram: () => torch.histogram(floats, 10, { range: [0, 100] }),
  multinomial: () => [floats.multinomial(100, { replacement: true }), floats.multinomial(100)],
  quantile: () => floats.narrow(0, 0, 1000).quantile(0.3),
};

for (const [name, call] of Object.entries(calls)) {
  test(`${name} survives memory that changes under it`, () => {
    let outcomes = 0;
    for (let i = 0; i < 40; i++) {
      try {
        call();
      } catch (error) {
        assert.ok(error instanceof Error && !(error instanceof TypeError), String(error));
      }
      outcomes++;
    }
    assert.equal(outcomes, 40);
  });
}
