/** Samplers, whose orders are those of PyTorch. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch from "../../src/index.js";
import { checkGolden } from "./support/golden.js";

const { BatchSampler, RandomSampler, SequentialSampler, SubsetRandomSampler, WeightedRandomSampler } = torch.utils.data;
const ten = Array.from({ length: 10 }, (_, i) => i);

test("RandomSampler draws PyTorch's orders", () => {
  checkGolden("random more", () => [...new RandomSampler(ten, { numSamples: 23 })]);
  checkGolden("random fewer", () => [...new RandomSampler(ten, { numSamples: 4 })]);
  checkGolden("random replacement", () => [...new RandomSampler(ten, { replacement: true, numSamples: 40 })]);
  checkGolden("random own generator", () => {
    const generator = new torch.Generator().manualSeed(3);
    return [[...new RandomSampler(ten, { generator })], [...new RandomSampler(ten, { generator })]];
  });
});

test("RandomSampler shuffles 60,000 indices as PyTorch does", () => {
  checkGolden("large", () => {
    const order = [...new RandomSampler({ length: 60000 })];
    const sum = order.reduce((total, index, i) => total + BigInt(i) * BigInt(index), 0n);
    return [order.slice(0, 5), order.slice(-5), Number(sum % 1000003n)];
  });
});

test("the other random samplers draw PyTorch's orders", () => {
  checkGolden("subset random", () => [...new SubsetRandomSampler([5, 1, 8, 2, 9])]);
  checkGolden("weighted", () => [...new WeightedRandomSampler([0.1, 0.9, 0.4, 0.7, 3.0, 0.6], 9)]);
  checkGolden("weighted without", () => {
    return [...new WeightedRandomSampler([0.9, 0.4, 0.05, 0.2, 0.3, 0.1], 5, { replacement: false })];
  });
});

test("RandomSampler needs something with a length", () => {
  assert.throws(() => new RandomSampler(null as never), /object of type 'null' has no length/);
});

test("lengths", () => {
  assert.equal(new SequentialSampler(ten).length, 10);
  assert.equal(new RandomSampler(ten).length, 10);
  assert.equal(new RandomSampler(ten, { numSamples: 3 }).length, 3);
  assert.equal(new SubsetRandomSampler([3, 4]).length, 2);
  assert.equal(new BatchSampler(ten, 4, false).length, 3);
  assert.equal(new BatchSampler(ten, 4, true).length, 2);
  assert.throws(() => new BatchSampler(new Set([1]), 4, true).length, /object of type 'Set' has no length/);
  // @ts-expect-error no list
  assert.throws(() => new SubsetRandomSampler(null), /argument 'indices' must be Iterable, not null/);
  // @ts-expect-error nothing to iterate over
  assert.throws(() => new BatchSampler({ length: 3 }, 4, true), /argument 'sampler' must be Iterable, not Object/);
});

test("a length that is none is refused", () => {
  for (const [length, name, message] of [
    [Number.NaN, "TypeError", /a length must be an integer, got NaN/],
    [2.5, "TypeError", /a length must be an integer, got 2\.5/],
    [-1, "RangeError", /a length should be >= 0, got -1/],
    ["3", "TypeError", /has no length/],
  ] as const) {
    const dataset = { at: (index: number) => index, length: length as number };
    assert.throws(() => [...new SequentialSampler(dataset)], { name, message });
    assert.throws(() => new RandomSampler(dataset), { name, message });
    assert.throws(() => [...new torch.utils.data.DataLoader(dataset, 2)], { name, message });
  }
});

test("BatchSampler groups any iterable", () => {
  assert.deepEqual([...new BatchSampler(new Set([5, 6, 7]), 2, false)], [[5, 6], [7]]);
  assert.deepEqual([...new BatchSampler(new Set([5, 6, 7]), 2, true)], [[5, 6]]);
  assert.deepEqual([...new BatchSampler([], 2, false)], []);
});

test("a bigint is taken where a whole number is", () => {
  assert.deepEqual([...new BatchSampler([5, 6, 7], 2n, false)], [[5, 6], [7]]);
  assert.equal([...new WeightedRandomSampler([1, 2], 3n as never)].length, 3);
});

test("wrong calls throw", () => {
  assert.throws(() => new RandomSampler([]), /numSamples should be a positive integer value, but got numSamples=0/);
  assert.throws(() => new RandomSampler(ten, { numSamples: -1 }), RangeError);
  assert.throws(() => [...new RandomSampler([], { numSamples: 3 })], RangeError);
  // @ts-expect-error an option that does not exist
  assert.throws(() => new RandomSampler(ten, { shuffle: true }), /unexpected option 'shuffle'/);
  assert.throws(() => new BatchSampler(ten, 0, false), /batchSize should be a positive integer value/);
  // @ts-expect-error a number in the place of a flag
  assert.throws(() => new BatchSampler(ten, 2, 1), TypeError);
  assert.throws(() => new WeightedRandomSampler([[1, 2]], 2), /weights should be a 1d sequence/);
  assert.throws(() => new WeightedRandomSampler([1, 2], 0), /numSamples should be a positive integer/);
  assert.throws(() => [...new WeightedRandomSampler([1, 2], 3, { replacement: false })], /without replacement/);
});
