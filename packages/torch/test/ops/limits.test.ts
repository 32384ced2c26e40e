/** `torch.finfo` and `torch.iinfo`, with what PyTorch prints. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch from "../../src/index.js";

test("floating dtypes print as PyTorch's, and their numbers are the ends of what the dtype has", () => {
  assert.equal(
    String(torch.finfo()),
    "finfo(resolution=1e-06, min=-3.40282e+38, max=3.40282e+38, eps=1.19209e-07, smallest_normal=1.17549e-38, tiny=1.17549e-38, dtype=float32)",
  );
  assert.equal(
    String(torch.finfo(torch.double)),
    "finfo(resolution=1e-15, min=-1.79769e+308, max=1.79769e+308, eps=2.22045e-16, smallest_normal=2.22507e-308, tiny=2.22507e-308, dtype=float64)",
  );
  assert.equal(torch.finfo(torch.float64).max, Number.MAX_VALUE);
  assert.equal(torch.finfo(torch.float64).eps, Number.EPSILON);
  for (const dtype of [torch.float32, torch.float64]) {
    const { max, eps, tiny, bits } = torch.finfo(dtype);
    assert.equal(torch.tensor(max, { dtype }).item(), max);
    assert.equal(
      torch
        .tensor(max, { dtype })
        .mul(1 + eps)
        .isinf()
        .item(),
      1,
    );
    assert.equal(
      torch
        .tensor(1, { dtype })
        .add(eps / 4)
        .item(),
      1,
    );
    assert.equal(torch.tensor(tiny, { dtype }).item(), tiny);
    assert.equal(bits, 8 * dtype.itemsize);
  }
});

test("integer dtypes: the ends of int64 are bigints", () => {
  assert.equal(String(torch.iinfo(torch.int8)), "iinfo(min=-128, max=127, dtype=int8)");
  assert.equal(String(torch.iinfo(torch.uint8)), "iinfo(min=0, max=255, dtype=uint8)");
  assert.equal(String(torch.iinfo(torch.long)), "iinfo(min=-9.22337e+18, max=9.22337e+18, dtype=int64)");
  for (const dtype of [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64]) {
    const { min, max } = torch.iinfo(dtype);
    assert.equal(torch.tensor(max, { dtype }).itemBigInt(), BigInt(max));
    assert.equal(torch.tensor(max, { dtype }).add(1).itemBigInt(), BigInt(min));
  }
  assert.equal(torch.iinfo(torch.int64).max, 2n ** 63n - 1n);
});

test("the other kind is refused, and said where to go", () => {
  assert.throws(() => torch.finfo(torch.int32), /requires a floating point input type. Use torch.iinfo/);
  assert.throws(() => torch.iinfo(torch.float32), /requires an integer input type. Use torch.finfo/);
  assert.throws(() => torch.iinfo(torch.bool), /torch.bool is not supported by torch.iinfo/);
  assert.throws(() => torch.finfo("float32" as never), /argument 'type' must be torch.dtype, not string/);
});
