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
