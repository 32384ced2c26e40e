/** Resampling in what recorded calls of PyTorch 1.13 do not show: graphs, second derivatives, dtypes, layouts, messages. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { F, nn } from "../../src/index.js";

const random = (...sizes: number[]) => torch.randn(sizes, { dtype: torch.float64, requiresGrad: true });
const modes = {
  nearest: random(1, 2, 3, 4),
  "nearest-exact": random(1, 2, 3),
  linear: random(1, 2, 3),
  bilinear: random(1, 2, 3, 4),
  bicubic: random(1, 2, 3, 4),
  trilinear: random(1, 1, 2, 3, 2),
  area: random(1, 2, 5, 4),
} as const;

test("first and second derivatives of all modes, larger and smaller", () => {
  for (const [mode, x] of Object.entries(modes) as [F.InterpolateMode, torch.Tensor][]) {
    for (const factor of [1.7, 0.6]) {
      const run = (input: torch.Tensor) => F.interpolate(input, undefined, factor, { mode });
      assert.ok(torch.autograd.gradcheck(run, [x]), mode);
      assert.ok(torch.autograd.gradgradcheck(run, [x]), mode);
    }
  }
  const antialiased = (input: torch.Tensor) => F.interpolate(input, [2, 3], { mode: "bicubic", antialias: true });
  assert.ok(torch.autograd.gradcheck(antialiased, [random(1, 2, 5, 7)]));
});

test("nodes have PyTorch's names", () => {
  const names = (Object.entries(modes) as [F.InterpolateMode, torch.Tensor][]).map(([mode, x]) =>
    F.interpolate(x, 2, { mode }).gradFn?.name(),
  );
  assert.deepEqual(names, [
    "UpsampleNearest2DBackward0",
    "UpsampleNearestExact1DBackward0",
    "UpsampleLinear1DBackward0",
    "UpsampleBilinear2DBackward0",
    "UpsampleBicubic2DBackward0",
    "UpsampleTrilinear3DBackward0",
    "AdaptiveAvgPool2DBackward0",
  ]);
});

test("channels that are innermost in memory stay so, and give the same numbers and gradients", () => {
  const image = torch.randn(2, 9, 10, 16).permute(0, 3, 1, 2);
  for (const mode of ["nearest", "bilinear", "bicubic", "area"] as const) {
    for (const size of [
      [5, 23],
      [20, 4],
    ]) {
      const [a, b] = [image, image.contiguous()].map((x) => x.detach().requiresGrad_()) as [torch.Tensor, torch.Tensor];
      const [ours, theirs] = [a, b].map((x) => F.interpolate(x, size, { mode })) as [torch.Tensor, torch.Tensor];
      assert.equal(ours.stride(1), 1, mode);
      assert.ok(torch.allclose(ours, theirs, 1e-5, 1e-6), mode);
      ours.sin().sum().backward();
      theirs.sin().sum().backward();
      assert.ok(torch.allclose(a.grad as torch.Tensor, b.grad as torch.Tensor, 1e-4, 1e-5), mode);
    }
  }
});

test("planes that go around the caches, as together they are more than 16 MB, are those of one", () => {
  for (const size of [
    [48, 64],
    [45, 61],
  ]) {
    const one = torch.randn([1, 1, 20, 30]);
    const planes = Math.ceil(4.3e6 / ((size[0] as number) * (size[1] as number)));
    for (const mode of ["nearest", "bilinear"] as const) {
      const expected = F.interpolate(one, size, { mode });
      const all = F.interpolate(one.expand([1, planes, 20, 30]).contiguous(), size, { mode });
      assert.ok(torch.equal(all, expected.expandAs(all)), `${mode} to ${size}`);
    }
  }
});

test("an element that is not used keeps a NaN to itself", () => {
  const x = torch.tensor([[[1, Number.NaN, 3, 4]]], { requiresGrad: true });
  const half = F.interpolate(x, undefined, 0.5);
  assert.deepEqual(half.tolist(), [[[1, 3]]]);
  half.backward(torch.tensor([[[Number.POSITIVE_INFINITY, 1]]]));
  assert.deepEqual(x.grad?.tolist(), [[[Number.POSITIVE_INFINITY, 0, 1, 0]]]);
});

test("whole numbers move, and are weighed in no mode", () => {
  const x = torch.tensor([[[1n, 2n]]]);
  assert.deepEqual(F.interpolate(x, 4).tolist(), [[[1, 1, 2, 2]]]);
  assert.throws(() => F.interpolate(x, 4, { mode: "linear" }), TypeError);
});

test("wrong arguments are refused in PyTorch's words", () => {
  const image = torch.zeros(1, 2, 3, 4);
  const throws = (body: () => unknown, message: RegExp) => assert.throws(body, message);
  throws(() => F.interpolate(image), /^Error: either size or scale_factor should be defined/);
  throws(() => F.interpolate(image, 3, 2), /^Error: only one of size or scale_factor should be defined/);
  throws(() => F.interpolate(image, 3, { mode: "linear" }), /^Error: Got 4D input, but linear mode needs 3D input/);
  throws(() => F.interpolate(image, 3, { alignCorners: true }), /^Error: align_corners option can only be set with/);
  throws(
    () => F.interpolate(image, 3, { antialias: true }),
    /^Error: Anti-alias option is only supported for bilinear and bicubic/,
  );
  throws(() => F.interpolate(image, [3]), /must have the same number of spatial dimensions/);
  throws(() => F.interpolate(image, 0), /^Error: Input and output sizes should be greater than 0/);
  throws(() => F.interpolate(image, 3, { recomputeScaleFactor: true }), /not meaningful with an explicit size/);
  throws(() => F.interpolate(image, 3, { mode: "cubic" as never }), /^TypeError/);
  throws(
    () => F.gridSample(image, torch.zeros(1, 2, 2, 3), { alignCorners: false }),
    /expected grid to have size 2 in last dimension/,
  );
  throws(() => F.gridSample(image, torch.zeros(2, 2, 2, 2), { alignCorners: false }), /same batch size/);
  throws(
    () => F.gridSample(image, torch.zeros(1, 2, 2, 2).double(), { alignCorners: false }),
    /^TypeError: .*same dtype/,
  );
  throws(
    () => F.affineGrid(torch.zeros(1, 2, 2), [1, 1, 2, 2], { alignCorners: false }),
    /Expected a batch of 2D affine matrices of shape Nx2x3/,
  );
});

test("layers resize, and print as PyTorch's", () => {
  assert.deepEqual(new nn.Upsample(undefined, 2, { mode: "bilinear" })(torch.zeros(1, 2, 3, 4)).shape, [1, 2, 6, 8]);
  assert.equal(String(new nn.Upsample(undefined, [2, 1.5])), "Upsample(scale_factor=(2.0, 1.5), mode='nearest')");
  assert.equal(String(new nn.UpsamplingBilinear2d([3, 4])), "UpsamplingBilinear2d(size=(3, 4), mode='bilinear')");
});

test("the identity map samples every element, and grids and images have gradients", () => {
  const image = random(2, 3, 4, 5);
  const theta = torch
    .tensor(
      [
        [
          [1, 0, 0],
          [0, 1, 0],
        ],
      ],
      { dtype: torch.float64 },
    )
    .expand(2, 2, 3);
  for (const alignCorners of [true, false]) {
    const grid = F.affineGrid(theta, image.shape, { alignCorners });
    assert.ok(torch.allclose(F.gridSample(image, grid, { alignCorners }), image));
  }
  const grid = torch.rand([1, 2, 2, 2], { dtype: torch.float64 }).mul(1.5).sub(0.7).requiresGrad_();
  for (const mode of ["bilinear", "bicubic"] as const) {
    for (const paddingMode of ["zeros", "border", "reflection"] as const) {
      const run = (x: torch.Tensor, g: torch.Tensor) => F.gridSample(x, g, { mode, paddingMode, alignCorners: false });
      assert.ok(torch.autograd.gradcheck(run, [random(1, 2, 3, 4), grid]), `${mode}, ${paddingMode}`);
    }
  }
});
