/** Modules, losses and optimizers in the half types. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { type DType, nn, optim, type Tensor } from "../../src/index.js";

const F = nn.functional;
const { float16, bfloat16, float32 } = torch;

/** Loss, weight and bias after each of four steps in bfloat16, as PyTorch 1.13.1 gives them. */
const steps: Readonly<Record<string, readonly (readonly [number, readonly number[], readonly number[]])[]>> = {
  sgd: [
    [4.03125, [0.44921875, -1.171875, 1.7734375, 1.046875, 0.66796875, -0.27734375], [0.2265625, -0.9765625]],
    [3.421875, [0.38671875, -1.046875, 1.4609375, 1.1015625, 0.546875, 0.03125], [0.19921875, -0.9453125]],
    [2.59375, [0.326171875, -0.8828125, 1.078125, 1.15625, 0.38671875, 0.412109375], [0.1728515625, -0.91796875]],
    [1.6328125, [0.2734375, -0.68359375, 0.640625, 1.203125, 0.19140625, 0.84765625], [0.150390625, -0.89453125]],
  ],
  adam: [
    [4.03125, [0.44921875, -1.203125, 1.953125, 1.046875, 0.69921875, -0.44921875], [0.19921875, -0.94921875]],
    [3.84375, [0.400390625, -1.15625, 1.90625, 1.09375, 0.6484375, -0.3984375], [0.1494140625, -0.8984375]],
    [3.65625, [0.3515625, -1.109375, 1.859375, 1.140625, 0.59765625, -0.34765625], [0.1005859375, -0.84765625]],
    [3.46875, [0.3046875, -1.0625, 1.8125, 1.1875, 0.546875, -0.298828125], [0.052734375, -0.80078125]],
  ],
  adamw: [
    [4.03125, [0.44921875, -1.203125, 1.953125, 1.046875, 0.69921875, -0.44921875], [0.19921875, -0.94921875]],
    [3.84375, [0.3984375, -1.15625, 1.90625, 1.09375, 0.6484375, -0.3984375], [0.1494140625, -0.8984375]],
    [3.640625, [0.349609375, -1.109375, 1.859375, 1.140625, 0.59765625, -0.34765625], [0.1005859375, -0.84765625]],
    [3.46875, [0.302734375, -1.0625, 1.8125, 1.1875, 0.546875, -0.298828125], [0.05322265625, -0.80078125]],
  ],
};

const optimizers: Readonly<Record<string, (params: Tensor[]) => optim.Optimizer>> = {
  sgd: (params) => new optim.SGD(params, 0.1, 0.9, { weightDecay: 0.01, nesterov: true }),
  adam: (params) => new optim.Adam(params, 0.05, { weightDecay: 0.02 }),
  adamw: (params) => new optim.AdamW(params, 0.05),
};

for (const [name, make] of Object.entries(optimizers)) {
  test(`four steps of ${name} in bfloat16 are close to those of PyTorch`, () => {
    const parameter = (data: number[] | number[][]) => torch.tensor(data, { dtype: bfloat16, requiresGrad: true });
    const weight = parameter([
      [0.5, -1.25, 2],
      [1, 0.75, -0.5],
    ]);
    const bias = parameter([0.25, -1]);
    const optimizer = make([weight, bias]);
    const inputs = [
      [1, 2, -1],
      [0.5, -0.25, 3],
      [2, 1, 1],
      [-1, 0.5, 0.25],
    ];
    const x = torch.tensor(inputs, { dtype: bfloat16 });
    const target = torch.tensor([0n, 1n, 1n, 0n]);
    for (const [loss, weights, biases] of steps[name] as (typeof steps)[string]) {
      optimizer.zeroGrad();
      const found = F.crossEntropy(F.linear(x, weight, bias), target);
      found.backward();
      optimizer.step();
      assert.equal(found.dtype, bfloat16);
      const all = [found.item(), ...(weight.flatten().tolist() as number[]), ...(bias.tolist() as number[])];
      for (const [i, expected] of [loss, ...weights, ...biases].entries()) {
        // PyTorch rounds the steps of a loss, here it is rounded once.
        const difference = Math.abs((all[i] as number) - expected);
        assert.ok(difference <= 0.016 * Math.abs(expected) + 0.004, `${all[i]} instead of ${expected}`);
      }
    }
  });
}

function network(): nn.Module & ((x: Tensor) => Tensor) {
  return new nn.Sequential(
    new nn.Conv2d(1, 4, 3),
    new nn.BatchNorm2d(4),
    new nn.ReLU(),
    new nn.Flatten(),
    new nn.Linear(4 * 6 * 6, 8),
    new nn.LayerNorm(8),
    new nn.GELU(),
    new nn.Dropout(0.1),
    new nn.Linear(8, 3),
  ) as never;
}

