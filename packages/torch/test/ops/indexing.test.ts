/** Index expressions, gather, scatter and masks give PyTorch's results, gradients and errors. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { type Tensor } from "../../src/index.js";
import { conform, ints, mask, of, put } from "../support/conform.js";

conform("indexing", [
  ({ x }) => x.at(0),
  ({ x }) => x.at(-1, 1n, 2),
  ({ x }) => x.at(":", 1),
  ({ x }) => x.at("...", -1),
  ({ x }) => x.at(0, "...", "1:3"),
  ({ x }) => x.at("1:"),
  ({ x }) => x.at(":", "::2", "-3:-1"),
  ({ x }) => x.at("5:", "2:1"),
  ({ x }) => x.at("-9:9", ":", "0:4:3"),
  ({ x }) => x.at(null, 0, null, ":", 1),
  ({ x }) => x.at("...", null),
  ({ x }) => x.at(),
  ({ x }) => x.at("..."),
  ({ s }) => s.at(null),
  ({ s }) => s.at("..."),
  ({ x }) => x.at(true),
  ({ x }) => x.at(false),
  ({ x }) => x.at(":", true, 0),
  ({ s }) => s.at(true),
  ({ x }) => x.at(ints(1)),
  ({ x }) => x.at([0, 1, 1]),
  ({ x }) =>
    x.at([
      [0, 1],
      [1, 1],
    ]),
  ({ x }) => x.at([]),
  ({ x }) => x.at(":", [0, 2]),
  ({ x }) => x.at([0, 1], ":", [1, -2]),
  ({ x }) => x.at([0, 1], [2, 0]),
  ({ x }) => x.at(":", [0, 1], [1, 2]),
  ({ x }) => x.at([[0], [1]], [2, 0, 1]),
  ({ x }) => x.at([[0], [1]], ":", [2, 0, 1]),
  ({ x }) => x.at(0, ":", [1, 2]),
  ({ x }) => x.at([0, 1], 1, [1, 2]),
  ({ x }) => x.at("...", [3, 0]),
  ({ x }) => x.at([1], null, "1:", [2]),
  ({ x }) => x.at(null, [1, 0]),
  ({ x }) => x.at(ints([1, 0]), "1:", "::3"),
  ({ x }) => x.at(mask(x)),
  ({ m }) => m.at(mask(m.at(":", 0))),
  ({ m }) => m.at(":", [true, false, false, true]),
  ({ x }) => x.at(mask(x.at("...", 0))),
  ({ x }) => x.at(0, mask(x.at(0))),
  ({ x }) => x.at(mask(x.at(":", 0, 0)), ":", 0),
  ({ m }) => m.at([2, 0], [true, false, true, false]),
  ({ x }) => x.transpose(0, 2).at([1, 1], "...", [0, 1]),
  ({ v }) => v.at(mask(v).logicalAnd(mask(v.neg()))),
  ({ e }) => e.at(":", [0, 0, 1]),
  ({ x }) => put(x, 0, 1.5),
  ({ x }) => put(x, [":", 1], 2),
  ({ x, m }) => put(x, 0, m),
  ({ x, v }) => put(x, ["...", "1:", ":"], v),
  ({ x, s }) => put(x, ["::2", null, 0, 0], s),
  ({ x, y }) => put(x, [1, "...", "::2"], y.at(":", "1:3")),
  ({ x, y }) => put(x, 1, y.at(null, null)),
  ({ m }) => put(m, mask(m), 0),
  ({ m, s }) => put(m, mask(m), s),
  ({ m, v }) => put(m, mask(m.at(":", 0)), v),
  ({ m }) => put(m, [[0, 2], 1], 7),
  ({ m, y }) => put(m, [[2, 0]], y.at("1:")),
  ({ x, v }) => put(x, [[0, 1], ":", [1, 2]], v.at("1:").unsqueeze(0)),
  ({ x, y }) => put(x, [":", [0, 2]], y.at("1:")),
  ({ x }) => put(x, "...", 0),
  ({ s }) => put(s, "...", 3),
  ({ m, s }) => put(m, [], s),
  ({ v }) => put(v, [[1, 2]], of([[5]])),
  ({ m }) => m.indexPut([ints([0, 2]), ints([1, 1])], of([10, 20])),
  ({ m, v }) => m.indexPut([ints([0, 0])], v, { accumulate: true }),
  ({ m, v }) => torch.indexPut(m, [mask(v.at(":3"))], v, { accumulate: true }),
  ({ m, s }) => m.clone().indexPut_([ints([0, 0, 1])], s, { accumulate: true }),
  ({ m }) => m.indexSelect(0, ints([2, 0, 2])),
  ({ x }) => torch.indexSelect(x, -1, ints([1]).int()),
  ({ x }) => x.transpose(0, 1).indexSelect(1, ints(0)),
  ({ s }) => s.indexSelect(0, ints([0])),
  ({ e }) => e.indexSelect(1, ints([2, 0])),
  ({ m, y }) => m.indexAdd(0, ints([2, 2, 0]), y),
  ({ m, y }) => m.indexAdd(1, ints([3, 1]), y.at(":", ":2"), { alpha: -2 }),
  ({ m, v }) => m.clone().indexAdd_(0, ints([1]), v.unsqueeze(0)),
  ({ v, s }) => v.indexAdd(0, ints([2]), s),
  ({ s, v }) => s.indexAdd(0, ints([0]), v.at(":1")),
  ({ m, y }) => m.indexCopy(0, ints([2, 0]), y.at("1:")),
  ({ x, m }) => x.clone().indexCopy_(1, ints([1]), m.at(":2").unsqueeze(1)),
  ({ m }) => m.indexFill(0, ints([2, -3]), 5),
  ({ m, s }) => m.indexFill(1, ints([1, 3]), s),
  ({ x }) => x.clone().indexFill_(-1, ints([0]), -1),
  ({ m, y }) => m.indexReduce(0, ints([1, 0]), y.at(":2"), "amax"),
  ({ m, y }) => m.indexReduce(0, ints([1, 1, 0]), y.add(0.3), "prod"),
  ({ m, y }) => m.indexReduce(1, ints([1, 1, 0, 3]), y, "mean"),
  ({ m, y }) => m.indexReduce(1, ints([1, 1, 0, 3]), y.mul(0.9), "amin", { includeSelf: false }),
  ({ m, y }) => m.clone().indexReduce_(0, ints([1, 1, 0]), y.mul(0.7), "mean", { includeSelf: false }),
  ({ m }) =>
    m.gather(
      0,
      ints([
        [0, 2, 1, 0],
        [2, 2, 0, 1],
      ]),
    ),
  ({ m }) =>
    m.gather(
      1,
      ints([
        [0, 0, 3],
        [1, 2, 2],
      ]),
    ),
  ({ x }) => torch.gather(x, 2, ints([[[0], [1]]])),
  ({ x }) => x.transpose(1, 2).gather(1, ints([[[3, 0, 1]], [[2, 2, 2]]])),
  ({ s }) => s.gather(0, ints([0])),
  ({ m }) => m.gather(0, ints([])),
  ({ m }) => m.scatter(0, ints([[0, 1, 2, 0]]), 4.5),
  ({ m, y }) =>
    m.scatter(
      1,
      ints([
        [3, 1],
        [0, 2],
      ]),
      y.at(":2", ":2"),
    ),
  ({ m }) => m.scatter(0, ints([[0, 0, 1, 1]]), of([[1, 2, 3, 4]]), { reduce: "add" }),
  ({ m, y }) =>
    m.detach().scatter(
      0,
      ints([
        [0, 0, 1, 1],
        [0, 1, 1, 0],
      ]),
      y.detach(),
      { reduce: "multiply" },
    ),
  ({ m, v }) => m.clone().scatter_(1, ints([[1], [3], [0]]), v.at(":3").unsqueeze(1)),
  ({ m, y }) =>
    m.scatterAdd(
      0,
      ints([
        [0, 1, 2, 0],
        [0, 0, 1, 1],
        [0, 2, 2, 2],
      ]),
      y,
    ),
  ({ x, m }) => x.clone().scatterAdd_(2, ints([[[0, 0, 0]]]), m.at(0, ":3").view(1, 1, 3)),
  ({ m, y }) =>
    m.scatterReduce(
      0,
      ints([
        [0, 1, 2, 0],
        [0, 0, 1, 1],
        [0, 2, 2, 2],
      ]),
      y,
      "sum",
    ),
  ({ m, y }) =>
    m.scatterReduce(
      0,
      ints([
        [0, 1, 2, 0],
        [0, 0, 1, 1],
        [0, 2, 2, 2],
      ]),
      y.add(0.3),
      "prod",
    ),
  ({ m, y }) =>
    m.scatterReduce(
      0,
      ints([
        [0, 1, 2, 0],
        [0, 0, 1, 1],
        [0, 2, 2, 2],
      ]),
      y,
      "mean",
      { includeSelf: false },
    ),
  ({ m, y }) =>
    m.scatterReduce(
      1,
      ints([
        [0, 1, 2, 0],
        [0, 0, 1, 1],
        [0, 2, 2, 2],
      ]),
      y.mul(0.9),
      "amax",
    ),
  ({ m, y }) =>
    m.scatterReduce(
      1,
      ints([
        [0, 1, 2, 0],
        [0, 0, 1, 1],
        [0, 2, 2, 2],
      ]),
      y.mul(0.9),
      "amin",
      { includeSelf: false },
    ),
  ({ m, y }) => m.clone().scatterReduce_(0, ints([[0, 0, 0, 0]]), y.at("1:2"), "mean"),
  ({ m }) =>
    m.take(
      ints([
        [0, -1],
        [5, 5],
      ]),
    ),
  ({ x }) => torch.take(x.transpose(0, 2), ints([3, 4])),
  ({ m, v }) => m.put(ints([1, 3, 0, -1]), v),
  ({ m, v }) => m.clone().put_(ints([1, 1, 0, -1]), v, { accumulate: true }),
  ({ m }) => m.takeAlongDim(ints([[0], [3], [1]]), 1),
  ({ m }) => m.takeAlongDim(ints([2, 11])),
  ({ m }) => torch.takeAlongDim(m, ints([[0, 1, 2, 0]]), { dim: 0 }),
  ({ m }) => m.maskedFill(mask(m), 3),
  ({ m, v, s }) => m.maskedFill(mask(v), s),
  ({ v, m }) => v.maskedFill(mask(m), 0),
  ({ m, v }) => m.clone().maskedFill_(mask(v), -1),
  ({ m }) => m.maskedSelect(mask(m)),
  ({ v, m }) => torch.maskedSelect(v, mask(m)),
  ({ m, v }) => m.maskedSelect(mask(v)),
  ({ m, y }) => m.maskedScatter(mask(m), y),
  ({ m, y, v }) => m.clone().maskedScatter_(mask(v), y),
  ({ m, y }) => torch.where(mask(m), m, y),
  ({ m, v }) => torch.where(mask(m), m, v),
  ({ m, v }) => torch.where(mask(v), m, v.unsqueeze(0)),
  ({ m, s }) => torch.where(mask(m), s, 0.5),
  ({ m }) => torch.where(mask(m), 1, 0),
  ({ m }) => torch.where(mask(m), 1, 0.5),
  ({ m, v }) => m.where(mask(m), v),
  ({ m }) => torch.where(mask(m)),
  ({ m }) => torch.nonzero(mask(m)),
  ({ m }) => mask(m).nonzero({ asTuple: true }),
  ({ m }) => torch.argwhere(mask(m)),
  ({ s }) => torch.nonzero(s.detach(), { asTuple: true }),
  ({ s }) => torch.nonzero(s.detach()),
  ({ x, m }) => x.selectScatter(m, 0, 1),
  ({ x, y }) => x.selectScatter(y.at(":2"), 1, -1),
  ({ x }) => x.sliceScatter(torch.zeros(2, 2, 4), 1, 1, 3, 1),
  ({ m, y }) => m.sliceScatter(y.at(":", "::2"), 1, 0, 9, 2),
  ({ m, y }) => torch.sliceScatter(m, y.at(":1"), { start: 1, end: -1, step: 1 }),
  ({ m, v }) => m.diagonalScatter(v.at(":3")),
  ({ x, m }) => x.diagonalScatter(m.at(":1").t(), 1, 1, 0),
  ({ m, y }) => m.detach().asStridedScatter(y.detach().at(":2", ":2"), [2, 2], [1, 3], 1),
  ({ m }) => [...m],
  ({ x }) => [...x.transpose(0, 1)],
]);

/** PyTorch's results at places where its index expressions and ours meet NumPy's. */
test("what index expressions take together", () => {
  const x = torch.arange(24).view(2, 3, 4);
  const rows = torch.tensor([
    [true, false, true],
    [false, true, false],
  ]);
  // A mask takes as many dims as it has, also where a number follows.
  assert.deepEqual(x.at(rows, 0).tolist(), [0, 8, 16]);
  assert.deepEqual(x.at(rows, "1:3").tolist(), [
    [1, 2],
    [9, 10],
    [17, 18],
  ]);
  assert.deepEqual(x.at(torch.tensor([1, 0], { dtype: torch.int32 })).tolist(), x.flip(0).tolist());
  assert.deepEqual(x.at(torch.tensor([1, 0], { dtype: torch.uint8 })).tolist(), x.at("0:1").tolist());
  assert.deepEqual(x.at(torch.tensor(true)).tolist(), [x.tolist()]);
  assert.deepEqual(x.at([torch.tensor(1n), 0]).tolist(), x.flip(0).tolist());
  assert.deepEqual([...torch.ones(2, 1).at([true, false]).shape], [1, 1]);
  assert.deepEqual([...torch.ones(2).at([true, false], null).shape], [1, 1]);
  assert.deepEqual(x.at(" 1 : ", ":2:").tolist(), x.at("1:", ":2").tolist());
});

