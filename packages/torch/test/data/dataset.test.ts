/** Data sets: `TensorDataset`, `Subset`, their combinations, `randomSplit`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import torch, { type Tensor } from "../../src/index.js";
import { Squares } from "./support/datasets.js";
import { checkGolden } from "./support/golden.js";

const {
  ChainDataset,
  ConcatDataset,
  DataLoader,
  Dataset,
  IterableDataset,
  randomSplit,
  StackDataset,
  Subset,
  TensorDataset,
} = torch.utils.data;

const lists = (batch: readonly Tensor[]) => batch.map((tensor) => tensor.tolist());

test("TensorDataset gives rows, and batches of rows that are the same", () => {
  const inputs = torch.arange(12).view(4, 3);
  const targets = torch.tensor([1n, 2n, 3n, 4n]);
  const dataset = new TensorDataset(inputs, targets);
  assert.equal(dataset.length, 4);
  assert.deepEqual(lists(dataset.at(-1)), [[9, 10, 11], 4]);
  assert.deepEqual(
    lists(dataset.getBatch([2, 0, -1])),
    lists(torch.utils.data.defaultCollate([2, 0, -1].map((i) => dataset.at(i)))),
  );
  assert.throws(() => dataset.at(4), RangeError);
  assert.throws(() => dataset.getBatch([4]), RangeError);
  assert.throws(() => new TensorDataset(inputs, torch.zeros(3)), /Size mismatch between tensors/);
  assert.throws(() => new TensorDataset(torch.zeros([])), TypeError);
});

test("gradients flow into the tensors of a TensorDataset", () => {
  const inputs = torch.ones(3, 2, { requiresGrad: true });
  for (const [batch] of new DataLoader(new TensorDataset(inputs), 2)) batch.sum().backward();
  assert.deepEqual(inputs.grad?.tolist(), [
    [1, 1],
    [1, 1],
    [1, 1],
  ]);
});

test("a subclass that overrides `at` is not passed by", () => {
  class Doubled extends TensorDataset<[Tensor]> {
    override at(index: number): [Tensor] {
      return [super.at(index)[0].mul(2)];
    }
  }
  const [[batch] = []] = new DataLoader(new Doubled(torch.tensor([1, 2])), 2);
  assert.deepEqual(batch?.tolist(), [2, 4]);
});

test("Subset takes chosen samples, also of an array", () => {
  const subset = new Subset(["a", "b", "c", "d"], [3, 1]);
  assert.deepEqual([subset.length, subset.at(0), subset.at(1), subset.at(-1)], [2, "d", "b", "b"]);
  assert.deepEqual(subset.getItems([1, 0]), ["b", "d"]);
  assert.throws(() => subset.at(2), RangeError);
  assert.equal(subset.at(1n), "b");
  assert.deepEqual([...new DataLoader(subset, 2)], [["d", "b"]]);
});

test("ConcatDataset finds the data set of an index", () => {
  const parts = [["a"], [], ["b", "c"]];
  const whole = new ConcatDataset(parts);
  assert.deepEqual(whole.cumulativeSizes, [1, 1, 3]);
  assert.deepEqual(
    [0, 1, 2, -1, -3].map((i) => whole.at(i)),
    ["a", "b", "c", "c", "a"],
  );
  assert.throws(() => whole.at(3), RangeError);
  assert.throws(() => whole.at(-4), /absolute value of index should not exceed dataset length/);
  assert.throws(() => new ConcatDataset([]), /datasets should not be an empty iterable/);
});

test("batches across the data sets of a ConcatDataset keep their order", () => {
  const a = new TensorDataset(torch.arange(3), torch.zeros(3, 2));
  const b = new TensorDataset(torch.arange(10, 14), torch.ones(4, 2));
  const [numbers, rows] = new ConcatDataset([a, b]).getBatch([4, 0, 1, 6, 2]);
  assert.deepEqual(numbers.tolist(), [11, 0, 1, 13, 2]);
  assert.deepEqual(rows.tolist(), [
    [1, 1],
    [0, 0],
    [0, 0],
    [1, 1],
    [0, 0],
  ]);
  const words = new ConcatDataset([[{ word: "x" }], [{ word: "y" }]]);
  assert.deepEqual(words.getBatch([1, 0]), { word: ["y", "x"] });
});

test("add joins data sets", () => {
  const sum = new Squares(2).add([[7, 49]]);
  assert.deepEqual([sum.length, sum.at(1), sum.at(2)], [3, [1, 1], [7, 49]]);
});

class Count extends IterableDataset<number> {
  constructor(override readonly length: number) {
    super();
  }
  *[Symbol.iterator]() {
    for (let i = 0; i < this.length; i++) yield i;
  }
}

test("ChainDataset goes through streams", () => {
  const chain = new Count(2).add(new Count(3));
  assert.ok(chain instanceof ChainDataset);
  assert.deepEqual([...chain], [0, 1, 0, 1, 2]);
  assert.equal(chain.length, 5);
  assert.throws(() => [...new ChainDataset([[1] as never])], /ChainDataset only supports IterableDataset/);
  assert.throws(() => new ConcatDataset([new Count(1) as never]), /ConcatDataset does not support IterableDataset/);
});

test("StackDataset puts samples side by side", () => {
  const images = new TensorDataset(torch.arange(3));
  const texts = ["a", "b", "c"];
  const pairs = new StackDataset(images, texts);
  assert.equal(pairs.length, 3);
  assert.deepEqual(pairs.at(1)[1], "b");
  const named = new StackDataset({ image: images, text: texts });
  assert.equal(named.at(2).text, "c");
  assert.deepEqual(
    named.getItems([2, 0]).map(({ text }) => text),
    ["c", "a"],
  );
  for (const { image, text } of new DataLoader(named, 3)) {
    assert.deepEqual(image[0]?.tolist(), [0, 1, 2]);
    assert.deepEqual(text, texts);
  }
  assert.throws(() => pairs.at(0.5), /an index must be an integer, got 0\.5/);
  assert.throws(() => new StackDataset(images, ["a"]), /Size mismatch between datasets/);
  assert.throws(() => new StackDataset(), /At least one dataset should be passed/);
});

test("randomSplit draws PyTorch's parts", () => {
  const ten = Array.from({ length: 10 }, (_, i) => i);
  checkGolden("split", () => randomSplit(ten, [3, 7]).map(({ indices }) => indices));
  checkGolden("split fractions", () => {
    const generator = new torch.Generator().manualSeed(42);
    return randomSplit([...ten, 10], [0.3, 0.3, 0.4], { generator }).map(({ indices }) => indices);
  });
  assert.throws(() => randomSplit(ten, [3, 3]), /Sum of input lengths does not equal the length of the input dataset!/);
  const twenty = randomSplit([...ten, ...ten], Array(20).fill(0.05));
  assert.deepEqual(
    twenty.map(({ length }) => length),
    Array(20).fill(1),
  );
  assert.deepEqual(
    randomSplit(ten, [0.7, 0.1, 0.1, 0.1]).map(({ length }) => length),
    [7, 1, 1, 1],
  );
  assert.deepEqual(
    randomSplit(ten, [4n, 6]).map(({ length }) => length),
    [4, 6],
  );
  for (const [lengths, shown] of [
    [[-1, 11], /index 0 .* got -1$/],
    [[2.5, 7.5], /index 0 .* got 2\.5$/],
    [[10, Number.NaN], /index 1 .* got NaN$/],
    [[0.5, 0.6], /index 0 .* got 0\.5$/],
    [[Number.POSITIVE_INFINITY], /index 0 .* got Infinity$/],
  ] as [number[], RegExp][]) {
    assert.throws(() => randomSplit(ten, lengths), { name: "RangeError", message: shown });
  }
  assert.throws(() => randomSplit(ten, [-0.5, 1.5]), /Fraction at index 0 is not between 0 and 1/);
  assert.deepEqual(
    randomSplit(ten, [1]).map(({ length }) => length),
    [10],
  );
});

test("getItems serves a custom collateFn", () => {
  class Counted extends Dataset<number> {
    readonly length = 4;
    calls = 0;
    at(index: number): number {
      return index;
    }
    getItems(indices: readonly number[]): number[] {
      this.calls++;
      return indices.map((index) => 10 * index);
    }
  }
  const dataset = new Counted();
  assert.deepEqual(
    [...new DataLoader(dataset, 2, { collateFn: (samples) => samples.length + (samples[1] as number) })],
    [12, 32],
  );
  assert.equal(dataset.calls, 2);
});

test("loaders and subsets are shown in a line", () => {
  const { DataLoader, randomSplit, IterableDataset } = torch.utils.data;
  const data = Array.from({ length: 150 }, (_, i) => i);
  assert.equal(inspect(new DataLoader(data, 16, { shuffle: true })), "DataLoader(150 samples, batchSize: 16, shuffle)");
  assert.equal(
    inspect(new DataLoader(data, { batchSize: null, numWorkers: 1 })),
    "DataLoader(150 samples, batchSize: null, numWorkers: 1)",
  );
  class Stream extends IterableDataset<number> {
    override *[Symbol.iterator](): Iterator<number> {
      yield 1;
    }
  }
  assert.equal(
    inspect(new DataLoader(new Stream(), 2, { dropLast: true })),
    "DataLoader(a stream, batchSize: 2, dropLast)",
  );
  assert.equal(inspect(randomSplit(data, [0.8, 0.2])), "[ Subset(120 samples), Subset(30 samples) ]");
});
