/** The memory of tensors as an object: `untypedStorage`, `set_`, `shareMemory_`, `fromFile`. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Worker } from "node:worker_threads";
import torch from "../../src/index.js";

const ten = () => torch.arange(10, { dtype: torch.float32 });
const target = () => torch.arange(6, { dtype: torch.float32 });

describe("set_", () => {
  test("without a source leaves no elements", () => {
    const x = target();
    assert.equal(x.set_(), x);
    assert.deepEqual(x.shape, [0]);
  });

  test("to a tensor shares its memory, in its shape", () => {
    const [x, source] = [target(), ten().view(2, 5).t()];
    x.set_(source);
    assert.deepEqual([x.shape, x.stride(), x.isSetTo(source)], [[5, 2], [1, 5], true]);
    source.setAt([0, 1], 50);
    assert.equal(x.at(0, 1).item(), 50);
    x.setAt([1, 0], -1);
    assert.equal(source.at(1, 0).item(), -1);
  });

  test("to bytes, whole or in part", () => {
    const bytes = ten().untypedStorage();
    assert.deepEqual(target().set_(bytes).tolist(), ten().tolist());
    assert.deepEqual(target().set_(bytes, 2, [2, 3]).tolist(), [
      [2, 3, 4],
      [5, 6, 7],
    ]);
    assert.deepEqual(target().set_(bytes, 2, [2, 3], [1, 2]).tolist(), [
      [2, 4, 6],
      [3, 5, 7],
    ]);
    assert.deepEqual(target().set_(bytes, 3, [3], [0]).tolist(), [3, 3, 3]);
    const named = { source: bytes, storageOffset: 2, size: [2, 3], stride: [1, 2] };
    assert.deepEqual(target().set_(named).tolist(), [
      [2, 4, 6],
      [3, 5, 7],
    ]);
    const ints = torch.empty(0, { dtype: torch.int32 }).set_(torch.ones(1).untypedStorage());
    assert.deepEqual(ints.tolist(), [0x3f800000]);
  });

  test("counts from the first element of a tensor", () => {
    const x = target().set_(ten().at("2:"), 2, [2, 3], [1, 2]);
    assert.deepEqual(x.tolist(), [
      [4, 6, 8],
      [5, 7, 9],
    ]);
    assert.equal(x.storageOffset(), 4);
    assert.throws(() => x.set_(ten().view(2, 5).t(), 0, [2]), /must be contiguous/);
  });

  test("of the shapes that reach nowhere", () => {
    assert.deepEqual(target().set_(ten(), 0, [3, 0]).shape, [3, 0]);
    assert.deepEqual(target().set_(ten(), 99, [0]).shape, [0]);
    assert.equal(target().set_(ten(), 9, []).item(), 9);
  });

  const huge = Number.MAX_SAFE_INTEGER;
  const wrong: [message: RegExp, ...args: unknown[]][] = [
    [
      /sizes \[20, 3\], strides \[3, 1\], storage offset 2, and itemsize 4 requiring a storage size of 248 are out of bounds for storage of size 40/,
      ten(),
      2,
      [20, 3],
    ],
    [/out of bounds/, ten(), 10, [1]],
    [/out of bounds/, ten(), 0, [2], [10]],
    [/out of bounds/, ten(), 0, [2, 2], [huge, huge]],
    [/out of bounds/, ten(), huge, [1]],
    [/too large/, ten(), 0, [2 ** 40, 2 ** 40], [0, 0]],
    [/invalid storage offset -2/, ten(), -2, [2, 3]],
    [/invalid storage offset -1/, ten().at("5:"), -1, [2, 3]],
    [/negative dimension -2/, ten(), 0, [-2, 3]],
    [/negative strides are not supported/, ten(), 2, [2, 3], [-1, 2]],
    [/unequal size length \(2\) and stride length \(1\)/, ten(), 2, [2, 3], [1]],
    [/at most 64 dims/, ten(), 0, Array(65).fill(1)],
    [/missing required argument 'size'/, ten(), 2],
    [/must be Tensor or UntypedStorage, not int/, 3],
    [/must be Tensor or UntypedStorage/, ten().tolist()],
    [/Could not set tensor of type double to a tensor of type float/, ten().double()],
    [/devices must match/, torch.ones(3, { device: "meta" })],
    [/devices must match/, torch.ones(3, { device: "meta" }).untypedStorage()],
  ];
  for (const [message, ...args] of wrong) {
    test(`throws before anything changes: ${message.source}`, () => {
      const x = target();
      assert.throws(() => (x.set_ as (...args: unknown[]) => unknown)(...args), message);
      assert.deepEqual([x.tolist(), x._version], [target().tolist(), 0]);
    });
  }

  test("refuses memory that begins between two elements", () => {
    const bytes = torch.frombuffer(new Uint8Array(new ArrayBuffer(16), 1, 8), { dtype: torch.uint8 }).untypedStorage();
    assert.throws(() => target().set_(bytes), /must begin at a multiple of 4 bytes/);
  });

  test("is found by the backward pass of what saved the tensor", () => {
    for (const change of [
      (w: torch.Tensor) => w.set_(torch.zeros(3)),
      (w: torch.Tensor) => w.set_(w),
      (w: torch.Tensor) => w.set_(),
    ]) {
      const [x, w] = [torch.ones(3, { requiresGrad: true }), torch.ones(3)];
      const y = x.mul(w).sum();
      change(w);
      assert.equal(w._version, 1);
      assert.throws(
        () => y.backward(),
        /modified by an inplace operation: \[torch.FloatTensor \[\d\]\].* is at version 1; expected version 0/,
      );
    }
  });

  test("of a tensor in a graph is no operation of it", () => {
    const leaf = torch.ones(3, { requiresGrad: true });
    assert.throws(
      () => leaf.set_(torch.zeros(2)),
      /a leaf Variable that requires grad is being used in an in-place operation/,
    );
    assert.throws(() => leaf.at("1:").set_(torch.zeros(2)), /a view of a leaf Variable/);
    assert.throws(() => leaf.mul(2).set_(torch.zeros(2)), /derivative for set_ is not implemented/);
    assert.throws(() => torch.zeros(2).set_(leaf), /derivative for set_ is not implemented/);
    assert.deepEqual(leaf.tolist(), [1, 1, 1]);
  });

  test("of a leaf outside of the graph leaves it a leaf, of another shape", () => {
    const leaf = torch.ones(3, { requiresGrad: true });
    leaf.sum().backward();
    Object.assign(leaf, { grad: null });
    torch.noGrad(() => leaf.set_(torch.full([2], 5)));
    leaf.mul(leaf).sum().backward();
    assert.deepEqual([leaf.isLeaf, leaf.requiresGrad, leaf._version, leaf.grad?.tolist()], [true, true, 1, [10, 10]]);
  });

  test("leaves views and their base what they were", () => {
    const x = torch.ones(3, { requiresGrad: true });
    const base = x.mul(2);
    const view = base.detach().at("1:");
    view.set_(torch.zeros(2));
    view.add_(1);
    assert.deepEqual(
      [view.tolist(), base.tolist()],
      [
        [1, 1],
        [2, 2, 2],
      ],
    );
    base.mul_(3).sum().backward();
    assert.deepEqual(x.grad?.tolist(), [6, 6, 6]);
  });

  test("is refused of tensors that stand for others, and of those of inference mode", () => {
    const words = /inside of a function being transformed/;
    assert.throws(() => torch.vmap((x) => x.clone().set_(ten()))(torch.ones(2, 3)), words);
    assert.throws(() => torch.func.grad((x) => torch.ones(3).set_(x).sum())(torch.ones(3)), words);
    const inferred = torch.inferenceMode(() => target());
    assert.throws(() => inferred.set_(ten()), /Inplace update to inference tensor/);
    assert.equal(torch.isInference(inferred), true);
    assert.equal(torch.isInference(target()), false);
  });

  test("on meta", () => {
    const x = torch.ones(3, { device: "meta" }).set_(torch.ones(10, { device: "meta" }).untypedStorage(), 2, [2, 2]);
    assert.deepEqual(x.shape, [2, 2]);
    assert.throws(() => x.set_(torch.ones(10, { device: "meta" }), 8, [2, 2]), /out of bounds/);
  });
});

describe("UntypedStorage", () => {
  test("is one object for all tensors over the memory", () => {
    const x = target();
    const storage = x.untypedStorage();
    for (const other of [x.at(1), x.view(2, 3).t(), x.detach(), x.data, x.view(torch.int32)]) {
      assert.equal(other.untypedStorage(), storage);
    }
    assert.notEqual(x.clone().untypedStorage(), storage);
    assert.deepEqual([storage.nbytes(), storage.size(), storage.length, storage.elementSize()], [24, 24, 24, 1]);
    assert.equal(storage.dataPtr(), x.dataPtr());
    assert.equal(x.at("2:").untypedStorage().dataPtr(), x.dataPtr());
  });

  test("has bytes that can be read and written, of which autograd hears nothing", () => {
    const x = torch.tensor([1, 2]);
    const storage = x.untypedStorage();
    assert.deepEqual(storage.tolist(), [0, 0, 128, 63, 0, 0, 0, 64]);
    assert.deepEqual([...storage], storage.tolist());
    assert.equal(storage.at(-1), 64);
    storage.setAt(3, 191);
    assert.deepEqual(x.tolist(), [-1, 2]);
    storage.fill_(0);
    assert.deepEqual([x.tolist(), x._version], [[0, 0], 0]);
    assert.throws(() => storage.at(8), RangeError);
    assert.throws(() => storage.at("1:2" as never), /argument 'index' must be int/);
  });

  test("is made, copied and shown", () => {
    const storage = new torch.UntypedStorage([1, 2, 3]);
    const copy = storage.clone();
    storage.copy_(new torch.UntypedStorage([7, 8, 9]));
    assert.deepEqual(
      [storage.tolist(), copy.tolist()],
      [
        [7, 8, 9],
        [1, 2, 3],
      ],
    );
    assert.equal(String(storage), " 7\n 8\n 9\n[torch.storage.UntypedStorage(device=cpu) of size 3]");
    assert.throws(() => storage.copy_(new torch.UntypedStorage(2)), /size does not match/);
    assert.throws(() => storage.copy_(torch.ones(3) as never), /must be UntypedStorage/);
    assert.throws(() => new torch.UntypedStorage([300]), RangeError);
    assert.throws(() => new torch.UntypedStorage(-1), RangeError);
    assert.equal(new torch.UntypedStorage(5, { device: "meta" }).device, "meta");
    assert.equal(new torch.UntypedStorage().length, 0);
    assert.deepEqual([storage, torch.ones(1), 3, null].map(torch.isStorage), [true, false, false, false]);
  });

  test("of a tensor that stands for others is not given", () => {
    assert.throws(() => torch.vmap((x) => x.mul(x.untypedStorage().length))(torch.ones(2, 3)), /untypedStorage/);
  });
});

describe("shareMemory_", () => {
  test("moves the memory for all tensors over it", () => {
    for (const length of [0, 3, 100_000]) {
      const x = torch.arange(length, { dtype: torch.float32 });
      const [expected, view, data, storage] = [x.tolist(), x.at("1:"), x.data, x.untypedStorage()];
      assert.equal(x.isShared(), false);
      assert.equal(x.shareMemory_(), x);
      assert.deepEqual([x.isShared(), view.isShared(), data.isShared(), storage.isShared()], [true, true, true, true]);
      assert.deepEqual([x.tolist(), x._version], [expected, 0]);
      x.fill_(7);
      assert.ok([view, data].every((one) => one.eq(7).all().item()));
      assert.equal(x.asTypedArray().buffer instanceof SharedArrayBuffer, true);
      assert.equal(x.clone().isShared(), false);
    }
  });

  test("of an array of the program's leaves the array behind", () => {
    const array = new Float32Array([1, 2]);
    const x = torch.fromTypedArray(array).shareMemory_();
    x.fill_(3);
    assert.deepEqual([...array], [1, 2]);
    assert.equal(torch.fromTypedArray(new Float32Array(new SharedArrayBuffer(8))).isShared(), true);
  });

  test("lets another thread write into the tensor", async () => {
    const x = torch.zeros(4).shareMemory_();
    const code = "const { workerData } = require('node:worker_threads'); workerData.fill(5);";
    const worker = new Worker(code, { eval: true, workerData: x.asTypedArray() });
    await new Promise((resolve, reject) => worker.once("exit", resolve).once("error", reject));
    assert.deepEqual(x.tolist(), [5, 5, 5, 5]);
  });

  test("there is no other memory to pin", () => {
    assert.equal(target().isPinned(), false);
    assert.equal(target().untypedStorage().isPinned(), false);
    assert.throws(() => target().pinMemory(), /Cannot access accelerator device when none is available/);
    assert.equal(torch.ones(2, { device: "meta" }).shareMemory_().isShared(), false);
  });
});

test("fromFile reads the first numbers of a file", () => {
  const folder = mkdtempSync(join(tmpdir(), "storage-"));
  try {
    const path = join(folder, "numbers.bin");
    const numbers = new Float32Array([1, 2, 3]);
    writeFileSync(path, new Uint8Array(numbers.buffer));
    const x = torch.fromFile(path, { size: 2, requiresGrad: true });
    assert.deepEqual([x.tolist(), x.dtype, x.requiresGrad], [[1, 2], torch.float32, true]);
    assert.deepEqual(torch.fromFile(path, { size: 12, dtype: torch.uint8 }).tolist(), [
      ...new Uint8Array(numbers.buffer),
    ]);
    assert.deepEqual(torch.fromFile(path).shape, [0]);
    x.detach().fill_(0);
    assert.deepEqual([...new Float32Array(new Uint8Array(readFileSync(path)).buffer)], [1, 2, 3]);
    assert.throws(() => torch.fromFile(path, { size: 4 }), /size is smaller than the required mapping size <16>/);
    assert.throws(() => torch.fromFile(path, { size: -1 }), RangeError);
    assert.throws(() => torch.fromFile(path, { size: 2, dtype: torch.int32, requiresGrad: true }), /floating point/);
    assert.throws(() => torch.fromFile(join(folder, "none"), { size: 2 }), /ENOENT/);
    assert.throws(() => torch.fromFile(3 as never, { size: 2 }), /argument 'filename' must be path/);
    assert.throws(() => torch.fromFile(path, { shared: true, size: 2 }), /not mapped/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe("settings", () => {
  test("setNumInteropThreads keeps its number", () => {
    assert.equal(torch.getNumInteropThreads(), 1);
    torch.setNumInteropThreads(3);
    assert.equal(torch.getNumInteropThreads(), 3);
    torch.setNumInteropThreads(1n);
    assert.equal(torch.getNumInteropThreads(), 1);
    assert.throws(() => torch.setNumInteropThreads(0), /expects a positive integer/);
    assert.throws(() => torch.setNumInteropThreads(2.5), /expects an int, but got float/);
  });

  test("setDefaultTensorType takes the old names of floating types", () => {
    try {
      for (const [name, dtype] of [
        ["Double", torch.float64],
        ["Half", torch.float16],
        ["BFloat16", torch.bfloat16],
        ["Float", torch.float32],
      ] as const) {
        torch.setDefaultTensorType(`torch.${name}Tensor`);
        assert.equal(torch.zeros(1).dtype, dtype);
      }
      for (const wrong of ["torch.IntTensor", "FloatTensor", torch.float64, undefined]) {
        assert.throws(() => torch.setDefaultTensorType(wrong as string), /only floating-point types are supported/);
      }
    } finally {
      torch.setDefaultDtype(torch.float32);
    }
  });

  test("typename", () => {
    const values = [torch.ones(1), torch.ones(1).long(), new torch.nn.Linear(1, 1), 3, "x", null, undefined];
    const expected = ["torch.FloatTensor", "torch.LongTensor", "Linear", "Number", "String", "null", "undefined"];
    assert.deepEqual(values.map(torch.typename), expected);
  });
});
