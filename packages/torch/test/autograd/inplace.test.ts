/** In-place operations whose operands share memory with what they change. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { type Tensor } from "../../src/index.js";

function computed(): Tensor {
  return torch.tensor([1, 2, 3], { requiresGrad: true }).mul(1);
}

/** Operations that need their operand, or one that shares its memory, as it was before the change. */
const needsBefore: Readonly<Record<string, (y: Tensor) => unknown>> = {
  mul_: (y) => y.mul_(y),
  "mul_ of a view": (y) => y.mul_(y.view(3)),
  "mul_ of detached memory": (y) => y.mul_(y.detach()),
  "mul_ of a part by itself": (y) => y.at("0:2").mul_(y.at("0:2")),
  "mul_ of a part by another": (y) => y.at("0:1").mul_(y.at("1:2")),
  div_: (y) => y.div_(y),
  pow_: (y) => y.pow_(y),
  atan2_: (y) => y.atan2_(y),
  hypot_: (y) => y.hypot_(y),
  addcmul_: (y) => y.addcmul_(y, y),
  addcdiv_: (y) => y.addcdiv_(torch.ones(3), y),
};

for (const [name, change] of Object.entries(needsBefore)) {
  test(`${name}: backward throws where an operand that it needs was changed by the operation itself`, () => {
    const y = computed();
    change(y);
    assert.throws(() => y.sum().backward(), /modified by an inplace operation.* is at version 1; expected version 0/);
  });
}

test("a tensor is saved where the gradient of another input needs it, and may be changed elsewhere", () => {
  const c = torch.full([2, 2], 3);
  const operations: Readonly<Record<string, readonly [f: (x: Tensor, c: Tensor) => Tensor, gradient: number]>> = {
    mul: [(x, c) => x.mul(c), 3],
    "mul by a number": [(x) => x.mul(3), 3],
    "mul from the right": [(x, c) => c.mul(x), 3],
    div: [(x, c) => x.div(c), 1 / 3],
    mm: [(x, c) => x.mm(c), 6],
    "mm from the right": [(x, c) => c.mm(x), 6],
    bmm: [(x, c) => x.unsqueeze(0).bmm(c.unsqueeze(0)), 6],
    matmul: [(x, c) => c.matmul(x), 6],
    mv: [(x, c) => x.mv(c.at(0)), 3],
    dot: [(x, c) => x.reshape(-1).dot(c.reshape(-1)), 3],
    linear: [(x, c) => torch.nn.functional.linear(c, x), 6],
    "linear of the input": [(x, c) => torch.nn.functional.linear(x, c), 6],
  };
  for (const [name, [f, gradient]] of Object.entries(operations)) {
    const leaf = torch.ones(2, 2, { requiresGrad: true });
    const y = f(leaf, c).sum();
    torch.noGrad(() => leaf.add_(1));
    y.backward();
    assert.deepEqual(leaf.grad?.tolist(), torch.full([2, 2], gradient).tolist(), name);
    const both = torch.full([2, 2], 3, { requiresGrad: true });
    const z = f(torch.ones(2, 2, { requiresGrad: true }), both).sum();
    torch.noGrad(() => both.add_(1));
    if (name !== "mul by a number") assert.throws(() => z.backward(), /modified by an inplace operation/, name);
  }
});

test("an operand in the same memory that no derivative needs may be changed", () => {
  const cases: readonly [change: (y: Tensor) => unknown, expected: number[]][] = [
    [(y) => y.add_(y), [2, 2, 2]],
    [(y) => y.sub_(y), [0, 0, 0]],
    [(y) => y.copy_(y), [1, 1, 1]],
    [(y) => y.at("0:1").copy_(y.at("1:2")), [0, 2, 1]],
    [(y) => y.setAt(0, y.at(1)), [0, 2, 1]],
    [(y) => y.maskedFill_(y.gt(1), 0), [1, 0, 0]],
    [(y) => y.mul_(y.clone()), [2, 4, 6]],
    [(y) => y.exp_(), [Math.E, Math.E ** 2, Math.E ** 3]],
  ];
  for (const [change, expected] of cases) {
    const x = torch.tensor([1, 2, 3], { dtype: torch.float64, requiresGrad: true });
    const y = x.mul(1);
    change(y);
    y.sum().backward();
    const found = x.grad?.tolist() as number[];
    found.forEach((value, i) => {
      assert.ok(Math.abs(value - (expected[i] as number)) < 1e-9, `${change}: ${found}`);
    });
  }
});

test("a result that a kernel wrote in another shape is no view", () => {
  const { linear, embedding, unfold } = torch.nn.functional;
  const w = torch.rand(4, 4, { requiresGrad: true });
  const results: Record<string, () => Tensor> = {
    "linear, three dims": () => linear(torch.ones(2, 3, 4), w),
    "linear, one dim": () => linear(torch.ones(4), w),
    embedding: () => embedding(torch.tensor([[1n, 2n]]), w),
    roll: () => w.roll(1),
    unfold: () => unfold(w.view(1, 1, 4, 4), 2),
    addmv: () => torch.zeros(4).addmv(w, torch.ones(4)),
  };
  for (const [name, result] of Object.entries(results)) {
    for (const make of [result, () => torch.noGrad(result)]) {
      const y = make();
      assert.equal(y.base, undefined, name);
      y.add_(w.sum());
      const [grad] = torch.autograd.grad(y.sum(), w);
      const plain = make().add(w.sum());
      assert.deepEqual(grad?.tolist(), torch.autograd.grad(plain.sum(), w)[0]?.tolist(), name);
    }
  }
});
