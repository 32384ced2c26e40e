/** No view, however it came about, and no list of arguments lets a kernel read or write what is not its own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { kernel } from "../../src/backend/cpu/block.js";
import { begin, launch, put, putDType, putLoop, putOperand } from "../../src/backend/cpu/launch.js";
import torch, { type Tensor } from "../../src/index.js";

const fill = kernel("fill");

/** Calls that hand the memory of their operand to a kernel, each by another way of writing its arguments. */
const calls: Record<string, (x: Tensor) => unknown> = {
  add: (x) => x.add(x),
  "add in place": (x) => x.add_(1),
  copy: (x) => x.clone(),
  fill: (x) => x.fill_(1),
  "add a row": (x) => torch.zeros(2, 3).add(x),
  sum: (x) => x.sum(),
  "sum of a dim": (x) => x.sum(0),
  var: (x) => x.var(),
  amax: (x) => x.amax(0),
  logsumexp: (x) => x.logsumexp(0),
  argmax: (x) => x.argmax(),
  "max of a dim": (x) => x.max(0),
  cumsum: (x) => x.cumsum(0),
  cummax: (x) => x.cummax(0),
  softmax: (x) => x.softmax(0),
  sort: (x) => x.sort(0),
  topk: (x) => x.topk(1, 0),
  median: (x) => x.median(0),
  unique: (x) => torch.unique(x),
  matmul: (x) => x.matmul(x.t()),
  nonzero: (x) => x.nonzero(),
  maskedSelect: (x) => x.maskedSelect(x.gt(0)),
  maskedFill: (x) => x.maskedFill_(torch.ones(1, { dtype: torch.bool }), 1),
  gather: (x) => x.gather(0, torch.zeros(1, 1, { dtype: torch.long })),
  scatter: (x) => x.scatter_(0, torch.zeros(1, 1, { dtype: torch.long }), 1),
  indexSelect: (x) => x.indexSelect(0, torch.tensor([0])),
  take: (x) => x.take(torch.tensor([0])),
  uniform: (x) => x.uniform_(),
  normal: (x) => x.normal_(),
  bernoulli: (x) => torch.bernoulli(x),
  flip: (x) => x.flip(0),
  toTypedArray: (x) => x.toTypedArray(),
  print: (x) => String(x),
};

/** Tensors whose geometry was changed behind the library's back, so that they reach outside their memory. */
const hostile: Record<string, (x: Tensor) => void> = {
  "larger sizes": (x) => assign(x, { sizes: [2 ** 20, 2 ** 10] }),
  "larger strides": (x) => assign(x, { strides: [2 ** 40, 1], contiguousFlag: false }),
  "an infinite stride": (x) => assign(x, { strides: [Infinity, 1], contiguousFlag: false }),
  "a stride that is no number": (x) => assign(x, { strides: [Number.NaN, 1], contiguousFlag: false }),
  "an offset beyond the end": (x) => assign(x, { offset: 2 ** 45 }),
  "an offset before the start": (x) => assign(x, { offset: -(2 ** 20) }),
  "an offset between elements": (x) => assign(x, { offset: 0.5 }),
};

function assign(x: Tensor, values: object): void {
  Object.assign(x, values);
}

for (const [name, change] of Object.entries(hostile)) {
  test(`no kernel runs on a view with ${name}`, () => {
    for (const [call, run] of Object.entries(calls)) {
      const x = torch.ones(2, 3);
      change(x);
      assert.throws(() => run(x), { name: /Error/ }, call);
    }
  });
}

test("a view whose other dtype makes it reach outside its memory is refused", () => {
  for (const [call, run] of Object.entries(calls)) {
    const x = torch.ones(2, 3, { dtype: torch.int8 }).sub(0);
    assign(x, { dtype: torch.float64, storage: torch.ones(6, { dtype: torch.int8 }).storage });
    assert.throws(() => run(x), Error, call);
  }
});