test("assignments convert, broadcast and keep the rules of in-place changes", () => {
  const integers = torch.zeros(3, { dtype: torch.int64 });
  integers.setAt(0, 2.7);
  integers.setAt([[1]], 3.9);
  integers.setAt(2, 9007199254740993n);
  assert.deepEqual(integers.tolist(), [2, 3, 9007199254740993n]);
  const x = torch.zeros(2, 3);
  x.setAt(0, torch.tensor([1n, 2n, 3n]));
  x.setAt([":", 1], torch.tensor(true));
  assert.deepEqual(x.tolist(), [
    [1, 1, 3],
    [0, 1, 0],
  ]);
  const before = x._version;
  x.setAt([], 4);
  assert.equal(x._version > before, true);
  assert.deepEqual(x.tolist(), [
    [4, 4, 4],
    [4, 4, 4],
  ]);

  const leaf = torch.zeros(3, { requiresGrad: true });
  assert.throws(
    () => leaf.setAt(0, 1),
    /a view of a leaf Variable that requires grad is being used in an in-place operation/,
  );
  assert.throws(
    () => leaf.setAt([[0, 1]], 1),
    /a leaf Variable that requires grad is being used in an in-place operation/,
  );
  torch.noGrad(() => leaf.setAt(0, 1));
  assert.deepEqual(leaf.tolist(), [1, 0, 0]);

  const value = torch.tensor(2, { requiresGrad: true });
  const target = torch.zeros(3);
  target.setAt(1, value);
  target.setAt(torch.tensor([false, false, true]), value);
  target
    .mul(torch.tensor([1, 10, 100]))
    .sum()
    .backward();
  assert.equal(value.grad?.item(), 110);
});

