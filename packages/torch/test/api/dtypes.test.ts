/** The table of dtypes: how they combine, what is printed of them, and what their limits are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { type DType } from "../../src/index.js";

const { float16, bfloat16, float32 } = torch;

/**
 * For each dtype, as PyTorch 1.13.1 has it: what it is promoted to with each of the others; what a tensor of it with a dim
 * becomes beside a 0-d one of each, and beside true, 2 and 2.5; and to which it can be cast.
 */
const recorded: readonly (readonly [string, string, string, string, string])[] = [
  [
    "float32",
    "float32 float64 float32 float32 float32 float32 float32 float32 float32 float32",
    "float32 float32 float32 float32 float32 float32 float32 float32 float32 float32",
    "float32 float32 float32",
    "1100000011",
  ],
  [
    "float64",
    "float64 float64 float64 float64 float64 float64 float64 float64 float64 float64",
    "float64 float64 float64 float64 float64 float64 float64 float64 float64 float64",
    "float64 float64 float64",
    "1100000011",
  ],
  [
    "int64",
    "float32 float64 int64 int64 int64 int64 int64 int64 float16 bfloat16",
    "float32 float64 int64 int64 int64 int64 int64 int64 float16 bfloat16",
    "int64 int64 float32",
    "1111111011",
  ],
  [
    "int32",
    "float32 float64 int64 int32 int32 int32 int32 int32 float16 bfloat16",
    "float32 float64 int32 int32 int32 int32 int32 int32 float16 bfloat16",
    "int32 int32 float32",
    "1111111011",
  ],
  [
    "int16",
    "float32 float64 int64 int32 int16 int16 int16 int16 float16 bfloat16",
    "float32 float64 int16 int16 int16 int16 int16 int16 float16 bfloat16",
    "int16 int16 float32",
    "1111111011",
  ],
  [
    "int8",
    "float32 float64 int64 int32 int16 int8 int16 int8 float16 bfloat16",
    "float32 float64 int8 int8 int8 int8 int8 int8 float16 bfloat16",
    "int8 int8 float32",
    "1111111011",
  ],
  [
    "uint8",
    "float32 float64 int64 int32 int16 int16 uint8 uint8 float16 bfloat16",
    "float32 float64 uint8 uint8 uint8 uint8 uint8 uint8 float16 bfloat16",
    "uint8 uint8 float32",
    "1111111011",
  ],
  [
    "bool",
    "float32 float64 int64 int32 int16 int8 uint8 bool float16 bfloat16",
    "float32 float64 int64 int32 int16 int8 uint8 bool float16 bfloat16",
    "bool int64 float32",
    "1111111111",
  ],
  [
    "float16",
    "float32 float64 float16 float16 float16 float16 float16 float16 float16 float32",
    "float16 float16 float16 float16 float16 float16 float16 float16 float16 float16",
    "float16 float16 float16",
    "1100000011",
  ],
  [
    "bfloat16",
    "float32 float64 bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 float32 bfloat16",
    "bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 bfloat16",
    "bfloat16 bfloat16 bfloat16",
    "1100000011",
  ],
];

const named = (name: string) => (torch as unknown as Record<string, DType>)[name] as DType;
const all = recorded.map(([name]) => named(name));

for (const [name, promoted, zeroDim, scalars, castable] of recorded) {
  test(`promotion of ${name}`, () => {
    const dtype = named(name);
    const x = torch.zeros(1, { dtype });
    assert.equal(all.map((other) => torch.promoteTypes(dtype, other).name).join(" "), promoted);
    assert.equal(all.map((other) => torch.resultType(x, torch.zeros([], { dtype: other })).name).join(" "), zeroDim);
    assert.equal([true, 2, 2.5].map((value) => torch.resultType(x, value).name).join(" "), scalars);
    assert.equal(all.map((other) => (torch.canCast(dtype, other) ? "1" : "0")).join(""), castable);
    const sum = x.add(torch.zeros(1, { dtype: bfloat16 }));
    assert.equal(sum.dtype, torch.promoteTypes(dtype, bfloat16));
  });
}

