/** The device `meta`: tensors without numbers, devices in force, two devices in one call. */
// First, so that its parts load in the order in which they do in programs.
import "../../src/index.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import * as cpuKernels from "../../src/backend/cpu/kernels.js";
import * as kernels from "../../src/backend/kernels.js";
import torch, { nn, optim, type Tensor } from "../../src/index.js";

const meta = { device: "meta" } as const;
const apart =
  /Expected all tensors to be on the same device, but found at least two devices, (cpu and meta|meta and cpu)!/;
const noData = { name: "Error", message: "Cannot copy out of meta tensor; no data!" };

/** What is known of a tensor without its numbers. */
function looks(tensor: Tensor): unknown[] {
  return [tensor.device, tensor.shape, tensor.stride(), tensor.dtype];
}

const made: Record<string, (options: { device: "cpu" | "meta" }) => Tensor> = {
  tensor: (o) =>
    torch.tensor(
      [
        [1, 2],
        [3, 4],
      ],
      o,
    ),
  "tensor of a typed array": (o) => torch.tensor(new Int32Array(3), o),
  "tensor of a tensor": (o) => torch.tensor(torch.ones(2, 2), o),
  asTensor: (o) => torch.asTensor([1n, 2n], o),
  "asTensor of a typed array": (o) => torch.asTensor(new Float64Array(2), o),
  "asTensor of a tensor": (o) => torch.asTensor(torch.ones(2), o),
  zeros: (o) => torch.zeros(2, 3, o),
  ones: (o) => torch.ones([2, 3], { ...o, dtype: torch.int64 }),
  full: (o) => torch.full([2], 7, o),
  empty: (o) => torch.empty(0, 3, o),
  arange: (o) => torch.arange(5, o),
  linspace: (o) => torch.linspace(0, 1, 5, o),
  eye: (o) => torch.eye(3, o),
  rand: (o) => torch.rand(2, o),
  randn: (o) => torch.randn(2, o),
  randint: (o) => torch.randint(10, [2], o),
  randperm: (o) => torch.randperm(4, o),
  zerosLike: (o) => torch.zerosLike(torch.ones(2, 3).t(), o),
  randLike: (o) => torch.randLike(torch.ones(2, 3), o),
  newZeros: (o) => torch.ones(2).newZeros([3], o),
  to: (o) => torch.ones(2, 3).t().to(o.device),
  "to with a dtype": (o) => torch.ones(2).to(o.device, torch.float64),
  "to a tensor": (o) => torch.ones(2).to(torch.zeros(1, { ...o, dtype: torch.int64 })),
};

for (const [name, make] of Object.entries(made)) {
  test(`${name} makes a tensor where it is asked to`, () => {
    const [here, there] = [make({ device: "cpu" }), make(meta)];
    assert.deepEqual(looks(there), ["meta", ...looks(here).slice(1)]);
    assert.equal(there.isMeta, true);
    assert.equal(here.isMeta, false);
    assert.equal(make({ device: "cpu" }).device, "cpu");
  });
}

test("a device is in force for a function, for a block, or from now on", () => {
  assert.equal(torch.getDefaultDevice(), "cpu");
  const inside = torch.device("meta", () => [
    torch.ones(2),
    torch.tensor(1),
    torch.asTensor([1]),
    torch.zeros(2, { device: "cpu" }),
  ]);
  assert.deepEqual(
    inside.map((x) => x.device),
    ["meta", "meta", "meta", "cpu"],
  );
  {
    using _ = torch.device("meta");
    assert.equal(torch.getDefaultDevice(), "meta");
    assert.equal(torch.rand(2).device, "meta");
    torch.device("cpu", () => assert.equal(torch.rand(2).device, "cpu"));
  }
  assert.equal(torch.rand(2).device, "cpu");
  assert.throws(
    () =>
      torch.device("meta", () => {
        throw new Error("on the way");
      }),
    /on the way/,
  );
  assert.equal(torch.getDefaultDevice(), "cpu");
  torch.setDefaultDevice("meta");
  try {
    assert.equal(torch.getDefaultDevice(), "meta");
    assert.equal(torch.empty(2).device, "meta");
  } finally {
    torch.setDefaultDevice("cpu");
  }
  assert.deepEqual(torch.ones(2).add(1).tolist(), [2, 2]);
  assert.throws(() => torch.device("meta", (async () => {}) as () => unknown), TypeError);
  assert.throws(() => torch.device("tpu" as "meta"), /Expected one of cpu/);
  assert.throws(() => torch.device("cuda"), /Torch not compiled with CUDA enabled/);
});

