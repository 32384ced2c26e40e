/** The blocks of networks: printed forms, and what torchvision gives for the same seeds. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ops } from "@flambeau/vision";
import torch, { nn, type Tensor } from "flambeau";

/** Builds a block and an input from one seed, runs it from another, and compares. */
function check(
  build: () => readonly [block: (input: Tensor) => Tensor, input: Tensor],
  text: string,
  shape: readonly number[],
  first: readonly number[],
  sum: number,
): void {
  torch.manualSeed(0);
  const [block, input] = build();
  assert.equal(String(block), text);
  torch.manualSeed(1);
  const output = block(input);
  assert.deepEqual(output.shape, shape);
  const flat = output.flatten();
  first.forEach((value, i) => assert.ok(Math.abs(flat.at(i).item() - value) < 2e-6, `${flat.at(i).item()} ${value}`));
  assert.ok(Math.abs(output.double().sum().item() - sum) < 1e-4, `${output.double().sum().item()} ${sum}`);
}

test("Conv2dNormActivation", () => {
  check(
    () => [
      new ops.Conv2dNormActivation(3, 4, 5, 2, { dilation: 2, activationLayer: nn.ReLU6 }),
      torch.rand(2, 3, 9, 9),
    ],
    `Conv2dNormActivation(
  (0): Conv2d(3, 4, kernel_size=(5, 5), stride=(2, 2), padding=(4, 4), dilation=(2, 2), bias=False)
  (1): BatchNorm2d(4, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
  (2): ReLU6(inplace=True)
)`,
    [2, 4, 5, 5],
    [1.249482, 2.117215, 1.733493, 0.086948],
    82.12947,
  );
  check(
    () => [
      new ops.Conv2dNormActivation(4, 4, [3, 5], {
        groups: 2,
        normLayer: null,
        activationLayer: (options) => new nn.Hardswish(options),
        inplace: null,
      }),
      torch.rand(1, 4, 6, 6),
    ],
    `Conv2dNormActivation(
  (0): Conv2d(4, 4, kernel_size=(3, 5), stride=(1, 1), padding=(1, 2), groups=2)
  (1): Hardswish()
)`,
    [1, 4, 6, 6],
    [-0.073573, -0.056239, 0.019322, -0.113758],
    1.14284,
  );
  assert.equal(new ops.Conv2dNormActivation(3, 8, 3, 1, "valid").outChannels, 8);
});

test("Conv3dNormActivation", () => {
  check(
    () => [new ops.Conv3dNormActivation(1, 2, 3, { activationLayer: null, bias: true }), torch.rand(2, 1, 3, 3, 3)],
    `Conv3dNormActivation(
  (0): Conv3d(1, 2, kernel_size=(3, 3, 3), stride=(1, 1, 1), padding=(1, 1, 1))
  (1): BatchNorm3d(2, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
)`,
    [2, 2, 3, 3, 3],
    [1.895387, 1.260356, 0.631169, 1.526153],
    0,
  );
});

test("SqueezeExcitation", () => {
  check(
    () => [new ops.SqueezeExcitation(4, 2, nn.SiLU, nn.Hardsigmoid), torch.rand(1, 4, 2, 2)],
    `SqueezeExcitation(
  (avgpool): AdaptiveAvgPool2d(output_size=1)
  (fc1): Conv2d(4, 2, kernel_size=(1, 1), stride=(1, 1))
  (fc2): Conv2d(2, 4, kernel_size=(1, 1), stride=(1, 1))
  (activation): SiLU()
  (scale_activation): Hardsigmoid()
)`,
    [1, 4, 2, 2],
    [0.167276, 0.368232, 0.176673, 0.232908],
    3.36038,
  );
});

test("MLP", () => {
  check(
    () => [new ops.MLP(4, [6, 3], nn.LayerNorm, { dropout: 0.25, inplace: null }), torch.rand(2, 4)],
    `MLP(
  (0): Linear(in_features=4, out_features=6, bias=True)
  (1): LayerNorm((6,), eps=1e-05, elementwise_affine=True)
  (2): ReLU()
  (3): Dropout(p=0.25, inplace=False)
  (4): Linear(in_features=6, out_features=3, bias=True)
  (5): Dropout(p=0.25, inplace=False)
)`,
    [2, 3],
    [-0.972088, 0.196346, 0.010333, -0.959342],
    -1.64893,
  );
});

test("Permute", () => {
  check(
    () => [new ops.Permute([0, 2, 1]), torch.rand(1, 2, 3)],
    "Permute()",
    [1, 3, 2],
    [0.496257, 0.13203, 0.768222],
    2.42649,
  );
});

test("FrozenBatchNorm2d has four buffers and no parameter", () => {
  const build = () => {
    const norm = new ops.FrozenBatchNorm2d(2, 1e-3);
    for (const buffer of [norm.runningVar, norm.runningMean, norm.weight, norm.bias]) buffer.uniform_();
    return [norm, torch.rand(1, 2, 2, 2)] as const;
  };
  check(build, "FrozenBatchNorm2d(2, eps=0.001)", [1, 2, 2, 2], [0.650156, 0.727181, 0.603624, 0.626653], 6.53714);
  const [norm] = build();
  assert.deepEqual(Object.keys(norm.stateDict()), ["weight", "bias", "running_mean", "running_var"]);
  assert.deepEqual(norm.parameters(), []);
  assert.equal(String(new ops.FrozenBatchNorm2d(8)), "FrozenBatchNorm2d(8, eps=1e-05)");
});

test("StochasticDepth drops rows or the batch in training, and nothing in evaluation", () => {
  for (const mode of ["row", "batch"] as const) {
    check(
      () => [new ops.StochasticDepth(0.4, mode), torch.rand(4, 2)],
      `StochasticDepth(p=0.4, mode=${mode})`,
      [4, 2],
      [0.827094, 1.28037, 0.147462, 0.220051],
      6.35504,
    );
  }
  const input = torch.rand(6, 2, 2);
  const rows = ops.stochasticDepth(input, 0.5, "row");
  const factors = rows.div(input).flatten(1);
  assert.ok(factors.amin(1).equal(factors.amax(1)), "a row is kept or dropped as a whole");
  assert.deepEqual(ops.stochasticDepth(input, 1, "batch").sum().item(), 0);
  assert.equal(ops.stochasticDepth(input, 0.5, "row", { training: false }), input);
  assert.ok(new ops.StochasticDepth(0.9, "batch").eval()(input).equal(input));
  assert.equal(String(new ops.StochasticDepth(0, "row")), "StochasticDepth(p=0.0, mode=row)");
  assert.throws(
    () => ops.stochasticDepth(input, 1.5, "row"),
    /drop probability has to be between 0 and 1, but got 1.5/,
  );
});

test("what is no layer is refused", () => {
  assert.throws(
    // @ts-expect-error a word is no layer
    () => new ops.Conv2dNormActivation(3, 4, { normLayer: "batch" }),
    /Conv2dNormActivation\(\): argument 'normLayer' must be class of modules or function that makes one/,
  );
});