test("a source that shares memory with what is written throws or is copied first", () => {
  const x = torch.arange(4);
  assert.throws(
    () => x.setAt([[0, 1]], x.at(":2")),
    /some elements of the input tensor and the written-to tensor refer to a single memory location/,
  );
  assert.throws(() => x.indexAdd_(0, torch.tensor([0n, 1n, 2n, 3n]), x), /single memory location/);
  assert.throws(
    () =>
      torch
        .zeros(1)
        .expand(3)
        .indexFill_(0, torch.tensor([0n]), 1),
    /more than one element of the written-to tensor refers to a single memory location/,
  );
  const m = torch.arange(8).view(2, 4);
  m.at(":", "::2").indexCopy_(0, torch.tensor([1n, 0n]), m.at(":", "1::2"));
  assert.deepEqual(m.tolist(), [
    [5, 1, 7, 3],
    [1, 5, 3, 7],
  ]);
});

test("a change of an index that was saved is noticed", () => {
  const x = torch.ones(3, { requiresGrad: true });
  const index = torch.tensor([0n, 1n]);
  const picked = x.at(index);
  index.add_(1);
  assert.throws(() => picked.sum().backward(), /modified by an inplace operation/);
});

test("iteration goes over the first dim", () => {
  const x = torch.arange(6).view(3, 2);
  assert.deepEqual(
    Array.from(x, (row) => row.tolist()),
    x.tolist(),
  );
  for (const row of x) row.mul_(2);
  assert.deepEqual(x.tolist(), [
    [0, 2],
    [4, 6],
    [8, 10],
  ]);
  assert.equal(x.length, 3);
  assert.throws(() => [...torch.tensor(1)], { name: "TypeError", message: /iteration over a 0-d tensor/ });
});

