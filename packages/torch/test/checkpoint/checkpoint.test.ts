/** `torch.utils.checkpoint`: the same gradients as without it, from less memory. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { nn, type Tensor } from "../../src/index.js";

const { checkpoint, checkpointSequential } = torch.utils.checkpoint;

/** A network with random numbers inside of its blocks. */
function makeNet(): { first: nn.Module; block: nn.Module; last: nn.Module } {
  torch.manualSeed(0);
  const first = new nn.Linear(4, 8);
  const block = new nn.Sequential(new nn.Linear(8, 8), new nn.Dropout(0.5), new nn.Tanh(), new nn.Linear(8, 8));
  return { first, block, last: new nn.Linear(8, 1) };
}

type Way = (block: nn.Module, x: Tensor) => Tensor;

/** The loss, all gradients and the random numbers behind them, by a way to call the block. */
function run(way: Way): unknown {
  const { first, block, last } = makeNet();
  torch.manualSeed(1);
  const x = torch.rand(5, 4, { requiresGrad: true });
  const loss = last(way(block, first(x)))
    .pow(2)
    .sum();
  loss.backward();
  const parameters = [first, block, last].flatMap((module) => module.parameters());
  return [loss.item(), x.grad?.tolist(), parameters.map((p) => p.grad?.tolist()), torch.rand(3).tolist()];
}

const plain = run((block, x) => block(x) as Tensor);

for (const useReentrant of [false, true]) {
  test(`gradients and random numbers are those without a checkpoint, useReentrant: ${useReentrant}`, () => {
    const call = (x: Tensor, block: nn.Module) => block(x) as Tensor;
    assert.deepEqual(
      run((block, x) => checkpoint(call, x, block, { useReentrant })),
      plain,
    );
    const nested = (block: nn.Module, x: Tensor) =>
      checkpoint((y: Tensor) => checkpoint((z: Tensor) => block(z) as Tensor, y, { useReentrant }), x, {
        useReentrant,
      });
    assert.deepEqual(run(nested), plain);
    const sequential = (block: nn.Module, x: Tensor) =>
      checkpointSequential<Tensor>(block as nn.Sequential, 2, x, { useReentrant });
    assert.deepEqual(run(sequential), plain);
  });

  test(`without preserveRngState the second computation draws other numbers, useReentrant: ${useReentrant}`, () => {
    torch.manualSeed(0);
    const drawn: number[][] = [];
    const noisy = (x: Tensor) => {
      const noise = torch.rand(3);
      drawn.push(noise.tolist() as number[]);
      return x.mul(noise);
    };
    for (const preserveRngState of [true, false]) {
      checkpoint(noisy, torch.ones(3, { requiresGrad: true }), { useReentrant, preserveRngState })
        .sum()
        .backward();
    }
    assert.deepEqual(drawn[1], drawn[0]);
    assert.notDeepEqual(drawn[3], drawn[2]);
  });

  test(`several results, and some that want no gradient, useReentrant: ${useReentrant}`, () => {
    const x = torch.tensor([3, 1, 2], { requiresGrad: true });
    const split = (y: Tensor) => [y.mul(2), y.argmax(), y.exp()] as const;
    const [double, largest, exp] = checkpoint(split, x, { useReentrant });
    assert.equal(largest.requiresGrad, false);
    double.add(exp).sum().backward();
    assert.deepEqual(x.grad?.tolist(), x.detach().exp().add(2).tolist());
  });

  test(`an input that was changed since is noticed, useReentrant: ${useReentrant}`, () => {
    const x = torch.ones(3, { requiresGrad: true });
    const y = x.mul(1);
    const z = checkpoint((v: Tensor) => v.pow(2), y, { useReentrant }).sum();
    y.detach().add_(1);
    assert.throws(() => z.backward(), /modified by an inplace operation/);
  });
}

test("what is used without being an argument gets its gradient, also if no argument wants one", () => {
  const layer = new nn.Linear(2, 2);
  const gradients = (way: (call: (x: Tensor) => Tensor, x: Tensor) => Tensor) => {
    layer.zeroGrad();
    const scale = torch.tensor(3, { requiresGrad: true });
    const middle = scale.mul(2);
    way((x) => layer(x).mul(middle).sum(), torch.ones(1, 2)).backward();
    return [scale.grad?.item(), layer.weight.grad?.tolist()];
  };
  assert.deepEqual(
    gradients((call, x) => checkpoint(call, x)),
    gradients((call, x) => call(x)),
  );
});