test("storages and dtypes that somebody made up are refused", () => {
  const storage = { nbytes: 1e15, pointer: () => 8, version: 0 };
  const dtype = { ...torch.float32, id: 99 };
  for (const [call, run] of Object.entries(calls)) {
    for (const forged of [{ storage }, { dtype }]) {
      const x = torch.ones(2, 3);
      assign(x, forged);
      assert.throws(() => run(x), Error, call);
    }
  }
});

test("properties that call kernels while arguments are put together change no call", () => {
  const x = torch.ones(2, 3);
  const strides = [3, 1];
  Object.defineProperty(strides, 0, {
    get() {
      torch.ones(4, 4).add(1);
      return 3;
    },
  });
  assign(x, { strides, contiguousFlag: false });
  assert.throws(() => x.add(torch.ones(3)), /arguments were overwritten|reaches outside its memory/);
  assert.deepEqual(torch.ones(2).add(1).tolist(), [2, 2]);
});

test("an argument list that is too long reaches no kernel", () => {
  const x = torch.zeros(4);
  const list = begin();
  const dtype = putDType(x.dtype);
  put(1);
  putLoop(x);
  putOperand(x, dtype);
  for (let i = 0; i < 2 ** 16; i++) put(0);
  assert.throws(() => launch(fill, list), { name: "RangeError", message: /takes at most \d+ arguments/ });
  assert.deepEqual(x.tolist(), [0, 0, 0, 0]);
});

test("an argument list must be the latest, and holds numbers alone", () => {
  const list = begin();
  begin();
  assert.throws(() => launch(fill, list), /arguments were overwritten/);
  assert.throws(() => put("1" as unknown as number), TypeError);
  assert.throws(() => put({ valueOf: () => 1 } as unknown as number), TypeError);
});

test("as many indices of as many dims as there may be", () => {
  const a = torch.zeros(Array<number>(40).fill(1)).add(7);
  const indices = Array.from({ length: 40 }, () => torch.zeros(Array<number>(60).fill(1), { dtype: torch.int64 }));
  const picked = a.at(...indices);
  assert.equal(picked.ndim, 60);
  assert.equal(picked.sum().item(), 7);
  const all = torch.zeros(Array<number>(64).fill(1));
  const most = Array.from({ length: 64 }, () => torch.zeros(Array<number>(64).fill(1), { dtype: torch.int64 }));
  all.indexPut_(most, torch.tensor(5));
  assert.equal(all.sum().item(), 5);
});

test("an empty source or operand of no dims is not read", () => {
  const index = torch.zeros([], { dtype: torch.long });
  const none = torch.empty(0);
  assert.throws(() => torch.zeros([]).scatter(0, index, none), Error);
  assert.throws(() => torch.zeros([]).scatterAdd(0, index, none), Error);
  assert.throws(() => torch.zeros([]).gather(0, torch.zeros([1, 1], { dtype: torch.long })), Error);
  assert.throws(() => none.take(index), Error);
  assert.throws(() => torch.zeros([]).put(torch.tensor([0, 0]), torch.ones([])), Error);
  assert.throws(() => torch.zeros([]).indexAdd(0, torch.tensor([0]), none), Error);
  assert.throws(() => torch.zeros([]).indexCopy(0, torch.tensor([0]), none), Error);
});

test("strides of dims that are not walked may be of any size", () => {
  const x = torch.arange(4);
  const one = x.asStrided([1, 4], [2 ** 50, 1]);
  assert.deepEqual(one.add(0).tolist(), [[0, 1, 2, 3]]);
  assert.deepEqual(one.flip(1).tolist(), [[3, 2, 1, 0]]);
  assert.deepEqual(one.sum(0).tolist(), [0, 1, 2, 3]);
  const nothing = x.asStrided([0, 4], [2 ** 50, 2 ** 50]);
  assert.deepEqual(nothing.sum(0).tolist(), [0, 0, 0, 0]);
  assert.equal(nothing.add(1).numel(), 0);
});
