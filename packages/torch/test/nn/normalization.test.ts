/** Normalization in what recorded calls of PyTorch 1.13 do not show: later layers, messages, state, precision, threads. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { F, nn, type Tensor } from "../../src/index.js";

const float64 = { dtype: torch.float64 };

/** `rmsNorm` in other operations. */
function rms(x: Tensor, dims: number[], eps: number): Tensor {
  return x.mul(x.square().mean(dims, { keepdim: true }).add(eps).rsqrt());
}

test("RMS norm: results, gradients and the printed form", () => {
  torch.manualSeed(1);
  const x = torch.randn([3, 4, 5], { ...float64, requiresGrad: true });
  const weight = torch.randn([4, 5], { ...float64, requiresGrad: true });
  assert.ok(F.rmsNorm(x, [4, 5], weight, 0.1).allclose(rms(x, [1, 2], 0.1).mul(weight)));
  assert.ok(F.rmsNorm(x, [5]).allclose(rms(x, [2], torch.finfo(torch.float64).eps)));
  const normalized = (input: Tensor, factor: Tensor) => F.rmsNorm(input, [4, 5], factor, 0.1);
  assert.ok(torch.autograd.gradcheck(normalized, [x, weight]));
  assert.ok(torch.autograd.gradgradcheck(normalized, [x, weight]));
  assert.equal(String(new nn.RMSNorm(5)), "RMSNorm((5,), eps=None, elementwise_affine=True)");
  assert.equal(String(new nn.RMSNorm([4, 5], 1e-6)), "RMSNorm((4, 5), eps=1e-06, elementwise_affine=True)");
  const layer = new nn.RMSNorm([4, 5], { eps: 0.1, dtype: torch.float64 });
  assert.deepEqual(Object.keys(layer.stateDict()), ["weight"]);
  assert.ok(layer(x).allclose(rms(x, [1, 2], 0.1)));
  assert.equal([...new nn.RMSNorm(5, { elementwiseAffine: false }).parameters()].length, 0);
});

test("RMS norm of numbers whose squares leave the range of float32", () => {
  const x = torch.tensor([3e30, -4e30]);
  assert.ok(F.rmsNorm(x, [2]).allclose(torch.tensor([3, -4]).div(Math.sqrt(12.5))));
});

test("layer norm without a bias", () => {
  const layer = new nn.LayerNorm(3, { bias: false });
  assert.deepEqual(Object.keys(layer.stateDict()), ["weight"]);
  assert.equal(layer.bias, null);
});

test("the variance of numbers far from 0 keeps its digits", () => {
  const offsets = torch.arange(0, 8, float64).div(4);
  const far = offsets.add(1e4).float();
  const expected = F.layerNorm(offsets, [8]).float();
  assert.ok(F.layerNorm(far, [8]).allclose(expected, 1e-5, 1e-6));
  const channel = far.view(2, 1, 4);
  assert.ok(F.batchNorm(channel, null, null, { training: true }).view(8).allclose(expected, 1e-5, 1e-6));
  assert.ok(F.batchNorm(far.view(8, 1), null, null, { training: true }).view(8).allclose(expected, 1e-5, 1e-6));
  assert.ok(
    F.groupNorm(far.view(1, 2, 4), 1)
      .view(8)
      .allclose(expected, 1e-5, 1e-6),
  );
});

test("batch norm is the same for all layouts, by any number of threads", () => {
  torch.manualSeed(2);
  const images = torch.randn([16, 33, 19, 21], { requiresGrad: true });
  const weight = torch.rand([33], { requiresGrad: true });
  const grad = torch.randn(16, 33, 19, 21);
  const results = (input: Tensor) => {
    const output = F.batchNorm(input, null, null, weight, null, { training: true });
    return [output, ...torch.autograd.grad([output], [images, weight], { gradOutputs: [grad] })];
  };
  const before = torch.getNumThreads();
  const expected = results(images);
  try {
    for (const threads of [1, 2, 3]) {
      torch.setNumThreads(threads);
      for (const input of [images, images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)]) {
        for (const [i, found] of results(input).entries()) {
          assert.ok(found?.allclose(expected[i] as Tensor, 1e-4, i === 2 ? 1e-2 : 1e-5), `${threads} threads: ${i}`);
        }
      }
    }
  } finally {
    torch.setNumThreads(before);
  }
});

test("channels that are innermost in memory stay so", () => {
  const images = torch.randn(2, 4, 5, 3).permute(0, 3, 1, 2);
  const strides = images.stride();
  assert.deepEqual(new nn.BatchNorm2d(3)(images).stride(), strides);
  assert.deepEqual(new nn.GroupNorm(3, 3)(images).stride(), strides);
});

test("running statistics of any layout are moved", () => {
  const x = torch.randn([4, 3, 5], float64);
  const mean = torch.zeros([6], float64).at("::2");
  F.batchNorm(x, mean, null, { training: true, momentum: 1 });
  assert.ok(mean.allclose(x.mean([0, 2])));
});

test("two calls in training before one backward pass", () => {
  const layer = new nn.BatchNorm1d(3);
  const x = torch.randn([4, 3], { requiresGrad: true });
  layer(x)
    .square()
    .sum()
    .add(layer(x.mul(2)).square().sum())
    .backward();
  assert.equal(x.grad?.shape.length, 2);
  assert.equal(layer.numBatchesTracked?.item(), 2);
});

