/** Where memory is: arrays over a tensor's own bytes, arrays of the user's, loans to other threads, no room. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { CpuStorage } from "../../src/backend/cpu/memory/storage.js";
import { discard, pack, unpack } from "../../src/data/workers/pack.js";
import torch, { type Tensor } from "../../src/index.js";

/** Sizes of memory that comes from slabs, and of memory of its own. */
const sizes = [1, 3, 100, 2000, 5000, 100_000];

for (const size of sizes) {
  test(`the array of ${size} elements has the bytes of its tensor and no others`, () => {
    const before = torch.ones(size);
    const x = torch.zeros(size);
    const after = torch.ones(size);
    const { buffer } = x.asTypedArray();
    assert.equal(buffer.byteLength, 4 * size);
    new Uint8Array(buffer).fill(7);
    assert.equal(before.sum().item(), size);
    assert.equal(after.sum().item(), size);
    assert.equal(x.asTypedArray().buffer, buffer);
  });

  test(`all that shares memory of ${size} elements goes where an array of it goes`, () => {
    const x = torch.zeros(size);
    const [view, alias, detached] = [x.view(-1), x.data, x.detach()];
    const array = x.asTypedArray() as Float32Array;
    const later = [x.view(1, size), x.data, alias.data, alias.narrow(0, size - 1, 1)];
    array[size - 1] = 5;
    const last = (t: Tensor) => t.reshape(-1).at(-1).item();
    assert.deepEqual([x, view, alias, detached, ...later].map(last), [5, 5, 5, 5, 5, 5, 5, 5]);
    alias.fill_(3);
    assert.equal(array[0], 3);
    assert.equal((alias.asTypedArray() as Float32Array).buffer, array.buffer);
  });
}

test("an array of a part of a tensor stands where the part does", () => {
  const x = torch.arange(6, { dtype: torch.float64 });
  const part = x.narrow(0, 2, 3).asTypedArray() as Float64Array;
  assert.deepEqual([...part], [2, 3, 4]);
  part[0] = 9;
  assert.equal(x.at(2).item(), 9);
  assert.equal(part.buffer.byteLength, 48);
});

test("an array of nothing, and of each dtype", () => {
  assert.equal(torch.zeros(0).asTypedArray().length, 0);
  for (const dtype of [torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool, torch.float64]) {
    const array = torch.ones(3, { dtype }).asTypedArray();
    assert.deepEqual(Array.from(array as ArrayLike<number | bigint>, Number), [1, 1, 1]);
  }
});

test("arrays of tensors in a synchronous loop take bounded memory", () => {
  let sum = 0;
  for (let i = 0; i < 800; i++) sum += torch.ones(500_000).asTypedArray()[0] as number;
  assert.equal(sum, 800);
  // They are 1.6 GB in all.
  assert.ok(process.memoryUsage.rss() < 800 * 2 ** 20, `${process.memoryUsage.rss()} bytes`);
});

test("the memory of an array outlives its tensor", () => {
  const arrays = Array.from({ length: 50 }, (_, i) => torch.full([5000], i).asTypedArray());
  for (let i = 0; i < 300; i++) torch.full([5000], -1).mul(2);
  arrays.forEach((array, i) => {
    assert.ok(array[0] === i && array[4999] === i);
  });
});

function transfer(array: { buffer: ArrayBufferLike }): void {
  structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
}

test("a tensor whose array was given away cannot be used, nor can what shares its memory", () => {
  for (const size of [3, 100_000]) {
    const x = torch.zeros(size);
    const [view, alias] = [x.narrow(0, 1, 2), x.data];
    transfer(x.asTypedArray());
    for (const t of [x, view, alias, x.detach()]) {
      assert.throws(() => t.add(1), /was detached or resized/);
      assert.throws(() => t.fill_(1), /was detached or resized/);
      assert.throws(() => t.asTypedArray(), /was detached or resized/);
    }
  }
  const array = new Int32Array(4);
  const shared = torch.fromTypedArray(array);
  Object.defineProperty(array.buffer, "byteLength", { value: 1000 });
  Object.defineProperty(array, "length", { value: 1000 });
  transfer(array);
  assert.throws(() => shared.add(1), /was detached or resized/);
});

