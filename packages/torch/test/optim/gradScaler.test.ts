/** The scaler of losses: how its scale moves, which steps it leaves out, and what it refuses. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { nn, optim, type Tensor } from "../../src/index.js";

const { GradScaler } = torch.amp;

const make = (options: torch.amp.GradScalerOptions = {}) => new GradScaler({ device: "cpu", ...options });

function start(): { p: Tensor; optimizer: optim.SGD } {
  const p = torch.tensor([1, 2], { requiresGrad: true });
  return { p, optimizer: new optim.SGD([p], { lr: 0.5 }) };
}

test("a scaled step is the step without scaling", () => {
  const { p, optimizer } = start();
  const scaler = make();
  const loss = p.mul(3).sum();
  const scaled = scaler.scale(loss);
  assert.equal(scaled.item(), 9 * 2 ** 16);
  scaled.backward();
  assert.deepEqual(p.grad?.tolist(), [3 * 2 ** 16, 3 * 2 ** 16]);
  scaler.step(optimizer);
  assert.deepEqual(
    [p.grad?.tolist(), p.tolist()],
    [
      [3, 3],
      [-0.5, 0.5],
    ],
  );
  scaler.update();
  assert.equal(scaler.getScale(), 2 ** 16);
});

test("several losses are scaled one by one", () => {
  const scaler = make({ initScale: 4 });
  const [a, [b]] = scaler.scale([torch.ones(1), [torch.ones(2)]] as const) as unknown as [Tensor, [Tensor]];
  assert.deepEqual([a.tolist(), b.tolist()], [[4], [4, 4]]);
  assert.throws(() => scaler.scale(3 as never), /outputs must be a Tensor or an iterable of Tensors/);
});

test("a step with an infinite gradient is left out and reduces the scale; many without one make it grow", () => {
  for (const bad of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, NaN]) {
    const { p, optimizer } = start();
    const scaler = make({ initScale: 8, growthInterval: 2 });
    scaler.scale(p.sum());
    const scales = [1, bad, 1, 1, 1, 1].map((grad) => {
      p.grad = torch.tensor([1, grad]);
      assert.equal(scaler.step(optimizer), undefined);
      scaler.update();
      return scaler.getScale();
    });
    assert.deepEqual(scales, [8, 4, 4, 8, 8, 16]);
    assert.equal(optimizer.state.size, 0);
    assert.ok(p.isfinite().all().item());
  }
});

test("the scale follows the gradients of all optimizers", () => {
  const [a, b] = [start(), start()];
  const scaler = make({ initScale: 8 });
  scaler.scale(a.p.sum());
  a.p.grad = torch.tensor([1, NaN]);
  b.p.grad = torch.ones(2);
  scaler.step(a.optimizer);
  scaler.step(b.optimizer);
  scaler.update();
  assert.deepEqual([a.p.tolist(), b.p.tolist(), scaler.getScale()], [[1, 2], [0.9375, 1.9375], 4]);
});

test("gradients can be unscaled before the step, to be clipped", () => {
  const { p, optimizer } = start();
  const scaler = make();
  scaler.scale(p.mul(4).sum()).backward();
  scaler.unscale_(optimizer);
  assert.deepEqual(p.grad?.tolist(), [4, 4]);
  p.grad?.clamp_({ max: 1 });
  scaler.step(optimizer);
  assert.deepEqual(p.tolist(), [0.5, 1.5]);
});

test("calls in the wrong order throw PyTorch's errors", () => {
  const { p, optimizer } = start();
  const scaler = make();
  assert.throws(
    () => scaler.step(optimizer),
    /Attempted step but _scale is None. {2}This may indicate your script did/,
  );
  assert.throws(() => scaler.unscale_(optimizer), /Attempted unscale_ but _scale is None/);
  assert.throws(() => scaler.update(), /Attempted update but _scale is None/);
  scaler.scale(p.sum());
  assert.throws(() => scaler.update(), /No inf checks were recorded prior to update/);
  assert.throws(() => scaler.step(optimizer), /No inf checks were recorded for this optimizer/);
  scaler.update(2);
  p.grad = torch.ones(2);
  scaler.unscale_(optimizer);
  assert.throws(
    () => scaler.unscale_(optimizer),
    /unscale_\(\) has already been called on this optimizer since the last/,
  );
  assert.throws(
    () => scaler.step(optimizer, () => 1),
    /Closure use is not currently supported if GradScaler is enabled/,
  );
  scaler.step(optimizer);
  assert.throws(() => scaler.step(optimizer), /step\(\) has already been called since the last update\(\)/);
  assert.throws(() => scaler.unscale_(optimizer), /unscale_\(\) is being called after step\(\)/);
  assert.throws(() => scaler.step({} as never), /Object is not an Optimizer/);
  assert.throws(() => make({ growthFactor: 1 }), /The growth factor must be > 1.0/);
  assert.throws(() => make({ backoffFactor: 1 }), /The backoff factor must be < 1.0/);
  assert.throws(() => make({ scale: 1 } as never), /unexpected option 'scale'/);
});

test("a new scale can be set", () => {
  const scaler = make();
  scaler.scale(torch.ones(1));
  scaler.update(16);
  assert.equal(scaler.getScale(), 16);
  scaler.update(torch.tensor([4]));
  assert.equal(scaler.getScale(), 4);
  assert.throws(() => scaler.update(torch.ones(2)), /new_scale should be a float or a 1-element/);
});

test("state dicts have PyTorch's keys, and carry the steps since the scale changed", () => {
  const { p, optimizer } = start();
  const scaler = make({ initScale: 8, growthInterval: 3 });
  scaler.scale(p.sum());
  const step = (by: torch.amp.GradScaler) => {
    p.grad = torch.ones(2);
    by.step(optimizer);
    by.update();
  };
  for (let i = 0; i < 2; i++) step(scaler);
  const dict = scaler.stateDict();
  assert.deepEqual(dict, { scale: 8, growth_factor: 2, backoff_factor: 0.5, growth_interval: 3, _growth_tracker: 2 });
  for (const isUsed of [false, true]) {
    const other = make();
    if (isUsed) other.scale(p.sum());
    other.loadStateDict(structuredClone(dict));
    if (!isUsed) other.scale(p.sum());
    step(other);
    assert.equal(other.getScale(), 16);
  }
  assert.throws(() => scaler.loadStateDict({}), /The source state dict is empty, possibly because it was saved from a/);
  assert.throws(() => scaler.loadStateDict({ ...dict, scale: "8" } as never), /'scale' must be a number, not "8"/);
  assert.equal(scaler.getScale(), 8);
});

test("a scaler that is switched off lets everything through", async () => {
  const warned = new Promise<Error>((resolve) => process.once("warning", resolve));
  for (const scaler of [new GradScaler(), new GradScaler({ device: "cpu", enabled: false })]) {
    const { p, optimizer } = start();
    const loss = p.sum();
    assert.equal(scaler.scale(loss), loss);
    p.grad = torch.tensor([1, Number.POSITIVE_INFINITY]);
    assert.equal(
      scaler.step(optimizer, () => 5),
      5,
    );
    scaler.unscale_(optimizer);
    scaler.update();
    scaler.loadStateDict({});
    assert.deepEqual([scaler.isEnabled(), scaler.getScale(), scaler.stateDict(), p.at(0).item()], [false, 1, {}, 0.5]);
  }
  assert.match((await warned).message, /GradScaler is enabled, but CUDA is not available. {2}Disabling./);
});

test("training in float16 leaves out the steps that overflow, and learns", () => {
  torch.manualSeed(0);
  const model = new nn.Sequential(new nn.Linear(16, 64), new nn.ReLU(), new nn.Linear(64, 3));
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
  const scaler = make({ initScale: 2 ** 40, growthInterval: 1000 });
  const x = torch.randn(256, 16);
  const labels = x.matmul(torch.randn(16, 3)).argmax(1);
  const losses: number[] = [];
  const weights: number[] = [];
  for (let step = 0; step < 120; step++) {
    const loss = torch.autocast("cpu", { dtype: torch.float16 }, () => {
      const logits = model(x);
      assert.equal(logits.dtype, torch.float16);
      return nn.functional.crossEntropy(logits, labels);
    });
    optimizer.zeroGrad();
    scaler.scale(loss).backward();
    scaler.unscale_(optimizer);
    nn.utils.clipGradNorm_(model.parameters(), 1);
    scaler.step(optimizer);
    scaler.update();
    losses.push(loss.item());
    weights.push((model.parameters()[0] as Tensor).sum().item());
  }
  // What a gradient of float16 cannot hold is infinite: nothing changes until the scale has come down.
  assert.equal(losses[1], losses[0]);
  assert.equal(weights[1], weights[0]);
  assert.ok(scaler.getScale() < 2 ** 30);
  assert.ok((losses.at(-1) as number) < 0.1 * (losses[0] as number), `from ${losses[0]} to ${losses.at(-1)}`);
});