test("every dtype", () => {
  for (const dtype of [
    torch.float32,
    torch.float64,
    torch.int64,
    torch.int32,
    torch.int16,
    torch.int8,
    torch.uint8,
    torch.bool,
  ]) {
    const x = torch.tensor(
      [
        [1, 0, 1],
        [0, 1, 1],
      ],
      { dtype },
    );
    const list = (tensor: Tensor) => tensor.to(torch.int64).tolist();
    assert.equal(x.at([1, 0], "1:").dtype, dtype);
    assert.deepEqual(list(x.at([1, 0], "1:")), [
      [1, 1],
      [0, 1],
    ]);
    assert.deepEqual(list(x.flip(1)), [
      [1, 0, 1],
      [1, 1, 0],
    ]);
    assert.deepEqual(list(x.indexSelect(1, ints([2]))), [[1], [1]]);
    assert.deepEqual(list(x.gather(1, ints([[1], [0]]))), [[0], [0]]);
    assert.deepEqual(list(x.scatter(1, ints([[1], [0]]), 1)), [
      [1, 1, 1],
      [1, 1, 1],
    ]);
    assert.deepEqual(list(x.indexCopy(0, ints([0]), x.at("1:"))), [
      [0, 1, 1],
      [0, 1, 1],
    ]);
    assert.deepEqual(list(x.maskedFill(x.eq(0), 1)), [
      [1, 1, 1],
      [1, 1, 1],
    ]);
    assert.deepEqual(list(torch.where(x.eq(1), x, 0)), [
      [1, 0, 1],
      [0, 1, 1],
    ]);
    assert.deepEqual(list(x.maskedSelect(x.eq(1))), [1, 1, 1, 1]);
    assert.deepEqual(list(torch.nonzero(x)), [
      [0, 0],
      [0, 2],
      [1, 1],
      [1, 2],
    ]);
    assert.deepEqual(list(torch.cat([x, x], 1).at(0)), [1, 0, 1, 1, 0, 1]);
    assert.deepEqual(list(put(x, [":", 0], x.at(":", 1))), [
      [0, 0, 1],
      [1, 1, 1],
    ]);
    assert.deepEqual(list(x.tril()), [
      [1, 0, 0],
      [0, 1, 0],
    ]);
  }
});