test("buffers that shrink", () => {
  const Resizable = ArrayBuffer as unknown as new (length: number, options: { maxByteLength: number }) => ArrayBuffer;
  const buffer = new Resizable(64, { maxByteLength: 1 << 20 });
  const resize = (length: number) => (buffer as unknown as { resize(length: number): void }).resize(length);
  const fixed = torch.fromTypedArray(new Float32Array(buffer, 0, 16));
  const tracking = torch.fromTypedArray(new Float32Array(buffer));
  const bytes = torch.frombuffer(buffer, { dtype: torch.float64 });
  resize(1 << 20);
  assert.deepEqual([fixed.sum().item(), tracking.sum().item(), bytes.sum().item()], [0, 0, 0]);
  assert.equal(tracking.numel(), 16);
  resize(60);
  for (const t of [fixed, tracking, bytes]) assert.throws(() => t.sum(), /was detached or resized/);
});

test("what an array says of itself does not count", () => {
  const lying = new Float32Array([1, 2]);
  for (const [name, value] of [
    ["length", 1_000_000],
    ["byteLength", 4_000_000],
    ["byteOffset", 1_000_000],
    ["buffer", new ArrayBuffer(8_000_000)],
    ["constructor", undefined],
  ] as const) {
    Object.defineProperty(lying, name, { value });
  }
  for (const make of [torch.fromTypedArray, torch.tensor, torch.asTensor, torch.asarray]) {
    assert.deepEqual(make(lying).tolist(), [1, 2]);
  }
  assert.deepEqual(torch.tensor([lying, lying]).shape, [2, 2]);
  assert.deepEqual(torch.frombuffer(lying, { dtype: torch.float32 }).tolist(), [1, 2]);

  class Longer extends Uint8Array {
    override get length(): number {
      return 1_000_000;
    }
    override get byteLength(): number {
      return 1_000_000;
    }
  }
  assert.deepEqual(torch.fromTypedArray(new Longer(2)).shape, [2]);
  assert.throws(() => torch.frombuffer(new Longer(2), { dtype: torch.uint8, count: 3 }), RangeError);

  const bytes = new Uint8Array([1, 0, 0, 0]);
  Object.setPrototypeOf(bytes, Float64Array.prototype);
  assert.deepEqual(torch.fromTypedArray(bytes).tolist(), [1, 0, 0, 0]);
  assert.equal(torch.tensor(bytes).dtype, torch.uint8);

  const buffer = new ArrayBuffer(8);
  Object.defineProperty(buffer, "byteLength", { value: 1_000_000 });
  assert.deepEqual(torch.frombuffer(buffer, { dtype: torch.uint8 }).shape, [8]);
  assert.throws(() => torch.frombuffer(buffer, { dtype: torch.uint8, count: 9 }), RangeError);
});

test("what is no array is refused", () => {
  const forged = Object.create(Float32Array.prototype, { length: { value: 8 }, byteLength: { value: 32 } });
  const proxy = new Proxy(new Float32Array(2), {});
  for (const array of [forged, proxy]) {
    assert.throws(() => torch.fromTypedArray(array), TypeError);
    assert.throws(() => torch.asarray(array), TypeError);
    assert.throws(() => torch.tensor(array), TypeError);
    assert.throws(() => torch.frombuffer(array, { dtype: torch.uint8 }), TypeError);
  }
  assert.throws(() => torch.frombuffer(new Proxy(new ArrayBuffer(8), {}), { dtype: torch.uint8 }), TypeError);
  assert.throws(() => torch.frombuffer(Object.create(ArrayBuffer.prototype), { dtype: torch.uint8 }), TypeError);
  assert.throws(
    () => torch.tensor(new BigUint64Array(2) as unknown as Float32Array),
    /no dtype matches a BigUint64Array/,
  );
});