test("operations on tensors of the CPU compute there whatever device is in force", () => {
  const x = torch.tensor([1, 2, 3], { requiresGrad: true });
  torch.device("meta", () => {
    const y = x.mul(2).sum();
    y.backward();
    assert.equal(y.item(), 12);
    assert.deepEqual(torch.stack([x, x]).cumsum(0).tolist(), [
      [1, 2, 3],
      [2, 4, 6],
    ]);
    assert.equal(String(x.detach()), "tensor([1., 2., 3.])");
  });
  assert.deepEqual(x.grad?.tolist(), [2, 2, 2]);
});

test("a tensor without numbers gives none, and prints its size", () => {
  const x = torch.ones(2, 3, meta);
  const one = torch.ones(1, meta);
  assert.throws(() => one.item(), { name: "Error", message: "Tensor.item() cannot be called on meta tensors" });
  assert.throws(() => one.to(torch.int64).itemBigInt(), /Tensor.item\(\) cannot be called on meta tensors/);
  for (const read of [
    () => x.tolist(),
    () => x.toTypedArray(),
    () => x.asTypedArray(),
    () => x.to("cpu"),
    () => x.cpu(),
    () => torch.ones(2, 3).copy_(x),
    () => torch.tensor(x, { device: "cpu" }),
  ]) {
    assert.throws(read, noData);
  }
  const readers: Record<string, () => unknown> = {
    nonzero: () => x.argwhere(),
    unique: () => x.unique(),
    maskedSelect: () => x.maskedSelect(x.gt(0)),
    index: () => x.at(x.gt(0)),
    equal: () => x.equal(x),
    bincount: () => x.long().flatten().bincount(),
    repeatInterleave: () => x.long().select(1, 0).repeatInterleave(x.long().select(1, 0)),
  };
  for (const [name, read] of Object.entries(readers)) {
    const message = `Could not run '${name}' with arguments from the 'Meta' backend: its result depends on their numbers`;
    assert.throws(read, { name: "Error", message });
  }
  assert.throws(() => one.item(), { message: "Tensor.item() cannot be called on meta tensors" });
  assert.equal(x.dataPtr(), 0);
  assert.equal(String(x), "tensor(..., device='meta', size=(2, 3))");
  assert.equal(String(torch.empty(meta)), "tensor(..., device='meta', size=())");
  assert.equal(
    String(torch.ones(2, { ...meta, dtype: torch.int64 })),
    "tensor(..., device='meta', size=(2,), dtype=torch.int64)",
  );
  const leaf = torch.ones(2, { ...meta, requiresGrad: true });
  assert.equal(String(leaf), "tensor(..., device='meta', size=(2,), requires_grad=True)");
  assert.equal(String(leaf.mul(2)), "tensor(..., device='meta', size=(2,), grad_fn=<MulBackward0>)");
});

test("two devices in one call are refused before anything is changed", () => {
  const here = torch.ones(2, 3);
  const there = torch.ones(2, 3, meta);
  for (const mixed of [
    () => here.add(there),
    () => there.add(here),
    () => torch.cat([there, here]),
    () => torch.stack([here, there]),
    () => here.matmul(there.t()),
    () => torch.where(here.gt(0), there, here),
    () => here.add_(there),
    () => there.mul_(here),
    () => torch.add(there, 1, { out: here }),
    () => torch.add(here, 1, { out: there }),
    () => torch.tensor(1).add_(torch.tensor(1, meta)),
    () => nn.functional.linear(here, torch.ones(4, 3, meta)),
  ]) {
    assert.throws(mixed, apart);
  }
  assert.deepEqual(here.tolist(), [
    [1, 1, 1],
    [1, 1, 1],
  ]);
});

