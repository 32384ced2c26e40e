/** A convolution and the batch norm behind it in a Sequential: one convolution in evaluation, where nobody can tell. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { nn, type Tensor } from "../../src/index.js";

/** A batch norm with statistics and weights of its own, in evaluation. */
function norm<N extends nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d>(layer: N): N {
  for (const one of [layer.weight, layer.bias, layer.runningMean]) one?.data.normal_();
  layer.runningVar?.uniform_(0.5, 2);
  layer.eval();
  return layer;
}

function close(a: Tensor, b: Tensor, tolerance = 1e-5): void {
  assert.deepEqual(a.shape, b.shape);
  const difference = a.double().sub(b.double()).abs().max().item();
  assert.ok(difference <= tolerance * (1 + b.double().abs().max().item()), `they differ by ${difference}`);
}

/** The operations that a call makes. */
function operations(body: () => unknown): string[] {
  return torch.profiler
    .profile(body)
    .events()
    .map(({ name }) => name);
}

const shapes: readonly [string, () => nn.Sequential, number[]][] = [
  ["1d", () => new nn.Sequential(new nn.Conv1d(3, 8, 5, 2), norm(new nn.BatchNorm1d(8))), [16, 3, 64]],
  [
    "2d",
    () => new nn.Sequential(new nn.Conv2d(4, 6, 3, { padding: 1, bias: false }), norm(new nn.BatchNorm2d(6))),
    [8, 4, 16, 16],
  ],
  [
    "groups",
    () => new nn.Sequential(new nn.Conv2d(4, 8, 3, { groups: 4 }), norm(new nn.BatchNorm2d(8))),
    [8, 4, 16, 16],
  ],
  [
    "circular",
    () =>
      new nn.Sequential(new nn.Conv2d(4, 8, 3, { padding: 1, paddingMode: "circular" }), norm(new nn.BatchNorm2d(8))),
    [8, 4, 16, 16],
  ],
  [
    "plain",
    () => new nn.Sequential(new nn.Conv2d(4, 8, 1), norm(new nn.BatchNorm2d(8, { affine: false }))),
    [8, 4, 16, 16],
  ],
  ["3d", () => new nn.Sequential(new nn.Conv3d(2, 4, 3), norm(new nn.BatchNorm3d(4))), [2, 2, 9, 9, 9]],
  ["few", () => new nn.Sequential(new nn.Conv2d(32, 32, 3), norm(new nn.BatchNorm2d(32))), [1, 32, 4, 4]],
  [
    "two",
    () => new nn.Sequential(new nn.Conv2d(2, 4, 3), new nn.Conv2d(4, 8, 3), norm(new nn.BatchNorm2d(8)), new nn.ReLU()),
    [4, 2, 20, 20],
  ],
];

for (const [name, make, shape] of shapes) {
  test(`without gradients the result is the same but for rounding, ${name}`, () => {
    torch.manualSeed(0);
    for (const dtype of [torch.float32, torch.float64]) {
      const net = make().to(dtype);
      const x = torch.randn(shape, { dtype });
      const seen = net(x).detach();
      close(
        torch.noGrad(() => net(x)),
        seen,
        dtype === torch.float64 ? 1e-13 : 1e-5,
      );
      assert.equal(torch.noGrad(() => net(x)).dtype, dtype);
    }
  });
}

const net = () => new nn.Sequential(new nn.Conv2d(4, 8, 3), norm(new nn.BatchNorm2d(8)));
const x = torch.randn(8, 4, 16, 16);

test("in training, batch norm sees the batch and moves its statistics", () => {
  const moving = net();
  moving.train();
  const [mean] = moving.buffers() as [Tensor];
  const before = mean.clone();
  torch.noGrad(() => moving(x));
  assert.ok(!torch.equal(mean, before));
});

test("hooks of both are called", () => {
  const watched = net();
  const seen: string[] = [];
  watched.at(0).registerForwardHook(() => void seen.push("conv"));
  torch.noGrad(() => watched(x));
  watched.at(1).registerForwardPreHook(() => void seen.push("norm"));
  torch.noGrad(() => watched(x));
  assert.deepEqual(seen, ["conv", "conv", "norm"]);
});

test("a forward of one's own runs", () => {
  class Mine extends nn.Conv2d {
    override forward(input: Tensor): Tensor {
      return super.forward(input).mul(0);
    }
  }
  const own = new nn.Sequential(new Mine(4, 8, 3), new nn.BatchNorm2d(8, { affine: false }).eval());
  assert.equal(
    torch
      .noGrad(() => own(x))
      .abs()
      .max()
      .item(),
    0,
  );
});

test("who looks on sees both", () => {
  const both = (names: readonly string[]) => names.filter((one) => /^(convolution|batchNorm)$/.test(one));
  const model = net();
  assert.deepEqual(both(torch.noGrad(() => operations(() => model(x)))), both(operations(() => model(x))));
  const graph = torch.noGrad(() => torch.fx.capture(model, [x]));
  assert.match(String(graph), /batchNorm/);
});

test("under autocast both run", () => {
  const model = net();
  const seen = torch.noGrad(() => torch.autocast("cpu", () => model(x)));
  assert.equal(seen.dtype, torch.bfloat16);
  close(seen, model(x).detach(), 0.02);
});

test("a wrong input is told of the layer", () => {
  assert.throws(
    () => torch.noGrad(() => net()(torch.randn(8, 3, 16, 16))),
    /to have 4 channels, but got 3 channels instead\nin Sequential\.0, Conv2d\(4, 8, kernel_size=\(3, 3\), stride=\(1, 1\)\): got \[8, 3, 16, 16\]$/,
  );
});

test("run hands an input through modules as a Sequential does", () => {
  const model = net();
  const layers = [model.at(0), model.at(1), new nn.ReLU()];
  close(nn.Sequential.run(layers, x), model(x).relu());
  close(
    torch.noGrad(() => nn.Sequential.run(layers, x)),
    model(x).relu(),
  );
  assert.equal(nn.Sequential.run([], x), x);
});