test("arrays whose length changes while it is read", () => {
  let reads = 0;
  const shrinking = new Proxy([1, 2, 3], {
    get: (of, key) => (key === "length" ? (reads++ < 2 ? 3 : 0) : Reflect.get(of, key)),
  });
  for (let skip = 0; skip < 4; skip++) {
    reads = -skip;
    try {
      assert.deepEqual(torch.tensor(shrinking).tolist(), [1, 2, 3]);
    } catch (error) {
      assert.match(String(error), /expected sequence of length/);
    }
  }
});

test("bytes of a foreign array are read as wider elements only where they begin at one", () => {
  const buffer = new ArrayBuffer(24);
  for (const at of [1, 2, 4]) {
    const bytes = torch.fromTypedArray(new Uint8Array(buffer, at, 16));
    assert.throws(() => bytes.view(torch.float64), /must begin at a multiple of 8 bytes/);
    assert.throws(() => bytes.view(torch.int64), /must begin at a multiple of 8 bytes/);
  }
  assert.throws(() => torch.fromTypedArray(new Uint8Array(buffer, 2, 16)).view(torch.float32), /multiple of 4 bytes/);
  assert.deepEqual(
    torch
      .fromTypedArray(new Uint8Array(buffer, 8, 16))
      .view(torch.float64)
      .tolist(),
    [0, 0],
  );
  assert.deepEqual(
    torch
      .fromTypedArray(new Uint8Array(buffer, 2, 4))
      .view(torch.int16)
      .tolist(),
    [0, 0],
  );
});

test("the state of a generator is out of reach", () => {
  const generator = new torch.Generator().manualSeed(1);
  assert.deepEqual(Object.keys(generator), ["device"]);
  const forged = Object.create(torch.Generator.prototype);
  assert.throws(() => torch.rand(2, { generator: forged }), TypeError);
  const first = torch.rand(3, { generator }).tolist();
  generator.manualSeed(1).getState().fill_(255);
  assert.deepEqual(torch.rand(3, { generator }).tolist(), first);
});

test("a generator whose state was changed behind its back is refused", () => {
  const set = DataView.prototype.setInt32;
  let state: Int32Array | undefined;
  DataView.prototype.setInt32 = function (...args) {
    state ??= new Int32Array(this.buffer);
    set.apply(this, args);
  };
  const generator = new torch.Generator();
  DataView.prototype.setInt32 = set;
  const [left, next] = [624, 625];
  for (const [place, value] of [
    [next, 1_000_000],
    [next, -1],
    [left, 1_000_000],
    [left, 0],
    [left, -5],
  ] as const) {
    generator.manualSeed(1);
    torch.rand(3, { generator });
    (state as Int32Array)[place] = value;
    for (const draw of [
      () => torch.rand(3, { generator }),
      () => torch.randn(20, { generator }),
      () => torch.randperm(5, { generator }),
      () => torch.multinomial(torch.ones(3), 2, { generator }),
      () => torch.randint(0, 9, [3], { generator }),
    ]) {
      assert.throws(draw, /Invalid mt19937 state/);
    }
  }
  generator.manualSeed(1);
  assert.deepEqual(torch.rand(3, { generator }).shape, [3]);
});

test("memory is lent once to each receiver", () => {
  const lender = CpuStorage.allocate(100_000);
  const token = lender.lend(2) as number;
  const first = CpuStorage.adopt(token);
  assert.equal(first.pointer(), lender.pointer());
  assert.equal(first.nbytes, 100_000);
  assert.equal(CpuStorage.adopt(token).pointer(), lender.pointer());
  assert.throws(() => CpuStorage.adopt(token), /was not lent, or was taken over already/);
  for (const forged of [0, -1, 1, 1.5, token + 1, Number.NaN, Number.POSITIVE_INFINITY, lender.pointer()]) {
    assert.throws(() => CpuStorage.adopt(forged), /was not lent/);
  }
});