test("a number in a tensor of the CPU may stand beside any tensor", () => {
  const there = torch.ones(2, 3, meta);
  for (const result of [there.add(torch.tensor(1)), torch.tensor(1).add(there), there.mul_(torch.tensor(2))]) {
    assert.deepEqual(looks(result), ["meta", [2, 3], [3, 1], torch.float32]);
  }
  assert.equal(there.copy_(torch.ones(3)), there);
});

test("indices may be on the CPU, and are made where the tensor is", () => {
  const index = torch.tensor([0n, 1n, 1n]);
  const x = torch.ones(2, 3, meta);
  assert.deepEqual(looks(x.at(index)), ["meta", [3, 3], [3, 1], torch.float32]);
  assert.deepEqual(looks(x.at([1, 0], [0, 2])), ["meta", [2], [1], torch.float32]);
  assert.deepEqual(looks(x.at(true, ":", [0])), ["meta", [1, 2], [2, 1], torch.float32]);
  const here = torch.arange(4);
  assert.deepEqual(
    torch.device("meta", () => here.at([3, 1]).tolist()),
    [3, 1],
  );
  assert.throws(() => here.at(torch.tensor([0n], meta)), apart);
});

test("gradients have shapes and devices", () => {
  const w = torch.randn(3, 4, { ...meta, requiresGrad: true });
  const x = torch.randn(5, 3, meta);
  x.matmul(w).softmax(1).pow(2).sum().backward();
  assert.deepEqual(looks(w.grad as Tensor), ["meta", [3, 4], [4, 1], torch.float32]);
  const [slope] = torch.autograd.grad(w.exp().sum(), w, { createGraph: true }) as [Tensor];
  const [bend] = torch.autograd.grad(slope.sum(), w) as [Tensor];
  assert.deepEqual(looks(bend), ["meta", [3, 4], [4, 1], torch.float32]);
});

test("a gradient is on the device of its tensor", () => {
  const x = torch.ones(2, { requiresGrad: true });
  const assign = () => {
    x.grad = torch.ones(2, meta);
  };
  assert.throws(assign, /attempting to assign a gradient with device type 'meta' to a tensor with device type 'cpu'/);
  assert.throws(() => x.mul(2).backward(torch.ones(2, meta)), /expected device cpu but got meta/);
  assert.throws(() => x.to("meta").sum().backward(), noData);
  assert.equal(x.grad, null);
});

test("noise and slopes are drawn where the input is", () => {
  const x = torch.ones(2, 3, 4, meta);
  const { dropout, dropout1d, alphaDropout, featureAlphaDropout, rrelu } = nn.functional;
  for (const noisy of [dropout, dropout1d, alphaDropout, featureAlphaDropout]) {
    assert.deepEqual(looks(noisy(x, 0.5)), ["meta", [2, 3, 4], [12, 4, 1], torch.float32], noisy.name);
    assert.deepEqual(looks(noisy(x, 1)), ["meta", [2, 3, 4], [12, 4, 1], torch.float32], noisy.name);
  }
  assert.deepEqual(looks(rrelu(x, { training: true })), ["meta", [2, 3, 4], [12, 4, 1], torch.float32]);
});

