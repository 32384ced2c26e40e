/** What counts as an index of a sample, wherever one is given. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { type Tensor } from "../../src/index.js";

const { BatchSampler, ConcatDataset, DataLoader, placeOf, StackDataset, Subset, SubsetRandomSampler, TensorDataset } =
  torch.utils.data;

const ten = Array.from({ length: 10 }, (_, i) => i * 10);
const column = torch.arange(0, 100, 10);

/** Data sets whose samples are 0, 10, … 90, and how a sample is read. */
const sets: [name: string, dataset: torch.utils.data.MapDatasetLike<unknown>, read: (sample: unknown) => unknown][] = [
  ["array", ten, (sample) => sample],
  ["typed array", Float32Array.from(ten) as never, (sample) => sample],
  ["TensorDataset", new TensorDataset(column), (sample) => (sample as [Tensor])[0].item()],
  ["Subset", new Subset(ten, ten.keys()), (sample) => sample],
  ["ConcatDataset", new ConcatDataset([ten.slice(0, 3), ten.slice(3)]), (sample) => sample],
  ["StackDataset", new StackDataset(ten), (sample) => (sample as [number])[0]],
];

/** Lists that all mean 3, 0, 2. */
const lists: [name: string, list: Iterable<torch.utils.data.Index>][] = [
  ["numbers", [3, 0, 2]],
  ["negative numbers", [-7, -10, 2]],
  ["bigints", [3n, 0n, -8n]],
  ["tensors", [torch.tensor(3), torch.tensor([0], { dtype: torch.int32 }), torch.tensor(2, { dtype: torch.uint8 })]],
  ["a tensor", torch.tensor([3, 0, 2], { dtype: torch.int64 })],
  ["a floating tensor", torch.tensor([3, 0, 2])],
  ["a typed array", BigInt64Array.of(3n, 0n, 2n)],
  ["a set", new Set([3, 0, 2])],
];

/** What is no index, and how a message shows it. */
const wrong: [value: unknown, shown: RegExp][] = [
  [Number.NaN, /got NaN$/],
  [1.5, /got 1\.5$/],
  [Number.POSITIVE_INFINITY, /got Infinity$/],
  [undefined, /got undefined$/],
  [null, /got null$/],
  ["a", /got "a"$/],
  ["1", /got "1"$/],
  [true, /got true$/],
  [[1], /got array of int$/],
  [torch.tensor(1.5), /got tensor\(1\.5000\)$/],
  [torch.tensor(true), /got tensor\(True\)$/],
  [torch.ones(2), /got a tensor of size \[2\]$/],
];

test("a sampler may give numbers, bigints and tensors, for every kind of data set", () => {
  for (const [name, dataset, read] of sets) {
    for (const [kind, list] of lists) {
      const loader = new DataLoader(dataset as number[], 1, { sampler: list as torch.utils.data.Indices });
      const values = [...loader].map((batch) => (Array.isArray(batch) ? batch[0] : batch) as Tensor);
      assert.deepEqual(
        values.map((value) => value.item()),
        [30, 0, 20],
        `${name}, ${kind}`,
      );
      const batches = new DataLoader(dataset as number[], { batchSampler: [list] });
      const [all] = [...batches] as unknown as (Tensor | [Tensor])[];
      assert.deepEqual((Array.isArray(all) ? all[0] : all)?.tolist(), [30, 0, 20], `${name}, ${kind}`);
      const one = new DataLoader(dataset as number[], null, { sampler: list as torch.utils.data.Indices });
      assert.equal([...one].length, 3);
    }
    assert.equal(read(new Subset(dataset, [3n]).at(torch.tensor(0))), 30, name);
  }
  const order = torch.randperm(10, { generator: new torch.Generator().manualSeed(1) });
  const [shuffled] = [...new DataLoader(ten, 10, { sampler: order })] as unknown as Tensor[];
  assert.deepEqual(shuffled?.tolist(), order.mul(10).tolist());
  const [pairs] = [...new DataLoader(ten, { batchSampler: torch.tensor([[1, 2]], { dtype: torch.int64 }) })];
  assert.deepEqual((pairs as unknown as Tensor).tolist(), [10, 20]);
});