test("memory that others have is not given back", () => {
  for (const share of [(s: CpuStorage) => s.alias(), (s: CpuStorage) => CpuStorage.adopt(s.lend(1) as number)]) {
    const storage = CpuStorage.allocate(100_000);
    const other = share(storage);
    const address = other.pointer();
    storage.release();
    assert.equal(other.pointer(), address);
    assert.notEqual(CpuStorage.allocate(100_000).pointer(), address);
  }
});

test("an array of memory that another thread has is shared with it", () => {
  const x = torch.zeros(5000);
  const sent = unpack(structuredClone(pack(x, "x"))) as Tensor;
  const array = x.asTypedArray();
  assert.equal(array.buffer.byteLength, 20_000);
  array[0] = 5;
  assert.equal(sent.at(0).item(), 5);
  sent.fill_(6);
  assert.equal(array[4999], 6);
});

test("tensors travel as they are, also after an array was taken of them", () => {
  for (const size of [2, 5000]) {
    for (const isTaken of [false, true]) {
      const x = torch.arange(size);
      if (isTaken) x.asTypedArray();
      const { a, b } = unpack(structuredClone(pack({ a: x, b: x.narrow(0, 1, 1) }, "x"))) as { a: Tensor; b: Tensor };
      assert.deepEqual(a.tolist(), x.tolist());
      b.fill_(-1);
      assert.equal(a.at(1).item(), -1);
    }
  }
});

test("a message is unpacked once, and a forged one not at all", () => {
  const packed = pack(torch.ones(5000), "x");
  discard(packed);
  assert.throws(() => unpack(packed), /was not lent/);

  const forge = (change: object) => {
    const { root, nodes } = pack(torch.ones(3), "x");
    const forged = nodes.map((node) =>
      node.kind === "tensor" ? { ...node, tensor: { ...node.tensor, ...change } } : node,
    );
    return () => unpack({ root, nodes: forged });
  };
  assert.deepEqual((forge({})() as Tensor).tolist(), [1, 1, 1]);
  for (const change of [
    { sizes: [4] },
    { sizes: [-1] },
    { sizes: [1.5] },
    { strides: [2] },
    { strides: [] },
    { strides: [-1], offset: 2 },
    { offset: 1 },
    { offset: -1 },
    { offset: Number.NaN },
    { dtype: 1 },
    { dtype: 99 },
    { storage: { node: 0 } },
    { storage: { node: 77 } },
    { storage: 12345 },
  ]) {
    assert.throws(forge(change), Error, JSON.stringify(change));
  }
});

test("memory that is garbage goes before an allocation fails", () => {
  const library = new URL("../../src/index.js", import.meta.url).href;
  const script = `
    const { default: torch } = await import(${JSON.stringify(library)});
    // Old enough to be left to a full collection.
    let list = Array.from({ length: 9 }, () => torch.ones(20_000_000));
    for (let i = 0; i < 6; i++) torch.ones(5_000_000 + i * 1_000_000);
    list = undefined;
    torch.ones(100_000_000);
    let message;
    try {
      list = Array.from({ length: 40 }, () => torch.ones(25_000_000));
    } catch (error) {
      message = error.name + ": " + error.message;
    }
    list = undefined;
    console.log(torch.ones(100).sum().item(), message);
  `;
  const command = `ulimit -d 1250000; exec "${process.execPath}" --input-type=module -e "$SCRIPT"`;
  const output = execFileSync("sh", ["-c", command], { env: { ...process.env, SCRIPT: script }, encoding: "utf8" });
  assert.match(output, /^100 RangeError: not enough memory: you tried to allocate \d+ bytes$/m);
});

test("the array of an empty view that begins beyond its memory", () => {
  const views = [
    torch.zeros(4, 0).at("1:"),
    torch.zeros(0, 3).at(":", "1:"),
    torch.zeros(3, 2, 0).at("2:"),
    torch.fromTypedArray(new Float32Array(2)).view(2, 1).at("2:"),
    torch.zeros(2, 3).at("2:"),
  ];
  for (const view of views) assert.deepEqual(view.asTypedArray(), new Float32Array(0));
});