test("dtypes of where follow type promotion", () => {
  const condition = torch.tensor([true, false]);
  assert.equal(torch.where(condition, 1, 0).dtype, torch.int64);
  assert.equal(torch.where(condition, 1, 0.5).dtype, torch.float32);
  assert.equal(torch.where(condition, true, false).dtype, torch.bool);
  assert.equal(torch.where(condition, torch.tensor([1n]), 2.5).dtype, torch.float32);
  assert.equal(
    torch.where(condition, torch.tensor([1n]), torch.ones(1, { dtype: torch.float64 })).dtype,
    torch.float64,
  );
  assert.equal(torch.where(condition, torch.ones(2), torch.ones([], { dtype: torch.float64 })).dtype, torch.float32);
});

test("wrong calls say what is wrong and change nothing", () => {
  const x = torch.zeros(3, 4);
  const long = (...values: number[]) => ints(values);
  const cases: [() => unknown, string, RegExp][] = [
    [() => x.at(3), "RangeError", /index 3 is out of bounds for dimension 0 with size 3/],
    [() => x.at(0, -5), "RangeError", /index -5 is out of bounds for dimension 1 with size 4/],
    [() => x.at(0, 0, 0), "RangeError", /too many indices for tensor of dimension 2/],
    [() => x.setAt(new Array(2 ** 32 - 1), 0), "RangeError", /an index has at most 129 items/],
    [() => x.setAt(new Array(1), 0), "TypeError", /valid indices \(got undefined\)/],
    [() => x.at(0, 0).at(0), "RangeError", /invalid index of a 0-dim tensor/],
    [() => x.at("...", "..."), "RangeError", /an index can only have a single ellipsis/],
    [() => x.at("::-1"), "RangeError", /step must be greater than zero/],
    [() => x.at("::0"), "RangeError", /slice step cannot be zero/],
    [() => x.at("a:b"), "TypeError", /"a:b" is not an index/],
    [() => x.at("1" as never), "TypeError", /"1" is not an index; a string is a slice .* and an integer is a number/],
    [() => x.at("1:2:3:4"), "TypeError", /is not an index/],
    [
      () => x.at(1.5),
      "TypeError",
      /only integers, slices \(`:`\), ellipsis \(`\.\.\.`\), null and long or byte tensors are valid indices \(got float\)/,
    ],
    [() => x.at(undefined as never), "TypeError", /valid indices \(got undefined\)/],
    [() => x.at({} as never), "TypeError", /valid indices \(got Object\)/],
    [() => x.at([0, 1.5]), "TypeError", /an array is one index and holds integers or booleans, got float/],
    [() => x.at([":", 1] as never), "TypeError", /to give several items, spread them/],
    [() => x.at([[0, 1], [0]]), "Error", /expected sequence of length 2 at dim 1 \(got 1\)/],
    [() => x.at(torch.tensor([1.5])), "TypeError", /tensors used as indices must be long, int, byte or bool tensors/],
    [() => x.at(long(0, 9)), "RangeError", /index 9 is out of bounds for dimension 0 with size 3/],
    [() => x.at(":", long(0, 9)), "RangeError", /index 9 is out of bounds for dimension 1 with size 4/],
    [
      () => x.at([true, false]),
      "Error",
      /The shape of the mask \[2\] at index 0 does not match the shape of the indexed tensor \[3, 4\] at index 0/,
    ],
    [
      () => x.at([0, 1], [0, 1, 2]),
      "Error",
      /shape mismatch: indexing tensors could not be broadcast together with shapes \[2\], \[3\]/,
    ],
    [() => x.setAt(0, torch.zeros(5)), "Error", /must match|shape/],
    [
      () => x.setAt([[0, 1]], torch.zeros(5)),
      "Error",
      /shape mismatch: value tensor of shape \[5\] cannot be broadcast to indexing result of shape \[2, 4\]/,
    ],
    [
      () => x.setAt([[0, 1]], torch.zeros(4, { dtype: torch.float64 })),
      "Error",
      /Index put requires the source and destination dtypes match, got Float for the destination and Double for the source/,
    ],
    [() => x.setAt(0, [1, 2] as never), "TypeError", /can't assign a array of int/],
    [() => x.setAt(0, undefined as never), "TypeError", /can't assign a undefined/],
    [() => x.setAt([[0, 7]], 1), "RangeError", /index 7 is out of bounds/],
    [() => x.indexSelect(0, long(9)), "RangeError", /index 9 is out of bounds for dimension 0 with size 3/],
    [() => x.indexSelect(0, long(-1)), "RangeError", /out of/],
    [() => x.indexSelect(0, ints([[0]])), "Error", /Index is supposed to be a vector/],
    [
      () => x.indexSelect(0, torch.tensor([0])),
      "TypeError",
      /Expected dtype int32 or int64 for index, got torch\.float32; make it with \{ dtype: torch\.long \}/,
    ],
    [
      () => x.indexAdd_(0, long(0), torch.ones(2, 4)),
      "Error",
      /Number of indices \(1\) should be equal to source\.size\(dim\): \(2\)/,
    ],
    [() => x.indexAdd_(0, long(0), torch.ones(1, 3)), "Error", /source tensor shape must match self tensor shape/],
    [
      () => x.indexAdd_(0, long(0), torch.ones(1, 4).double()),
      "TypeError",
      /self \(Float\) and source \(Double\) must have the same scalar type/,
    ],
    [() => x.indexAdd_(0, long(0, 5), torch.ones(2, 4)), "RangeError", /out of/],
    [
      () => x.indexFill_(0, long(0), torch.ones(2)),
      "Error",
      /only supports a 0-dimensional value tensor, but got tensor with 1 dimension/,
    ],
    [() => x.indexReduce(0, long(0), torch.ones(1, 4), "sum" as never), "TypeError", /"prod", "mean", "amax", "amin"/],
    [() => x.gather(0, long(0)), "Error", /Index tensor must have the same number of dimensions as input tensor/],
    [
      () => x.gather(0, torch.zeros(1, 1)),
      "TypeError",
      /gather\(\): Expected dtype int64 for index.*dtype: torch\.long/,
    ],
    [
      () => x.gather(0, ints([[0, 0, 0, 0, 0]])),
      "Error",
      /expected index \[1, 5\] to be smaller than self \[3, 4\] apart from dimension 0/,
    ],
    [() => x.gather(0, ints([[3]])), "RangeError", /index 3 is out of bounds for dimension 0 with size 3/],
    [() => x.gather(0, ints([[-1]])), "RangeError", /index -1 is out of bounds/],
    [
      () =>
        x.scatter_(
          0,
          ints([
            [0, 0],
            [0, 0],
          ]),
          torch.ones(1, 2),
        ),
      "Error",
      /Expected index \[2, 2\] to be smaller than self \[3, 4\] apart from dimension 0 and to be smaller size than src \[1, 2\]/,
    ],
    [
      () => x.scatter_(0, ints([[0]]), torch.ones(1, 1).double()),
      "TypeError",
      /Expected self\.dtype to be equal to src\.dtype/,
    ],
    [() => x.scatter_(0, ints([[0], [8]]), 1), "RangeError", /index 8 is out of bounds/],
    [
      () => x.scatterReduce(0, ints([[0]]), torch.ones(1, 1), "max" as never),
      "TypeError",
      /either sum, prod, mean, amax or amin, got max/,
    ],
    [() => x.take(long(12)), "RangeError", /out of range: tried to access index 12 on a tensor of 12 elements/],
    [() => x.put_(long(0, 1), torch.ones(3)), "Error", /Expected source and index to have the same number of elements/],
    [() => x.takeAlongDim(long(0), 0), "Error", /input and indices should have the same number of dimensions/],
    [
      () => x.maskedFill_(torch.ones(2, 3, 4).gt(0), 1),
      "Error",
      /output with shape \[3, 4\] doesn't match the broadcast shape \[2, 3, 4\]/,
    ],
    [() => x.maskedFill(torch.ones(3, 4), 1), "TypeError", /expected BoolTensor or ByteTensor for mask/],
    [() => x.maskedFill(x.eq(0), torch.ones(2)), "Error", /only supports a 0-dimensional value tensor/],
    [() => x.maskedScatter_(x.eq(0), torch.ones(2)), "Error", /Number of elements of source < number of ones in mask/],
    [
      () => torch.where(x, 1, 2),
      "TypeError",
      /where expected condition to be a boolean tensor, but got a tensor with dtype Float/,
    ],
    [
      () => (torch.where as (...args: unknown[]) => unknown)(x.eq(0), 1),
      "TypeError",
      /either the condition alone or both/,
    ],
    [
      () => x.selectScatter(torch.zeros(4), 1, 0),
      "Error",
      /expected src to have a size equal to the slice of self\. src size = \[4\], slice size = \[3\]/,
    ],
    [() => x.asStridedScatter(torch.zeros(9, 9), [9, 9], [9, 1]), "RangeError", /out of bounds for storage/],
  ];
  for (const [call, name, message] of cases) assert.throws(call, { name, message }, call.toString());
  assert.equal(x.eq(0).all().item(), 1);
});