test("samplers and subsets hold them as numbers", () => {
  for (const [kind, list] of lists.filter(([name]) => name !== "negative numbers" && name !== "bigints")) {
    assert.deepEqual(new Subset(ten, list).indices, [3, 0, 2], kind);
    assert.deepEqual(new Set(new SubsetRandomSampler(list)), new Set([0, 2, 3]), kind);
    assert.deepEqual([...new BatchSampler(list as torch.utils.data.Indices, 2, false)], [[3, 0], [2]], kind);
  }
});

test("what is no whole number is refused, and named", () => {
  for (const [value, shown] of wrong) {
    const bad = [0, value] as number[];
    const error = { name: "TypeError", message: shown };
    for (const [, dataset] of sets) {
      assert.throws(() => [...new DataLoader(dataset, 2, { sampler: bad })], error);
      assert.throws(() => [...new DataLoader(dataset, null, { sampler: bad })], error);
      assert.throws(() => [...new DataLoader(dataset, { batchSampler: [bad] })], error);
      if (!ArrayBuffer.isView(dataset)) assert.throws(() => new Subset(dataset, [0]).at(value as number), error);
    }
    assert.throws(() => new Subset(ten, bad), error);
    assert.throws(() => new SubsetRandomSampler(bad), error);
    assert.throws(() => [...new BatchSampler(bad, 2, false)], error);
    for (const [name, dataset] of sets.slice(2)) {
      assert.throws(() => (dataset as { at(index: unknown): unknown }).at(value), error, name);
    }
  }
});

test("what is out of range is refused, and named", () => {
  for (const index of [10, -11, 2 ** 40, 10n, torch.tensor(10, { dtype: torch.int64 })]) {
    const message = new RegExp(`${typeof index === "object" ? 10 : index}\\b`);
    for (const [name, dataset] of sets) {
      const error = { name: "RangeError", message };
      assert.throws(() => [...new DataLoader(dataset, 2, { sampler: [0, index] })], error, name);
      assert.throws(() => [...new DataLoader(dataset, null, { sampler: [0, index] })], error, name);
      assert.throws(() => [...new DataLoader(dataset, { batchSampler: [[0, index]] })], error, name);
      assert.throws(() => new Subset(dataset, [index]).at(0), error, name);
      assert.throws(() => new StackDataset(dataset as number[]).at(index), error, name);
      assert.throws(() => new ConcatDataset([dataset]).at(index), error, name);
    }
  }
});

test("a batch sampler gives lists", () => {
  for (const [batches, shown] of [
    [[0, 1], /expected a list of indices, got 0$/],
    [["01"], /expected a list of indices, got "01"$/],
    [[null], /expected a list of indices, got null$/],
    [torch.arange(3), /expected a list of indices, got tensor\(0\)$/],
    [torch.zeros(1, 2, 2), /expected a list of indices, got a tensor of size \[2, 2\]$/],
  ] as [never, RegExp][]) {
    assert.throws(() => [...new DataLoader(ten, { batchSampler: batches })], { name: "TypeError", message: shown });
  }
  assert.throws(() => new Subset(ten, 3 as never), /expected a list of indices, got 3$/);
  assert.throws(() => new Subset(ten, "12" as never), /expected a list of indices, got "12"$/);
});

test("a text is a list of its letters", () => {
  const text = "abc" as unknown as string[];
  assert.deepEqual([...new DataLoader(text, 2, { sampler: [2n, -3] })], [["c", "a"]]);
  assert.throws(() => [...new DataLoader(text, 2, { sampler: [3] })], /index 3 is out of range/);
});

test("placeOf wants a number for a length", () => {
  for (const length of [{}, Object.create(null), undefined, "10", 10n]) {
    assert.throws(() => placeOf(0, length as never), {
      name: "TypeError",
      message: /length of a data set is a number/,
    });
  }
});

test("placeOf counts from the end", () => {
  assert.deepEqual(
    [0, 9, -1, -10, 3n, torch.tensor(-2)].map((index) => placeOf(index, 10)),
    [0, 9, 9, 0, 3, 8],
  );
  assert.throws(() => placeOf(0, 0), /index 0 is out of range for a data set of length 0/);
});
