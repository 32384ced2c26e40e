/**
 * Gradients that are zero: true zeros also where what arrives is infinite or NaN, and zeros that are sent on, where
 * PyTorch sends them, rather than none.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { type Tensor } from "../../src/index.js";

const F = torch.nn.functional;

function leaf(values: readonly number[]): Tensor {
  return torch.tensor(values as number[], { dtype: torch.float64, requiresGrad: true });
}

function long(...values: number[]): Tensor {
  return torch.tensor(values, { dtype: torch.long });
}

const mask = torch.tensor([true, false, false]);

/** Ways to overwrite the first of three elements with 0. */
const overwriting: Readonly<Record<string, (y: Tensor) => unknown>> = {
  "setAt a number": (y) => y.setAt(0, 0),
  "setAt a tensor": (y) => y.setAt("0:1", torch.zeros(1)),
  "setAt a mask": (y) => y.setAt(mask, 0),
  "setAt an index": (y) => y.setAt(long(0), 0),
  zero_: (y) => y.at("0:1").zero_(),
  "fill_ with a number": (y) => y.at("0:1").fill_(0),
  "fill_ with a tensor": (y) => y.at("0:1").fill_(torch.tensor(0)),
  copy_: (y) => y.at("0:1").copy_(torch.zeros(1)),
  maskedFill_: (y) => y.maskedFill_(mask, 0),
  indexFill_: (y) => y.indexFill_(0, long(0), 0),
  maskedScatter_: (y) => y.maskedScatter_(mask, torch.zeros(1, { dtype: torch.float64 })),
  bernoulli_: (y) => y.at("0:1").bernoulli_(0),
};

for (const [name, overwrite] of Object.entries(overwriting)) {
  test(`an infinite gradient ends where ${name} overwrote an element`, () => {
    const x = leaf([1, 2, 4]);
    const y = x.mul(1);
    overwrite(y);
    y.log().sum().backward();
    assert.deepEqual(x.grad?.tolist(), [0, 0.5, 0.25]);
  });
}

test("an infinite gradient ends where a whole tensor was overwritten", () => {
  for (const overwrite of [
    (y: Tensor) => y.zero_(),
    (y: Tensor) => y.fill_(0),
    (y: Tensor) => y.copy_(torch.zeros(3)),
  ]) {
    const x = leaf([1, 2, 4]);
    overwrite(x.mul(1)).log().sum().backward();
    assert.deepEqual(x.grad?.tolist(), [0, 0, 0]);
  }
});

/** Functions of [-3, -1, 0, 2, 2, 7], and the places to which a gradient goes. */
const selective: Readonly<Record<string, readonly [f: (x: Tensor) => Tensor, places: readonly number[]]>> = {
  relu: [(x) => x.relu(), [3, 4, 5]],
  clamp: [(x) => x.clamp(-1, 2), [1, 2, 3, 4]],
  hardtanh: [(x) => F.hardtanh(x), [2]],
  hardshrink: [(x) => F.hardshrink(x), [0, 1, 3, 4, 5]],
  softshrink: [(x) => F.softshrink(x), [0, 1, 3, 4, 5]],
  threshold: [(x) => F.threshold(x, 0.5, 0), [3, 4, 5]],
  where: [(x) => torch.where(x.gt(0), x, 0), [3, 4, 5]],
  max: [(x) => x.max(), [5]],
  min: [(x) => x.min(), [0]],
  amax: [(x) => x.amax(), [5]],
  amin: [(x) => x.amin(), [0]],
  aminmax: [(x) => x.aminmax().max, [5]],
  median: [(x) => x.median(), [2]],
  nanmedian: [(x) => x.nanmedian(), [2]],
  "max along a dim": [(x) => x.max(0).values, [5]],
  "the infinity norm": [(x) => x.norm(Number.POSITIVE_INFINITY), [5]],
  trace: [(x) => x.reshape(2, 3).trace(), [0, 4]],
  nansum: [(x) => x.log().nansum(), [2, 3, 4, 5]],
  nanToNum: [(x) => x.add(torch.tensor([Number.NaN, 0, 0, 0, 0, Number.NaN])).nanToNum(), [1, 2, 3, 4]],
  cumprod: [(x) => x.cumprod(0), [0, 1, 2]],
  hardswish: [(x) => F.hardswish(x), [1, 2, 3, 4, 5]],
  sort: [(x) => x.sort().values, [0, 1, 2, 3, 4, 5]],
};