test("running statistics that change between a call in evaluation and its backward pass are found", () => {
  const layer = new nn.BatchNorm1d(3).eval();
  const x = torch.randn([4, 3], { requiresGrad: true });
  const loss = layer(x).sum();
  layer.train()(x);
  assert.throws(() => loss.backward(), /modified by an inplace operation/);
});

test("instance norm says which number of channels it was made for", () => {
  assert.throws(
    () => new nn.InstanceNorm2d(3, { affine: true })(torch.ones(2, 4, 3, 3)),
    /expected input's size at dim=1 to match num_features \(3\), but got: 4/,
  );
});

test("messages say what does not fit", () => {
  const x = torch.randn(2, 4, 3);
  const four = torch.ones(4);
  assert.throws(() => new nn.BatchNorm2d(4)(x), /^Error: expected 4D input \(got 3D input\)/);
  assert.throws(() => new nn.BatchNorm1d(4)(torch.ones(4)), /^Error: expected 2D or 3D input \(got 1D input\)/);
  assert.throws(() => new nn.BatchNorm1d(3)(x), /running_mean should contain 4 elements not 3/);
  assert.throws(
    () => new nn.BatchNorm1d(4)(x.at(0).unsqueeze(0).at("...", ":1")),
    /Expected more than 1 value per channel when training, got input size torch.Size\(\[1, 4, 1\]\)/,
  );
  assert.throws(() => F.batchNorm(x, null, null), /running_mean must be defined in evaluation mode/);
  assert.throws(() => F.batchNorm(x.double(), four, four), TypeError);
  assert.throws(() => F.batchNorm(x.long(), four.long(), four.long()), /"batch_norm" not implemented for 'Long'/);
  assert.throws(
    () => F.layerNorm(x, [4]),
    /Given normalized_shape=\[4\], expected input with shape \[\*, 4\], but got input of size\[2, 4, 3\]/,
  );
  assert.throws(
    () => F.layerNorm(x, [3], four),
    /Expected weight to be of same shape as normalized_shape, but got weight of shape \[4\] and normalized_shape = \[3\]/,
  );
  assert.throws(
    () => F.groupNorm(x, 3),
    /Expected number of channels in input to be divisible by num_groups, but got input of shape \[2, 4, 3\] and num_groups=3/,
  );
  assert.throws(() => new nn.GroupNorm(3, 4), /num_channels must be divisible by num_groups/);
  assert.throws(
    () => F.instanceNorm(x.at("...", ":1")),
    /Expected more than 1 spatial element when training, got input size torch.Size\(\[2, 4, 1\]\)/,
  );
  assert.throws(
    () => F.localResponseNorm(torch.ones(2, 3), 2),
    /Expected 3D or higher dimensionality input \(got 2 dimensions\)/,
  );
});

test("batch norms become those of a group of processes, with their state", () => {
  const net = new nn.Sequential(new nn.Linear(3, 4), new nn.BatchNorm1d(4, 0.1, { momentum: null }));
  const inner = new nn.Sequential(net, new nn.BatchNorm2d(3, { affine: false }));
  const keys = Object.keys(inner.stateDict());
  const x = torch.randn(5, 3);
  const before = net(x);
  const { weight } = net.at(1) as nn.BatchNorm1d;
  const converted = nn.SyncBatchNorm.convertSyncBatchnorm(inner);
  assert.equal(converted, inner);
  assert.deepEqual(Object.keys(inner.stateDict()), keys);
  assert.ok(net.at(1) instanceof nn.SyncBatchNorm);
  assert.equal((net.at(1) as nn.SyncBatchNorm).weight, weight);
  assert.ok(net(x).equal(before));
  assert.match(String(net), /SyncBatchNorm\(4, eps=0.1, momentum=None, affine=True, track_running_stats=True\)/);
  assert.ok(nn.SyncBatchNorm.convertSyncBatchnorm(new nn.BatchNorm3d(2).eval()) instanceof nn.SyncBatchNorm);
  assert.throws(() => new nn.SyncBatchNorm(3)(torch.ones(3)), /expected at least 2D input \(got 1D input\)/);
});

test("lazy layers know their channels after the first call", () => {
  const layer = new nn.LazyBatchNorm2d();
  layer(torch.randn(2, 3, 4, 4));
  assert.equal(layer.constructor.name, "BatchNorm2d");
  assert.equal(layer.numFeatures, 3);
  assert.deepEqual(layer.runningMean?.shape, [3]);
});

test("CrossMapLRN2d is PyTorch's, with the derivative of what it computes", () => {
  // torch.nn.CrossMapLRN2d(3, 0.5, 0.75, 2)(torch.arange(1.0, 6).reshape(1, 5, 1, 1)), PyTorch 1.13.1
  const expected = [0.457906425, 0.665906727, 0.697104216, 0.685753465, 0.962250471];
  const x = torch.arange(1, 6, float64).view(1, 5, 1, 1).requiresGrad_();
  const layer = new nn.CrossMapLRN2d(3, 0.5, 0.75, 2);
  assert.ok(layer(x).view(5).allclose(torch.tensor(expected, float64), 1e-6));
  assert.ok(torch.autograd.gradcheck(layer, [x]));
  assert.equal(String(layer), "CrossMapLRN2d(3, alpha=0.5, beta=0.75, k=2)");
});
