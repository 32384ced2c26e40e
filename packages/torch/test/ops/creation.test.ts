/** Tensors made by a rule have PyTorch's values, dtypes and layouts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch from "../../src/index.js";
import { conform, mask } from "../support/conform.js";

conform("creation", [
  () => torch.linspace(0, 1, 5),
  () => torch.linspace(-3, 10, 7, { dtype: torch.float64 }),
  () => torch.linspace(2, 2.5, 1),
  () => torch.linspace(2, 2.5, 0),
  () => torch.linspace(0, 10, 5, { dtype: torch.int64 }),
  () => torch.linspace(0, -10, 4, { dtype: torch.int32 }),
  () => torch.logspace(0, 2, 3),
  () => torch.logspace(-1, 1, 5, { dtype: torch.float64 }),
  () => torch.logspace(0, 4, 5, 2),
  () => torch.logspace(0, 3, 4, { base: 3, dtype: torch.int64 }),
  () => torch.eye(3),
  () => torch.eye(2, 4, { dtype: torch.int64 }),
  () => torch.eye(4, 2),
  () => torch.eye(0, 3),
  () => torch.trilIndices(3, 3),
  () => torch.trilIndices(3, 4, 1),
  () => torch.trilIndices(4, 2, { offset: -1 }),
  () => torch.triuIndices(3, 3),
  () => torch.triuIndices(2, 3, -1, { dtype: torch.int32 }),
  () => torch.triuIndices(2, 3, 5),
  () => torch.zeros(2, 3, { dtype: torch.int64 }),
  () => torch.ones([2]),
  () => torch.full([2, 2], 7.5),
  () => torch.arange(1, 2.5, 0.5),
  () => torch.arange(5, -1, -2),
  ({ x }) => torch.zerosLike(x),
  ({ x }) => torch.onesLike(x, { dtype: torch.int32 }),
  ({ m }) => torch.fullLike(m, 3),
  ({ m }) => m.newFull([2], 3),
  ({ m }) => m.newZeros(2, 3, { dtype: torch.bool }),
  ({ m }) => m.newOnes([1, 2]),
  ({ m }) => m.newTensor([1, 2]),
  ({ x }) => torch.nonzero(mask(x)),
]);

test("layouts", () => {
  assert.deepEqual(torch.emptyStrided([2, 3], [1, 2]).stride(), [1, 2]);
  assert.deepEqual(torch.zeros(1).newEmptyStrided([2, 3], [1, 4], { dtype: torch.int32 }).stride(), [1, 4]);
  assert.deepEqual(torch.emptyPermuted([2, 3, 5], [0, 2, 1]).stride(), [15, 1, 3]);
  assert.throws(
    () => torch.emptyStrided([2, 3], [1]),
    /dimensionality of sizes \(2\) must match dimensionality of strides \(1\)/,
  );
  assert.throws(() => torch.emptyStrided([2], [-1]), RangeError);
  assert.throws(() => torch.emptyPermuted([2, 3], [0, 0]), /each dim once/);
});

test("options and out", () => {
  const x = torch.linspace(0, 1, 3, { requiresGrad: true });
  assert.equal(x.requiresGrad && x.isLeaf, true);
  const out = torch.zeros(0);
  assert.equal(torch.eye(2, { out }), out);
  assert.deepEqual(out.tolist(), [
    [1, 0],
    [0, 1],
  ]);
  assert.deepEqual(torch.linspace(torch.tensor(0), torch.tensor(1n), 2).tolist(), [0, 1]);
});

test("wrong calls say what is wrong", () => {
  assert.throws(() => torch.linspace(0, 1, -1), {
    name: "RangeError",
    message: /number of steps must be non-negative/,
  });
  assert.throws(() => torch.linspace(0, 1, 2.5), {
    name: "TypeError",
    message: /argument 'steps' must be int, not float/,
  });
  assert.throws(() => (torch.linspace as (...args: unknown[]) => unknown)(0, 1), {
    name: "TypeError",
    message: /missing 1 required argument: 'steps'/,
  });
  assert.throws(() => torch.linspace(torch.zeros(2), 1, 3), /0-dimensional/);
  assert.throws(() => torch.eye(-1), { name: "RangeError", message: /n must be greater or equal to 0, got -1/ });
  assert.throws(() => torch.eye(2, -1), { name: "RangeError", message: /m must be greater or equal to 0, got -1/ });
  assert.throws(() => torch.trilIndices(-1, 2), { name: "RangeError", message: /row must be non-negative, got -1/ });
});

test("conversions take a memory format", () => {
  const x = torch.ones(2, 3).t();
  for (const name of ["double", "float", "long", "int", "short", "char", "byte", "bool"] as const) {
    const other = name === "float" ? x.double() : x;
    assert.deepEqual(other[name]().stride(), [1, 3], name);
    assert.deepEqual(other[name]({ memoryFormat: torch.preserveFormat }).stride(), [1, 3], name);
    assert.deepEqual(other[name]({ memoryFormat: torch.contiguousFormat }).stride(), [2, 1], name);
    assert.throws(() => other[name]({ memoryFormat: "rows" as never }), { name: "TypeError", message: /memoryFormat/ });
  }
  // As in PyTorch, a tensor that has the dtype is itself the result, however it lies in memory.
  assert.equal(x.float({ memoryFormat: torch.contiguousFormat }), x);
});

test("ranges longer than one stage of their making are whole", () => {
  const count = 3 * 2 ** 16 + 5;
  const values = torch.arange(count).toTypedArray() as BigInt64Array;
  assert.ok(values.every((value, i) => value === BigInt(i)));
  const spaced = torch.linspace(0, count - 1, count, { dtype: torch.float64 }).toTypedArray() as Float64Array;
  assert.ok(spaced.every((value, i) => Math.abs(value - i) < 1e-6));
  assert.equal(
    torch.range(1, count).sum().item(),
    torch
      .arange(1, count + 1)
      .float()
      .sum()
      .item(),
  );
  assert.equal(torch.logspace(0, 0, count).sum().item(), count);
});

test("ranges beyond all memory are refused before they are computed", () => {
  const many = 2 ** 45;
  for (const make of [
    () => torch.arange(many),
    () => torch.linspace(0, 1, many),
    () => torch.logspace(0, 1, many),
    () => torch.range(0, many),
    () => torch.ones(3).histogram(many),
  ]) {
    assert.throws(make, /not enough memory/);
  }
});

test("the coordinates of triangles that reach beyond the matrix, or have no element", () => {
  const cases: [args: [number, number, number], lower: number[][], upper: number[][]][] = [
    [
      [3, 4, 1],
      [
        [0, 0, 1, 1, 1, 2, 2, 2, 2],
        [0, 1, 0, 1, 2, 0, 1, 2, 3],
      ],
      [
        [0, 0, 0, 1, 1, 2],
        [1, 2, 3, 2, 3, 3],
      ],
    ],
    [
      [3, 2, -2],
      [[2], [0]],
      [
        [0, 0, 1, 1, 2, 2],
        [0, 1, 0, 1, 0, 1],
      ],
    ],
    [
      [2, 2, 10],
      [
        [0, 0, 1, 1],
        [0, 1, 0, 1],
      ],
      [[], []],
    ],
    [
      [2, 2, -10],
      [[], []],
      [
        [0, 0, 1, 1],
        [0, 1, 0, 1],
      ],
    ],
    [
      [0, 3, 0],
      [[], []],
      [[], []],
    ],
    [
      [3, 0, 0],
      [[], []],
      [[], []],
    ],
  ];
  for (const dtype of [torch.int64, torch.int32, torch.float32]) {
    for (const [args, lower, upper] of cases) {
      const [low, high] = [torch.trilIndices(...args, { dtype }), torch.triuIndices(...args, { dtype })];
      assert.deepEqual([low.dtype, high.dtype, low.tolist(), high.tolist()], [dtype, dtype, lower, upper], `${args}`);
    }
  }
});

test("indices repeated, some of them not at all", () => {
  for (const dtype of [torch.int64, torch.int32, torch.uint8]) {
    const indices = (counts: number[]) => torch.repeatInterleave(torch.tensor(counts, { dtype }));
    assert.deepEqual(indices([0, 2, 0, 3, 0, 0]).tolist(), [1, 1, 3, 3, 3]);
    assert.deepEqual(indices([3]).tolist(), [0, 0, 0]);
    assert.deepEqual([indices([]).shape, indices([0, 0]).shape, indices([]).dtype], [[0], [0], torch.int64]);
  }
  assert.throws(() => torch.repeatInterleave(torch.tensor([2, -1], { dtype: torch.int64 })), RangeError);
});
