/** Convolutions in what recorded calls of PyTorch do not show: derivatives, lazy layers, messages, layouts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { F, nn, type Tensor } from "../../src/index.js";

const { gradcheck, gradgradcheck } = torch.autograd;

/** A leaf in float64 with numbers off the grid. */
function leaf(...sizes: number[]): Tensor {
  const values = torch.arange(1, 1 + sizes.reduce((a, b) => a * b, 1)).double();
  return values.mul(0.7).sin().view(sizes).detach().requiresGrad_();
}

/** Inputs, and what is computed of them. */
type Case = [inputs: Tensor[], run: (x: Tensor, w: Tensor, b: Tensor) => Tensor];

const differentiable: Record<string, Case> = {
  conv1d: [[leaf(2, 2, 6), leaf(3, 2, 3), leaf(3)], (x, w, b) => F.conv1d(x, w, b, 2, 1)],
  "conv1d of a sample": [[leaf(2, 6), leaf(2, 1, 2), leaf(2)], (x, w, b) => F.conv1d(x, w, b, 1, 0, 2, 2)],
  conv2d: [[leaf(1, 2, 4, 5), leaf(2, 2, 3, 2), leaf(2)], (x, w, b) => F.conv2d(x, w, b, [2, 1], [1, 0], [1, 2])],
  "conv2d, same": [[leaf(1, 2, 3, 4), leaf(2, 2, 2, 3), leaf(2)], (x, w, b) => F.conv2d(x, w, b, 1, "same")],
  "conv2d that leaves rows out": [[leaf(1, 1, 6, 7), leaf(1, 1, 2, 2), leaf(1)], (x, w, b) => F.conv2d(x, w, b, 4)],
  "conv2d by channel": [[leaf(1, 2, 4, 4), leaf(2, 1, 3, 3), leaf(2)], (x, w, b) => F.conv2d(x, w, b, 1, 1, 1, 2)],
  conv3d: [[leaf(1, 1, 3, 3, 2), leaf(2, 1, 2, 2, 1), leaf(2)], (x, w, b) => F.conv3d(x, w, b, 1, [1, 0, 0])],
  convTranspose1d: [[leaf(1, 2, 3), leaf(2, 2, 3), leaf(2)], (x, w, b) => F.convTranspose1d(x, w, b, 2, 1, 1)],
  convTranspose2d: [
    [leaf(1, 2, 2, 3), leaf(2, 1, 2, 2), leaf(2)],
    (x, w, b) => F.convTranspose2d(x, w, b, [1, 2], 0, [0, 1], 2),
  ],
  "convTranspose2d with more output than a stride": [
    [leaf(1, 1, 2, 2), leaf(1, 1, 2, 2), leaf(1)],
    (x, w, b) => F.convTranspose2d(x, w, b, 1, 1, 2, 1, 3),
  ],
  convTranspose3d: [[leaf(1, 1, 2, 2, 2), leaf(1, 2, 2, 1, 2), leaf(2)], (x, w, b) => F.convTranspose3d(x, w, b, 2)],
  convTbc: [[leaf(4, 2, 2), leaf(2, 2, 2), leaf(2)], (x, w, b) => torch.convTbc(x, w, b, 1)],
  unfold: [[leaf(1, 2, 3, 4)], (x) => F.unfold(x, [2, 3], 1, 1, 2)],
  fold: [[leaf(1, 8, 6)], (x) => F.fold(x, [4, 3], 2, 1, [0, 0])],
};

for (const [name, [inputs, run]] of Object.entries(differentiable)) {
  test(`derivatives of ${name}`, () => {
    assert.ok(gradcheck(run as never, inputs));
    assert.ok(gradgradcheck(run as never, inputs));
  });
}

test("only the gradients that are wanted are computed", () => {
  const [x, w] = [leaf(1, 1, 4, 4), leaf(1, 1, 3, 3)];
  F.conv2d(x, w.detach()).sum().backward();
  F.conv2d(x.detach(), w).sum().backward();
  assert.deepEqual([x.grad?.shape, w.grad?.shape], [x.shape, w.shape]);
});

const lazies = [
  [() => new nn.LazyConv1d(4, 3), () => new nn.Conv1d(2, 4, 3), [1, 2, 5]],
  [() => new nn.LazyConv2d(4, 3, { groups: 2 }), () => new nn.Conv2d(2, 4, 3, { groups: 2 }), [1, 2, 5, 5]],
  [() => new nn.LazyConv3d(4, 2), () => new nn.Conv3d(2, 4, 2), [2, 3, 3, 3]],
  [() => new nn.LazyConvTranspose1d(4, 3, 2), () => new nn.ConvTranspose1d(2, 4, 3, 2), [1, 2, 5]],
  [() => new nn.LazyConvTranspose2d(4, 3), () => new nn.ConvTranspose2d(2, 4, 3), [2, 5, 5]],
  [() => new nn.LazyConvTranspose3d(4, 2), () => new nn.ConvTranspose3d(2, 4, 2), [1, 2, 3, 3, 3]],
] as const;

