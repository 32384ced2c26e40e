/** Products of vectors, matrices and tensors give PyTorch's results, gradients and errors. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch from "../../src/index.js";
import { conform, ints, of } from "../support/conform.js";

conform("products", [
  ({ m, y }) => m.mm(y.t()),
  ({ m }) => torch.mm(m.t(), m),
  ({ m, v }) => m.mv(v),
  ({ v }) => v.dot(v.flip(0)),
  ({ v }) => torch.vdot(v, v.mul(2)),
  ({ x }) => x.bmm(x.transpose(1, 2)),
  ({ x, m }) => x.matmul(m.t()),
  ({ x, v }) => torch.matmul(x, v),
  ({ v, m }) => v.matmul(m.t()),
  ({ v, x }) => v.matmul(x.transpose(1, 2)),
  ({ m, x }) => m.t().matmul(x),
  ({ x }) => x.unsqueeze(1).matmul(x.transpose(1, 2)),
  ({ m }) => m.narrow(1, 0, 0).matmul(m.narrow(0, 0, 0).narrow(1, 0, 2).reshape(0, 2)),
  () =>
    ints([
      [1, 2],
      [3, 4],
    ]).matmul(ints([1, -1])),
  ({ s, m, y }) => torch.addmm(s, m, y.t()),
  ({ m, y }) => m.narrow(1, 0, 3).addmm(m, y.t(), { beta: 0.5, alpha: -2 }),
  () =>
    torch.addmm(
      ints([1, 2]),
      ints([[1, 2]]),
      ints([
        [1, 2],
        [3, 4],
      ]),
      { beta: 2, alpha: 3 },
    ),
  () => torch.addmm(of([NaN]), of([[1]]), of([[2]]), { beta: 0 }),
  ({ s, m, v }) => torch.addmv(s, m, v, { alpha: 2 }),
  ({ m, v }) => m.t().reshape(-1).narrow(0, 0, 3).addmv(m, v, { beta: 3 }),
  ({ m, v, s }) => m.addr(m.narrow(1, 0, 1).squeeze(1), v, { beta: 2, alpha: 0.5 }).add(s),
  () => torch.addr(ints([[1, 2]]), ints([3]), ints([4, 5])),
  ({ x, s }) => torch.baddbmm(s, x, x.transpose(1, 2), { beta: 0.5 }),
  ({ x, s }) => torch.addbmm(s, x, x.transpose(1, 2), { alpha: 0.5 }),
  ({ m, y }) => m.mm(y.t()).clone().addmm_(m, y.t()),
  ({ v, m }) => torch.outer(v, m.select(1, 0)),
  ({ v }) => v.ger(v),
  ({ m, x }) => torch.inner(m, x),
  ({ s, m }) => m.inner(s),
  ({ x, m }) => torch.tensordot(x, m),
  ({ x, m }) =>
    torch.tensordot(x, m, [
      [1, 2],
      [0, 1],
    ]),
  ({ x }) => torch.tensordot(x, x, { dims: 0 }).select(0, 0),
  ({ m }) => m.trace(),
  () =>
    ints([
      [1, 2],
      [3, 4],
    ]).trace(),
  ({ m }) => torch.cross(m.narrow(1, 0, 3), m.narrow(1, 1, 3), 1),
  ({ x, m }) => x.cross(m.unsqueeze(0), 1),
  ({ m, y, v }) => torch.chainMatmul(m, y.t(), m, v.unsqueeze(1)),
  ({ m, y }) => torch.einsum("ij,kj->ik", m, y),
  ({ m }) => torch.einsum("ij->ji", m),
  ({ m, v }) => torch.einsum("ij,j", m, v),
  ({ m }) => torch.einsum("ba", m),
  ({ x }) => torch.einsum("bij,bkj->bik", x, x),
  ({ x, m }) => torch.einsum("...ij,kj->...ik", x, m),
  ({ x }) => torch.einsum("...", x),
  ({ x, v }) => torch.einsum("b...d,d->...b", x, v),
  ({ m }) => torch.einsum("ii->i", m.narrow(1, 0, 3)),
  ({ m }) => torch.einsum("ii", m.narrow(1, 0, 3)),
  ({ x }) => torch.einsum("bii->b", x.narrow(2, 0, 3)),
  ({ v, m, x }) => torch.einsum("j,ij,bij->", v, m, x),
  ({ v, m }) => torch.einsum("a,bc->abc", v, m),
  ({ m }) => torch.einsum("ij,jk->ik", m.narrow(1, 0, 1), m),
  ({ m, v }) =>
    torch
      .einsum("bn,anm,bm->ba", [
        m,
        of([
          [
            [1, 2],
            [3, 4],
            [5, 6],
            [7, 8],
          ],
        ]),
        m.narrow(1, 0, 2),
      ])
      .add(v.sum()),
  () => torch.einsum("ij,jk", ints([[1, 2]]), ints([[3], [4]])),
]);

test("shapes and dtypes that do not fit", () => {
  const m = torch.ones(2, 3);
  assert.throws(() => m.mm(torch.ones(4, 5)), /mat1 and mat2 shapes cannot be multiplied \(2x3 and 4x5\)/);
  assert.throws(
    () => m.matmul(torch.tensor(1)),
    /both arguments to matmul need to be at least 1D, but they are 2D and 0D/,
  );
  assert.throws(
    () => m.mm(torch.ones(3, 2, { dtype: torch.float64 })),
    /expected m1 and m2 to have the same dtype, but got: float != double/,
  );
  assert.throws(
    () => torch.bmm(torch.ones(2, 3, 4), torch.ones(2, 3, 4)),
    /Expected size for first two dimensions of batch2 tensor to be: \[2, 4\] but got: \[2, 3\]/,
  );
  assert.throws(() => torch.ones(2).dot(torch.ones(3)), /inconsistent tensor size/);
  assert.throws(() => torch.addmm(torch.ones(4), m, m.t()), Error);
  assert.throws(
    () => torch.addmm(ints([[1]]), ints([[1]]), ints([[1]]), { alpha: 0.5 }),
    /argument alpha must not be a floating point number/,
  );
  assert.throws(() => torch.tensor([[true]]).mm(torch.tensor([[true]])), /not implemented for 'Bool'/);
  assert.throws(() => torch.tensordot(m, m, 1), /contracted dimensions need to match/);
  assert.throws(() => torch.cross(m, m, 0), /must have length 3/);
  assert.throws(() => torch.chainMatmul(), /Expected one or more matrices/);
});

test("equations that einsum refuses", () => {
  const m = torch.ones(2, 3);
  const refused: [string, RegExp][] = [
    ["ij,jk", /fewer|more/],
    ["i", /number of subscripts/],
    ["ijk", /number of subscripts/],
    ["i1", /invalid subscript/],
    ["i.j", /not part of any ellipsis/],
    ["......ij", /ellipsis was already found/],
    ["ij->ik", /output subscript k does not appear/],
    ["ij->ii", /appears more than once in the output/],
    ["ii", /sizes don't match/],
  ];
  for (const [equation, message] of refused) assert.throws(() => torch.einsum(equation, m), message, equation);
  assert.throws(() => torch.einsum("ij,jk", m, m), /do not broadcast/);
});

test("a large product in pieces, against the sum of products", () => {
  const generator = new torch.Generator().manualSeed(3);
  const [a, b] = [
    torch.randn(70, 90, { generator, dtype: torch.float64 }),
    torch.randn(90, 50, { generator, dtype: torch.float64 }),
  ];
  const expected = a.unsqueeze(2).mul(b).sum(1);
  assert.ok(torch.allclose(a.mm(b), expected, 1e-10));
  assert.ok(torch.allclose(torch.einsum("ij,jk->ki", a, b), expected.t(), 1e-10));
  assert.ok(torch.allclose(torch.tensordot(a, b, 1), expected, 1e-10));
});

test("addr of bools stays bool, and its input counts with the dims it is expanded to", () => {
  const [yes, no] = [torch.tensor([true]), torch.tensor([false, true])];
  const sum = torch.addr(torch.tensor([[true, false]]), yes, no, { beta: 2, alpha: 3 });
  assert.deepEqual([sum.dtype, sum.tolist()], [torch.bool, [[true, true]]]);
  const bytes = torch.ones(1, { dtype: torch.uint8 });
  assert.equal(torch.addr(torch.tensor(1n), bytes, bytes).dtype, torch.int64);
  assert.equal(torch.addr(torch.tensor(1, { dtype: torch.float64 }), bytes, bytes, { beta: 0 }).dtype, torch.float64);
  assert.throws(() => torch.addr(torch.zeros(1, 1), bytes, bytes, { beta: true }), /Boolean beta only supported/);
  assert.throws(() => torch.addr(torch.zeros(1, 1), bytes, bytes, { alpha: true }), /Boolean alpha only supported/);
});

test("cdist with p = Infinity gives each of several equal largest gaps the whole gradient", () => {
  const a = torch
    .tensor([
      [0, 3, -3],
      [1, 1, 1],
    ])
    .requiresGrad_();
  const b = torch.zeros(1, 3, { requiresGrad: true });
  torch.cdist(a, b, Infinity).backward(torch.tensor([[2], [1]]));
  assert.deepEqual(a.grad?.tolist(), [
    [0, 2, -2],
    [1, 1, 1],
  ]);
  assert.deepEqual(b.grad?.tolist(), [[-1, -3, 1]]);
});

test("distances between equal rows have no gradient", () => {
  for (const p of [0, 0.5, 1, 1.5, 2, 3, Infinity]) {
    for (const computeMode of ["use_mm_for_euclid_dist", "donot_use_mm_for_euclid_dist"] as const) {
      const [a, b] = [torch.ones(2, 3, { requiresGrad: true }), torch.ones(4, 3, { requiresGrad: true })];
      torch.cdist(a, b, p, { computeMode }).sum().backward();
      assert.deepEqual([a.grad?.abs().max().item(), b.grad?.abs().max().item()], [0, 0], `p = ${p}`);
    }
    const x = torch.zeros(3, { requiresGrad: true });
    torch.dist(x, torch.zeros(3), p).backward();
    if (p > 0) assert.deepEqual(x.grad?.tolist(), [0, 0, 0]);
  }
});

test("renorm measures lengths in double", () => {
  const x = torch.tensor([[3e25, 4e25]], { requiresGrad: true });
  for (const [p, length] of [
    [2, 5e25],
    [3, 91 ** (1 / 3) * 1e25],
  ] as const) {
    const result = x.renorm(p, 0, 1);
    assert.ok(Math.abs(result.at(0, 0).item() * length - 3e25) < 1e19);
    const [gradient] = torch.autograd.grad([result.at(0, 0)], [x]);
    const expected = (1 - (3e25 / length) ** p) / length;
    assert.ok(Math.abs((gradient?.at(0, 0).item() as number) / expected - 1) < 1e-3);
  }
});

test("the gradient of an extreme among NaN is NaN", () => {
  for (const name of ["amax", "amin"] as const) {
    const x = torch.tensor([1, NaN, 3], { requiresGrad: true });
    x[name](0).backward();
    assert.deepEqual(x.grad?.tolist(), [NaN, NaN, NaN]);
  }
});
