/** Tensors over memory of others, and small questions about tensors. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import torch, { type Tensor } from "../../src/index.js";

test("asarray shares memory unless that is impossible or unwanted", () => {
  const data = new Float32Array([1, 2]);
  const shared = torch.asarray(data);
  data[0] = 5;
  assert.deepEqual(shared.tolist(), [5, 2]);
  assert.deepEqual(torch.asarray(data, { copy: true }).fill_(0).tolist(), [0, 0]);
  assert.equal(data[0], 5);
  assert.equal(torch.asarray(data, { dtype: torch.int32 }).dtype, torch.int32);
  assert.deepEqual(torch.asarray([[1], [2]]).tolist(), [[1], [2]]);
  assert.throws(() => torch.asarray([1, 2], { copy: false }), /can't alias arbitrary sequence into a tensor/);
  assert.throws(
    () => torch.asarray(data, { copy: false, dtype: torch.int32 }),
    /can't alias tensor with dtype 'Float' into dtype 'Int'/,
  );
});

test("asarray leaves the graph unless a gradient is wanted", () => {
  const x = torch.ones(2, { requiresGrad: true });
  assert.equal(torch.asarray(x).requiresGrad, false);
  assert.equal(torch.asarray(x, { requiresGrad: true }), x);
  const y = x.mul(2);
  assert.equal(torch.asarray(y, { requiresGrad: true }).gradFn?.name(), "MulBackward0");
  assert.equal(torch.asarray(y, { copy: true }).requiresGrad, false);
  assert.equal(torch.asarray([1], { requiresGrad: true }).isLeaf, true);
});

test("frombuffer reads bytes, and shares them", () => {
  const bytes = new Uint8Array(new Float32Array([1, 2, 3]).buffer);
  const all = torch.frombuffer(bytes, { dtype: torch.float32 });
  assert.deepEqual(all.tolist(), [1, 2, 3]);
  const some = torch.frombuffer(bytes.buffer, { dtype: torch.float32, count: 1, offset: 4 });
  some.fill_(7);
  assert.deepEqual(all.tolist(), [1, 7, 3]);
  assert.deepEqual(torch.frombuffer(Buffer.from([0, 1]), { dtype: torch.bool }).tolist(), [false, true]);
});

test("frombuffer refuses what does not fit", () => {
  const bytes = new Uint8Array(8);
  const read = (options: object) => () => torch.frombuffer(bytes, { dtype: torch.float32, ...options });
  assert.throws(read({ offset: 8 }), /offset \(8 bytes\) must be non-negative and no greater than buffer length/);
  assert.throws(read({ offset: -1 }), RangeError);
  assert.throws(read({ count: 3 }), /requested buffer length \(3 \* 4 bytes\) after offset \(0 bytes\)/);
  assert.throws(read({ count: 0 }), /both buffer length \(8\) and count \(0\) must not be 0/);
  assert.throws(read({ offset: 2 }), /must be a multiple of element size \(4\)/);
  assert.throws(read({ offset: 2, count: 1 }), /must begin at a multiple of their size/);
  const call = torch.frombuffer as (...args: unknown[]) => unknown;
  assert.throws(() => call(bytes), /missing 1 required argument: 'dtype'/);
  assert.throws(() => call([1, 2], { dtype: torch.float32 }), TypeError);
});

test("questions about tensors", () => {
  assert.deepEqual([torch.isTensor(torch.ones(1)), torch.isTensor([1])], [true, false]);
  assert.equal(torch.isNonzero(torch.tensor(0.5)), true);
  assert.throws(() => torch.ones(2).isNonzero(), /Boolean value of Tensor with more than one value is ambiguous/);
  assert.throws(() => torch.ones(0).isNonzero(), /with no values is ambiguous/);
  const x = torch.ones(2, 3);
  assert.deepEqual([x.isSetTo(x.view(2, 3)), x.isSetTo(x.view(3, 2)), x.isSetTo(x.clone())], [true, false, false]);
  assert.equal(x.cpu(), x);
});

test("a generator prints as what it is", () => {
  assert.equal(inspect(new torch.Generator()), "<torch.Generator object>");
});

test("functions that change their argument", () => {
  const x = torch.tensor([-1, 2]);
  assert.equal(torch.abs_(x), x);
  assert.deepEqual(x.tolist(), [1, 2]);
  assert.deepEqual(torch.clampMax_(x, 1.5).tolist(), [1, 1.5]);
  assert.deepEqual(torch.zero_(torch.fill_(x, 3)).tolist(), [0, 0]);
  assert.throws(() => (torch.exp_ as (...args: unknown[]) => unknown)(3), TypeError);
});

test("apply_ and map_ call a function for each element", () => {
  const x = torch
    .tensor([
      [1, 2],
      [3, 4],
    ])
    .t();
  assert.deepEqual(x.apply_((value) => value * 10).tolist(), [
    [10, 30],
    [20, 40],
  ]);
  assert.deepEqual(x.map_(torch.tensor([1, 2]), (a, b) => a - b).tolist(), [
    [9, 28],
    [19, 38],
  ]);
  assert.deepEqual(
    torch
      .tensor([1n, 2n])
      .apply_((value) => value / 2)
      .tolist(),
    [0, 1],
  );
  assert.throws(() => torch.ones(1, { requiresGrad: true }).apply_(() => 0), /Can't call apply_\(\) on Variable/);
  assert.throws(() => torch.ones(2).map_(torch.ones(3), () => 0), /The size of tensor|doesn't match/);
});

test("parts of unsafeChunk and unsafeSplit may be changed in place", () => {
  const x = torch.ones(5, { requiresGrad: true });
  const y = x.mul(2);
  const [first] = y.unsafeChunk(2) as [Tensor];
  first.mul_(3);
  y.sum().backward();
  assert.deepEqual(x.grad?.tolist(), [6, 6, 6, 2, 2]);
  assert.throws(() => (x.mul(2).chunk(2)[0] as Tensor).mul_(3), /returns multiple views/);
  assert.deepEqual(
    torch.unsafeSplit(torch.arange(5), 2).map((part) => part.tolist()),
    [[0, 1], [2, 3], [4]],
  );
});

test("a copy from memory that overlaps in part is refused", () => {
  const x = torch.arange(10);
  const message = /some elements of the input tensor and the written-to tensor refer to a single memory location/;
  assert.throws(() => x.at("1:").copy_(x.at(":-1")), message);
  const square = x.at(":9").view(3, 3);
  assert.throws(() => square.copy_(square.t()), message);
  assert.deepEqual(x.tolist(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  // Elements that lie between each other do not overlap.
  x.at("::2").copy_(x.at("1::2"));
  assert.deepEqual(x.tolist(), [1, 1, 3, 3, 5, 5, 7, 7, 9, 9]);
});

test("a tensor whose elements share places can be set to 0", () => {
  assert.deepEqual(torch.ones(1).expand(3).zero_().tolist(), [0, 0, 0]);
  assert.throws(() => torch.ones(1).expand(3).add_(2), /more than one element of the written-to tensor/);
});

test("a scan in place keeps the dtype", () => {
  const x = torch.tensor([1, 2]);
  assert.throws(() => x.cumsum_(0, { dtype: torch.float64 }), /Bad in-place call/);
  assert.deepEqual(x.cumsum_(0, { dtype: torch.float32 }).tolist(), [1, 3]);
});

test("addbmm_ grows a tensor that was broadcast, and knows its former shape in the backward pass", () => {
  const x = torch.ones(3, { requiresGrad: true });
  const [a, b] = [torch.ones(2, 2, 1), torch.ones(2, 1, 3)];
  const y = x.clone().addbmm_(a, b);
  assert.deepEqual(y.tolist(), [
    [3, 3, 3],
    [3, 3, 3],
  ]);
  y.sum().backward();
  assert.deepEqual(x.grad?.tolist(), [2, 2, 2]);
});

test("out has the dtype of the result, or one to which PyTorch converts", () => {
  const x = torch.tensor([1, 2]);
  assert.deepEqual(torch.exp(x.mul(0), { out: torch.empty(0, { dtype: torch.float64 }) }).tolist(), [1, 1]);
  const out = torch.empty(0, { dtype: torch.float64 });
  assert.throws(() => torch.neg(x, { out }), /Expected out tensor to have dtype float, but got double instead/);
  assert.throws(() => torch.sort(x, { out: [torch.empty(0), out] }), /Expected out tensor to have dtype/);
  assert.deepEqual(out.shape, [0]);
});

test("the gradient of asStrided keeps to the memory of the input", () => {
  const x = torch.ones(3, 4, { requiresGrad: true });
  const even = x.mul(1).at(":", "::2");
  even.asStrided([4], [1]).sum().backward();
  assert.deepEqual(x.grad?.at(0).tolist(), [1, 0, 1, 0]);
});
