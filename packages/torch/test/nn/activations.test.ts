/** Activation functions give PyTorch's results and gradients, as functions and as modules. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { F, nn } from "../../src/index.js";
import { conform } from "../support/conform.js";

conform("nn/activations", [
  ({ m }) => F.relu(m),
  ({ m }) => F.relu6(m.mul(2)),
  ({ m }) => F.leakyRelu(m),
  ({ m }) => F.leakyRelu(m, 0.3),
  ({ m }) => F.leakyRelu(m, { negativeSlope: 0.3 }),
  ({ m, v }) => F.prelu(m, v),
  ({ x }) => F.prelu(x, torch.ones(3, { dtype: torch.float64 }).mul(0.3)),
  ({ x }) => F.prelu(x, torch.ones(1, { dtype: torch.float64 }).mul(0.3)),
  ({ m }) => m.prelu(torch.ones(1, { dtype: torch.float64 }).mul(0.3)),
  ({ m }) => F.rrelu(m),
  ({ m }) => F.rrelu(m, 0.1, 0.6),
  ({ m }) => then(torch.manualSeed(3), F.rrelu(m, 0.1, 0.6, { training: true })),
  ({ m }) => F.hardtanh(m),
  ({ m }) => F.hardtanh(m, -2, 0.5),
  ({ m }) => F.hardshrink(m),
  ({ m }) => m.hardshrink(1.5),
  ({ m }) => F.softshrink(m),
  ({ m }) => F.softshrink(m, 1.5),
  ({ m }) => F.threshold(m, 0.5, -3),
  ({ m }) => F.elu(m),
  ({ m }) => F.elu(m, 0.5),
  ({ m }) => F.selu(m),
  ({ m }) => F.celu(m),
  ({ m }) => F.celu(m, 0.5),
  ({ m }) => F.sigmoid(m),
  ({ m }) => F.tanh(m),
  ({ m }) => F.softplus(m),
  ({ m }) => F.softplus(m, 2, 1),
  ({ m }) => F.tanhshrink(m),
  ({ m }) => F.hardsigmoid(flat(m)),
  ({ m }) => F.hardswish(m),
  ({ m }) => F.silu(m),
  ({ m }) => F.gelu(m),
  ({ m }) => F.gelu(m, { approximate: "tanh" }),
  ({ m }) => F.mish(m),
  ({ m }) => F.softsign(m),
  ({ m }) => F.logsigmoid(m),
  ({ m }) => F.logSoftmax(m, 1),
  ({ x }) => F.logSoftmax(x, { dim: 0 }),
  ({ x }) => F.softmax(x, -1),
  ({ m }) => F.softmax(m, 0),
  ({ m }) => F.softmax(flat(m), 1, { dtype: torch.float32 }),
  ({ s }) => F.softmax(s, 0),
  ({ e }) => F.softmax(e, 1),
  ({ m }) => F.softmin(m, 1),
  ({ m }) => F.glu(m),
  ({ x }) => F.glu(x, 0),
  ({ m }) => then(torch.manualSeed(5), F.gumbelSoftmax(m)),
  ({ m }) => then(torch.manualSeed(5), F.gumbelSoftmax(flat(m), 0.5, { hard: true })),
  ({ e }) => F.gelu(e),
  ({ s }) => F.silu(s),
  ({ x }) => F.elu(x.transpose(0, 2)),
  ({ y }) => F.elu(y.mul(1), 0.5, { inplace: true }),
  ({ y }) => F.elu_(y.mul(1)),
  ({ y }) => F.relu(y.mul(1), { inplace: true }),
  ({ y }) => F.relu_(y.mul(1)),
  ({ y }) => F.leakyRelu(y.mul(1), 0.2, { inplace: true }),
  ({ y }) => F.hardtanh_(y.mul(1)),
  ({ y }) => F.selu_(y.mul(1)),
  ({ y }) => F.celu_(y.mul(1), 2),
  ({ y }) => F.silu(y.mul(1), { inplace: true }),
  ({ y }) => F.mish(y.mul(1), { inplace: true }),
  ({ y }) => F.hardswish(y.mul(1), { inplace: true }),
  ({ y }) => F.hardsigmoid(flat(y).mul(1), { inplace: true }),
  ({ y }) => F.threshold_(y.mul(1), 1, 2),
  ({ m }) => new nn.ReLU()(m),
  ({ m }) => new nn.ReLU6()(m),
  ({ m }) => new nn.LeakyReLU(0.2)(m),
  ({ m }) => new nn.PReLU(1, 0.1, { dtype: torch.float64 })(m),
  ({ m }) => new nn.RReLU().eval()(m),
  ({ m }) => then(torch.manualSeed(1), new nn.RReLU(0.2, 0.4)(m)),
  ({ m }) => new nn.Hardtanh(-2, 2)(m),
  ({ m }) => new nn.Hardshrink(1)(m),
  ({ m }) => new nn.Softshrink(1)(m),
  ({ m }) => new nn.Threshold(0.1, 20)(m),
  ({ m }) => new nn.ELU(0.5)(m),
  ({ m }) => new nn.SELU()(m),
  ({ m }) => new nn.CELU(0.5)(m),
  ({ m }) => new nn.Sigmoid()(m),
  ({ m }) => new nn.Tanh()(m),
  ({ m }) => new nn.Softplus(2)(m),
  ({ m }) => new nn.Tanhshrink()(m),
  ({ m }) => new nn.Hardsigmoid()(flat(m)),
  ({ m }) => new nn.Hardswish()(m),
  ({ m }) => new nn.SiLU()(m),
  ({ m }) => new nn.GELU({ approximate: "tanh" })(m),
  ({ m }) => new nn.Mish()(m),
  ({ m }) => new nn.Softsign()(m),
  ({ m }) => new nn.LogSigmoid()(m),
  ({ m }) => new nn.LogSoftmax(1)(m),
  ({ m }) => new nn.Softmax(1)(m),
  ({ m }) => new nn.Softmin(1)(m),
  ({ x }) => new nn.Softmax2d()(x),
  ({ m }) => new nn.GLU(1)(m),
]);

/** The second, after the first. */
function then<T>(_: unknown, second: T): T {
  return second;
}

