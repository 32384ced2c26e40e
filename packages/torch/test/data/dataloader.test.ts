/** `DataLoader` in one thread: orders, batches, types and options. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { type Tensor } from "../../src/index.js";
import { Range, Squares } from "./support/datasets.js";
import { checkGolden, drawNext } from "./support/golden.js";

const { BatchSampler, DataLoader, IterableDataset, SequentialSampler, SubsetRandomSampler, TensorDataset } =
  torch.utils.data;

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);
const lists = (batches: Iterable<Tensor>) => Array.from(batches, (batch) => batch.tolist());

test("shuffles are PyTorch's, pass after pass", () => {
  checkGolden("shuffle twice", () => {
    const loader = new DataLoader(upTo(10), { batchSize: 4, shuffle: true });
    return [lists(loader), lists(loader)];
  });
  checkGolden("shuffle dropLast", () => lists(new DataLoader(upTo(11), 3, { shuffle: true, dropLast: true })));
  checkGolden("sequential", () => lists(new DataLoader(upTo(5), 2)));
  checkGolden("early break", () => {
    const loader = new DataLoader(upTo(10), 4, { shuffle: true });
    return [1, 2].map(() => loader[Symbol.iterator]().next().value.tolist());
  });
});

for (const [name, dropLast] of [
  ["own generator", false],
  ["own generator dropLast", true],
] as const) {
  test(`a generator of its own is used as in PyTorch: ${name}`, () => {
    checkGolden(name, () => {
      const generator = new torch.Generator().manualSeed(99);
      const loader = new DataLoader(upTo(7), 2, { shuffle: true, generator, dropLast });
      return [[lists(loader), lists(loader)], drawNext(generator)];
    });
  });
}

test("batches have the samples' structure, and types", () => {
  for (const [index, square] of new DataLoader(new Squares(4), 4)) {
    assert.deepEqual(
      [index.tolist(), square.tolist()],
      [
        [0, 1, 2, 3],
        [0, 1, 4, 9],
      ],
    );
  }
  const inputs = new TensorDataset(torch.zeros(5, 2), torch.zeros(5));
  const shapes = Array.from(new DataLoader(inputs, 2), ([x, y]) => [x.shape, y.shape]);
  assert.deepEqual(shapes, [
    [[2, 2], [2]],
    [[2, 2], [2]],
    [[1, 2], [1]],
  ]);
});

test("samples come one by one without a batch size", () => {
  const samples = [...new DataLoader([{ x: new Uint8Array([1]), y: 2 }], { batchSize: null })];
  assert.deepEqual(samples[0]?.x.tolist(), [1]);
  assert.equal(samples[0]?.y, 2);
  assert.deepEqual([...new DataLoader(upTo(3), { batchSize: null, sampler: [2, 0], collateFn: (n) => n + 1 })], [3, 1]);
});

test("samplers and lengths", () => {
  const data = upTo(10);
  assert.deepEqual(lists(new DataLoader(data, 2, { sampler: [7, 1, 3] })), [[7, 1], [3]]);
  assert.deepEqual(lists(new DataLoader(data, { batchSampler: [[1, 2, 3], [9]] })), [[1, 2, 3], [9]]);
  assert.equal(new DataLoader(data, 3).length, 4);
  assert.equal(new DataLoader(data, 3, { dropLast: true }).length, 3);
  assert.equal(new DataLoader(data, { batchSize: null }).length, 10);
  assert.equal(new DataLoader(data, 2, { sampler: new SubsetRandomSampler([1, 2, 3]) }).length, 2);
  assert.equal(new DataLoader(data, { batchSampler: new BatchSampler(data, 4, true) }).length, 2);
  assert.ok(new DataLoader(data).sampler instanceof SequentialSampler);
  assert.deepEqual(lists(new DataLoader([], 2)), []);
});

test("streams are cut into batches", () => {
  assert.deepEqual(lists(new DataLoader(new Range(0, 5), 2)), [[0, 1], [2, 3], [4]]);
  assert.deepEqual(lists(new DataLoader(new Range(0, 5), 2, { dropLast: true })), [
    [0, 1],
    [2, 3],
  ]);
  assert.deepEqual([...new DataLoader(new Range(0, 3), { batchSize: null })], [0, 1, 2]);
  assert.throws(() => new DataLoader(new Range(0, 3)).length, /has no length/);
});

test("a stream that is longer than it said gives a warning", async () => {
  class Liar extends IterableDataset<number> {
    override readonly length = 1;
    *[Symbol.iterator]() {
      yield* [1, 2, 3];
    }
  }
  const warned = new Promise<Error>((resolve) => process.once("warning", resolve));
  const loader = new DataLoader(new Liar(), 1);
  assert.equal(loader.length, 1);
  assert.equal([...loader].length, 3);
  assert.match((await warned).message, /reported to be 1 .* but 2 samples have been fetched/);
});

test("for await lets the event loop go on", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  const seen: unknown[] = [];
  for await (const batch of new DataLoader(upTo(400), 2)) seen.push(batch.length);
  clearInterval(timer);
  assert.equal(seen.length, 200);
  assert.ok(turns > 0);
});

test("a loop that is left can be entered anew", () => {
  const loader = new DataLoader(upTo(6), 2);
  for (const batch of loader) {
    assert.deepEqual(batch.tolist(), [0, 1]);
    break;
  }
  const iterator = loader[Symbol.iterator]();
  iterator.next();
  iterator.return();
  assert.equal(iterator.next().done, true);
  assert.equal(lists(loader).length, 3);
});

test("attributes are there, and stay", () => {
  const dataset = upTo(4);
  const loader = new DataLoader(dataset, 2, { dropLast: true });
  assert.equal(loader.dataset, dataset);
  assert.deepEqual([loader.batchSize, loader.dropLast, loader.numWorkers, loader.prefetchFactor], [2, true, 0, 2]);
  assert.throws(
    () => Object.assign(loader, { batchSize: 3 }),
    /batchSize attribute should not be set after DataLoader is initialized/,
  );
});

test("wrong calls throw PyTorch's messages", () => {
  const data = upTo(4);
  const stream = new Range(0, 3);
  const cases: [() => unknown, RegExp][] = [
    [() => new DataLoader(data, { numWorkers: -1 }), /numWorkers option should be non-negative/],
    [() => new DataLoader(data, { timeout: -1 }), /timeout option should be non-negative/],
    [
      () => new DataLoader(data, { prefetchFactor: 3 }),
      /prefetchFactor option could only be specified in multiprocessing/,
    ],
    [() => new DataLoader(data, { numWorkers: 1, prefetchFactor: 0 }), /prefetchFactor option should be positive/],
    [() => new DataLoader(data, { persistentWorkers: true }), /persistentWorkers option needs numWorkers > 0/],
    [() => new DataLoader(data, { sampler: [1], shuffle: true }), /sampler option is mutually exclusive with shuffle/],
    [
      () => new DataLoader(data, 2, { batchSampler: [[1]] }),
      /batchSampler option is mutually exclusive with batchSize/,
    ],
    [() => new DataLoader(data, { batchSampler: [[1]], dropLast: true }), /mutually exclusive/],
    [() => new DataLoader(data, { batchSize: null, dropLast: true }), /batchSize=null option disables auto-batching/],
    [() => new DataLoader(data, 0), /batchSize should be a positive integer value, but got batchSize=0/],
    [() => new DataLoader(data, 1.5), /'batchSize' must be int, not float/],
    [() => new DataLoader([], { shuffle: true }), /numSamples should be a positive integer value/],
    [
      () => new DataLoader(stream, { shuffle: true }),
      /DataLoader with IterableDataset: expected unspecified shuffle option/,
    ],
    [() => new DataLoader(stream, { sampler: [1] }), /expected unspecified sampler option/],
    [() => new DataLoader(stream, { batchSampler: [[1]] }), /expected unspecified batchSampler option/],
    // @ts-expect-error an option that does not exist
    [() => new DataLoader(data, { batch_size: 2 }), /unexpected option 'batch_size'/],
    // @ts-expect-error a flag in a place of its own
    [() => new DataLoader(data, 2, true), /'shuffle' is a named option/],
  ];
  for (const [call, message] of cases) assert.throws(call, message);
});
