/** The half types as numbers: every one of them, the rounding between them, and what comes of them in kernels. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHalfBits, toHalfBits } from "../../src/core/halves.js";
import torch, { type DType } from "../../src/index.js";

const { float16, bfloat16, float32, float64 } = torch;
const halves = [float16, bfloat16];

const allBits = Uint16Array.from({ length: 65536 }, (_, i) => i);

function formatOf(dtype: DType) {
  return dtype.format as NonNullable<DType["format"]>;
}

/** The bits that a conversion of numbers gives. */
function bitsOf(numbers: ArrayLike<number>, dtype: DType, from: DType = float32): Uint16Array {
  const array = from === float32 ? Float32Array.from(numbers) : Float64Array.from(numbers);
  return torch.fromTypedArray(array).to(dtype).toTypedArray() as Uint16Array;
}

/** Values and the bits that PyTorch 1.13.1 gives for them: numbers, ties, subnormal numbers, limits, infinities. */
const recorded: readonly (readonly [value: number, float16: number, bfloat16: number])[] = [
  [0, 0x0000, 0x0000],
  [-0, 0x8000, 0x8000],
  [1, 0x3c00, 0x3f80],
  [-2.5, 0xc100, 0xc020],
  [1 / 3, 0x3555, 0x3eab],
  [65504, 0x7bff, 0x4780],
  [65519.99609375, 0x7bff, 0x4780],
  [65520, 0x7c00, 0x4780],
  [2 ** -14, 0x0400, 0x3880],
  [2 ** -24, 0x0001, 0x3380],
  [2 ** -25, 0x0000, 0x3300],
  [1.5 * 2 ** -24, 0x0002, 0x33c0],
  [2 ** -25 * (1 + 2 ** -20), 0x0001, 0x3300],
  [1 + 2 ** -11, 0x3c00, 0x3f80],
  [1 + 3 * 2 ** -11, 0x3c02, 0x3f80],
  [1 + 2 ** -8, 0x3c04, 0x3f80],
  [1 + 3 * 2 ** -8, 0x3c0c, 0x3f82],
  [3.3895313892515355e38, 0x7c00, 0x7f7f],
  [3.4028234663852886e38, 0x7c00, 0x7f80],
  [1e-40, 0x0000, 0x0001],
  [2 ** -149, 0x0000, 0x0000],
  [Infinity, 0x7c00, 0x7f80],
  [-Infinity, 0xfc00, 0xff80],
];

test("conversions give the bits that PyTorch gives", () => {
  const values = recorded.map(([value]) => value);
  for (const [i, dtype] of halves.entries()) {
    const expected = recorded.map((row) => row[i + 1] as number);
    // Long and short runs take different ways through a kernel.
    for (const repeats of [1, 40]) {
      const numbers = Array.from({ length: repeats }, () => values).flat();
      const wanted = Array.from({ length: repeats }, () => expected).flat();
      assert.deepEqual([...bitsOf(numbers, dtype)], wanted, `${dtype}`);
      assert.deepEqual([...bitsOf(numbers, dtype, float64)], wanted, `${dtype} from float64`);
    }
    assert.deepEqual([...(torch.tensor(values, { dtype }).toTypedArray() as Uint16Array)], expected);
    assert.deepEqual(
      values.map((value) => toHalfBits(value, formatOf(dtype))),
      expected,
    );
  }
});

test("every number of a half type is the float32 of its bits, and comes back from it", () => {
  for (const dtype of halves) {
    const x = torch.fromTypedArray(allBits.slice(), { dtype });
    const wide = x.to(float32);
    const expected = Array.from(allBits, (bits) => fromHalfBits(bits, formatOf(dtype)));
    assert.deepEqual([...(wide.toTypedArray() as Float32Array)], expected);
    assert.deepEqual(x.tolist(), expected);
    assert.deepEqual([...(x.to(float64).toTypedArray() as Float64Array)], expected);
    const back = wide.to(dtype).toTypedArray() as Uint16Array;
    for (const bits of allBits) {
      if (Number.isNaN(expected[bits])) assert.ok(Number.isNaN(fromHalfBits(back[bits] as number, formatOf(dtype))));
      else assert.equal(back[bits], bits);
      if (bits % 257 === 0) assert.deepEqual(x.at(bits).item(), expected[bits]);
    }
  }
});

test("numbers between two of a half type go to the nearer, and from the middle to the even one", () => {
  for (const dtype of halves) {
    const format = formatOf(dtype);
    const infinity = (2 ** format.exponent - 1) << format.fraction;
    const low: number[] = [];
    const middle: number[] = [];
    const high: number[] = [];
    for (let bits = 0; bits + 1 < infinity; bits++) {
      const half = (fromHalfBits(bits, format) + fromHalfBits(bits + 1, format)) / 2;
      const step = (fromHalfBits(bits + 1, format) - half) / 256;
      low.push(half - step);
      middle.push(half);
      high.push(half + step);
    }
    const isExact = (x: number) => Math.fround(x) === x;
    const check = (values: readonly number[], expected: (bits: number) => number) => {
      for (const sign of [1, -1]) {
        const bits = bitsOf(
          values.map((x) => sign * x),
          dtype,
        );
        values.forEach((x, i) => {
          if (isExact(x)) assert.equal((bits[i] as number) & 0x7fff, expected(i), `${sign * x} in ${dtype}`);
        });
      }
    };
    check(low, (bits) => bits);
    check(middle, (bits) => bits + (bits & 1));
    check(high, (bits) => bits + 1);
  }
});

