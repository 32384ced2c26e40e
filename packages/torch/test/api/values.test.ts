/** Values in and out: dtypes of data, `item` and `tolist`, shared memory, index expressions, modes, errors. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { type Tensor } from "../../src/index.js";

const make = (data: unknown, options?: object): Tensor => torch.tensor(data as number, options);
const x = torch.arange(6, { dtype: torch.float32 }).reshape(2, 3);

test("the dtype of data: numbers, bigints, booleans, typed arrays, tensors", () => {
  const cases: [unknown, torch.DType][] = [
    [1, torch.float32],
    [1.5, torch.float32],
    [[1, 2], torch.float32],
    [[], torch.float32],
    [[[]], torch.float32],
    [1n, torch.int64],
    [[[1n], [2n]], torch.int64],
    [true, torch.bool],
    [[true, false], torch.bool],
    [[1, true], torch.float32],
    [[true, 1n], torch.int64],
    [new Float32Array(2), torch.float32],
    [new Float64Array(2), torch.float64],
    [new Int8Array(2), torch.int8],
    [new Int16Array(2), torch.int16],
    [new Int32Array(2), torch.int32],
    [new BigInt64Array(2), torch.int64],
    [new Uint8Array(2), torch.uint8],
    [new Uint8ClampedArray(2), torch.uint8],
    [torch.ones(2, { dtype: torch.int16 }), torch.int16],
    [[torch.tensor(1n), torch.tensor(2n)], torch.int64],
  ];
  for (const [data, dtype] of cases) {
    assert.equal(make(data).dtype, dtype, String(data));
    assert.equal(torch.asTensor(data as number).dtype, dtype);
    assert.equal(make(data, { dtype: torch.float64 }).dtype, torch.float64);
  }
  assert.equal(torch.full([2], 7).dtype, torch.float32);
  assert.equal(torch.full([2], 7n).dtype, torch.int64);
  assert.equal(torch.full([2], true).dtype, torch.bool);
  assert.equal(torch.scalarTensor(3).dtype, torch.float32);
});

test("numbers follow the default dtype", () => {
  torch.setDefaultDtype(torch.float64);
  try {
    assert.deepEqual([make(1).dtype, torch.zeros(1).dtype, torch.full([1], 2).dtype], new Array(3).fill(torch.float64));
    assert.equal(make(new Float32Array(1)).dtype, torch.float32);
  } finally {
    torch.setDefaultDtype(torch.float32);
  }
  assert.throws(() => torch.setDefaultDtype(torch.int64), TypeError);
});

test("data that is no data", () => {
  const cases: [unknown, RegExp, object?][] = [
    [[1, 2n], /numbers and bigints are mixed in one array/],
    [null, /cannot infer a dtype from null/],
    ["1", /cannot infer a dtype from string/],
    [[1, "2"], /cannot infer a dtype from string/],
    [[[1], 2], /expected an array of length 1 at dim 1/],
    [new Uint16Array(1), /no dtype matches a Uint16Array/],
    [new BigUint64Array(1), /no dtype matches a BigUint64Array/],
    [undefined, /missing 1 required argument: 'data'/],
  ];
  for (const [data, message, options] of cases)
    assert.throws(() => make(data, options), { name: "TypeError", message });
  assert.throws(() => make([[1], [1, 2]]), /expected sequence of length 1 at dim 1 \(got 2\)/);
  assert.throws(() => make(2n ** 63n), RangeError);
  assert.throws(() => make(Number.NaN, { dtype: torch.int64 }), RangeError);
  assert.deepEqual(make([1, 2n], { dtype: torch.int64 }).tolist(), [1, 2], "with a dtype they may mix");
});

test("as operands whole numbers are integers", () => {
  const ints = torch.tensor([1n, 2n]);
  assert.deepEqual(
    [ints.mul(2).dtype, ints.mul(2.5).dtype, ints.mul(2n).dtype],
    [torch.int64, torch.float32, torch.int64],
  );
  assert.deepEqual([torch.arange(3).dtype, torch.arange(0, 1, 0.5).dtype], [torch.int64, torch.float32]);
  assert.equal(torch.where(x.gt(1), 1, 0).dtype, torch.int64);
  assert.equal(x.add(2n).dtype, torch.float32);
  assert.equal(torch.tensor([true]).add(true).dtype, torch.bool);
});

test("item: a number, exact or not at all", () => {
  assert.equal(torch.tensor(1.5).item(), 1.5);
  assert.equal(torch.tensor([[0.1]]).item(), Math.fround(0.1));
  assert.equal(torch.tensor(true).item(), 1);
  assert.equal(torch.tensor(2n ** 53n - 1n).item(), 2 ** 53 - 1);
  assert.throws(() => torch.tensor(2n ** 53n).item(), { name: "RangeError", message: /itemBigInt\(\)/ });
  assert.equal(torch.tensor(-(2n ** 63n)).itemBigInt(), -(2n ** 63n));
  assert.equal(torch.tensor(3, { dtype: torch.int8 }).itemBigInt(), 3n);
  assert.equal(torch.tensor(true).itemBigInt(), 1n);
  assert.throws(() => torch.tensor(1.5).itemBigInt(), TypeError);
  assert.throws(() => x.item(), /a Tensor with 6 elements cannot be converted to Scalar/);
  assert.throws(() => torch.zeros(0).item(), /a Tensor with 0 elements cannot be converted to Scalar/);
});

test("tolist: nested arrays, booleans, and bigints only where they are needed", () => {
  assert.deepEqual(x.t().tolist(), [
    [0, 3],
    [1, 4],
    [2, 5],
  ]);
  assert.equal(torch.tensor(2).tolist(), 2);
  assert.deepEqual(torch.tensor([true, false]).tolist(), [true, false]);
  assert.deepEqual(torch.tensor([1n, 2n ** 60n]).tolist(), [1, 2n ** 60n]);
  assert.deepEqual(torch.zeros(2, 0).tolist(), [[], []]);
});

test("typed arrays share memory both ways", () => {
  const array = new Float32Array([1, 2, 3, 4]);
  const shared = torch.fromTypedArray(array, [2, 2]);
  shared.at(0).mul_(10);
  assert.deepEqual([...array], [10, 20, 3, 4]);
  array[3] = 7;
  assert.equal(shared.at(1, 1).item(), 7);
  assert.deepEqual(torch.fromTypedArray(array, { shape: [4, 1] }).shape, [4, 1]);
  const tensor = torch.zeros(2, 2);
  const view = tensor.asTypedArray();
  view[3] = 5;
  assert.equal(tensor.at(1, 1).item(), 5);
  tensor.add_(1);
  assert.deepEqual([...view], [1, 1, 1, 6]);
  const part = torch.arange(6).at("2:4").asTypedArray();
  assert.deepEqual([...part], [2n, 3n]);
  const offset = new Float64Array(new Float64Array([1, 2, 3, 4]).buffer, 8, 2);
  assert.deepEqual(torch.fromTypedArray(offset).tolist(), [2, 3]);
  torch.asTensor(array).fill_(9);
  assert.deepEqual([...array], [9, 9, 9, 9]);
});

test("copies share nothing", () => {
  const array = new Float32Array([1, 2]);
  torch.tensor(array).fill_(9);
  assert.deepEqual([...array], [1, 2]);
  const tensor = torch.ones(2);
  (tensor.toTypedArray() as Float32Array).fill(9);
  assert.deepEqual(tensor.tolist(), [1, 1]);
  assert.deepEqual([...x.t().toTypedArray()], [0, 3, 1, 4, 2, 5]);
});

test("what cannot share memory says so", () => {
  assert.throws(() => x.t().asTypedArray(), /contiguous/);
  assert.throws(
    () => torch.ones(1, { requiresGrad: true }).asTypedArray(),
    /requires grad.*detach\(\)\.asTypedArray\(\)/,
  );
  assert.throws(() => torch.fromTypedArray([1] as unknown as Float32Array), TypeError);
  assert.throws(() => torch.fromTypedArray(new Float32Array(4), [3]), /shape '\[3\]' is invalid for input of size 4/);
});

test("at: the index expressions of the table", () => {
  const list = (tensor: Tensor) => tensor.tolist();
  assert.deepEqual(list(x.at(0)), [0, 1, 2]);
  assert.deepEqual(list(x.at(":", 1)), [1, 4]);
  assert.deepEqual(list(x.at("...", -1)), [2, 5]);
  assert.deepEqual(list(x.at("1:3")), [[3, 4, 5]]);
  assert.deepEqual(list(x.at(":", "::2")), [
    [0, 2],
    [3, 5],
  ]);
  assert.deepEqual(x.at(null).shape, [1, 2, 3]);
  assert.deepEqual(x.at(":", null, "...").shape, [2, 1, 3]);
  assert.deepEqual(list(x.at(x.gt(3))), [4, 5]);
  assert.deepEqual(list(x.at(torch.tensor([1n, 0n]))), [
    [3, 4, 5],
    [0, 1, 2],
  ]);
  assert.deepEqual(
    x.at([
      [0, 1],
      [1, 0],
    ]).shape,
    [2, 2, 3],
  );
  assert.deepEqual(list(x.at(":", [0, 2])), [
    [0, 2],
    [3, 5],
  ]);
  assert.deepEqual(x.at(true).shape, [1, 2, 3]);
  assert.ok(x.at(0).dataPtr() === x.dataPtr(), "a basic index is a view");
  assert.equal(x.length, 2);
  assert.deepEqual([...x].map(list), [
    [0, 1, 2],
    [3, 4, 5],
  ]);
});

test("setAt: the assignments of the table", () => {
  const y = x.clone();
  y.setAt([":", 1], 0);
  assert.deepEqual(y.tolist(), [
    [0, 0, 2],
    [3, 0, 5],
  ]);
  y.setAt(0, torch.tensor([7, 8, 9]));
  y.setAt(y.eq(0), 1);
  assert.deepEqual(y.tolist(), [
    [7, 8, 9],
    [3, 1, 5],
  ]);
  y.setAt(
    [
      [0, 1],
      [0, 0],
    ],
    -1,
  );
  assert.deepEqual(y.tolist(), [
    [-1, 8, 9],
    [-1, 1, 5],
  ]);
  y.setAt("...", 4n);
  assert.deepEqual(y.tolist(), [
    [4, 4, 4],
    [4, 4, 4],
  ]);
});

test("wrong index expressions", () => {
  const at =
    (...items: unknown[]) =>
    () =>
      x.at(...(items as number[]));
  for (const item of [1.5, "foo", undefined, {}, "1", Symbol("s")]) assert.throws(at(item), TypeError, String(item));
  assert.throws(at(2), { name: "RangeError", message: "index 2 is out of bounds for dimension 0 with size 2" });
  assert.throws(at(0, 0, 0), { name: "RangeError", message: /too many indices for tensor of dimension 2/ });
  assert.throws(at("::-1"), { name: "RangeError", message: /step must be greater than zero/ });
  assert.throws(() => x.setAt(0, "1" as unknown as number), TypeError);
  assert.throws(() => torch.tensor(1).length, { name: "TypeError", message: "len() of a 0-d tensor" });
  assert.throws(() => [...torch.tensor(1)], { name: "TypeError", message: "iteration over a 0-d tensor" });
});

test("noGrad around a function and for the rest of a block", () => {
  const w = torch.ones(1, { requiresGrad: true });
  assert.equal(
    torch.noGrad(() => w.mul(2).requiresGrad),
    false,
  );
  {
    using _ = torch.noGrad();
    assert.equal(w.mul(2).requiresGrad, false);
    assert.equal(
      torch.enableGrad(() => w.mul(2).requiresGrad),
      true,
    );
  }
  assert.equal(w.mul(2).requiresGrad, true);
  assert.throws(
    () =>
      torch.noGrad(() => {
        throw new Error("inside");
      }),
    /inside/,
  );
  assert.equal(torch.isGradEnabled(), true, "an error ends the mode");
  assert.throws(
    () => torch.noGrad((async () => 1) as () => unknown),
    /takes a function that has done its work when it returns, not an async function/,
  );
  assert.throws(() => torch.noGrad(3 as unknown as () => void), TypeError);
  assert.equal(
    torch.inferenceMode(() => torch.isInferenceModeEnabled() && w.mul(2).isInference()),
    true,
  );
});

test("devices and shapes are plain values", () => {
  assert.ok(x.device === "cpu");
  assert.equal(torch.zeros(1, { device: "cpu" }).device, "cpu");
  assert.throws(() => torch.zeros(1, { device: "cuda" }), /Torch not compiled with CUDA enabled/);
  assert.deepEqual([x.shape, x.size(), x.ndim], [[2, 3], [2, 3], 2]);
  assert.throws(() => (x.shape as number[]).push(1), TypeError);
  assert.throws(() => {
    (x.shape as number[])[0] = 3;
  }, TypeError);
});

test("errors by kind", () => {
  const ranges = [
    () => x.sum(2),
    () => x.select(0, 5),
    () => torch.zeros(-1),
    () => x.transpose(0, 7),
    () => x.sum(1e30),
  ];
  for (const wrong of ranges) assert.throws(wrong, RangeError, String(wrong));
  assert.throws(() => x.sum(2), /Dimension out of range \(expected to be in range of \[-2, 1\], but got 2\)/);
  const others: [() => unknown, RegExp][] = [
    [() => x.matmul(x), /mat1 and mat2 shapes cannot be multiplied \(2x3 and 2x3\)/],
    [
      () => x.add(torch.ones(4)),
      /The size of tensor a \(3\) must match the size of tensor b \(4\) at non-singleton dimension 1/,
    ],
    [() => x.reshape(4, 4), /shape '\[4, 4\]' is invalid for input of size 6/],
    [() => torch.cat([]), /expected a non-empty list of Tensors/],
    [() => x.backward(), /does not require grad and does not have a grad_fn/],
    [
      () => torch.tensor([1n]).requiresGrad_(),
      /only Tensors of floating point and complex dtype can require gradients/,
    ],
  ];
  for (const [wrong, message] of others) {
    assert.throws(wrong, (error: Error) => error.constructor === Error && message.test(error.message), String(message));
  }
});

test("a wrong call changes nothing", () => {
  const y = x.clone();
  const before = y.tolist();
  const wrong = [
    () => y.add_(torch.ones(4)),
    () => y.setAt([":", 5], 1),
    () => y.copy_(torch.ones(5)),
    () => y.indexAdd_(0, torch.tensor([5n]), torch.ones(1, 3)),
    () => y.clamp_({ mni: 3 } as object),
    () => torch.add(x, torch.ones(4), { out: y }),
  ];
  for (const call of wrong) {
    assert.throws(call);
    assert.deepEqual(y.tolist(), before, String(call));
  }
});

test("reading later gives what the tensor holds at the call", async () => {
  const y = torch.tensor([
    [1, 2],
    [3, 4],
  ]);
  const [list, array, item] = [y.tolistAsync(), y.t().toTypedArrayAsync(), y.at(1, 0).itemAsync()];
  y.zero_();
  assert.deepEqual(await list, [
    [1, 2],
    [3, 4],
  ]);
  assert.deepEqual(await array, Float32Array.of(1, 3, 2, 4));
  assert.equal(await item, 3);
  assert.equal(await torch.tensor(true).itemAsync(), 1);
  assert.deepEqual(await torch.tensor([1n, 2n ** 60n]).tolistAsync(), [1, 2n ** 60n]);
  assert.equal(await torch.tensor([7n]).itemAsync(), 7);
});

test("reading later fails as reading does", async () => {
  await assert.rejects(torch.ones(2).itemAsync(), {
    message: "a Tensor with 2 elements cannot be converted to Scalar",
  });
  await assert.rejects(torch.tensor(2n ** 60n).itemAsync(), { name: "RangeError" });
  const nowhere = torch.ones(2, { device: "meta" });
  await assert.rejects(nowhere.tolistAsync(), { message: "Cannot copy out of meta tensor; no data!" });
  await assert.rejects(nowhere.toTypedArrayAsync(), { message: "Cannot copy out of meta tensor; no data!" });
});
