/** Gradcheck of what a function has of itself rather than among its arguments, and its options. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as torch from "../../src/index.js";
import { nn, type Tensor } from "../../src/index.js";

const { gradcheck, gradgradcheck } = torch.autograd;
const float64 = { dtype: torch.float64 };

test("the parameters of a module can be the inputs", () => {
  const layer = new nn.Linear(3, 2, float64);
  const x = torch.rand(4, 3, float64);
  const parameters = layer.parameters();
  const before = parameters.map((p) => p.detach().clone());
  assert.equal(
    gradcheck(() => layer(x), parameters),
    true,
  );
  assert.equal(
    gradcheck(() => layer(x), parameters, { checkBatchedGrad: true }),
    true,
  );
  assert.equal(
    gradgradcheck(() => layer(x).pow(3), parameters, { atol: 1e-4 }),
    true,
  );
  parameters.forEach((p, i) => {
    assert.ok(torch.equal(p, before[i] as Tensor));
  });
  layer(x).sum().backward();
  assert.ok(layer.weight.grad?.allclose(x.sum(0).expand(2, 3)));
});

test("a wrong gradient of what is captured is found, and the values are put back", () => {
  const w = torch.rand(3, { ...float64, requiresGrad: true });
  const before = w.detach().clone();
  const wrong = () => w.mul(w.detach());
  assert.throws(() => gradcheck(wrong, [w]), /Jacobian mismatch for output 0 with respect to input 0/);
  assert.equal(gradcheck(wrong, [w], { raiseException: false }), false);
  let calls = 0;
  const failing = () => {
    if (++calls > 2) throw new Error("no more");
    return w.mul(2);
  };
  assert.throws(() => gradcheck(failing, [w]), /no more/);
  assert.ok(torch.equal(w, before));
});

test("inputs of other layouts, captured or not", () => {
  const z = torch.rand(2, 3, { dtype: torch.complex128 }).t().requiresGrad_();
  assert.equal(
    gradcheck(() => z.mul(z), [z]),
    true,
  );
  assert.equal(
    gradcheck((a: Tensor, b: Tensor) => a.matmul(b), [z, z.detach().t().clone().requiresGrad_()]),
    true,
  );
  const every = torch.rand(6, float64).at("::2").requiresGrad_();
  assert.equal(
    gradcheck(() => every.exp(), every),
    true,
  );
  const scalar = torch.rand([], float64).requiresGrad_();
  assert.equal(
    gradcheck(() => scalar.sin(), scalar),
    true,
  );
  const shared = torch.rand(1, float64).expand(3).requiresGrad_();
  assert.throws(() => gradcheck((a: Tensor) => a.mul(2), shared), /has a dimension with stride 0/);
});

test("options", () => {
  const x = torch.rand(3, { ...float64, requiresGrad: true });
  const square = (a: Tensor) => a.mul(a);
  const known = { fastMode: true, nondetTol: 1e-9, checkUndefinedGrad: false, masked: false };
  assert.equal(gradcheck(square, x, known), true);
  assert.equal(gradgradcheck(square, x, { ...known, gradOutputs: torch.ones(3, float64) }), true);
  assert.equal(
    gradcheck((a: Tensor) => a.mul(a.detach()), x, { ...known, raiseException: false }),
    false,
  );
  for (const check of [gradcheck, gradgradcheck]) {
    assert.throws(() => check(square, x, { zzz: 1 } as never), {
      name: "TypeError",
      message: /^grad(grad)?check\(\) got an unexpected option 'zzz'/,
    });
    assert.throws(() => check(square, x, { fastMode: 1 } as never), /argument 'fastMode' must be bool, not int/);
  }
});