test("half tensors are printed as PyTorch prints them", () => {
  const x = torch.tensor([1.5, -2, 1e-3, 300.7], { dtype: bfloat16 });
  const shown = "tensor([ 1.5000e+00, -2.0000e+00,  9.9945e-04,  3.0000e+02],\n       dtype=torch.bfloat16)";
  assert.equal(String(x), shown);
  assert.equal(String(torch.tensor(2.71, { dtype: float16 })), "tensor(2.7109, dtype=torch.float16)");
  assert.equal(String(torch.zeros(0, { dtype: float16 })), "tensor([], dtype=torch.float16)");
  assert.equal(
    String(torch.finfo(float16)),
    "finfo(resolution=0.001, min=-65504, max=65504, eps=0.000976562, smallest_normal=6.10352e-05, tiny=6.10352e-05, dtype=float16)",
  );
  assert.equal(
    String(torch.finfo(bfloat16)),
    "finfo(resolution=0.01, min=-3.38953e+38, max=3.38953e+38, eps=0.0078125, smallest_normal=1.17549e-38, tiny=1.17549e-38, dtype=bfloat16)",
  );
  assert.equal(torch.half, float16);
  assert.deepEqual(
    [float16.itemsize, float16.isFloatingPoint, float16.isComplex, float16.isSigned],
    [2, true, false, true],
  );
});

test("numbers that stand for elements fit a half type; operands are rounded to it", () => {
  const message = /value cannot be converted to type at::Half without overflow/;
  assert.throws(() => torch.zeros(2, { dtype: float16 }).fill_(70000), { name: "RangeError", message });
  assert.throws(() => torch.full([2], -1e6, { dtype: float16 }), { name: "RangeError", message });
  assert.deepEqual(torch.full([1], 1e6, { dtype: bfloat16 }).tolist(), [999424]);
  const x = torch.tensor([1, 2, 3], { dtype: bfloat16 });
  assert.equal(x.mul(0.1).dtype, bfloat16);
  assert.deepEqual(x.mul(0.1234567).tolist(), x.mul(torch.tensor(0.1234567, { dtype: bfloat16 })).tolist());
  assert.deepEqual(x.eq(torch.tensor([1, 2.001, 3.1])).tolist(), [true, false, false]);
  assert.ok(torch.tensor([0.1], { dtype: bfloat16 }).eq(0.1).item());
  assert.throws(() => torch.ones(2, { dtype: torch.int32 }).add_(torch.ones(2, { dtype: float16 })), {
    message: /result type Half can't be cast to the desired output type Int/,
  });
  assert.throws(() => x.bitwiseAnd(1), { message: /not implemented for 'BFloat16'/ });
});

test("a half type can be the default dtype", () => {
  torch.setDefaultDtype(bfloat16);
  try {
    assert.equal(torch.tensor([1.5]).dtype, bfloat16);
    assert.equal(torch.tensor([1n, 2n]).div(2).dtype, bfloat16);
    assert.deepEqual(torch.arange(0, 1, 0.25).tolist(), [0, 0.25, 0.5, 0.75]);
    assert.equal(String(torch.ones(2)), "tensor([1., 1.])");
    assert.match(String(torch.ones(1, { dtype: float32 })), /dtype=torch\.float32/);
  } finally {
    torch.setDefaultDtype(float32);
  }
});

test("copies, views and the device meta keep a half type", () => {
  for (const dtype of [float16, bfloat16]) {
    const x = torch.randn(3, 4, { dtype });
    for (const y of [torch.deepcopy(x), x.clone(), x.t(), x.at("::2"), torch.stack([x, x]), torch.cat([x, x])]) {
      assert.equal(y.dtype, dtype);
    }
    assert.deepEqual(torch.deepcopy(x).tolist(), x.tolist());
    assert.equal(x.to("meta").matmul(x.t().to("meta")).dtype, dtype);
    assert.equal(x.nbytes, 24);
    assert.deepEqual(x.view(torch.int16).view(dtype).tolist(), x.tolist());
  }
});

test("gradients of half tensors are half tensors", () => {
  const x = torch.randn(4, 3, { dtype: bfloat16 }).requiresGrad_();
  const y = torch.randn(3, 2).requiresGrad_();
  x.float().matmul(y).sum().backward();
  assert.deepEqual([x.grad?.dtype, y.grad?.dtype], [bfloat16, float32]);
  const [second] = torch.autograd.grad([x.pow(3).sum()], [x], undefined, { createGraph: true });
  second?.sum().backward();
  assert.equal(x.grad?.dtype, bfloat16);
});

test("gradcheck tells the numbers of half tensors, whose steps are too coarse for it", () => {
  const x = torch.ones(2, { dtype: bfloat16 }).requiresGrad_();
  const check = () => torch.autograd.gradcheck((a: torch.Tensor) => a.mul(a), [x]);
  assert.throws(check, { message: /Jacobian mismatch[\s\S]*analytical:\n\[2\.00000, 0\.00000\]/ });
});
