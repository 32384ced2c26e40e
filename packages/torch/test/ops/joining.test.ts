/** Tensors joined and split give PyTorch's results, gradients and errors. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch from "../../src/index.js";
import { conform, ints, of } from "../support/conform.js";

conform("joining", [
  ({ m, y }) => torch.cat([m, y]),
  ({ m, y }) => torch.cat([m, y, m], 1),
  ({ m }) => torch.cat([m, m.t().reshape(3, 4)], -1),
  ({ m }) => torch.cat([torch.zeros(0, { dtype: torch.float64 }), m]),
  ({ m }) => torch.cat([m, torch.ones(1, 4)]),
  ({ x, m }) => torch.concat([x, m.unsqueeze(0).narrow(1, 0, 3)], { dim: 0 }),
  ({ v }) => torch.concatenate([v, v]),
  ({ e, m }) => torch.cat([e, m.at(":", "1:")]),
  ({ m, y }) => torch.stack([m, y]),
  ({ m, y }) => torch.stack([m, y], -1),
  ({ m, y }) => torch.stack([m, y], { dim: 1 }),
  ({ s }) => torch.stack([s, s.mul(2)]),
  ({ x }) => x.unbind(),
  ({ x }) => x.unbind(-1),
  ({ x }) => torch.unbind(x, { dim: 1 }),
  ({ v }) => v.unbind(),
  ({ m }) => m.split(2),
  ({ m }) => m.split(3, 1),
  ({ m }) => m.split([1, 3], 1),
  ({ m }) => m.split([1, 0, 2]),
  ({ x }) => torch.split(x, 2, { dim: 1 }),
  ({ m }) => m.splitWithSizes([2, 2], -1),
  ({ v }) => v.split(9),
  ({ e }) => e.split(1),
  ({ m }) => m.chunk(2),
  ({ m }) => m.chunk(3, 1),
  ({ v }) => v.chunk(9),
  ({ e }) => e.chunk(2),
  ({ v }) => v.tensorSplit(3),
  ({ v }) => v.tensorSplit([1, 3]),
  ({ v }) => v.tensorSplit([3, 1]),
  ({ v }) => v.tensorSplit([-1, 9]),
  ({ x }) => torch.tensorSplit(x, 2, -1),
  ({ v }) => v.tensorSplit(ints([1, 3])),
  ({ v }) => v.tensorSplit(ints(2)),
  ({ m }) => m.hsplit(2),
  ({ v }) => torch.hsplit(v, [1]),
  ({ x }) => x.vsplit(2),
  ({ x }) => x.dsplit([1, 2]),
  ({ v, y }) => torch.hstack([v, v.mul(2)]).add(y.sum()),
  ({ m, y }) => torch.hstack([m, y]),
  ({ s, v }) => torch.hstack([s, v]),
  ({ v, m }) => torch.vstack([v, m]),
  ({ v, m }) => torch.rowStack([v, m]),
  ({ v }) => torch.dstack([v, v]),
  ({ x }) => torch.dstack([x, x]),
  ({ v, m }) => torch.columnStack([v, m.t()]),
  ({ s }) => torch.columnStack([s, s]),
  ({ v, m, s }) => torch.blockDiag(v, m, s),
  ({ m }) => torch.blockDiag(m, of([[1, 2]])),
  ({ v }) => torch.blockDiag(v, torch.ones(2)),
  ({ v, s }) => torch.meshgrid(v, s, of([1, 2])),
  ({ v }) => torch.meshgrid([v, of([1, 2])], { indexing: "ij" }),
  ({ v }) => torch.meshgrid(v, of([1, 2, 3]), { indexing: "xy" }),
  ({ v }) => torch.cartesianProd(v, of([1, 2])),
  ({ v }) => torch.cartesianProd(v),
  ({ v }) => torch.combinations(v),
  ({ v }) => torch.combinations(v, 3),
  ({ v }) => torch.combinations(v, 2, { withReplacement: true }),
  ({ v }) => torch.combinations(v, 5),
  ({ s }) => torch.atleast1d(s),
  ({ s, v }) => torch.atleast1d(s, v),
  ({ v }) => torch.atleast2d(v),
  ({ s, m }) => torch.atleast2d([s, m]),
  ({ v }) => torch.atleast3d(v),
  ({ m, s }) => torch.atleast3d(m, s),
]);

test("the dtypes of joined tensors are promoted", () => {
  assert.equal(torch.cat([torch.tensor([1n]), torch.tensor([0.5])]).dtype, torch.float32);
  assert.deepEqual(torch.stack([torch.tensor(1n), torch.tensor(true)]).tolist(), [1, 1]);
  assert.equal(torch.blockDiag(torch.tensor([1n]), torch.tensor([true])).dtype, torch.int64);
});

test("shapes broadcast", () => {
  assert.deepEqual(torch.broadcastShapes([2], [3, 1], [1, 1, 1]), [1, 3, 2]);
  assert.deepEqual(torch.broadcastShapes(), []);
  assert.throws(
    () => torch.broadcastShapes([2], [3]),
    /The size of tensor a \(2\) must match the size of tensor b \(3\)/,
  );
  assert.throws(() => torch.broadcastShapes([2], "3" as never), TypeError);
});

test("out takes the result", () => {
  const out = torch.zeros(1);
  const given = torch.cat([torch.ones(2), torch.zeros(1)], { out });
  assert.equal(given, out);
  assert.deepEqual(out.tolist(), [1, 1, 0]);
  assert.deepEqual(torch.stack([torch.ones(1)], 0, { out }).tolist(), [[1]]);
});

test("views that an operation returned together must not be changed in place where gradients flow", () => {
  const x = torch.ones(4, { requiresGrad: true }).mul(1);
  for (const part of [x.unbind()[0], x.split(2)[0], x.chunk(2)[1]]) {
    assert.throws(() => part?.mul_(2), /This view is the output of a function that returns multiple views/);
  }
  const plain = torch.ones(4);
  plain.split(2)[1]?.mul_(3);
  assert.deepEqual(plain.tolist(), [1, 1, 3, 3]);
});

test("wrong calls say what is wrong", () => {
  const [a, b] = [torch.zeros(2, 3), torch.zeros(2, 4)];
  const cases: [() => unknown, string, RegExp][] = [
    [() => torch.cat([]), "Error", /expected a non-empty list of Tensors/],
    [
      () => torch.cat([a, b]),
      "Error",
      /Sizes of tensors must match except in dimension 0\. Expected size 3 but got size 4 for tensor number 1 in the list/,
    ],
    [() => torch.cat([a, torch.zeros(3)]), "Error", /Tensors must have same number of dimensions: got 2 and 1/],
    [() => torch.cat([torch.tensor(1)]), "Error", /zero-dimensional tensor \(at position 0\) cannot be concatenated/],
    [() => torch.cat([a], 2), "RangeError", /Dimension out of range/],
    [() => torch.cat([a, 3 as never]), "TypeError", /argument 'tensors' must be list of Tensors/],
    [
      () => torch.stack([a, b]),
      "Error",
      /stack expects each tensor to be equal size, but got \[2, 3\] at entry 0 and \[2, 4\] at entry 1/,
    ],
    [() => torch.stack([]), "Error", /stack expects a non-empty TensorList/],
    [() => torch.tensor(1).unbind(), "RangeError", /tensor has no dimensions/],
    [() => a.split(-1), "RangeError", /split expects split_size be non-negative, but got split_size=-1/],
    [() => a.split(0), "RangeError", /split_size can only be 0 if dimension size is 0, but got dimension size of 2/],
    [
      () => a.split([1, 2]),
      "Error",
      /split_with_sizes expects split_sizes to sum exactly to 2 \(input tensor's size at dimension 0\), but got split_sizes=\[1, 2\]/,
    ],
    [() => a.chunk(0), "RangeError", /chunk expects `chunks` to be greater than 0, got: 0/],
    [() => a.tensorSplit(0), "RangeError", /number of sections must be larger than 0, got 0/],
    [() => torch.tensor(1).tensorSplit(1), "Error", /expected at least a 1-dimensional tensor/],
    [() => a.tensorSplit(torch.tensor([0.5])), "TypeError", /dtype torch\.long/],
    [
      () => a.hsplit(2),
      "Error",
      /torch\.hsplit attempted to split along dimension 1, but the size of the dimension 3 is not divisible by the split_size 2/,
    ],
    [() => torch.zeros(3).vsplit(1), "Error", /torch\.vsplit requires a tensor with at least 2 dimension/],
    [() => torch.hstack([]), "Error", /hstack expects a non-empty TensorList/],
    [() => torch.meshgrid(), "Error", /meshgrid expects a non-empty TensorList/],
    [() => torch.meshgrid(a), "Error", /Expected 0D or 1D tensor in the tensor list but got: \[2, 3\]/],
    [
      () => torch.meshgrid(torch.zeros(1), torch.tensor([1n])),
      "TypeError",
      /meshgrid expects all tensors to have the same dtype/,
    ],
    [() => torch.meshgrid(torch.zeros(1), { indexing: "a" as never }), "TypeError", /"ij", "xy"/],
    [() => torch.cartesianProd(a), "Error", /Expect a 1D vector, but got shape \[2, 3\]/],
    [() => torch.combinations(torch.zeros(2), -1), "RangeError", /Expect a non-negative number, but got -1/],
    [() => torch.blockDiag(torch.zeros(1, 1, 1)), "Error", /Input 0 has 3 dimensions/],
    [() => torch.atleast1d(3 as never), "TypeError", /expected tensors, got int/],
  ];
  for (const [call, name, message] of cases) assert.throws(call, { name, message }, call.toString());
});

test("all ways to choose, in order", () => {
  const choose = (n: number, r: number, withReplacement = false) =>
    torch.combinations(torch.arange(n), r, { withReplacement }).tolist() as number[][];
  const ways = (n: number, r: number, step: number): number[][] => {
    if (r === 0) return [[]];
    return ways(n, r - 1, step).flatMap((way) => {
      const start = way.length === 0 ? 0 : (way.at(-1) as number) + step;
      return Array.from({ length: Math.max(0, n - start) }, (_, i) => [...way, start + i]);
    });
  };
  for (const n of [0, 1, 2, 5, 7]) {
    for (const r of [1, 2, 3, 5, 6]) {
      assert.deepEqual(choose(n, r), ways(n, r, 1), `${r} of ${n}`);
      assert.deepEqual(choose(n, r, true), ways(n, r, 0), `${r} of ${n} with replacement`);
    }
  }
  // Few ways, of which there are many beginnings.
  assert.deepEqual(choose(40, 40), [Array.from({ length: 40 }, (_, i) => i)]);
  assert.throws(() => choose(200, 100), RangeError);
});