test("torch.autograd.grad goes through, and through once more", () => {
  const x = torch.tensor([1, 2], { requiresGrad: true });
  const w = torch.tensor([3, 4], { requiresGrad: true });
  const y = checkpoint((v: Tensor) => v.pow(3).mul(w), x).sum();
  const [gx, gw] = torch.autograd.grad(y, [x, w], { createGraph: true }) as [Tensor, Tensor];
  assert.deepEqual(gx.tolist(), [9, 48]);
  assert.deepEqual(gw.tolist(), [1, 8]);
  const [gxx, gxw] = torch.autograd.grad(gx.sum(), [x, w]) as [Tensor, Tensor];
  assert.deepEqual(gxx.tolist(), [18, 48]);
  assert.deepEqual(gxw.tolist(), [3, 12]);
  const z = checkpoint((v: Tensor) => v.pow(2), x, { useReentrant: true }).sum();
  assert.throws(() => torch.autograd.grad(z, x), /Checkpointing is not compatible with \.grad\(\)/);
});

test("results that depend on nothing that wants a gradient want none", () => {
  const x = torch.ones(2, { requiresGrad: true });
  const call = (v: Tensor) => ({ out: v.mul(2), mask: torch.ones(2), cut: v.detach().mul(2), same: x });
  const { out, mask, cut, same } = checkpoint(call, x);
  assert.deepEqual(
    [out, mask, cut].map((tensor) => tensor.requiresGrad),
    [true, false, false],
  );
  assert.equal(same, x);
  assert.equal(checkpoint((v: Tensor) => v.mul(2), torch.ones(2)).requiresGrad, false);
  assert.equal(torch.noGrad(() => checkpoint((v: Tensor) => v.mul(2), x)).requiresGrad, false);
});

test("a second backward throws unless the graph is kept", () => {
  const x = torch.ones(2, { requiresGrad: true });
  const y = checkpoint((v: Tensor) => v.pow(2), x).sum();
  y.backward({ retainGraph: true });
  y.backward();
  assert.deepEqual(x.grad?.tolist(), [4, 4]);
  assert.throws(() => y.backward(), /backward through the graph a second time/);
});

test("autocast is as it was", () => {
  const layer = new nn.Linear(2, 2);
  const dtypes: string[] = [];
  const call = (x: Tensor) => {
    const y = layer(x);
    dtypes.push(y.dtype.name);
    return y;
  };
  const y = torch.autocast("cpu", () => checkpoint(call, torch.ones(1, 2, { requiresGrad: true })));
  y.float().sum().backward();
  assert.deepEqual(dtypes, ["bfloat16", "bfloat16"]);
});

test("a function that does not compute the same again is found out", () => {
  let calls = 0;
  const x = torch.ones(4, { requiresGrad: true });
  const y = checkpoint((v: Tensor) => (calls++ === 0 ? v.mul(2) : v.at("0:2").mul(2)), x);
  assert.throws(() => y.sum().backward(), /Recomputed values have different metadata/);
});

test("of what is computed on the way nothing is kept", () => {
  const layers = Array.from({ length: 8 }, () => new nn.Linear(10, 10));
  const body = (x: Tensor) => layers.reduce((value, layer) => layer(value).tanh(), x);
  const y = checkpoint(body, torch.rand(2, 10, { requiresGrad: true }));
  assert.equal(String(y.gradFn), "<CheckpointBackward>");
  const next = y.gradFn?.nextFunctions.map(([node]) => node?.name());
  assert.deepEqual(next, Array(17).fill("AccumulateGrad"), "the input, eight weights and eight biases");
});

test("wrong calls", () => {
  const x = torch.ones(1);
  assert.throws(() => checkpoint(3 as never, x), /argument 'fn' must be function/);
  assert.throws(() => checkpoint((v: Tensor) => v, x, { useReentrnt: true } as never), /useReentrant/);
  const layers = new nn.Sequential(new nn.ReLU(), new nn.ReLU());
  assert.throws(() => checkpointSequential(layers, 3, x), RangeError);
  assert.throws(() => checkpointSequential(layers, 0, x), RangeError);
  assert.throws(() => checkpointSequential([1] as never, 1, x), /functions/);
});