for (const [makeLazy, make, sizes] of lazies) {
  const name = String(makeLazy());
  test(`${name} takes its channels from the first input`, () => {
    const lazy = makeLazy() as nn.Conv2d;
    const [weight] = [...lazy.parameters()];
    assert.match(name, /^LazyConv(Transpose)?\dd\(0, 4, /);
    assert.deepEqual(Object.keys(lazy.stateDict()), ["weight", "bias"]);
    const x = torch.ones(sizes);
    torch.manualSeed(7);
    const result = lazy(x);
    torch.manualSeed(7);
    const layer = make() as nn.Conv2d;
    assert.deepEqual(result.tolist(), layer(x).tolist());
    assert.equal(String(lazy), String(layer));
    assert.equal(lazy.weight, weight);
  });
}

test("what lazy layers refuse, and then are as before", () => {
  const lazy = new nn.LazyConv2d(4, 3, { groups: 2 });
  assert.throws(() => lazy(torch.ones(4, 4)), /Expected 3D \(unbatched\) or 4D \(batched\) input to LazyConv2d/);
  assert.throws(() => lazy(torch.ones(1, 3, 4, 4)), /in_channels must be divisible by groups/);
  assert.equal(String(lazy), "LazyConv2d(0, 4, kernel_size=(3, 3), stride=(1, 1), groups=2)");
});

test("messages are PyTorch's", () => {
  const [x, w] = [torch.ones(2, 3, 6, 5), torch.ones(4, 3, 3, 2)];
  const cases: [() => unknown, RegExp][] = [
    [
      () => F.conv2d(x, torch.ones(4, 2, 3, 2)),
      /Given groups=1, weight of size \[4, 2, 3, 2\], expected input\[2, 3, 6, 5\] to have 2 channels, but got 3 channels instead/,
    ],
    [
      () => F.conv2d(x.at(0, 0), w),
      /Expected 3D \(unbatched\) or 4D \(batched\) input to conv2d, but got input of size: \[6, 5\]/,
    ],
    [
      () => F.conv2d(x, torch.ones(4, 3, 7, 2)),
      /Calculated padded input size per channel: \(6 x 5\). Kernel size: \(7 x 2\). Kernel size can't be greater than actual input size/,
    ],
    [
      () => F.conv2d(x, w, torch.ones(3)),
      /Given weight of size \[4, 3, 3, 2\], expected bias to be 1-dimensional with 4 elements, but got bias of size \[3\] instead/,
    ],
    [
      () => F.conv2d(x, w, null, [1, 2, 3]),
      /expected stride to be a single integer value or a list of 2 values to match the convolution dimensions, but got stride=\[1, 2, 3\]/,
    ],
    [() => F.conv2d(x, w, null, 2, "same"), /padding='same' is not supported for strided convolutions/],
    [() => F.conv2d(x, w, null, 1, "foo" as "same"), /Invalid padding string: 'foo'/],
    [
      () => F.convTranspose2d(x, torch.ones(3, 4, 3, 3), { padding: 9 }),
      /Given input size per channel: \(6 x 5\). Calculated output size per channel: \(-10 x -11\). Output size is too small/,
    ],
    [() => F.convTranspose2d(x, torch.ones(3, 4, 3, 3), { outputPadding: 1 }), /output padding must be smaller than/],
    [() => new nn.Conv2d(4, 3, 3, { groups: 2 }), /out_channels must be divisible by groups/],
  ];
  for (const [run, message] of cases) assert.throws(run, { name: "Error", message });
  assert.throws(() => F.conv2d(x, w.double()), {
    name: "TypeError",
    message: "Input type (torch.FloatTensor) and weight type (torch.DoubleTensor) should be the same",
  });
  for (const [run, message] of [
    [() => F.conv2d(x, w, null, 0), /non-positive stride is not supported/],
    [() => F.conv2d(x, w, null, 1, -1), /negative padding is not supported/],
    [() => F.conv2d(x, w, { groups: 0 }), /non-positive groups is not supported/],
    [() => new nn.Conv2d(4, 4, 3, { groups: 0 }), /groups must be a positive integer/],
  ] as const) {
    assert.throws(run, { name: "RangeError", message });
  }
  assert.throws(() => F.conv2d(x.gt(0), w.gt(0)), { name: "TypeError", message: /not implemented for 'Bool'/ });
});

test("channels that are innermost stay so, also in gradients", () => {
  const last = (...sizes: number[]) => {
    const [n, c, ...inner] = sizes as [number, number, ...number[]];
    return leaf(n, ...inner, c)
      .movedim(-1, 1)
      .detach()
      .requiresGrad_();
  };
  const strides = (x: Tensor | null) => x?.stride();
  const [x, w] = [last(2, 3, 4, 5), leaf(6, 3, 3, 3)];
  const y = F.conv2d(x, w, null, 1, 1);
  assert.deepEqual(strides(y), [120, 1, 30, 6]);
  y.square().sum().backward();
  assert.deepEqual(strides(x.grad), [60, 1, 15, 3]);
  assert.deepEqual(F.convTranspose2d(x, leaf(3, 2, 1, 1)).stride(), [40, 1, 10, 2]);
  assert.deepEqual(F.conv3d(last(1, 2, 3, 4, 5), leaf(2, 2, 1, 1, 1)).stride(), [120, 1, 40, 10, 2]);
  const same = F.conv2d(x.contiguous(), w, null, 1, 1);
  assert.ok(torch.allclose(y, same));
});

test("a window far larger than the image is computed without memory for what is around the image", () => {
  const x = leaf(1, 1, 3, 3);
  torch.memory.resetPeakMemoryStats();
  const { alive } = torch.memory.stats();
  const y = F.conv2d(x, leaf(1, 1, 2, 2), null, 1, 50_000, 100_000);
  assert.deepEqual(y.shape, [1, 1, 3, 3]);
  y.sum().backward();
  assert.ok(torch.memory.stats().peak - alive < 1e6);
});

test("few positions and any number of filters", () => {
  for (const dtype of [torch.float32, torch.float64]) {
    for (let filters = 1; filters < 140; filters++) {
      for (const size of [1, 2]) {
        const image = torch.randint(-4, 5, [2, 40, size, size]).to(dtype);
        const weight = torch.randint(-4, 5, [filters, 40, 1, 1]).to(dtype);
        // Sums of products of small whole numbers are exact.
        const expected = weight.view(filters, 40).matmul(image.flatten(2)).view(2, filters, size, size);
        const single = F.conv2d(image.at(":", ":", ":1", ":1"), weight);
        assert.ok(
          single.equal(expected.at(":", ":", ":1", ":1")),
          `${filters} filters of ${dtype}, a position of images`,
        );
        assert.ok(F.conv2d(image, weight).equal(expected), `${filters} filters of ${dtype}, ${size}x${size}`);
      }
    }
  }
});

test("a channel for itself is convolved as if it were alone", () => {
  const whole = (...sizes: number[]) => torch.randint(-4, 5, sizes);
  for (const dtype of [torch.float32, torch.float64]) {
    for (const [size, kernel, stride, padding, dilation, multiplier] of [
      [[7, 7], 5, 1, 2, 1, 1],
      [[14, 14], 5, 2, 2, 1, 1],
      [[9, 70], 3, 1, 1, 1, 2],
      [[13, 6], 3, 2, 1, 2, 1],
      [[5, 5], 1, 3, 0, 1, 1],
      [[4, 3], 3, 4, 2, 1, 1],
      [[6, 5], 7, 1, 9, 1, 1],
      [[30, 2], 2, 1, 0, 1, 3],
      [[2, 2], 5, 1, 30, 7, 1],
      [[90, 90], 9, 2, 4, 1, 1],
    ] as const) {
      const [channels, options] = [5, { stride, padding, dilation }];
      const image = whole(2, channels, ...size).to(dtype);
      const weight = whole(channels * multiplier, 1, kernel, kernel).to(dtype);
      const bias = whole(channels * multiplier).to(dtype);
      const alone = Array.from({ length: channels }, (_, c) => {
        const own = `${c * multiplier}:${(c + 1) * multiplier}` as const;
        return F.conv2d(image.at(":", `${c}:${c + 1}`), weight.at(own), bias.at(own), options);
      });
      const found = F.conv2d(image, weight, bias, { ...options, groups: channels });
      assert.ok(found.equal(torch.cat(alone, 1)), `${dtype} ${size} kernel ${kernel} stride ${stride}`);
      const back = F.convTranspose2d(found, weight, null, { ...options, groups: channels });
      const backAlone = alone.map((features, c) =>
        F.convTranspose2d(features, weight.at(`${c * multiplier}:${(c + 1) * multiplier}`), null, options),
      );
      assert.ok(back.equal(torch.cat(backAlone, 1)), `back: ${dtype} ${size} kernel ${kernel} stride ${stride}`);
      // Channels that are innermost, and images that lie apart.
      const last = image.to({ memoryFormat: torch.channelsLast });
      assert.ok(F.conv2d(last, weight, bias, { ...options, groups: channels }).equal(found));
    }
  }
});

test("an infinity stays in the rows that read it", () => {
  const image = torch.zeros(1, 2, 7, 7);
  image.setAt([0, 0, 3, 6], Infinity);
  const features = F.conv2d(image, torch.ones(2, 1, 3, 3), null, { padding: 1, groups: 2 });
  const expected = torch.zeros(1, 2, 7, 7);
  expected.setAt([0, 0, "2:5", "5:7"], Infinity);
  assert.deepEqual(features.tolist(), expected.tolist());
});
