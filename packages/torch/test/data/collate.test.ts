/** Batches out of samples: what `defaultCollate` makes of values and containers, and what it refuses. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { type Tensor } from "../../src/index.js";

const { defaultCollate, defaultConvert } = torch.utils.data;

function check(tensor: Tensor, dtype: torch.DType, values: unknown): void {
  assert.ok(tensor instanceof torch.Tensor);
  assert.equal(tensor.dtype, dtype);
  assert.deepEqual(tensor.tolist(), values);
}

test("values become tensors of their dtype", () => {
  check(defaultCollate([1, 2.5]), torch.float32, [1, 2.5]);
  check(defaultCollate([1n, 2n]), torch.int64, [1, 2]);
  check(defaultCollate([true, false]), torch.bool, [true, false]);
  check(defaultCollate([torch.tensor([1n]), torch.tensor([2n])]), torch.int64, [[1], [2]]);
  check(defaultCollate([new Uint8Array([1, 2]), new Uint8Array([3, 4])]), torch.uint8, [
    [1, 2],
    [3, 4],
  ]);
  assert.deepEqual(defaultCollate(["a", "b"]), ["a", "b"]);
});

test("containers are put together by place and by key", () => {
  const [numbers, words] = defaultCollate<[number, string]>([
    [1, "a"],
    [2, "b"],
  ]);
  check(numbers, torch.float32, [1, 2]);
  assert.deepEqual(words, ["a", "b"]);
  const { x, nested } = defaultCollate([
    { x: 1n, nested: { y: [true] } },
    { x: 2n, nested: { y: [false] } },
  ]);
  check(x, torch.int64, [1, 2]);
  check(nested.y[0] as Tensor, torch.bool, [true, false]);
  const map = defaultCollate([new Map([["k", 1]]), new Map([["k", 2]])]);
  check(map.get("k") as Tensor, torch.float32, [1, 2]);
});

test("what does not fit together throws", () => {
  assert.throws(() => defaultCollate([[1, 2], [3]]), /each element in list of batch should be of equal size/);
  assert.throws(() => defaultCollate([{ a: 1 }, { b: 1 }]), /no key "a"/);
  assert.throws(() => defaultCollate([torch.zeros(2), torch.zeros(3)]), /stack expects each tensor to be equal size/);
  assert.throws(() => defaultCollate([null]), /batch must contain tensors.*found null/);
  assert.throws(() => defaultCollate([new Date()]), /found Date/);
  for (const [samples, words] of [
    [[1n, 1.5], /found bigint and, at index 1, float/],
    [[1.5, 1n], /found float and, at index 1, bigint/],
    [[true, 5], /found bool and, at index 1, int/],
    [[5, 6, true], /found int and, at index 2, bool/],
    [["a", 1], /found "a" and, at index 1, int/],
    [[1, "a"], /found int and, at index 1, "a"/],
    [[1, undefined], /found int and, at index 1, undefined/],
    [[torch.ones(1), 1], /found Tensor and, at index 1, int/],
    [[{ x: 1n }, { x: 2 }], /found bigint and, at index 1, int/],
    [
      [
        [0, 1],
        [0, true],
      ],
      /found int and, at index 1, bool/,
    ],
    [[new Map([["x", 1]]), new Map([["x", 1n]])], /found int and, at index 1, bigint/],
  ] as [unknown[], RegExp][]) {
    assert.throws(() => defaultCollate(samples), { name: "TypeError", message: words });
  }
});

test("a list without end is refused at once", () => {
  assert.throws(() => defaultConvert(new Array(2 ** 32 - 1)), /a list of 4294967295 items is too long/);
  assert.throws(
    () => torch.gradient(torch.ones(3), { spacing: new Array(2 ** 32 - 1) }),
    /argument 'spacing' must be Number, list of Numbers or list of Tensors/,
  );
});

test("defaultConvert turns typed arrays into tensors", () => {
  const sample = defaultConvert({ pixels: new Float64Array([1, 2]), label: 3, tags: ["x"] });
  check(sample.pixels, torch.float64, [1, 2]);
  assert.deepEqual([sample.label, sample.tags], [3, ["x"]]);
});
