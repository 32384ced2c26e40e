/** Pooling in what recorded calls of PyTorch do not show: derivatives, random windows, messages, layouts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { F, nn, type Tensor } from "../../src/index.js";

const { gradcheck, gradgradcheck } = torch.autograd;

/** A leaf in float64 with numbers none of which are near each other. */
function leaf(...sizes: number[]): Tensor {
  const count = sizes.reduce((a, b) => a * b, 1);
  const values = Float64Array.from({ length: count }, (_, i) => ((i * 37 + 11) % 101) / 10 - 4);
  return torch.fromTypedArray(values).view(sizes).detach().requiresGrad_();
}

const half = { dtype: torch.float64 };
const differentiable: Record<string, [Tensor, (x: Tensor) => Tensor]> = {
  maxPool1d: [leaf(1, 2, 7), (x) => F.maxPool1d(x, 3, 2, 1)],
  maxPool2d: [leaf(1, 2, 5, 4), (x) => F.maxPool2d(x, 3, 1, 1, { ceilMode: true })],
  "maxPool2d with dilation": [leaf(2, 5, 4), (x) => F.maxPool2d(x, 2, 1, 0, 2)],
  maxPool3d: [leaf(1, 1, 3, 4, 3), (x) => F.maxPool3d(x, 2, 1)],
  avgPool1d: [leaf(1, 2, 7), (x) => F.avgPool1d(x, 3, 2, 1, { countIncludePad: false })],
  avgPool2d: [leaf(1, 2, 5, 4), (x) => F.avgPool2d(x, 3, 2, 1, { ceilMode: true })],
  "avgPool2d with a divisor": [leaf(1, 1, 5, 4), (x) => F.avgPool2d(x, [2, 3], 1, { divisorOverride: 4 })],
  avgPool3d: [leaf(1, 1, 3, 4, 3), (x) => F.avgPool3d(x, 2, 1, 1)],
  adaptiveAvgPool1d: [leaf(2, 7), (x) => F.adaptiveAvgPool1d(x, 3)],
  adaptiveAvgPool2d: [leaf(1, 2, 5, 4), (x) => F.adaptiveAvgPool2d(x, [3, 7])],
  "adaptiveAvgPool2d to one": [leaf(1, 2, 5, 4), (x) => F.adaptiveAvgPool2d(x, 1)],
  adaptiveAvgPool3d: [leaf(1, 1, 3, 4, 3), (x) => F.adaptiveAvgPool3d(x, [2, 3, 1])],
  adaptiveMaxPool2d: [leaf(1, 2, 5, 4), (x) => F.adaptiveMaxPool2d(x, [3, 2])],
  lpPool2d: [leaf(1, 2, 4, 4), (x) => F.lpPool2d(x, 2, 2)],
  lpPool3d: [leaf(1, 1, 2, 4, 2), (x) => F.lpPool3d(x, 2, 2)],
  fractionalMaxPool2d: [
    leaf(1, 2, 5, 6),
    (x) => F.fractionalMaxPool2d(x, 2, 3, { _randomSamples: torch.full([1, 2, 2], 0.4, half) }),
  ],
  maxUnpool2d: [
    leaf(1, 2, 2, 2),
    (x) => F.maxUnpool2d(x, torch.tensor([0n, 3n, 9n, 14n, 15n, 2n, 8n, 5n]).view(1, 2, 2, 2), 2),
  ],
};

for (const [name, [input, run]] of Object.entries(differentiable)) {
  test(`derivatives of ${name}`, () => {
    assert.ok(gradcheck(run as never, [input]));
    assert.ok(gradgradcheck(run as never, [input]));
  });
}

test("the p-norm of a volume's windows", () => {
  const x = torch.arange(8).double().view(1, 2, 2, 2);
  assert.deepEqual(F.lpPool3d(x, 1, 2).tolist(), [[[[28]]]]);
  assert.ok(Math.abs(F.lpPool3d(x, 2, 2).item() - Math.sqrt(140)) < 1e-12);
  assert.equal(
    String(new nn.LPPool3d(2, [1, 2, 2], 2, { ceilMode: true })),
    "LPPool3d(norm_type=2, kernel_size=(1, 2, 2), stride=2, ceil_mode=True)",
  );
});

test("random windows are those of PyTorch's seed", () => {
  torch.manualSeed(0);
  const x = torch.arange(30).float().mul(7).fmod(31).view(1, 1, 6, 5);
  const { samples, expected } = fractional;
  assert.deepEqual(F.fractionalMaxPool2d(x, 2, 3).tolist(), expected);
  torch.manualSeed(0);
  assert.deepEqual(torch.rand(1, 1, 2).tolist(), samples);
});

/** `torch.manual_seed(0); F.fractional_max_pool2d(x, 2, 3)`, and the numbers that it draws. */
const fractional = {
  samples: [[[0.49625658988952637, 0.7682217955589294]]],
  expected: [
    [
      [
        [11, 25, 28],
        [19, 29, 29],
        [27, 30, 17],
      ],
    ],
  ],
};

