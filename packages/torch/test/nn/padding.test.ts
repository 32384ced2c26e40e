/** Padding in what recorded calls of PyTorch 1.13 do not show: later layers, messages, layouts, graphs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { F, nn } from "../../src/index.js";

const line = () => torch.arange(1, 7, { dtype: torch.float32 }).view(1, 2, 3);

test("circular and zero padding in one, two and three dims", () => {
  const image = torch.arange(1, 5, { dtype: torch.float32 }).view(1, 2, 2);
  assert.deepEqual(new nn.CircularPad1d([2, 1])(line()).tolist(), [
    [
      [2, 3, 1, 2, 3, 1],
      [5, 6, 4, 5, 6, 4],
    ],
  ]);
  assert.deepEqual(new nn.CircularPad2d([1, 0, 0, 1])(image).tolist(), [
    [
      [2, 1, 2],
      [4, 3, 4],
      [2, 1, 2],
    ],
  ]);
  assert.deepEqual(new nn.CircularPad3d([0, 0, 0, 0, 1, 0])(image.unsqueeze(0)).shape, [1, 2, 2, 2]);
  assert.deepEqual(new nn.ZeroPad1d([1, 2])(line()).tolist(), [
    [
      [0, 1, 2, 3, 0, 0],
      [0, 4, 5, 6, 0, 0],
    ],
  ]);
  assert.deepEqual(new nn.ZeroPad3d(1)(image).sum().item(), 10);
  assert.deepEqual(new nn.ZeroPad3d(1)(image).shape, [3, 4, 4]);
});

test("layers print their padding", () => {
  assert.equal(String(new nn.CircularPad2d([1, 0, 0, 1])), "CircularPad2d((1, 0, 0, 1))");
  assert.equal(String(new nn.ZeroPad1d(3)), "ZeroPad1d((3, 3))");
  assert.equal(String(new nn.ZeroPad3d(1)), "ZeroPad3d((1, 1, 1, 1, 1, 1))");
});

test("circular padding takes inputs without a batch, in one dim too", () => {
  assert.deepEqual(F.pad(line().squeeze(0), [1, 1], { mode: "circular" }).tolist(), [
    [3, 1, 2, 3, 1],
    [6, 4, 5, 6, 4],
  ]);
});

test("whole numbers are padded from the input, too", () => {
  const whole = torch.tensor([[1n, 2n, 3n]]);
  assert.deepEqual(F.pad(whole, [2, 1], { mode: "reflect" }).tolist(), [[3, 2, 1, 2, 3, 2]]);
  assert.deepEqual(F.pad(whole.gt(1), [0, 1], { mode: "replicate" }).tolist(), [[false, true, true, true]]);
});

test("messages say what does not fit", () => {
  const throws = (counts: number[], mode: F.PadMode, message: RegExp, x = line()) =>
    assert.throws(() => F.pad(x, counts, { mode }), message, mode);
  throws([1], "constant", /^Error: Padding length must be divisible by 2/);
  throws([1, 1, 1, 1, 1, 1, 1, 1], "constant", /^Error: Padding length too large/);
  throws([-2, -2], "constant", /The input size 3, plus negative padding -2 and -2 resulted in a negative output size/);
  throws(
    [3, 1],
    "reflect",
    /Padding size should be less than the corresponding input dimension, .*\(3, 1\) at dimension 2 of input \[1, 2, 3\]/,
  );
  throws([4, 0], "circular", /Padding value causes wrapping around more than once/);
  throws([-2, -2], "replicate", /input \(W: 3\) is too small. Calculated output W: -1/);
  throws(
    [1, 1],
    "reflect",
    /Only 2D, 3D, 4D, 5D padding with non-constant padding are supported for now/,
    torch.ones(3),
  );
  throws([1, 1], "replicate", /Expected 2D or 3D \(batch mode\) tensor .* got: \[2, 0, 3\]/, torch.ones(2, 0, 3));
  assert.throws(() => F.pad(line(), [1, 1], { mode: "reflect", value: 1 }), /"reflect" doesn't take in value argument/);
  assert.throws(() => F.pad(line(), [1, 1], { mode: "mirror" as F.PadMode }), TypeError);
});

test("gradients have the graph of PyTorch's nodes, and second derivatives", () => {
  const x = line().requiresGrad_();
  const names = (["constant", "reflect", "replicate"] as const).map((mode) =>
    F.pad(x, [1, 1], { mode }).gradFn?.name(),
  );
  assert.deepEqual(names, ["ConstantPadNdBackward0", "ReflectionPad1DBackward0", "ReplicationPad1DBackward0"]);
  const volume = torch.randn([1, 1, 2, 3, 3], { dtype: torch.float64, requiresGrad: true });
  for (const mode of ["constant", "reflect", "replicate", "circular"] as const) {
    const padded = (input: torch.Tensor) => F.pad(input, [1, 2, 0, 1, 1, 1], { mode });
    assert.ok(torch.autograd.gradcheck(padded, [volume]), mode);
    assert.ok(torch.autograd.gradgradcheck(padded, [volume]), mode);
  }
});

test("channels that are innermost in memory stay so", () => {
  const image = torch.randn(2, 4, 5, 3).permute(0, 3, 1, 2);
  for (const mode of ["constant", "reflect", "replicate", "circular"] as const) {
    const padded = F.pad(image, [1, 2, 0, 1], { mode });
    assert.deepEqual(padded.stride(), [120, 1, 24, 3], mode);
    assert.ok(padded.equal(F.pad(image.contiguous(), [1, 2, 0, 1], { mode })), mode);
  }
});