function flat(tensor: torch.Tensor): torch.Tensor {
  return tensor.detach();
}

test("the gradient of hardsigmoid, for which PyTorch takes a sixth of float32 in every dtype", () => {
  const x = torch.tensor([-4, -2, 0.5, 2.9, 3.1], { dtype: torch.float64, requiresGrad: true });
  F.hardsigmoid(x).sum().backward();
  assert.deepEqual(x.grad?.tolist(), [0, 1 / 6, 1 / 6, 1 / 6, 0]);
});

test("special values", () => {
  const x = torch.tensor([-Infinity, -1000, -0, 0, 1000, Infinity, NaN]);
  const lists: Record<string, unknown[]> = {
    elu: [-1, -1, -0, 0, 1000, Infinity, NaN],
    silu: [NaN, -0, -0, 0, 1000, Infinity, NaN],
    softplus: [0, 0, 0.6931471824645996, 0.6931471824645996, 1000, Infinity, NaN],
    logsigmoid: [-Infinity, -1000, -0.6931471824645996, -0.6931471824645996, -0, -0, NaN],
    hardsigmoid: [0, 0, 0.5, 0.5, 1, 1, NaN],
    relu: [0, 0, 0, 0, 1000, Infinity, NaN],
    softshrink: [-Infinity, -999.5, 0, 0, 999.5, Infinity, NaN],
  };
  for (const [name, expected] of Object.entries(lists)) {
    const result = (F as unknown as Record<string, (x: torch.Tensor) => torch.Tensor>)[name]?.(x).tolist() as number[];
    result.forEach((value, i) => {
      assert.ok(Object.is(value + 0, (expected[i] as number) + 0), `${name}(${x.tolist()}): ${result}`);
    });
  }
});

test("an activation that writes into its input returns it", () => {
  const x = torch.tensor([-1, 2]);
  assert.equal(F.elu(x, { inplace: true }), x);
  assert.equal(new nn.ReLU({ inplace: true })(x), x);
  assert.deepEqual(x.tolist(), [0, 2]);
  const leaf = torch.tensor([-1, 2], { requiresGrad: true });
  assert.throws(() => F.elu(leaf, { inplace: true }), /a leaf Variable that requires grad/);
});

test("wrong calls", () => {
  const x = torch.ones(2, 3);
  assert.throws(() => F.softshrink(x, -1), /lambda must be greater or equal to 0/);
  assert.throws(() => F.glu(x), /Halving dimension must be even, but dimension 1 is size 3/);
  assert.throws(() => F.prelu(x, torch.ones(2)), /Found parameter numbers = 2 and channel size = 3/);
  assert.throws(() => F.silu(torch.ones(2, { dtype: torch.int64 })), /"silu" not implemented for 'Long'/);
  assert.throws(() => new nn.Softmax2d()(x), /Softmax2d: expected input to be 3D or 4D, got 2D instead/);
  assert.throws(() => new nn.Hardtanh(1, 1), /max_val must be larger than min_val/);
  // @ts-expect-error not a tensor
  assert.throws(() => new nn.ReLU()("4"), /relu\(\): argument .input. .*must be Tensor/);
  // @ts-expect-error a switch has a name
  assert.throws(() => new nn.ReLU(true), /'inplace' is a named option; write ReLU\(\{ inplace: true \}\)/);
  // @ts-expect-error there is no such option
  assert.throws(() => new nn.ELU({ beta: 1 }), /ELU\(\) got an unexpected option 'beta'/);
});
