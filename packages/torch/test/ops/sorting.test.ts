/** Sorting, selecting, searching and counting give PyTorch's results, gradients and errors. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch from "../../src/index.js";
import { conform, ints, of } from "../support/conform.js";

conform("sorting", [
  ({ x }) => x.sort().values,
  ({ x }) => torch.sort(x, 1).indices,
  ({ m }) => m.sort({ dim: 0, descending: true }).values,
  ({ s }) => s.sort().values,
  ({ e }) => e.sort(0).values,
  () => of([2, NaN, 1, -Infinity]).sort().values,
  () => torch.sort(ints([2, 1, 2, 1]), { stable: true }).indices,
  ({ m }) => m.argsort(0),
  ({ m }) => torch.argsort(m, { descending: true }),
  ({ m }) => m.msort(),
  ({ x }) => x.topk(2).values,
  ({ x }) => x.topk(2, 1, { largest: false }).indices,
  ({ m }) => torch.topk(m, 3, { dim: 0 }).values,
  ({ m }) => m.topk(0).values,
  ({ x }) => x.kthvalue(2).values,
  ({ x }) => torch.kthvalue(x, 1, 1, { keepdim: true }).indices,
  () => ints([3, 1, 3, 2]).unique(),
  () => torch.unique(ints([3, 1, 3, 2]), { returnInverse: true, returnCounts: true }),
  () =>
    of([
      [2, 1],
      [1, 2],
      [2, 1],
    ]).unique({ dim: 0, returnInverse: true, returnCounts: true }),
  () =>
    of([
      [2, 1, 2],
      [1, 2, 1],
    ]).unique({ dim: 1 }),
  () => torch.uniqueConsecutive(ints([1, 1, 2, 1]), { returnInverse: true, returnCounts: true }),
  () =>
    torch.uniqueConsecutive(
      ints([
        [1, 1],
        [1, 1],
        [2, 1],
      ]),
      { dim: 0 },
    ),
  () =>
    torch.searchsorted(
      of([1, 3, 5]),
      of([
        [0, 1],
        [3, 6],
      ]),
    ),
  () => torch.searchsorted(of([1, 3, 5]), of([1, 5]), { right: true }),
  () =>
    torch.searchsorted(
      of([
        [1, 3],
        [2, 4],
      ]),
      of([[3], [3]]),
      { side: "right", outInt32: true },
    ),
  () => torch.searchsorted(of([5, 1, 3]), of([2, 4]), { sorter: ints([1, 2, 0]) }),
  () => torch.searchsorted(ints([1, 3, 5]), 3),
  () => torch.bucketize(of([1, 2, 9]), of([1, 5])),
  () => torch.bucketize(of([1, 2, 9]), of([1, 5]), { right: true }),
  () =>
    torch.isin(
      ints([
        [1, 2],
        [3, 4],
      ]),
      ints([2, 3]),
    ),
  () => torch.isin(of([1, NaN]), of([NaN, 1]), { invert: true }),
  () => torch.isin(ints([1, 2]), 2),
  () => torch.isin(1, ints([1, 2])),
  () => torch.bincount(ints([1, 3, 1])),
  () => ints([1, 3, 1]).bincount(of([0.5, 1, 2]), 6),
  () => torch.bincount(ints([]), { minlength: 2 }),
  () => torch.histc(of([1, 2, 2.5, 9]), 4),
  () => of([1, 2, 2.5, 9]).histc({ bins: 2, min: 0, max: 3 }),
  () => torch.histc(of([1, 1]), 3),
]);

test("values and indices by name and in order, and written to out", () => {
  const x = of([3, 1, 2]);
  const [values, indices] = x.sort();
  assert.deepEqual(
    [values.tolist(), indices.tolist()],
    [
      [1, 2, 3],
      [1, 2, 0],
    ],
  );
  const out = [torch.zeros(0, { dtype: torch.float64 }), ints([])] as const;
  torch.topk(x, 2, { out });
  assert.deepEqual(
    out.map((t) => t.tolist()),
    [
      [3, 2],
      [0, 2],
    ],
  );
});

test("sorting many random numbers, against JavaScript's sort", () => {
  const x = torch.randn(3000, { generator: new torch.Generator().manualSeed(1) });
  const expected = [...(x.tolist() as number[])].sort((a, b) => a - b);
  const { values, indices } = x.sort();
  assert.deepEqual(values.tolist(), expected);
  assert.deepEqual(x.indexSelect(0, indices).tolist(), expected);
  assert.deepEqual(x.topk(10).values.tolist(), expected.slice(-10).reverse());
  assert.equal(x.kthvalue(100).values.item(), expected[99]);
});

test("wrong calls", () => {
  const x = torch.ones(3);
  assert.throws(() => x.topk(4), /selected index k out of range/);
  assert.throws(() => x.kthvalue(0), /selected number k out of range for dimension 0/);
  assert.throws(() => x.sort(1), RangeError);
  assert.throws(
    () => torch.searchsorted(torch.ones(2, 2), torch.ones(3, 1)),
    /boundaries tensor should be 1 dimension/,
  );
  assert.throws(() => torch.searchsorted(x, x, { side: "left", right: true }), /can't be set to opposites/);
  assert.throws(() => torch.searchsorted(x, x, { sorter: ints([0, 1, 9]) }), /sorter index out of range/);
  assert.throws(() => torch.bucketize(x, torch.ones(2, 2)), /boundaries tensor must be 1 dimension, but got dim\(2\)/);
  assert.throws(() => torch.bincount(ints([-1])), /1-d non-negative integral inputs/);
  assert.throws(() => torch.bincount(x), TypeError);
  assert.throws(() => torch.histc(x, 0), /bins must be > 0/);
  assert.throws(() => torch.histc(x, 2, 3, 1), /max must be larger than min/);
});