test("the first of equal elements is chosen, in the order of rows, and NaN before all numbers", () => {
  const equal = torch.zeros(1, 3, 3);
  assert.deepEqual(F.maxPool2d(equal, 2, 1, { returnIndices: true })[1].tolist(), [
    [
      [0, 1],
      [3, 4],
    ],
  ]);
  const diagonal = torch
    .tensor([
      [0, 1, 1, 0],
      [1, 0, 0, 1],
    ])
    .unsqueeze(0);
  assert.deepEqual(F.maxPool2d(diagonal, 2, { returnIndices: true })[1].tolist(), [[[1, 2]]]);
  const [values, indices] = F.maxPool1d(torch.tensor([[1, Number.NaN, 5, Number.NaN]]), 4, { returnIndices: true });
  assert.ok(Number.isNaN(values.item()));
  assert.equal(indices.item(), 3);
});

test("rows longer than a vector, with windows that share them out or are far apart, as element by element", () => {
  const [height, width] = [9, 37];
  const special = [Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const numbers = Array.from({ length: 4 * height * width }, (_, i) => {
    const plane = Math.floor(i / (height * width));
    if (plane === 0) return Number.NEGATIVE_INFINITY;
    return plane === 1 && (i * 7) % 31 < 3 ? (special[(i * 7) % 31] as number) : (i * i * 37) % 11;
  });
  const pools: [string, (x: Tensor) => [Tensor, Tensor], (size: number, i: number) => Iterable<number>][] = [];
  const span = (begin: number, end: number, step = 1) =>
    Array.from({ length: Math.ceil((end - begin) / step) }, (_, k) => begin + k * step);
  for (const out of [1, 3, 5]) {
    pools.push([
      `into ${out}`,
      (x) => F.adaptiveMaxPool2d(x, out, { returnIndices: true }),
      (size, i) => span(Math.floor((i * size) / out), Math.ceil(((i + 1) * size) / out)),
    ]);
  }
  pools.push([
    "dilated windows with padding",
    (x) => F.maxPool2d(x, 3, 6, 1, 2, { returnIndices: true }),
    (size, i) => span(6 * i - 1, 6 * i + 4, 2).filter((at) => at >= 0 && at < size),
  ]);
  for (const dtype of [torch.float32, torch.float64, torch.int32, torch.int64]) {
    const used = dtype.isFloatingPoint ? numbers : numbers.map((value) => (Number.isFinite(value) ? value : -5));
    const x = torch.tensor(used, { dtype }).view(4, height, width);
    for (const [name, pool, window] of pools) {
      const [values, indices] = pool(x);
      const [, rows, columns] = values.shape as [number, number, number];
      const expected = { values: [] as number[], indices: [] as number[] };
      for (let plane = 0; plane < 4; plane++) {
        for (let oy = 0; oy < rows; oy++) {
          for (let ox = 0; ox < columns; ox++) {
            const [ys, xs] = [[...window(height, oy)], [...window(width, ox)]];
            let [best, at] = [Number.NEGATIVE_INFINITY, (ys[0] as number) * width + (xs[0] as number)];
            for (const [iy, ix] of ys.flatMap((iy) => xs.map((ix) => [iy, ix] as const))) {
              const value = used[(plane * height + iy) * width + ix] as number;
              if (value > best || Number.isNaN(value)) [best, at] = [value, iy * width + ix];
            }
            expected.values.push(best);
            expected.indices.push(at);
          }
        }
      }
      assert.deepEqual((values.reshape(-1).tolist() as number[]).map(Number), expected.values, `${name}, ${dtype}`);
      assert.deepEqual((indices.reshape(-1).tolist() as number[]).map(Number), expected.indices, `${name}, ${dtype}`);
    }
  }
});

test("whole numbers are pooled, too", () => {
  for (const dtype of [torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8]) {
    const x = torch.arange(18, { dtype }).view(1, 2, 3, 3);
    assert.deepEqual(F.maxPool2d(x, 2, 1).tolist(), x.at(":", ":", "1:", "1:").tolist());
    assert.equal(F.maxPool2d(x, 2).dtype, dtype);
    assert.deepEqual(F.avgPool2d(x, 3).tolist(), [[[[4]], [[13]]]]);
  }
  assert.throws(() => F.maxPool2d(torch.ones(1, 2, 2).gt(0), 2), /not implemented for 'Bool'/);
});

test("channels that are innermost stay so", () => {
  const x = leaf(2, 4, 5, 3).movedim(-1, 1).detach();
  for (const y of [
    F.maxPool2d(x, 2),
    F.maxPool2d(x, 2, { returnIndices: true })[1],
    F.avgPool2d(x, 2),
    F.adaptiveAvgPool2d(x, 2),
    F.adaptiveMaxPool2d(x, 2),
  ]) {
    assert.deepEqual(y.stride(), [12, 1, 6, 3]);
  }
  assert.deepEqual(F.adaptiveAvgPool2d(x, 1).stride(), [3, 1, 3, 3]);
  assert.ok(F.adaptiveAvgPool2d(x, 1).allclose(F.adaptiveAvgPool2d(x.contiguous(), 1), { rtol: 1e-14 }));
});

test("a window far larger than the input is pooled without memory for what is around it", () => {
  const x = leaf(1, 1, 3, 3);
  torch.memory.resetPeakMemoryStats();
  const { alive } = torch.memory.stats();
  assert.equal(F.maxPool2d(x, 1_000_001, 1_000_000, 500_000).shape.join(), "1,1,1,1");
  F.avgPool2d(x, 1_000_001, 1_000_000, 500_000).sum().backward();
  assert.equal(F.maxPool2d(x, 2, 1, 1, 4).shape.join(), "1,1,1,1");
  assert.ok(torch.memory.stats().peak - alive < 1e6);
});

test("messages are PyTorch's", () => {
  const x = torch.ones(2, 3, 6, 5);
  const [output, indices] = F.maxPool2d(x, 2, { returnIndices: true });
  const cases: [() => unknown, string, RegExp][] = [
    [() => F.maxPool2d(x, 2, 0), "RangeError", /stride should not be zero/],
    [
      () => F.maxPool2d(x, 2, 2, 2),
      "RangeError",
      /pad should be at most half of kernel size, but got pad=2 and kernel_size=2/,
    ],
    [() => F.maxPool2d(x, 2, 2, -1), "RangeError", /pad must be non-negative/],
    [() => F.avgPool2d(x, -1), "RangeError", /kernel size should be greater than zero/],
    [() => F.maxPool2d(x, 2, 2, 0, 0), "RangeError", /dilation should be greater than zero/],
    [() => F.avgPool2d(x, 2, { divisorOverride: 0 }), "RangeError", /divisor must be not zero/],
    [
      () => F.maxPool2d(x, 9),
      "Error",
      /Given input size: \(3x6x5\). Calculated output size: \(3x0x0\). Output size is too small/,
    ],
    [
      () => F.maxPool2d(x, [1, 2, 3]),
      "Error",
      /max_pool2d: kernel_size must either be a single int, or a tuple of two/,
    ],
    [() => F.maxPool2d(x.at(0, 0), 2), "Error", /non-empty 3D or 4D \(batch mode\) tensor expected for input/],
    [() => F.adaptiveAvgPool2d(x.at(0, 0), 2), "Error", /Expected 3D or 4D tensor, but got \[6, 5\]/],
    [() => F.maxUnpool2d(output, indices.add(100), 2), "RangeError", /Found an invalid max index: 1\d\d/],
    [
      () => F.maxUnpool2d(output, indices.int(), 2),
      "TypeError",
      /elements in indices should be type int64 but got: Int/,
    ],
    [
      () => F.maxUnpool2d(output, indices, 2, 2, 0, [9, 5]),
      "Error",
      /invalid output_size "\[9, 5\]" \(dim 0 must be between 4 and 8\)/,
    ],
    [() => F.fractionalMaxPool2d(x, 5, 3), "Error", /pool height 5 too large relative to input height 6/],
    [() => F.fractionalMaxPool2d(x, 2), "Error", /requires specifying either an output_size or an output_ratio/],
    [() => new nn.FractionalMaxPool2d(2), "Error", /requires specifying either an output size, or a pooling ratio/],
    [() => new nn.FractionalMaxPool2d(2, { outputRatio: 1.5 }), "RangeError", /output_ratio must be between 0 and 1/],
  ];
  for (const [run, name, message] of cases) assert.throws(run, { name, message });
});

test("planes that go around the caches, as together they are more than 16 MB, are those of one", () => {
  const [planes, height, width] = [1300, 57, 59];
  const one = leaf(1, 1, height, width).detach().float();
  const pools: Record<string, (x: Tensor) => Tensor> = {
    average: (x) => F.avgPool2d(x, 3, 1, 1),
    "adaptive average": (x) => F.adaptiveAvgPool2d(x, 7),
    max: (x) => F.maxPool2d(x, 3, 2, 1),
  };
  for (const [name, pool] of Object.entries(pools)) {
    const run = (input: Tensor): [Tensor, Tensor] => {
      const x = input.clone().requiresGrad_();
      const y = pool(x);
      y.backward(y.detach().cos());
      return [y.detach(), x.grad as Tensor];
    };
    const expected = run(one);
    for (const [i, all] of run(one.expand([1, planes, height, width]).contiguous()).entries()) {
      assert.ok(torch.equal(all, (expected[i] as Tensor).expandAs(all)), `${i === 0 ? "result" : "gradient"}: ${name}`);
    }
  }
});
