import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { type DType, type Tensor } from "../../src/index.js";

const dtypes: DType[] = [
  torch.bool,
  torch.uint8,
  torch.int16,
  torch.int32,
  torch.int64,
  torch.float16,
  torch.float32,
  torch.float64,
];

/** The same by an index. */
function reversed(x: Tensor, dim: number): Tensor {
  const size = x.shape[dim] as number;
  return x.indexSelect(dim, torch.arange(size - 1, -1, -1));
}

test("flip along a dim reverses its elements, of any dtype, size and order in memory", () => {
  torch.manualSeed(2);
  for (const dtype of dtypes) {
    for (const shape of [[7], [1], [4, 5], [3, 1], [2, 5, 3], [6, 2, 1], [2, 3, 4, 5], [300, 3], [2, 3, 257]]) {
      const x = torch.randint(0, 100, shape).to(dtype);
      for (let dim = 0; dim < shape.length; dim++) {
        for (const one of [x, x.transpose(0, -1).contiguous().transpose(0, -1)]) {
          const flipped = one.flip(dim);
          assert.equal(flipped.dtype, dtype);
          assert.ok(torch.equal(flipped, reversed(one, dim)), `${dtype} [${shape}] along ${dim}`);
        }
      }
      const all = shape.map((_, d) => d);
      assert.ok(torch.equal(x.flip(all), all.reduce(reversed, x)));
    }
  }
});

test("flip of nothing, of a scalar and of a part", () => {
  assert.deepEqual(torch.zeros(0, 3).flip(0).shape, [0, 3]);
  assert.deepEqual(torch.zeros(3, 0).flip(0).shape, [3, 0]);
  assert.deepEqual(torch.zeros(3, 0).flip(1).shape, [3, 0]);
  assert.equal(torch.tensor(3).flip([]).item(), 3);
  const x = torch.arange(12).view(3, 4);
  assert.deepEqual(x.at("1:", "1:3").flip(1).tolist(), [
    [6, 5],
    [10, 9],
  ]);
  assert.deepEqual(x.at("1:").flip(0).tolist(), [
    [8, 9, 10, 11],
    [4, 5, 6, 7],
  ]);
  const leaf = x.float().requiresGrad_();
  leaf.flip(1).mul(x).sum().backward();
  assert.deepEqual(leaf.grad?.tolist(), x.flip(1).tolist());
});
