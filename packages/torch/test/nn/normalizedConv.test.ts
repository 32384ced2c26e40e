/** A convolution and what stands behind it in a Sequential: one kernel in evaluation, where nobody can tell. */
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

/** Convolutions that are solved in different ways, with the shape of an input. */
const ways: readonly [string, () => nn.Conv1d | nn.Conv2d | nn.Conv3d, number[]][] = [
  ["tiles", () => new nn.Conv2d(33, 40, 3, { padding: 1 }), [2, 33, 9, 11]],
  ["few channels", () => new nn.Conv2d(3, 21, 5, 2), [2, 3, 23, 37]],
  ["by channel", () => new nn.Conv2d(20, 40, 3, { padding: 1, groups: 20 }), [2, 20, 10, 13]],
  ["groups", () => new nn.Conv2d(12, 24, 3, { groups: 3, bias: false }), [2, 12, 10, 13]],
  ["pointwise", () => new nn.Conv2d(24, 37, 1), [3, 24, 8, 12]],
  ["pointwise in one column", () => new nn.Conv2d(24, 37, 1), [2, 24, 32, 1]],
  ["pointwise of a few", () => new nn.Conv2d(24, 37, 1, 2), [2, 24, 7, 7]],
  ["one position", () => new nn.Conv2d(24, 37, 1, { bias: false }), [3, 24, 1, 1]],
  ["far apart", () => new nn.Conv1d(2, 5, 2, { dilation: 3_000_000 }), [1, 2, 3_000_007]],
  ["3d", () => new nn.Conv3d(4, 7, 3, { padding: 1 }), [1, 4, 5, 6, 7]],
];

const behind = {
  none: undefined,
  relu: nn.ReLU,
  relu6: nn.ReLU6,
  hardswish: nn.Hardswish,
  hardsigmoid: nn.Hardsigmoid,
};
const norms = [nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d] as const;

for (const [name, make, shape] of ways) {
  test(`norm, sum and activation are the same as one after the other, ${name}`, () => {
    torch.manualSeed(1);
    for (const dtype of [torch.float32, torch.float64]) {
      const conv = make().to(dtype);
      const Norm = norms[shape.length - 3] as (typeof norms)[1];
      const bn = norm(new Norm(conv.outChannels)).to(dtype);
      const input = torch.randn(shape, { dtype });
      const inputs = shape.length === 4 ? [input, input.to({ memoryFormat: torch.channelsLast })] : [input];
      for (const [i, Activation] of Object.values(behind).entries()) {
        const activation = Activation === undefined ? undefined : new Activation();
        const row = i % 2 === 0 ? [conv, bn] : [conv];
        for (const given of inputs) {
          const plain = row.reduce<Tensor>((x, layer) => layer(x), given).detach();
          const added = torch.randn(plain.shape, { dtype }).mul(2);
          const sum = plain.add(added);
          const shortcut = { added: () => added, ...(activation && { behind: activation }) };
          const [seen, alone] = torch.noGrad(() => [
            nn.Sequential.run(row, given, shortcut),
            nn.Sequential.run(activation === undefined ? row : [...row, activation], given),
          ]);
          const tolerance = dtype === torch.float64 ? 1e-13 : 2e-5;
          close(seen as Tensor, activation === undefined ? sum : activation(sum), tolerance);
          close(alone as Tensor, activation === undefined ? plain : activation(plain), tolerance);
          assert.deepEqual(seen?.strides, plain.strides);
        }
      }
    }
  });
}

test("what is added may lie in memory in any way, and broadcasts", () => {
  const model = [new nn.Conv2d(4, 6, 3, { padding: 1 }), norm(new nn.BatchNorm2d(6))];
  const given = torch.randn(2, 4, 8, 10);
  for (const added of [
    torch.randn(2, 6, 10, 8).transpose(2, 3),
    torch.randn(2, 8, 10, 6).permute(0, 3, 1, 2),
    torch.randn(6, 1, 1),
    torch.randn(2, 6, 8, 10).double(),
    torch.randn(2, 12, 8, 10).at(":", "::2"),
  ]) {
    const shortcut = { added: () => added, behind: new nn.ReLU() };
    const expected = nn.Sequential.run(model, given, shortcut);
    const seen = torch.noGrad(() => nn.Sequential.run(model, given, shortcut));
    assert.equal(seen.dtype, expected.dtype);
    close(seen, expected.detach());
  }
});

test("NaN and infinity come out of activations as they do one after the other", () => {
  const conv = new nn.Conv2d(1, 1, 1, { bias: false });
  torch.noGrad(() => conv.weight.fill_(1));
  const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -4, -3, -0.5, 0, 2, 3, 7];
  const given = torch.tensor(values).reshape(1, 1, 1, -1);
  for (const Activation of [nn.ReLU, nn.ReLU6, nn.Hardswish, nn.Hardsigmoid]) {
    const activation = new Activation();
    const seen = torch.noGrad(() => nn.Sequential.run([conv, activation], given));
    assert.ok(torch.allclose(seen, activation(given), { equalNan: true }), Activation.name);
  }
});

test("an activation with a hook or a forward of its own runs", () => {
  const conv = new nn.Conv2d(4, 8, 3);
  const hooked = new nn.ReLU();
  let calls = 0;
  hooked.registerForwardHook(() => void calls++);
  class Twice extends nn.ReLU {
    override forward(input: Tensor): Tensor {
      return super.forward(input).mul(2);
    }
  }
  torch.noGrad(() => {
    close(nn.Sequential.run([conv, hooked], x), conv(x).relu());
    close(nn.Sequential.run([conv, new Twice()], x), conv(x).relu().mul(2));
  });
  assert.equal(calls, 1);
});

test("a batch norm of other dims says so", () => {
  const wrong = new nn.Sequential(new nn.Conv2d(4, 8, 3), new nn.BatchNorm1d(8)).eval();
  assert.throws(() => torch.noGrad(() => wrong(x)), /expected 2D or 3D input \(got 4D input\)/);
});

test("the meta device knows the shape", () => {
  const model = net().to("meta");
  const seen = torch.noGrad(() => model(torch.empty(2, 4, 9, 9, { device: "meta" })));
  assert.deepEqual([seen.device.toString(), seen.shape], ["meta", [2, 8, 7, 7]]);
});