for (const [name, [f, places]] of Object.entries(selective)) {
  test(`${name}: infinite and NaN gradients go to the elements they belong to alone`, () => {
    for (const value of [Number.POSITIVE_INFINITY, Number.NaN]) {
      const x = leaf([-3, -1, 0, 2, 2, 7]);
      const y = f(x);
      y.backward(torch.fullLike(y, value));
      const found = x.grad?.tolist() as number[];
      assert.deepEqual(
        found.map((_, i) => i).filter((i) => found[i] !== 0),
        places,
        `${value}: ${found}`,
      );
    }
  });
}

/** Functions made of straight pieces; in a double backward PyTorch gives zeros for the input, not nothing. */
const straight: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  relu: (x) => x.relu(),
  relu6: (x) => F.relu6(x),
  leakyRelu: (x) => F.leakyRelu(x, 0.1),
  rrelu: (x) => F.rrelu(x),
  threshold: (x) => F.threshold(x, 0.5, 0),
  hardtanh: (x) => F.hardtanh(x),
  hardshrink: (x) => F.hardshrink(x),
  softshrink: (x) => F.softshrink(x),
  nllLoss: (x) => F.nllLoss(x.reshape(2, 3), long(0, 2)),
};

for (const [name, f] of Object.entries(straight)) {
  test(`${name}: the second derivative is zeros, also for infinite gradients`, () => {
    const x = leaf([-3, -1, 0, 0.75, 2, 7]);
    const y = f(x);
    const outer = torch.onesLike(y).requiresGrad_();
    const [slope] = torch.autograd.grad(y, x, outer, { createGraph: true }) as [Tensor];
    const [second, again] = torch.autograd.grad(slope, [x, outer], torch.fullLike(x, Number.POSITIVE_INFINITY)) as [
      Tensor,
      Tensor,
    ];
    assert.deepEqual(second.tolist(), [0, 0, 0, 0, 0, 0]);
    // Where nothing of the outer gradient goes, nothing of an infinite one comes back.
    if (name === "relu" || name.startsWith("hard") || name.startsWith("soft") || name === "threshold") {
      const expected = slope.tolist() as number[];
      assert.deepEqual(
        again.tolist(),
        expected.map((one) => (one === 0 ? 0 : Number.POSITIVE_INFINITY)),
      );
    }
  });
}

test("in a double backward the hooks of those modules fire whose outputs and inputs are reached", () => {
  const { nn } = torch;
  const activations = [new nn.LeakyReLU(), new nn.ReLU(), new nn.Hardtanh(), new nn.Tanh(), new nn.Identity()];
  for (const activation of activations) {
    const model = new nn.Sequential(new nn.Linear(3, 3), activation, new nn.Linear(3, 1));
    const called: string[] = [];
    for (const [name, module] of model.namedModules()) {
      module.registerFullBackwardHook(() => {
        called.push(name);
      });
    }
    const x = torch.ones(2, 3).requiresGrad_();
    const [slope] = torch.autograd.grad(model(x).sum(), x, { createGraph: true }) as [Tensor];
    assert.deepEqual(called.splice(0), ["2", "1", "0", ""]);
    slope.square().sum().backward();
    // Through the slope of the activation the pass comes to the first layer; not where the slope is constant.
    assert.deepEqual(called, activation instanceof nn.Identity ? [] : ["0"]);
  }
});

test("the number of elements that are not zero has no gradient", () => {
  const x = leaf([1, 0, 2]);
  assert.deepEqual(torch.autograd.grad(x.norm(0), x, { allowUnused: true }), [null]);
});
