/** `gradcheck` forward and in batches. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { F, type Tensor } from "../../src/index.js";

const { gradcheck, gradgradcheck } = torch.autograd;
const all = { checkForwardAd: true, checkBatchedGrad: true, checkBatchedForwardGrad: true };
const leaf = (...shape: number[]) => torch.randn(shape, { dtype: torch.float64, requiresGrad: true });

test("right derivatives pass, forward, backward and in batches", () => {
  torch.manualSeed(0);
  assert.ok(gradcheck((a, b) => [a.mm(b).tanh(), a.sum()], [leaf(2, 3), leaf(3, 2)], all));
  assert.ok(gradcheck((a, w) => F.conv2d(a, w), [leaf(1, 2, 4, 4), leaf(3, 2, 2, 2)], all));
  assert.ok(gradcheck((a) => F.layerNorm(a, [4]).softmax(-1), leaf(2, 4), all));
  assert.ok(gradgradcheck((a) => a.pow(3).logsumexp(0), leaf(3), undefined, all));
  assert.ok(gradcheck((a) => a.sin(), leaf(3), { checkBackwardAd: false, checkForwardAd: true }));
});

test("wrong ones are found", () => {
  class Wrong extends torch.autograd.Function {
    static override forward(_: torch.autograd.FunctionContext, a: Tensor): Tensor {
      return a.mul(2);
    }
    static override backward(_: torch.autograd.FunctionContext, grad: Tensor): Tensor {
      return grad.mul(3);
    }
  }
  const f = (a: Tensor) => Wrong.apply(a) as Tensor;
  assert.throws(() => gradcheck(f, leaf(2)), /Jacobian mismatch for output 0 with respect to input 0/);
  assert.equal(gradcheck(f, leaf(2), { raiseException: false }), false);
  let calls = 0;
  const drifting = (a: Tensor) => a.mul(++calls > 3 ? 2 : 1).add(a.detach());
  assert.throws(
    () => gradcheck(drifting, leaf(2), { checkBackwardAd: false, checkForwardAd: true }),
    /Jacobian computed with forward mode mismatch for output 0 with respect to input 0/,
  );
});
