/** Whole numbers among the arguments: sizes, strides, dims, steps, counts and indices are safe integers. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import torch, { nn, type Tensor } from "../../src/index.js";

const huge = 10n ** 400n;
const outOfRange = { name: "RangeError", message: /out of (range|bounds)/ };

/** Calls with one whole number, in each place that takes one. */
const calls: Readonly<Record<string, (x: Tensor, value: never) => unknown>> = {
  zeros: (_, value) => torch.zeros(value),
  emptyStrided: (_, value) => torch.emptyStrided([1], [value]),
  view: (x, value) => x.view(value),
  reshape: (x, value) => x.reshape([value, 2]),
  expand: (x, value) => x.expand(value, 2, 2),
  repeat: (x, value) => x.repeat(value, 1),
  resize_: (x, value) => x.clone().resize_(value),
  asStridedSize: (x, value) => x.asStrided([value], [0]),
  asStridedStride: (x, value) => x.asStrided([1], [value]),
  asStridedOffset: (x, value) => x.asStrided([1], [1], value),
  unfold: (x, value) => x.unfold(0, 1, value),
  narrow: (x, value) => x.narrow(0, value, 1),
  select: (x, value) => x.select(0, value),
  at: (x, value) => x.at(value),
  atOneOfSeveral: (x, value) => x.at(0, value),
  setAt: (x, value) => x.setAt([value, 0], 1),
  sum: (x, value) => x.sum(value),
  permute: (x, value) => x.permute(value, 0),
  roll: (x, value) => x.roll(value, 0),
  chunk: (x, value) => x.chunk(value),
  topk: (x, value) => x.topk(value),
  diagonal: (x, value) => x.diagonal(value),
  linspace: (_, value) => torch.linspace(0, 1, value),
  eye: (_, value) => torch.eye(value),
  Linear: (_, value) => new nn.Linear(value, 2),
};

describe("whole numbers that are no safe integers", () => {
  for (const [name, call] of Object.entries(calls)) {
    test(name, () => {
      for (const value of [huge, -huge, 2n ** 53n, 2 ** 53, 1e308, -(2 ** 60)]) {
        assert.throws(() => call(torch.ones(2, 2), value as never), outOfRange, `${value}`.slice(0, 30));
      }
      for (const value of [Infinity, Number.NaN, 1.5]) {
        assert.throws(() => call(torch.ones(2, 2), value as never), { name: "TypeError" }, `${value}`);
      }
    });
  }
});

test("a view cannot be given strides beyond all bounds, at once or step by step", () => {
  assert.throws(() => torch.zeros(4).asStrided([100_000_000, 1], [1, huge as never]), outOfRange);
  let x = torch.ones(2, 3);
  for (let i = 0; i < 20; i++) x = x.unfold(1, 1, Number.MAX_SAFE_INTEGER);
  assert.ok(x.stride().every(Number.isSafeInteger));
  assert.equal(x.sum().item(), 2);
  let y = torch.ones(3, 3);
  for (let i = 0; i < 20; i++) y = y.at(":", "::9007199254740991");
  assert.ok(y.stride().every(Number.isSafeInteger));
  assert.deepEqual(y.tolist(), [[1], [1], [1]]);
});

test("bounds of slices may be any whole numbers, as in Python", () => {
  const x = torch.arange(4);
  assert.deepEqual(x.at(`1:${huge}`).tolist(), [1, 2, 3]);
  assert.deepEqual(x.at(`-${huge}:2`).tolist(), [0, 1]);
  assert.deepEqual(x.at(`::${huge}`).tolist(), [0]);
});

test("numbers that are int64s may go further than numbers of sizes", () => {
  assert.equal(torch.randint(2 ** 60, 2 ** 60 + 2 ** 10, [1]).dtype, torch.int64);
  assert.throws(() => torch.randint(0, 2n ** 63n, [1]), {
    name: "RangeError",
    message: /Overflow when unpacking long/,
  });
  assert.throws(() => torch.zeros(2).random_(0, huge as never), { name: "RangeError" });
});
