/** Which tensors an operation saves for its derivatives: those that the wanted gradients use, and no others. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { type Tensor } from "../../src/index.js";

type Call = (...inputs: Tensor[]) => Tensor;

/**
 * For the gradient of each input alone, a letter for each input and the result: x where the backward pass uses it, so
 * that a change of it is found out.
 */
const cases: Record<string, [sizes: number[][], call: Call, ...uses: string[]]> = {
  addmm: [
    [
      [2, 2],
      [2, 3],
      [3, 2],
    ],
    (a, b, c) => a.addmm(b as Tensor, c as Tensor),
    "....",
    "..x.",
    ".x..",
  ],
  addmv: [[[2], [2, 3], [3]], (a, b, c) => a.addmv(b as Tensor, c as Tensor), "....", "..x.", ".x.."],
  addr: [[[2, 3], [2], [3]], (a, b, c) => a.addr(b as Tensor, c as Tensor), "....", "..x.", ".x.."],
  baddbmm: [
    [
      [2, 2, 2],
      [2, 2, 3],
      [2, 3, 2],
    ],
    (a, b, c) => a.baddbmm(b as Tensor, c as Tensor),
    "....",
    "..x.",
    ".x..",
  ],
  addbmm: [
    [
      [2, 2],
      [2, 2, 3],
      [2, 3, 2],
    ],
    (a, b, c) => a.addbmm(b as Tensor, c as Tensor),
    "....",
    "..x.",
    ".x..",
  ],
  addcmul: [[[3], [3], [3]], (a, b, c) => a.addcmul(b as Tensor, c as Tensor), "....", "..x.", ".x.."],
  addcdiv: [[[3], [3], [3]], (a, b, c) => a.addcdiv(b as Tensor, c as Tensor), "....", "..x.", ".xx."],
  lerp: [[[3], [3], [3]], (a, b, c) => a.lerp(b as Tensor, c as Tensor), "..x.", "..x.", "xx.."],
  "lerp by a number": [[[3], [3]], (a, b) => a.lerp(b as Tensor, 0.5), "...", "..."],
  pow: [[[3], [3]], (a, b) => a.pow(b as Tensor), "xx.", "xxx"],
  "pow by a number": [[[3]], (a) => a.pow(2.5), "x."],
  "power of a number": [[[3]], (a) => torch.pow(2, a), "xx"],
  square: [[[3]], (a) => a.square(), "x."],
  mul: [[[3], [3]], (a, b) => a.mul(b as Tensor), ".x.", "x.."],
  "mul by a number": [[[3]], (a) => a.mul(2), ".."],
  div: [[[3], [3]], (a, b) => a.div(b as Tensor), ".x.", "xx."],
  remainder: [[[3], [3]], (a, b) => a.remainder(b as Tensor), "...", "xx."],
  fmod: [[[3], [3]], (a, b) => a.fmod(b as Tensor), "...", "xx."],
  copysign: [[[3], [3]], (a, b) => a.copysign(b as Tensor), "x.x", "..."],
  hypot: [[[3], [3]], (a, b) => a.hypot(b as Tensor), "x.x", ".xx"],
  atan2: [[[3], [3]], (a, b) => a.atan2(b as Tensor), "xx.", "xx."],
  cross: [[[3], [3]], (a, b) => torch.cross(a, b as Tensor, 0), ".x.", "x.."],
  prelu: [[[3], [1]], (a, b) => torch.prelu(a, b as Tensor), "xx.", "x.."],
  mm: [
    [
      [2, 2],
      [2, 2],
    ],
    (a, b) => a.mm(b as Tensor),
    ".x.",
    "x..",
  ],
  linear: [[[2, 3], [4, 3], [4]], (a, b, c) => torch.nn.functional.linear(a, b as Tensor, c), ".x..", "x...", "...."],
};

for (const [name, [sizes, call, ...uses]] of Object.entries(cases)) {
  test(`${name} saves what its gradients use`, () => {
    const found = sizes.map((_, wanted) => {
      const letters = [...sizes, "result"].map((_, changed) => {
        torch.manualSeed(0);
        const leaves = sizes.map((size) => torch.rand(size, { dtype: torch.float64 }).add(0.5));
        leaves[wanted]?.requiresGrad_();
        const inputs = leaves.map((leaf, i) => (i === wanted ? leaf.mul(1) : leaf));
        const result = call(...inputs);
        const [expected] = torch.autograd.grad(call(...inputs).sum(), leaves[wanted] as Tensor, null, {
          retainGraph: true,
        });
        ([...inputs, result][changed] as Tensor).add_(1);
        try {
          result.sum().backward();
        } catch (error) {
          assert.match(String(error), /modified by an inplace operation/);
          return "x";
        }
        assert.deepEqual(leaves[wanted]?.grad?.tolist(), expected?.tolist());
        return ".";
      });
      return letters.join("");
    });
    assert.deepEqual(found, uses);
  });
}

test("a change in place copies its input only where a gradient needs what it was", () => {
  const { stats, resetPeakMemoryStats, emptyCache } = torch.memory;
  const bytes = 2 ** 22;
  const grown = (change: (x: Tensor) => void): number => {
    const x = torch.ones(bytes / 4, { requiresGrad: true }).mul(1);
    emptyCache();
    resetPeakMemoryStats();
    const before = stats().alive;
    change(x);
    return stats().peak - before;
  };
  assert.ok(grown((x) => x.mul_(2)) < bytes);
  assert.ok(grown((x) => x.div_(2)) < bytes);
  assert.ok(grown((x) => x.mul_(torch.ones(1, { requiresGrad: true }))) >= bytes);
});

test("gradients of what was changed in place by a factor", () => {
  const x = torch.tensor([1, 2, 3], { requiresGrad: true });
  const factor = torch.tensor(3, { requiresGrad: true });
  x.mul(1).mul_(2).mul_(factor).div_(4).sum().backward();
  assert.deepEqual(x.grad?.tolist(), [1.5, 1.5, 1.5]);
  assert.equal(factor.grad?.item(), 3);
});