test("a network without memory runs, learns nothing, and gets memory when it is wanted", () => {
  const model = torch.device(
    "meta",
    () => new nn.Sequential(new nn.Linear(100_000, 100_000), new nn.ReLU(), new nn.Linear(100_000, 10)),
  );
  assert.ok([...model.parameters()].every((parameter) => parameter.isMeta));
  const out = model(torch.empty(64, 100_000, meta)) as Tensor;
  assert.deepEqual(looks(out), ["meta", [64, 10], [10, 1], torch.float32]);
  for (const optimizer of [
    new optim.SGD(model.parameters(), 0.1, { momentum: 0.9 }),
    new optim.Adam(model.parameters()),
    new optim.AdamW(model.parameters(), { amsgrad: true }),
  ]) {
    optimizer.zeroGrad();
    nn.functional
      .crossEntropy(model(torch.empty(64, 100_000, meta)) as Tensor, torch.zeros(64, { ...meta, dtype: torch.long }))
      .backward();
    optimizer.step();
  }

  const small = new nn.Linear(2, 3, meta);
  assert.throws(() => small.to("cpu"), noData);
  const [weight, bias] = [small.weight, small.bias];
  assert.equal(small.toEmpty({ device: "cpu" }), small);
  assert.equal(small.weight, weight);
  assert.deepEqual([weight.device, bias?.device], ["cpu", "cpu"]);
  small.resetParameters();
  assert.equal((small(torch.ones(4, 2)) as Tensor).isfinite().all().item(), 1);
});

test("a module goes to meta with its gradients and buffers, and keeps its parameters", () => {
  const linear = new nn.Linear(2, 3);
  linear.registerBuffer("counts", torch.ones(2, { dtype: torch.int64 }));
  (linear(torch.ones(1, 2)) as Tensor).sum().backward();
  const { weight } = linear;
  assert.equal(linear.to("meta", torch.float64), linear);
  assert.equal(linear.weight, weight);
  assert.deepEqual(looks(weight), ["meta", [3, 2], [2, 1], torch.float64]);
  assert.equal(weight.grad?.device, "meta");
  assert.deepEqual(looks((linear as unknown as { counts: Tensor }).counts), ["meta", [2], [1], torch.int64]);
});

test("views of memory that is not there share it as others do", () => {
  const x = torch.zeros(4, 6, meta);
  const view = x.at("::2").t();
  assert.deepEqual(view.stride(), [1, 12]);
  assert.equal(view.storage, x.storage);
  view.add_(1);
  assert.equal(x._version, 1);
  assert.throws(() => x.at("1:").view(-1).copy_(x.at(":3").view(-1)), /single memory location/);
  assert.throws(() => torch.zeros(3, meta).expand(2, 3).add_(1), /single memory location/);
  assert.equal(torch.deepcopy(x).device, "meta");
});

test("all kernels are those of the device in force", () => {
  const names = Object.keys(cpuKernels) as (keyof typeof cpuKernels)[];
  const differ = () => names.filter((name) => kernels[name] !== cpuKernels[name]);
  assert.deepEqual(differ(), []);
  // A number beside tensors is on the CPU, and files of images are.
  const onHost = new Set(["scalarView", "decodeJpeg", "encodeJpeg", "jpegHeader", "pngFilter", "pngUnfilter"]);
  torch.device("meta", () =>
    assert.deepEqual(
      differ(),
      names.filter((name) => !onHost.has(name)),
    ),
  );
  assert.deepEqual(differ(), []);
});

test("files of images are those of the CPU", () => {
  const { decodeJpeg, encodeJpeg, filterPng } = torch.ops.image;
  const pixels = torch.zeros([2, 2, 3], { dtype: torch.uint8 });
  const file = encodeJpeg(pixels, 75);
  torch.device("meta", () => assert.deepEqual(looks(decodeJpeg(file, 3)).slice(0, 2), ["cpu", [2, 2, 3]]));
  const message = /Input tensor should be on CPU, but it is on meta/;
  assert.throws(() => decodeJpeg(file.to("meta"), 3), message);
  assert.throws(() => encodeJpeg(pixels.to("meta"), 75), message);
  assert.throws(() => filterPng(torch.zeros([2, 2], { dtype: torch.uint8, device: "meta" }), 1), message);
});