test("NaN stays NaN, of either sign and with any payload", () => {
  const bits = Uint32Array.of(0x7fc00000, 0xffc00000, 0x7f800001, 0xff800001, 0x7fffffff, 0x7f802000);
  const nans = torch.fromTypedArray(new Float32Array(bits.buffer));
  for (const dtype of halves) {
    for (const x of [nans, nans.repeat([20])]) {
      assert.ok(x.to(dtype).isnan().all().item());
      assert.ok(x.to(dtype).to(float32).isnan().all().item());
    }
  }
});

test("integers and bools become half numbers, and half numbers integers, as by way of float32", () => {
  const values = [0, 1, 127, 255, 256, 257, 2049, 2051, 65519, 65520, 1e6];
  for (const dtype of halves) {
    for (const from of [torch.int64, torch.int32, float64]) {
      const x = torch.tensor(values, { dtype: from });
      assert.deepEqual(x.to(dtype).tolist(), x.to(float32).to(dtype).tolist());
    }
    const y = torch.tensor([-3.7, 2.5, 0.49, 200.9, -0, 5e4], { dtype });
    for (const to of [torch.int64, torch.int32, torch.int16, torch.int8, torch.bool, float64]) {
      assert.deepEqual(y.to(to).tolist(), y.to(float32).to(to).tolist());
    }
    assert.deepEqual(torch.tensor([true, false]).to(dtype).tolist(), [1, 0]);
  }
  assert.deepEqual(torch.tensor([1.5, -70000], { dtype: bfloat16 }).to(float16).tolist(), [1.5, -Infinity]);
  assert.deepEqual(
    torch
      .tensor([1 + 2 ** -10], { dtype: float16 })
      .to(bfloat16)
      .tolist(),
    [1],
  );
});

test("elementwise kernels take half operands in every layout", () => {
  const layouts = (x: torch.Tensor) => [
    x,
    x.t().contiguous().t(),
    x.at("::2"),
    x.at(":", "::3"),
    x.at(0).expand(70, 130),
    x.flip(1),
  ];
  for (const dtype of halves) {
    const x = torch.randn(70, 130, { dtype });
    for (const [i, a] of layouts(x).entries()) {
      const b = layouts(torch.randn(70, 130, { dtype }))[(i + 2) % 6]?.at(`:${a.shape[0]}`, `:${a.shape[1]}`);
      if (b === undefined || `${b.shape}` !== `${a.shape}`) continue;
      const [wideA, wideB] = [a.float(), b.float()];
      assert.ok(torch.equal(a.mul(b), wideA.mul(wideB).to(dtype)));
      assert.ok(torch.equal(a.exp(), wideA.exp().to(dtype)));
      assert.ok(torch.equal(a.lt(b), wideA.lt(wideB)));
      assert.ok(
        torch.equal(
          torch.addcmul(a, a, b, { value: 0.3 }),
          torch.addcmul(wideA, wideA, wideB, { value: 0.3 }).to(dtype),
        ),
      );
      const out = torch
        .zeros(130, 140, { dtype })
        .at(`:${a.shape[1]}`, `:${2 * (a.shape[0] as number)}:2`)
        .t();
      torch.add(a, b, { out });
      assert.ok(torch.equal(out, wideA.add(wideB).to(dtype)));
    }
  }
});

test("the neighbour of a half number is a half number", () => {
  for (const [dtype, smallest, afterOne] of [
    [float16, 2 ** -24, 1 + 2 ** -10],
    [bfloat16, 2 ** -133, 1 + 2 ** -7],
  ] as const) {
    const x = torch.tensor([1, 1, 0, 0, -1, 3, NaN, smallest, 2, -0], { dtype });
    const y = torch.tensor([2, 0, 1, -1, 5, 3, 1, -1, Infinity, 0], { dtype });
    const [up, down, above, below, towards, same, nan, zero, beyondTwo, positive] = torch
      .nextafter(x, y)
      .tolist() as number[];
    assert.deepEqual([up, down], [afterOne, 1 - (afterOne - 1) / 2]);
    assert.deepEqual([above, below], [smallest, -smallest]);
    assert.deepEqual([towards, same, nan], [-1 + (afterOne - 1) / 2, 3, NaN]);
    assert.deepEqual([zero, beyondTwo, positive], [0, 2 * afterOne, 0]);
  }
});