for (const dtype of [float16, bfloat16]) {
  test(`a network learns in ${dtype}`, () => {
    torch.manualSeed(0);
    const model = dtype === float16 ? network().half() : network().bfloat16();
    const floating = [...model.parameters(), ...model.buffers()].filter((one) => one.isFloatingPoint());
    assert.ok(floating.every((one) => one.dtype === dtype));
    assert.equal(model.stateDict()["1.num_batches_tracked"]?.dtype, torch.int64);
    const x = torch.randn(16, 1, 8, 8, { dtype });
    const target = torch.randint(3, [16]);
    const optimizer = new optim.AdamW(model.parameters(), 1e-2, { eps: 1e-4 });
    const losses: number[] = [];
    for (let i = 0; i < 30; i++) {
      const loss = F.crossEntropy(model(x), target);
      assert.equal(loss.dtype, dtype);
      optimizer.zeroGrad();
      loss.backward();
      for (const param of model.parameters()) assert.equal(param.grad?.dtype, dtype);
      optimizer.step();
      losses.push(loss.item());
    }
    assert.ok((losses.at(-1) as number) < 0.5 * (losses[0] as number), `${losses}`);
  });

  test(`a module comes back from ${dtype}, and loads weights of another dtype into its own`, () => {
    const model = new nn.Linear(3, 2);
    const before = model.weight.detach().clone();
    model.to(dtype).to(float32);
    assert.deepEqual(model.weight.tolist(), before.to(dtype).float().tolist());
    const half = new nn.Linear(3, 2).to(dtype);
    half.loadStateDict(model.stateDict());
    assert.equal(half.weight.dtype, dtype);
    assert.deepEqual(half.weight.float().tolist(), model.weight.tolist());
    assert.equal(new nn.Linear(3, 2, { dtype }).weight.dtype, dtype);
  });

  test(`layers of other kinds run in ${dtype}`, () => {
    const x = torch.randn(2, 5, 8, { dtype });
    const layers: Readonly<Record<string, (x: Tensor) => Tensor>> = {
      lstm: (input) =>
        (new nn.LSTM(8, 4, { batchFirst: true }).to(dtype) as never as (x: Tensor) => [Tensor])(input)[0],
      attention: (input) => F.scaledDotProductAttention(input, input, input),
      groupNorm: (input) => F.groupNorm(input, 5),
      rmsNorm: (input) => F.rmsNorm(input, [8]),
      embedding: () => F.embedding(torch.tensor([[1n, 2n]]), torch.randn(4, 3, { dtype })),
      convTranspose: (input) => F.convTranspose1d(input, torch.randn(5, 2, 3, { dtype })),
    };
    for (const [name, layer] of Object.entries(layers)) {
      const input = x.clone().requiresGrad_();
      const result = layer(input);
      assert.equal(result.dtype, dtype, name);
      assert.ok(result.isfinite().all().item(), name);
      if (!result.requiresGrad) continue;
      result.sum().backward();
      assert.equal(input.grad?.dtype ?? dtype, dtype, name);
    }
  });
}

test("half types beside others", () => {
  const bf: DType = bfloat16;
  const ones = torch.ones(2, 2, { dtype: bf });
  assert.throws(() => ones.matmul(torch.ones(2, 2)), { message: /BFloat16|bfloat16/i });
  assert.throws(() => F.linear(ones, torch.ones(2, 2)), { message: /BFloat16 and Float/ });
});

test("norms take inputs of a half type beside weights of float32, and compute in float32", () => {
  torch.manualSeed(0);
  const layers: readonly [string, () => nn.Module][] = [
    ["batch norm", () => new nn.BatchNorm2d(4)],
    ["batch norm in evaluation", () => new nn.BatchNorm2d(4).eval()],
    ["batch norm without weights", () => new nn.BatchNorm2d(4, { affine: false })],
    ["instance norm", () => new nn.InstanceNorm2d(4, { affine: true })],
    ["layer norm", () => new nn.LayerNorm(5)],
    ["group norm", () => new nn.GroupNorm(2, 4)],
  ];
  for (const [name, make] of layers) {
    for (const dtype of [float16, bfloat16]) {
      const x = torch.randn(2, 4, 3, 5).to(dtype).requiresGrad_();
      const wide = x.detach().float().requiresGrad_();
      const [mixed, whole] = [make(), make()];
      const [y, wanted] = [mixed(x) as Tensor, whole(wide) as Tensor];
      assert.equal(y.dtype, dtype, name);
      assert.ok(torch.equal(y, wanted.to(dtype)), name);
      y.sum().backward();
      wanted.sum().backward();
      assert.equal(x.grad?.dtype, dtype, name);
      assert.ok(torch.allclose(x.grad?.float() as Tensor, wide.grad as Tensor, { atol: 1e-2 }), name);
      for (const [key, one] of mixed.namedParameters()) assert.equal(one.grad?.dtype, float32, `${name}, ${key}`);
      const states = [mixed, whole].map((module) => Object.values(module.stateDict()));
      assert.ok(
        states[0]?.every((one, i) => torch.equal(one, states[1]?.[i] as Tensor)),
        name,
      );
    }
  }
});

test("a network with norms runs and learns under autocast", () => {
  torch.manualSeed(0);
  const net = new nn.Sequential(
    new nn.Conv2d(1, 4, 3),
    new nn.BatchNorm2d(4),
    new nn.ReLU(),
    new nn.Flatten(),
    new nn.Linear(64, 8),
    new nn.LayerNorm(8),
    new nn.Linear(8, 1),
  );
  const sgd = new optim.SGD(net.parameters(), { lr: 0.1 });
  const x = torch.randn(16, 1, 6, 6);
  const losses: number[] = [];
  for (let i = 0; i < 20; i++) {
    const loss = torch.autocast("cpu", () => net(x).float().sub(1).square().mean());
    losses.push(loss.item());
    sgd.zeroGrad();
    loss.backward();
    sgd.step();
  }
  assert.ok((losses.at(-1) as number) < (losses[0] as number) / 5, String(losses));
});