test("a Uint16Array is the memory of a half tensor, once its dtype is named", () => {
  const bits = new Uint16Array([0x3f80, 0xc000]);
  const x = torch.fromTypedArray(bits, { dtype: bfloat16 });
  assert.deepEqual(x.tolist(), [1, -2]);
  x.mul_(2);
  assert.deepEqual([...bits], [0x4000, 0xc080]);
  assert.deepEqual([...(x.asTypedArray() as Uint16Array)], [...bits]);
  assert.deepEqual(torch.fromTypedArray(bits, [2, 1], { dtype: float16 }).shape, [2, 1]);
  assert.deepEqual(torch.frombuffer(bits, { dtype: bfloat16 }).tolist(), [2, -4]);
  assert.deepEqual(x.view(torch.int16).tolist(), [0x4000, 0xc080 - 65536]);
  assert.throws(() => torch.fromTypedArray(bits), { name: "TypeError", message: /a dtype matches/ });
  assert.throws(() => torch.fromTypedArray(bits, { dtype: float32 }), { name: "TypeError" });
  assert.throws(() => torch.fromTypedArray(new Float32Array(2), { dtype: bfloat16 }), {
    name: "TypeError",
    message: /Float32Array are torch\.float32, not torch\.bfloat16/,
  });
  assert.throws(() => torch.tensor(bits), { name: "TypeError" });
});

/** Operands of a product in a layout of each kind. */
function layouts(rows: number, cols: number, dtype: DType): torch.Tensor[] {
  const plain = torch.randn(rows, cols).to(dtype);
  return [
    plain,
    torch.randn(cols, rows).to(dtype).t(),
    torch
      .randn(2 * rows, 3 * cols)
      .to(dtype)
      .at("::2", "::3"),
    torch.randn(1, cols).to(dtype).expand(rows, cols),
  ];
}

/** Whether results are those of exact arithmetic, rounded once, but for what sums in float32 lose. */
function assertRoundedOnce(actual: torch.Tensor, exact: torch.Tensor, magnitude: torch.Tensor): void {
  const { eps } = torch.finfo(actual.dtype);
  const allowed = exact
    .abs()
    .mul(eps / 2)
    .add(magnitude, { alpha: 2 ** -21 });
  const beyond = actual.to(float64).sub(exact).abs().gt(allowed).sum().item();
  assert.equal(beyond, 0, `${actual.dtype} of shape ${actual.shape}`);
}

test("products are sums in float32, rounded once, in every layout and size", () => {
  torch.manualSeed(7);
  const shapes = [
    [1, 1, 1],
    [5, 3, 7],
    [1, 200, 70],
    [40, 130, 1],
    [33, 64, 100],
    [300, 1500, 70],
    [20, 1100, 200],
  ];
  for (const dtype of halves) {
    for (const [m, k, n] of shapes as [number, number, number][]) {
      for (const a of layouts(m, k, dtype)) {
        for (const b of layouts(k, n, dtype)) {
          const [wideA, wideB] = [a.to(float64), b.to(float64)];
          const exact = wideA.mm(wideB);
          const magnitude = wideA.abs().mm(wideB.abs());
          const out = torch.empty(n, m, { dtype }).t();
          assertRoundedOnce(a.mm(b), exact, magnitude);
          assertRoundedOnce(torch.mm(a, b, { out }), exact, magnitude);
        }
      }
    }
  }
});

test("factors, what was there, a bias and relu are part of what is rounded once", () => {
  torch.manualSeed(8);
  for (const dtype of halves) {
    for (const [m, k, n] of [
      [3, 5, 4],
      [1, 1500, 33],
      [270, 70, 300],
    ] as const) {
      const [a, b, weight] = [torch.randn(m, k).to(dtype), torch.randn(k, n).to(dtype), torch.randn(n, k).to(dtype)];
      const [wideA, wideB] = [a.to(float64), b.to(float64)];
      const magnitude = wideA.abs().mm(wideB.abs()).add(2);
      for (const added of [torch.randn(m, n), torch.randn(n), torch.randn(m, 1), torch.randn(n, m).t()]) {
        const half = added.to(dtype);
        const sum = half.addmm(a, b, { beta: 0.5, alpha: 2 });
        assertRoundedOnce(sum, half.to(float64).addmm(wideA, wideB, { beta: 0.5, alpha: 2 }), magnitude.mul(2));
      }
      const bias = torch.randn(n).to(dtype);
      const exact = wideA.mm(weight.to(float64).t()).add(bias.to(float64));
      assertRoundedOnce(torch.nn.functional.linear(a, weight, bias), exact, magnitude);
      assertRoundedOnce(torch.nn.functional.linear(a, weight, bias).relu(), exact.relu(), magnitude);
      const batches = torch.randn(4, m, k).to(dtype);
      const all = batches.to(float64).matmul(wideB);
      assertRoundedOnce(batches.matmul(b), all, batches.to(float64).abs().matmul(wideB.abs()));
    }
    assert.deepEqual(
      torch
        .ones(2, 0, { dtype })
        .mm(torch.ones(0, 3, { dtype }))
        .tolist(),
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
    );
    assert.equal(torch.ones(3, { dtype }).dot(torch.ones(3, { dtype })).item(), 3);
    assert.ok(
      Number.isNaN(
        torch
          .full([2, 2], Infinity, { dtype })
          .mm(torch.zeros(2, 2, { dtype }))
          .at(0, 0)
          .item(),
      ),
    );
  }
});
